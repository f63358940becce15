"""
A year in one borough, from 6 to 28 January: what a reader of the story may rely on.
"""

import json
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas.vocabulary import REGISTER
from services.__main__ import main
from services.commands.kafka_access import Kafka
from services.commands.log import export_market
from services.commands.register import linked, market_records, markets, time_at_end
from services.demo import cast
from services.demo.pages.matches import answer_commands, interest_commands
from services.notifier.slots import REMINDER, TO_SUPPLIER
from tests.acceptance.conftest import Played
from tests.reliability.prefix_rules import entries, faults

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]


def run(line: str, *, desk: Path, data: Path | None = None) -> None:
    """
    Run one line as a user types it, in a folder: `foothold ... > file`, or `echo ... > file`.

    With `data` as after `export FOOTHOLD_DATA=...`, the line that stands first.
    """
    words = [str(desk / word) if is_file(word) else word for word in shlex.split(line)]
    target = Path(words.pop()) if ">" in words else None
    words = [word for word in words if word != ">"]
    if words[0] == "echo":
        assert target is not None
        target.write_text(words[1])
        return
    named = {} if data is None else {"FOOTHOLD_DATA": str(data)}
    result = CliRunner().invoke(main, words[1:], env=named)
    assert result.exit_code == 0, f"{line}: {result.output}"
    if target is not None:
        target.write_text(result.stdout)


def is_file(word: str) -> bool:
    return re.fullmatch(r"[a-z]+\.(csv|json|jsonl|md)", word) is not None


# --- the scenes -------------------------------------------------------------------------------


def test_broker_topics_and_workers_start(played: Played) -> None:
    assert played.lacking(1) == ()


def test_a_contract_and_its_pledge_are_registered_and_agreed_by_both_sides(played: Played) -> None:
    assert played.lacking(2) == ()


def test_vacancies_are_accepted_and_two_mistakes_come_back_in_plain_words(played: Played) -> None:
    assert played.lacking(3) == ()


def test_forty_broken_messages_are_answered_and_neighbours_hardly_notice(played: Played) -> None:
    assert played.lacking(4) == ()


def test_residents_are_put_forward_and_coordinators_see_what_needs_them(played: Played) -> None:
    assert played.lacking(5) == ()


def test_rounds_propose_each_position_once_and_whatever_ends_rolls_on(played: Played) -> None:
    assert played.lacking(6) == ()


def test_an_acceptance_is_seen_whole_by_its_partner_and_as_an_office_by_the_supplier(
    played: Played,
) -> None:
    assert played.lacking(7) == ()


def test_who_was_passed_over_is_told_why_and_contests_it(played: Played) -> None:
    assert played.lacking(8) == ()


def test_everything_was_answered_once_and_nobody_is_named(played: Played) -> None:
    assert played.lacking(15) == ()


def test_the_whole_story_holds(played: Played) -> None:
    assert played.story.held, played.story.failed


# --- answers ----------------------------------------------------------------------------------


def test_every_submission_has_exactly_one_answer(played: Played) -> None:
    answers = Counter(each.answers for each in played.exchange.heard if each.answers)

    assert set(answers.values()) == {1}
    assert answers.keys() == {each.origin for each in played.exchange.sent}


def test_no_queue_of_a_partner_holds_another_partner_s_resident(played: Played) -> None:
    own: dict[str, set[str]] = {slug: set() for slug in cast.partners()}
    for each in played.exchange.heard:
        if each.name == "Receipt" and each.data["type"] == "foothold.ResidentRegistered.v1":
            own[each.party].add(each.data["ids"][0]["id"])

    assert {slug: len(ids) for slug, ids in own.items()} == {
        "northgate-homes": 120,
        "zedford-council": 110,
        "harbour-steps": 40,
        "openway-youth": 60,
        "stepwise-training": 70,
    }
    # Who decides a challenge must know about whom it is: by our id, and nothing else of them.
    decides = ("DecisionDue", played.figures(8).decider)
    for each in played.exchange.heard:
        if (each.name, each.party) == decides:
            continue
        others = {i for slug, ids in own.items() if slug != each.party for i in ids}
        assert not [resident for resident in others if resident.encode() in each.value]


def test_a_refused_pay_is_shown_with_the_lawful_figure(played: Played) -> None:
    pay = next(each for each in played.figures(3).refused if each.code == "pay_below_minimum")

    assert pay.value == 1190
    assert pay.lawful_value == "1221"
    assert "£12.21" in pay.why + pay.mend


def test_a_misspelt_field_is_shown_with_the_right_spelling(played: Played) -> None:
    typo = next(each for each in played.figures(3).refused if each.code == "field_unknown")

    assert typo.field == "/data/positons"
    assert "positions" in typo.mend


def test_suppliers_hear_of_no_resident(played: Played) -> None:
    for supplier in cast.suppliers():
        for each in played.exchange.queue(supplier):
            assert each.name in {"Receipt", "Refusal", "NoticeGiven", REMINDER, *TO_SUPPLIER}
            assert b"zedford-r-" not in each.value


