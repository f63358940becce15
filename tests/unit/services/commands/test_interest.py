"""
What a resident wants, by the command line: merged with what stands, and nothing lost unsaid.
"""

import json
from datetime import date

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.commands.wishes import Wishes, with_no, with_yes
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    enter,
    fenced,
    opportunity,
    resident,
    says,
    tick,
    zedford,
)
from tests.exports import chained

ROOFER, TILER, MASON = (opportunity(each) for each in ("F-1", "F-2", "F-3"))
AMAL = resident("amal")
UNTIL = "2026-06-30"


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    """
    Amal said yes to the roofer's, and her partner calls her NH-1.
    """
    market = chained(zedford())
    for reference in ("F-1", "F-2", "F-3"):
        market.say(fenced(reference), by=SUPPLIER, subject=opportunity(reference))
    enter(market, "amal", ROOFER)
    made = BrokerInMemory(market=market)
    made.knows("amal", reference="NH-1")
    monkeypatch.setattr("services.commands.interest.Kafka", made)
    return made


def said(*words: str, party: str = PARTNER, name: str = "NH-1", by: str | None = "jo-1") -> Result:
    staff = () if by is None else ("--by", by)
    return CliRunner().invoke(
        main, ["interest", party, name, *words, *staff, "--broker", "127.0.0.1:1"]
    )


def wishes(broker: BrokerInMemory) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    entry = broker.market.state.residents[AMAL]
    return entry.yes, entry.no, entry.standing_until


def test_a_yes_is_added_to_what_was_said_before(broker: BrokerInMemory) -> None:
    outcome = said("yes", TILER)

    assert outcome.exit_code == 0, outcome.output
    assert "interest of NH-1: accepted" in outcome.output
    assert wishes(broker) == ((ROOFER, TILER), (), None)


def test_our_id_names_a_resident_as_well_as_the_partners_reference(
    broker: BrokerInMemory,
) -> None:
    assert said("yes", TILER, name=AMAL).exit_code == 0
    assert wishes(broker)[0] == (ROOFER, TILER)


def test_a_no_takes_a_yes_back_and_a_yes_a_no(broker: BrokerInMemory) -> None:
    said("no", ROOFER, TILER)
    assert wishes(broker) == ((), (ROOFER, TILER), None)

    said("yes", TILER)
    assert wishes(broker) == ((TILER,), (ROOFER,), None)


def test_ranked_ones_come_first_in_their_order(broker: BrokerInMemory) -> None:
    said("yes", MASON, TILER, "--ranked")

    assert wishes(broker)[0] == (MASON, TILER, ROOFER)
    assert broker.market.state.residents[AMAL].ranked


def test_a_yes_to_what_is_closed_by_now_is_left_out_aloud(broker: BrokerInMemory) -> None:
    tick(broker.market, "2026-02-11T09:00:00.000Z")

    outcome = said("no", TILER)

    assert outcome.exit_code == 0, outcome.output
    assert "Left out, since it is closed or withdrawn" in outcome.stderr
    assert wishes(broker) == ((), (TILER,), None)


def test_a_new_yes_to_what_is_closed_is_refused_by_the_market(broker: BrokerInMemory) -> None:
    tick(broker.market, "2026-02-11T09:00:00.000Z")

    outcome = said("yes", TILER)

    assert outcome.exit_code == 1
    assert "interest of NH-1: refused" in outcome.output


# --- standing yeses -----------------------------------------------------------------------

TERMS = ("--kinds", "job", "--pay", "12.60", "--places", "zz1", "--until", UNTIL)


def test_a_standing_yes_keeps_what_was_said_one_by_one(broker: BrokerInMemory) -> None:
    outcome = said("standing", *TERMS, "--least-hours", "16", "--travel-km", "7.5", "--days", "mon")

    assert outcome.exit_code == 0, outcome.output
    assert wishes(broker) == ((ROOFER,), (), UNTIL)
    assert broker.said[0]["data"]["standing"] == {
        "kinds": ["job"],
        "least_minutes_a_week": 960,
        "days": ["mon"],
        "max_travel_metres": 7500,
        "pay_floor_pence": 1260,
        "outcodes": ["ZZ1"],
    }


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_standing_yes_is_never_lost_by_another_answer(
    broker: BrokerInMemory, answer: str
) -> None:
    said("standing", *TERMS)
    before = wishes(broker)

    outcome = said(answer, TILER)

    assert outcome.exit_code == 2
    assert "a standing yes until 30 June 2026, whose terms are sealed" in outcome.stderr
    assert "--drop-standing" in outcome.stderr
    assert wishes(broker) == before
    assert len(broker.said) == 1


