"""
What needs a party today, by the command line: one line each, and the command that ends it.
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner, Result

from matching.market.today import Task, ToDo
from schemas.challenges import ChallengeRaised, Ground
from schemas.codec import event_of
from schemas.slots import OfferAccepted, ProposalReleased
from schemas.vocabulary import FactStatus
from services.__main__ import COMMANDS as FOOTHOLD
from services.__main__ import main
from services.commands.local_words import in_local_time
from services.commands.patience import EACH, telling
from services.wording.refusals import NotWorded
from services.wording.today import COMMANDS, INTERVIEWS, LINES, NOTHING, commands, line
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OPERATOR,
    OTHER_PARTNER,
    OWNER,
    PARTNER,
    SUPPLIER,
    delivered,
    enter,
    fenced,
    introducing,
    opportunity,
    proposals,
    resident,
    says,
    tick,
    zedford,
)
from tests.exports import ChainedMarket, chained

ROOFER = opportunity("F-1")
AMAL = resident("amal")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
OFFER = "zedford-f-aaaaaaaaaaaaaaaa"


@pytest.fixture
def market() -> ChainedMarket:
    made = chained(zedford())
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


@pytest.fixture
def broker(market: ChainedMarket, monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    made = BrokerInMemory(market=market)
    monkeypatch.setattr("services.commands.today.Kafka", made)
    return made


def today(*words: str) -> Result:
    return CliRunner().invoke(main, ["today", *words, "--broker", "127.0.0.1:1"])


def proposed(market: ChainedMarket) -> str:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, made.offer)
    return made.offer


def test_where_nothing_waits_that_is_all_that_is_said(broker: BrokerInMemory) -> None:
    outcome = today(PARTNER)

    assert (outcome.exit_code, outcome.output) == (0, NOTHING.format(party=PARTNER) + "\n")


def test_a_release_is_told_by_the_partners_own_reference_with_its_command(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    offer = proposed(market)
    broker.knows("amal", reference="NH 1")

    outcome = today(PARTNER)

    assert outcome.exit_code == 0
    due = in_local_time(market.state.clocks[f"offer {offer}"])
    assert outcome.output.startswith(f"Until {due} (simulated time): ")
    assert f"Release or hold the proposal of NH 1 ({AMAL})" in outcome.output
    assert f"    foothold release {PARTNER} {offer} --by STAFF\n" in outcome.output


def test_a_consent_is_asked_for_with_what_its_command_needs(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    offer = proposed(market)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    broker.knows("amal", reference="NH 1")

    told = today(PARTNER).output

    assert f"Ask whether {SUPPLIER} may hear of NH 1" in told
    assert f"foothold consent {PARTNER} 'NH 1' --supplier {SUPPLIER} --fields contact" in told


def test_a_supplier_sees_what_to_confirm_and_nothing_of_a_person(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    offer = proposed(market)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    broker.knows("amal", reference="NH-1")

    told = today(SUPPLIER).output + today(SUPPLIER, "--json").output

    assert f"foothold confirm {SUPPLIER} {offer}" in told
    assert "-r-" not in told
    assert "NH-1" not in told
    assert PARTNER not in told
    assert today(PARTNER).output == NOTHING.format(party=PARTNER) + "\n"


# What stands for the caller's own words in a command that is printed.
OWN_WORDS = {
    "STAFF": "sam-01",
    "VERSION": "1",
}
WAITS_ON = {
    "intake": PARTNER,
    "release": PARTNER,
    "answer": PARTNER,
    "consent": PARTNER,
    "confirmation": SUPPLIER,
    "decision": OWNER,
}


def waiting(stage: str) -> BrokerInMemory:
    """
    A market in which one thing waits, behind a broker that knows the resident's reference.
    """
    made = chained(zedford())
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(made, "amal", ROOFER)
    broker = BrokerInMemory(market=made)
    broker.knows("amal", reference="NH 1")
    if stage in ("intake", "decision"):
        made.say(says("amal"), by=PARTNER, subject=AMAL)
    if stage == "decision":
        tick(made, FIRST_ROUND)
        raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.NOT_TOLD)
        made.say(raised, by=PARTNER, subject=AMAL)
    elif stage != "intake":
        play(made, stage)
    return broker


def play(market: ChainedMarket, stage: str) -> None:
    (made,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, made.offer)
    if stage != "release":
        market.say(ProposalReleased(offer=made.offer), by=PARTNER, subject=made.offer)
        delivered(market, made.offer)
    if stage in ("consent", "confirmation"):
        market.say(OfferAccepted(offer=made.offer), by=PARTNER, subject=made.offer)
    if stage == "confirmation":
        market.say(introducing("amal"), by=PARTNER, subject=AMAL)


@pytest.mark.parametrize("stage", sorted(WAITS_ON))
def test_each_command_that_is_printed_is_accepted(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("today", "saying", "consent", "contact", "interest", "market_days"):
        monkeypatch.setattr(f"services.commands.{where}.Kafka", lambda _: waiting(stage))
    printed = [told.strip() for told in today(WAITS_ON[stage]).output.splitlines()[1:]]
    assert printed

    for told in printed:
        # Of a closed list any that is in it will do.
        chosen = (word.rpartition("|")[2] for word in shlex.split(told))
        _, *words = (OWN_WORDS.get(word, word) for word in chosen)
        outcome = CliRunner().invoke(main, [*words, "--broker", "127.0.0.1:1"])
        assert outcome.exit_code == 0, outcome.output


def test_who_has_a_standing_yes_is_asked_without_its_being_lost(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    market.say(says("amal", until=date(2026, 6, 1)), by=PARTNER, subject=AMAL)

    (_, command) = today(PARTNER).output.splitlines()

    assert command.endswith("# with --until and the terms of their standing yes, said again")


def test_another_partner_and_another_market_show_nothing_of_it(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    proposed(market)

    assert today(OTHER_PARTNER).output == NOTHING.format(party=OTHER_PARTNER) + "\n"
    assert today(PARTNER, "--market", "_register").output == NOTHING.format(party=PARTNER) + "\n"
    assert "Release or hold" in today(PARTNER, "--market", "zedford").output


@pytest.mark.parametrize(
    ("words", "told"),
    [(("nobody-here",), "has no queue"), ((PARTNER, "--market", "atlantis"), "No market")],
)
def test_what_is_not_there_is_said_with_exit_code_1(
    broker: BrokerInMemory, words: tuple[str, ...], told: str
) -> None:
    outcome = today(*words)

    assert outcome.exit_code == 1
    assert told in outcome.stderr


def test_json_has_one_thing_a_line_with_its_commands(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))

    (found,) = map(json.loads, today(OPERATOR, "--json").stdout.splitlines())

    assert (found["task"], found["about"], found["market"]) == ("delivery", made.offer, "zedford")
    assert found["commands"] == ["foothold status"]


def test_every_task_has_its_line_and_a_command_that_foothold_knows() -> None:
    assert set(LINES) == set(COMMANDS) == set(Task)
    for each in COMMANDS.values():
        told = [command.split() for command in each]
        named = {words[1] for words in told if words[0] == "foothold"}
        assert named
        assert named <= FOOTHOLD.keys()


def test_each_line_is_complete_for_every_task() -> None:
    for task in Task:
        todo = ToDo(
            task=task,
            about=OFFER,
            opportunity=ROOFER,
            supplier=SUPPLIER,
            partner=PARTNER,
            fact="cscs_card",
            many=3,
        )
        told = line(todo, who=("NH-1",), what="“Roofer”")
        ends = tuple(commands(todo, party=PARTNER, resident="NH-1"))

        assert "None" not in told
        assert not re.search(r"\{[a-z]+\}", "".join((told, *ends)))
        assert "None" not in "".join(ends)


def test_a_question_is_answered_by_a_fact_that_is_filled_in_but_for_what_was_seen() -> None:
    asked = ToDo(task=Task.QUESTION, about="zedford-2-0", fact="cscs_card")

    first, second = commands(asked, party=PARTNER, resident="'NH 1'")

    _, told, _, file = shlex.split(first, comments=True)
    own = {"status": "true", "evidence": "card_seen", "assessor_role": "coach"}
    given = {**json.loads(told), **own, "assessed_on": "2026-01-13"}
    assert (given["resident"], given["fact"], given["asked"]) == (
        "NH 1",
        "cscs_card",
        "zedford-2-0",
    )
    assert event_of("FactGiven", 1, given).status is FactStatus.TRUE
    assert second == f"foothold send {PARTNER} {file} --as fact --by STAFF"


def test_a_consent_that_is_awaited_names_the_way_to_say_no() -> None:
    awaited = ToDo(
        task=Task.CONSENT, about=OFFER, opportunity=ROOFER, supplier=SUPPLIER, fields=("contact",)
    )

    *_, no = commands(awaited, party=PARTNER, resident="NH-1")

    assert no == f"foothold interest {PARTNER} NH-1 no {ROOFER} --by STAFF"


def test_an_empty_day_says_where_to_look_next(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    assert f"foothold queue {PARTNER}" in today(PARTNER).output


def test_who_may_release_and_what_was_tried_is_said() -> None:
    release = ToDo(task=Task.RELEASE, about=OFFER, is_assigned=True, staff=("sam-01",))
    answer = ToDo(task=Task.ANSWER, about=OFFER)

    assert "Who may: sam-01." in line(release, who=("NH-1",), what="it")
    assert "no deputy is there" in line(replace(release, staff=()), who=("NH-1",), what="it")
    assert next(commands(release, party=PARTNER, resident="NH-1")).endswith("--by sam-01")
    assert "Nobody has recorded" in line(answer, who=("NH-1",), what="it")
    tried = replace(answer, is_contacted=True)
    assert "Nobody has recorded" not in line(tried, who=("NH-1",), what="it")
    assert not any("contact" in each for each in commands(tried, party=PARTNER, resident="NH-1"))
    assert len(set(INTERVIEWS.values())) == 3


def test_a_task_without_words_is_an_error() -> None:
    class Unworded:
        task = "new"

    with pytest.raises(NotWorded):
        line(Unworded(), who=(), what="")  # type: ignore[arg-type]


def test_a_long_reading_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    def slowly() -> Iterator[float]:
        at = 0.0
        while True:
            yield at
            at += 1.5

    times = slowly()

    records = tuple(telling(range(4 * EACH), what="zedford", monotonic=lambda: next(times)))

    assert len(records) == 4 * EACH
    assert f"{2 * EACH:,} records" in capsys.readouterr().err
