"""
The table of what waits as it is printed: every state with its owner, its clock and its end.
"""

import json

import pytest
from click.testing import CliRunner

from matching.market.waiting import WAITING, Wait
from schemas.codec import EVENTS
from schemas.contracts import RingFence
from schemas.rules import Policy
from schemas.vocabulary import event_type
from services.__main__ import main
from services.wording.waiting import WAITS, rows

EVENT_NAMES = {event_type(cls).name for cls in EVENTS.values()}


def test_every_state_is_told_to_machines_with_its_owner_and_its_end() -> None:
    outcome = CliRunner().invoke(main, ["waiting", "--json"])

    told = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [each["wait"] for each in told] == [row.wait for row in WAITING]
    assert all(each["owner"] and each["window"] and each["then"] for each in told)
    assert all(end["event"] and end["cause"] for each in told for end in each["runs_out"])


@pytest.mark.parametrize("columns", ["80", "240"])
def test_no_name_of_the_table_is_cut_short_however_narrow_the_screen(columns: str) -> None:
    outcome = CliRunner().invoke(main, ["waiting"], env={"COLUMNS": columns})

    assert outcome.exit_code == 0
    words = {word for row in rows() for cell in row.cells for word in cell.split()}
    assert words <= set(outcome.stdout.replace("│", " ").replace(";\n", " ").split())


def test_every_state_has_words_and_stands_in_the_table_once() -> None:
    assert WAITS.keys() == set(Wait)
    assert [row.waits for row in rows()] == [WAITS[waiting.wait] for waiting in WAITING]


def test_every_event_and_every_term_of_the_table_is_one_of_the_wire() -> None:
    for waiting in WAITING:
        ends = {end.event for end in waiting.runs_out}
        assert {*waiting.ended_by, *ends} <= EVENT_NAMES
        of_policy = waiting.window.startswith("policy.")
        assert hasattr(Policy if of_policy else RingFence, waiting.window.removeprefix("policy."))
        assert waiting.referral_window is None or hasattr(Policy, waiting.referral_window)


def test_a_referral_waits_by_the_policy_and_a_reserved_position_by_its_contract() -> None:
    (confirmation,) = [row for row in rows() if row.waits == WAITS[Wait.CONFIRMATION]]

    assert confirmation.term == (
        "supplier_working_days of the contract; of a referral referral_supplier_working_days of"
        " the policy"
    )
    assert confirmation.runs_out == (
        "OfferWithdrawn (supplier_silent), caused by the position's supplier",
    )