def test_a_standing_yes_is_kept_by_saying_its_terms_again(broker: BrokerInMemory) -> None:
    said("standing", *TERMS)

    outcome = said("yes", TILER, *TERMS)

    assert outcome.exit_code == 0, outcome.output
    assert wishes(broker) == ((ROOFER, TILER), (), UNTIL)
    assert broker.said[0]["data"]["standing"] == broker.said[1]["data"]["standing"]


@pytest.mark.parametrize("words", [("yes", TILER), ("standing",)])
def test_a_standing_yes_is_ended_in_so_many_words(
    broker: BrokerInMemory, words: tuple[str, ...]
) -> None:
    said("standing", *TERMS)

    assert said(*words, "--drop-standing").exit_code == 0
    assert wishes(broker)[2] is None


def test_a_standing_yes_that_has_ended_is_in_nobodys_way(broker: BrokerInMemory) -> None:
    ended = says("amal", ROOFER, until=date(2026, 1, 20))
    broker.market.say(ended, by=PARTNER, subject=AMAL)
    tick(broker.market, "2026-01-21T09:00:00.000Z")

    assert said("yes", TILER).exit_code == 0
    assert wishes(broker) == ((ROOFER, TILER), (), None)


# --- shown --------------------------------------------------------------------------------


def test_what_stands_is_shown_and_nothing_said(broker: BrokerInMemory) -> None:
    said("standing", *TERMS)
    told = broker.said.copy()

    outcome = said("show", by=None)

    assert outcome.exit_code == 0
    assert f"NH-1 ({AMAL})" in outcome.output
    assert ROOFER in outcome.output
    assert "until 30 June 2026; its terms are sealed" in outcome.output
    assert broker.said == told


def test_what_stands_is_shown_as_json(broker: BrokerInMemory) -> None:
    assert json.loads(said("show", "--json", by=None).stdout) == {
        "resident": AMAL,
        "yes": [ROOFER],
        "ranked": False,
        "no": [],
        "standing_until": None,
    }


@pytest.mark.parametrize("words", [("show",), ("yes", TILER)])
@pytest.mark.parametrize("name", [AMAL, "NH-1"])
def test_another_partners_resident_is_unknown(
    broker: BrokerInMemory, words: tuple[str, ...], name: str
) -> None:
    outcome = said(*words, party=OTHER_PARTNER, name=name)

    assert outcome.exit_code == 1
    assert ROOFER not in outcome.output
    assert broker.said == []


def test_an_id_of_nobody_is_told_like_another_partners(broker: BrokerInMemory) -> None:
    nobody = f"zedford-r-{'a' * 16}"

    none = said("show", party=OTHER_PARTNER, name=nobody).output
    others = said("show", party=OTHER_PARTNER, name=AMAL).output

    assert others.replace(AMAL, nobody) == none


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("yes",), "Name the opportunities"),
        (("no",), "Name the opportunities"),
        (("standing",), "Say the terms"),
        (("standing", ROOFER, *TERMS), "takes no opportunity"),
        (("show", ROOFER), "takes no opportunity"),
        (("show", "--drop-standing"), "changes nothing"),
        (("standing", "--kinds", "job"), "is dated: say --until"),
        (("standing", "--until", UNTIL), "at least one of --kinds"),
        (("standing", *TERMS, "--drop-standing"), "not both"),
        (("no", ROOFER, "--ranked"), "goes with yes"),
        (("yes", "Roofer"), "is no id of an opportunity"),
        (("standing", "--pay", "good", "--until", UNTIL), "--pay good: give a figure"),
        (("standing", "--pay", "NaN", "--until", UNTIL), "give a figure"),
        (("standing", "--pay=-1", "--until", UNTIL), "give a figure"),
        (("standing", "--least-hours", "7.123", "--until", UNTIL), "give a figure"),
    ],
)
def test_what_says_nothing_or_two_things_is_not_sent(
    broker: BrokerInMemory, words: tuple[str, ...], told: str
) -> None:
    outcome = said(*words)

    assert outcome.exit_code == 2
    assert told in outcome.stderr
    assert broker.said == []


def test_a_member_of_staff_heard_the_resident(broker: BrokerInMemory) -> None:
    outcome = said("yes", TILER, by=None)

    assert outcome.exit_code == 2
    assert "--by" in outcome.stderr


# --- merging ------------------------------------------------------------------------------


def test_a_yes_said_twice_stands_once() -> None:
    stands = Wishes(yes=("a",), no=("b",))

    assert with_yes(stands, ("b", "c", "a")) == Wishes(yes=("a", "b", "c"))


def test_a_no_said_twice_stands_once() -> None:
    stands = Wishes(yes=("a", "b"), ranked=True, no=("c",))

    assert with_no(stands, ("b", "c")) == Wishes(yes=("a",), ranked=True, no=("c", "b"))