# --- rounds -----------------------------------------------------------------------------------


def test_every_position_has_one_line_from_its_posting_on(played: Played) -> None:
    slots = played.figures(6).found.slots

    assert len({each.position for each in slots}) == 12
    assert {each.turns[0].state for each in slots} == {"free"}
    assert sum(each.turns[-1].state == "filled" for each in slots) == 11


def test_whoever_was_not_proposed_is_counted_by_one_reason_each(played: Played) -> None:
    for each in played.figures(6).found.rounds:
        counted = sum(n for reason, n in each.outcomes.items() if reason != "not_asked")
        assert counted >= each.considered
        assert each.outcomes.get("proposed", 0) == each.proposed


def test_the_market_s_log_holds_the_rules_at_every_prefix(played: Played) -> None:
    with Kafka(played.broker) as kafka:
        standing = linked(kafka, partition=cast.market()["partition"], market="zedford")
        records = [each.record for each in standing]

    assert faults(entries(records)) == ()


# --- both sides, and who was passed over ------------------------------------------------------


def test_a_supplier_hears_of_an_introduction_by_one_message_after_the_consent(
    played: Played,
) -> None:
    seen = played.figures(7)

    (received,) = seen.supplier_side
    assert {name for name, _ in received.fields} == {
        "offer",
        "position",
        "opportunity",
        "title",
        "clause",
        "confirm_by",
        "role_mailbox",
        "role_telephone",
    }
    assert received.sequence >= seen.consent
    assert len(seen.partner_side) > len(seen.supplier_side)


def test_nobody_is_hired_of_whom_the_supplier_was_not_told_by_an_introduction(
    played: Played,
) -> None:
    for slot in played.figures(6).found.slots:
        states = [turn.state for turn in slot.turns]
        assert states.count("filled") <= states.count("introduced") <= states.count("accepted")


def test_a_letter_gives_own_place_and_the_last_that_was_reached(played: Played) -> None:
    told = played.figures(8)

    assert 1 <= told.place <= told.considered
    assert f"number {told.place:,} in a line of {told.considered:,}" in told.excerpt
    assert cast.names()[told.decider] in told.excerpt
    assert told.decider != told.partner


# --- what a user does next --------------------------------------------------------------------


@pytest.mark.parametrize(
    "user",
    [
        "a supplier",
        "a coordinator",
        "a coordinator whose resident was passed over",
        "a framework owner",
    ],
)
def test_the_first_commands_of_each_user_work_as_they_are_shown(
    played: Played, tmp_path: Path, user: str
) -> None:
    step = next(each for each in played.figures(15).steps if each.user == user)

    for line in step.commands:
        run(line, desk=tmp_path, data=played.installation.data)


def test_a_coordinator_answers_the_question_and_says_a_yes_as_shown(
    played: Played, tmp_path: Path
) -> None:
    found, where = played.figures(5), f" --data {played.installation.data}"
    lines = (
        *answer_commands(found.coordinator.party, found.coordinator.question, where=where),
        *interest_commands(found.neighbour.party, found.neighbour.waiting, where=where),
    )

    for line in lines:
        run(line, desk=tmp_path)


# --- the log ----------------------------------------------------------------------------------


@pytest.mark.parametrize("market", [REGISTER, "zedford"])
def test_every_decision_made_again_gives_the_same_bytes(
    played: Played, tmp_path: Path, market: str
) -> None:
    export = tmp_path / "log.jsonl"
    with Kafka(played.broker) as kafka, export.open("w") as file:
        partition = 0 if market == REGISTER else markets(kafka)[market]["partition"]
        count = export_market(kafka, market, partition, file)

    result = CliRunner().invoke(main, ["replay", str(export)])

    assert result.exit_code == 0, result.output
    assert f"{count} records decided again: every byte the same" in result.output


def test_nothing_that_describes_a_person_stands_in_a_log(played: Played) -> None:
    told = [each.event["data"] for each in played.exchange.sent if each.event]
    words = {
        line.encode()
        for data in told
        if "birth_date" in data
        for line in (data["summary"], *data["skills"], *data["experience"], data["reference"])
    }
    assert len(words) > 400

    with Kafka(played.broker) as kafka:
        records = linked(kafka, partition=cast.market()["partition"], market="zedford")
        text = b"\n".join(repr(each.record.leaves).encode() for each in records)

    assert not [each for each in words if each in text]


# --- last, for it moves the market's clock ----------------------------------------------------


def test_the_operator_moves_the_clock_on_to_the_next_round_as_shown(
    played: Played, tmp_path: Path
) -> None:
    step = next(each for each in played.figures(15).steps if each.user == "the operator")

    for line in step.commands:
        run(line, desk=tmp_path, data=played.installation.data)

    at = json.loads((tmp_path / "tick.json").read_text())["at"]
    with Kafka(played.broker) as kafka:
        assert time_at_end(market_records(kafka, cast.market()["code"])) == at
