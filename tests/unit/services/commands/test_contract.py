"""
A contract is explained before it is sent: its dates by hand, its refusals in words.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schemas.reserves import CATEGORIES, Standing
from services.__main__ import main
from services.commands.kinds import find_kind
from services.commands.template import example_of
from services.wording.facts import condition

DEMO = Path(__file__).resolve().parents[4] / "services" / "demo" / "data" / "contract.json"


def explained(told: Any, folder: Path, *options: str) -> Result:
    file = folder / "contract.json"
    file.write_text(json.dumps(told))
    return CliRunner().invoke(main, ["contract", "explain", str(file), *options])


def words(result: Result) -> str:
    """
    Join what was wrapped to the width of the screen.
    """
    return " ".join(result.stdout.split())


def demo_contract(**fence: Any) -> dict[str, Any]:
    contract: dict[str, Any] = json.loads(DEMO.read_text())["contract"]
    contract["clauses"][0]["ring_fence"] |= fence
    return contract


def ring_fence(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(result.stdout)["clauses"][0]["ring_fence"]
    return told


def test_the_demo_s_contract_is_told_with_its_dates_over_easter() -> None:
    result = CliRunner().invoke(
        main, ["contract", "explain", str(DEMO), "--posted-on", "2026-03-30"]
    )

    said = words(result)
    assert result.exit_code == 0
    for sentence in (
        "Supplier: oakline-retrofit.",
        "Value: £6,200,000.00.",
        "Period: 6 January 2026 to 31 March 2027, both included.",
        "First, from the posting on: people who live in the borough and have been out of work for"
        " 26 weeks or more; or people who have left care.",
        "Second, from Wednesday 8 April 2026 on (5 working days later)",
        "Third, from Wednesday 15 April 2026 on (10 working days later): everyone in the market.",
        "taken in until Wednesday 1 April 2026, 09:00 (48 hours)",
        "The first round proposes people on Wednesday 1 April 2026, 09:00",
        "2 working days to release a proposal, from when it is delivered: of the first round, until"
        " Wednesday 8 April 2026",
        "at the latest until Monday 13 April 2026, 17:00",
        "2 working days more to say that the supplier may hear of them: until Wednesday 15 April",
        "as long once more after an interview: at the latest until Wednesday 29 April 2026, 17:00",
        "No such time is shorter than two working days, and each is reminded of once",
        "contract ends: Wednesday 17 February 2027.",
        "No minimum fit",
        "whoever an upheld challenge put first comes first; then whoever has been ready for work"
        " longer",
        "may challenge it. The owner decides, or an operator where the owner is the resident's own"
        " partner, within 10 working days; what nobody decides in time counts as upheld.",
        "Pledge MHA-2026-03-P1: starts, 14 people",
        "By 30 September 2026: 14 in all.",
    ):
        assert sentence in said


def test_the_same_comes_as_data(tmp_path: Path) -> None:
    result = explained(demo_contract(), tmp_path, "--posted-on", "2026-03-30", "--json")

    told = ring_fence(result)
    assert told["posted"] == "2026-03-30T08:00:00.000Z"
    assert told["rungs"][1]["opens"] == "2026-04-07T23:00:00.000Z"
    assert told["rungs"][0]["introduced_by"] == "2026-04-15T16:00:00.000Z"
    assert told["rungs"][0]["confirmed_by"] == "2026-04-29T16:00:00.000Z"
    assert told["public"] == "2026-04-21T23:00:00.000Z"
    assert told["last_day_to_post"] == "2027-02-17"
    assert told["challenge_working_days"] == 10


def test_another_nation_s_bank_holidays_move_the_dates(tmp_path: Path) -> None:
    options = ("--posted-on", "2026-03-30", "--nation", "scotland", "--json")

    told = ring_fence(explained(demo_contract(), tmp_path, *options))

    # Easter Monday is worked in Scotland
    assert told["rungs"][1]["opens"] == "2026-04-06T23:00:00.000Z"


def test_a_stated_day_of_open_advertising_and_a_minimum_fit_are_told(tmp_path: Path) -> None:
    contract = demo_contract(
        public_after_working_days=16,
        round_working_minutes=480,
        min_fit={"value": 6000, "necessity": "Work at height."},
        precedence="over_and_above",
    )

    said = words(explained(contract, tmp_path, "--posted-on", "2026-03-30"))

    assert "advertise it openly from Thursday 23 April 2026 on" in said
    assert "every 8 hours" in said
    assert "Minimum fit 60%" in said
    assert "Why it is needed: Work at height." in said
    assert "On top: only reserved positions count" in said


def test_a_contract_too_short_for_its_ladder_says_so(tmp_path: Path) -> None:
    contract = demo_contract() | {"starts_on": "2026-03-02", "ends_before": "2026-03-20"}

    result = explained(contract, tmp_path, "--posted-on", "2026-03-02")

    assert "The contract is too short for this ladder" in words(result)


def test_a_day_on_which_the_contract_does_not_run_is_noted(tmp_path: Path) -> None:
    result = explained(demo_contract(), tmp_path, "--posted-on", "2025-12-01")

    assert "on 1 December 2025 the contract does not run" in words(result)


def test_the_owner_of_a_whole_event_is_named(tmp_path: Path) -> None:
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/party/zedford-council",
        "type": "foothold.ContractRegistered.v1",
        "data": demo_contract(),
    }

    assert "Owner: zedford-council." in words(explained(event, tmp_path))


def test_a_contract_without_clauses_says_that_nothing_follows(tmp_path: Path) -> None:
    result = explained(demo_contract() | {"clauses": []}, tmp_path)

    assert result.exit_code == 0
    assert "It has no clauses" in words(result)


def test_the_template_s_contract_is_explained_today(tmp_path: Path) -> None:
    result = explained(example_of(find_kind("contract")), tmp_path)

    assert result.exit_code == 0
    assert "Last day to post" in words(result)


def test_what_would_be_refused_is_told_with_its_place_and_its_remedy(tmp_path: Path) -> None:
    contract = demo_contract(answer_working_days=None) | {"ends_before": "2026-01-06"}

    result = explained(contract, tmp_path)

    said = words(result)
    assert result.exit_code == 1
    assert "refused" in said
    assert "/data/clauses/0/ring_fence/answer_working_days" in said
    assert "/data/ends_before" in said
    assert said.count("What to do:") == 2


def test_refusals_come_as_data_too(tmp_path: Path) -> None:
    result = explained(demo_contract(release_working_days=None), tmp_path, "--json")

    (refused,) = json.loads(result.stdout)["refused"]
    assert result.exit_code == 1
    assert [problem["code"] for problem in refused["problems"]] == ["window_missing"]


@pytest.mark.parametrize(
    "window",
    [
        "release_working_days",
        "answer_working_days",
        "supplier_working_days",
        "challenge_working_days",
    ],
)
def test_a_time_of_less_than_two_working_days_is_refused(window: str, tmp_path: Path) -> None:
    result = explained(demo_contract(**{window: 1}), tmp_path, "--json")

    (refused,) = json.loads(result.stdout)["refused"]
    assert result.exit_code == 1
    assert [each["code"] for each in refused["problems"]] == ["window_too_short"]


def test_a_pledge_beside_its_contract_is_judged_too(tmp_path: Path) -> None:
    told = json.loads(DEMO.read_text())
    told["pledge"]["quantity"] = 15

    result = explained(told, tmp_path, "--json")

    (refused,) = json.loads(result.stdout)["refused"]
    assert result.exit_code == 1
    assert refused["where"].endswith("pledge 1")


def test_a_pledge_on_a_clause_that_is_not_there_is_noted(tmp_path: Path) -> None:
    told = json.loads(DEMO.read_text())
    told["pledge"]["clause"] = "9.9"

    assert "clause 9.9, which this contract does not have" in words(explained(told, tmp_path))


@pytest.mark.parametrize(
    "told", [[], [demo_contract(), demo_contract()], "words", {"contract": {}, "pledges": [7]}]
)
def test_a_file_that_is_not_one_contract_is_wrong_use(told: Any, tmp_path: Path) -> None:
    result = explained(told, tmp_path)

    assert result.exit_code == 2
    assert "Error:" in result.stderr


def test_another_event_is_wrong_use(tmp_path: Path) -> None:
    event = {"type": "foothold.MarketOpened.v1", "data": example_of(find_kind("market"))}

    result = explained(event, tmp_path)

    assert result.exit_code == 2
    assert "MarketOpened" in result.stderr


WRITTEN = {"<n>": "26", "<outcode>": "zz1", "<code>": "k7", "*": "north_quay"}


@pytest.mark.parametrize(
    "form",
    [form for row in CATEGORIES if row.standing is Standing.RESERVABLE for form in row.forms],
)
def test_whoever_a_position_may_be_reserved_for_is_told_in_words_of_their_own(form: str) -> None:
    code = form
    for mark, example in WRITTEN.items():
        code = code.replace(mark, example)

    assert not condition(code).startswith("meet ")
    assert "_" not in condition(code)
