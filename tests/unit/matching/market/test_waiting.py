"""
The table of what waits: whole, and the only list of it that the code has.
"""

import ast
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from matching.market import fold, lapses, waiting
from matching.market.rights import RIGHTS, WORKER_RIGHTS
from matching.market.state import OfferEntry
from matching.market.waiting import (
    BY_WAIT,
    ONCE_MORE,
    TAKEN_BACK,
    WAITING,
    Owner,
    Wait,
    Waiting,
    wait_of,
    waits_on,
)
from schemas.contracts import RingFence
from schemas.rules import Policy
from schemas.slots import LapseReason, WithdrawalReason
from schemas.vocabulary import Role

CORE = Path(waiting.__file__).parent
FENCE = {field.name for field in fields(RingFence)}
POLICY = {field.name for field in fields(Policy)}

# In which role a party says what ends a wait of its own; our own workers stand for the operator.
SPEAKERS = {
    Owner.PARTNER: {Role.PARTNER},
    Owner.SUPPLIER: {Role.SUPPLIER},
    Owner.DECIDER: {Role.OWNER, Role.OPERATOR},
}
EVERY = pytest.mark.parametrize("row", WAITING, ids=lambda row: row.wait.value)


def offer(status: str, **changes: object) -> OfferEntry:
    settings: dict[str, object] = {
        "opportunity": "zedford-o-abc",
        "group": "starts",
        "ordinal": 1,
        "resident": "zedford-r-abc",
        "party": "northfield",
        "supplier": "oakline",
        "status": status,
        "proposed_at": "2026-01-15T13:05:00.000Z",
        "place": 1,
    }
    return OfferEntry(**(settings | changes))  # type: ignore[arg-type]


# --- the table is whole -------------------------------------------------------------------


def test_everything_that_waits_stands_in_the_table_once() -> None:
    assert [row.wait for row in WAITING] == list(Wait)
    assert set(BY_WAIT) == set(Wait)


@EVERY
def test_every_window_is_a_term_of_the_contract_or_of_the_policy(row: Waiting) -> None:
    name = row.window.removeprefix("policy.")

    assert name in (POLICY if row.window.startswith("policy.") else FENCE)
    assert row.referral_window is None or row.referral_window in POLICY


@EVERY
def test_every_wait_begins_with_an_event_that_the_market_writes(row: Waiting) -> None:
    begins = row.begins.replace(" or ", ", ").split(", ")

    assert begins
    assert set(begins) <= fold.EVOLVE.keys()


@EVERY
def test_whom_something_waits_on_may_say_what_ends_it(row: Waiting) -> None:
    assert row.ended_by
    for event in row.ended_by:
        if row.owner is Owner.OPERATOR:
            assert event in {right.event for right in WORKER_RIGHTS}
        else:
            assert {right.role for right in RIGHTS if right.event == event} == SPEAKERS[row.owner]
        assert event in fold.DECIDE
        assert event in fold.EVOLVE


@EVERY
def test_every_wait_runs_out_into_an_event_with_a_reason_of_its_kind(row: Waiting) -> None:
    kinds = {"OfferWithdrawn": WithdrawalReason, "OfferLapsed": LapseReason}

    assert row.runs_out
    for end in row.runs_out:
        assert end.event in fold.EVOLVE
        assert end.event not in row.ended_by
        kind = kinds.get(end.event)
        assert end.reason is None if kind is None else isinstance(end.reason, kind)


def test_every_end_has_one_cause() -> None:
    ends = Counter((end.event, end.reason) for row in WAITING for end in row.runs_out)

    assert set(ends.values()) == {1}


def test_a_wait_runs_out_by_its_owner_and_only_an_answer_by_the_resident() -> None:
    other = {
        (row.wait, end.reason, end.cause)
        for row in WAITING
        for end in row.runs_out
        if end.cause is not row.owner
    }

    assert other == {(Wait.ANSWER, LapseReason.NO_ANSWER, Owner.RESIDENT)}


# --- what follows from it -----------------------------------------------------------------


def test_what_others_caused_is_given_back_and_what_nobody_could_help_always() -> None:
    assert {
        WithdrawalReason.NOT_RELEASED,
        LapseReason.NOT_REACHED,
        WithdrawalReason.NOT_INTRODUCED,
        WithdrawalReason.SUPPLIER_SILENT,
    } == ONCE_MORE
    assert {WithdrawalReason.POSITION_CUT, WithdrawalReason.NOT_DELIVERED} == TAKEN_BACK
    assert LapseReason.NO_ANSWER not in ONCE_MORE | TAKEN_BACK


def test_silence_withdraws_by_the_reason_of_the_table() -> None:
    assert {
        row.wait: end.reason
        for row in WAITING
        for end in row.runs_out
        if end.event == "OfferWithdrawn"
    } == lapses.SILENCE


def test_no_other_module_of_the_core_names_a_reason_of_the_table() -> None:
    """
    Whoever lists them a second time names one of them: but `_run_out`, which chooses which.
    """
    told = {end.reason.name for row in WAITING for end in row.runs_out if end.reason is not None}
    found = {
        (path.name, node.attr)
        for path in sorted(CORE.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in told
        if path.name != "waiting.py" and isinstance(node.value, ast.Name)
        if node.value.id in ("WithdrawalReason", "LapseReason")
    }

    assert found == {("lapses.py", "NO_ANSWER"), ("lapses.py", "NOT_REACHED")}


# --- in which state an offer waits --------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "undelivered", "introduced", "expected"),
    [
        ("proposed", "zedford-1-1", False, Wait.DELIVERY),
        ("proposed", None, False, Wait.RELEASE),
        ("offered", "zedford-1-1", False, Wait.DELIVERY),
        ("offered", None, False, Wait.ANSWER),
        ("accepted", None, False, Wait.CONSENT),
        ("accepted", None, True, Wait.CONFIRMATION),
        ("filled", None, True, None),
        ("held", None, False, None),
        ("declined", None, False, None),
        ("rejected", None, True, None),
        ("lapsed", None, False, None),
        ("withdrawn", None, True, None),
    ],
)
def test_an_offer_waits_in_one_state_or_not_at_all(
    status: str, undelivered: str | None, introduced: bool, expected: Wait | None
) -> None:
    answered = {"IntroductionMade": 7} if introduced else {}

    assert wait_of(offer(status, undelivered=undelivered, answered=answered)) is expected


@pytest.mark.parametrize(
    ("wait", "whom"),
    [
        (Wait.RELEASE, "northfield"),
        (Wait.ANSWER, "northfield"),
        (Wait.CONSENT, "northfield"),
        (Wait.CONFIRMATION, "oakline"),
    ],
)
def test_only_a_confirmation_waits_on_the_supplier(wait: Wait, whom: str) -> None:
    assert waits_on(offer("proposed"), wait) == whom
