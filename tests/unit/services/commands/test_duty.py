"""
Who releases a partner's proposals, by the command line.
"""

import json
from datetime import date

import pytest
from click.testing import CliRunner, Result

from matching.market.duties import may_release
from schemas.duties import DaysAway, DutyAssigned
from services.__main__ import main
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    enter,
    fenced,
    opportunity,
    proposals,
    tell_facts,
    tick,
    zedford,
)
from tests.exports import chained

LEAVE = DaysAway(staff="jo-1", first_day=date(2026, 1, 15), last_day=date(2026, 1, 23))
WORDS = ("--on-duty", "jo-1", "--deputy", "ada-2", "--away", "jo-1:2026-01-15..2026-01-23")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    made = BrokerInMemory(market=chained(zedford()))
    for each in ("saying", "duty"):
        monkeypatch.setattr(f"services.commands.{each}.Kafka", made)
    return made


def duty(*words: str, party: str = PARTNER) -> Result:
    return CliRunner().invoke(main, ["duty", party, *words, "--broker", "127.0.0.1:1"])


def released(offer: str, *, by: str) -> Result:
    words = ("release", PARTNER, offer, "--by", by, "--broker", "127.0.0.1:1")
    return CliRunner().invoke(main, list(words))


def carried(broker: BrokerInMemory) -> None:
    """
    Tell the market what the register last accepted, as the herald does.
    """
    market, (_, _, facts) = broker.market, broker.register.log[-1]
    tell_facts(market, facts, sequence=market.state.register_sequence + 1)


def test_a_duty_with_its_deputy_and_days_away_is_said_whole(broker: BrokerInMemory) -> None:
    outcome = duty("set", *WORDS, "--by", "jo-1")

    assert outcome.exit_code == 0, outcome.output
    assert broker.register.state.duties[PARTNER] == DutyAssigned(
        on_duty="jo-1", deputy="ada-2", away=(LEAVE,)
    )


def test_what_is_left_out_no_longer_stands(broker: BrokerInMemory) -> None:
    duty("set", *WORDS, "--by", "jo-1")
    duty("set", "--on-duty", "ada-2", "--by", "jo-1")

    assert broker.register.state.duties[PARTNER] == DutyAssigned(on_duty="ada-2")


def test_the_same_again_is_refused_in_words(broker: BrokerInMemory) -> None:
    duty("set", *WORDS, "--by", "jo-1")
    again = duty("set", *WORDS, "--by", "jo-1")

    assert again.exit_code == 1
    assert "duty: refused" in again.output


def test_a_single_day_away_is_its_first_and_its_last(broker: BrokerInMemory) -> None:
    duty("set", "--on-duty", "jo-1", "--away", "jo-1:2026-01-15", "--by", "jo-1")

    (away,) = broker.register.state.duties[PARTNER].away
    assert away.first_day == away.last_day == date(2026, 1, 15)


def test_until_somebody_is_set_any_of_the_staff_may_release(broker: BrokerInMemory) -> None:
    outcome = duty()

    assert outcome.exit_code == 0, outcome.output
    assert f"{PARTNER}: nobody is set, so any of its staff may release." in outcome.output


@pytest.mark.parametrize(
    ("at", "day", "now", "later"),
    [
        ("2026-01-14T12:00:00.000Z", "14 January 2026", "jo-1", "jo-1 or ada-2"),
        ("2026-01-15T12:00:00.000Z", "15 January 2026", "ada-2", "ada-2"),
        ("2026-01-26T12:00:00.000Z", "26 January 2026", "jo-1", "jo-1 or ada-2"),
    ],
)
def test_it_is_shown_who_may_release_on_the_markets_day(
    broker: BrokerInMemory, at: str, day: str, now: str, later: str
) -> None:
    duty("set", *WORDS, "--by", "jo-1")
    carried(broker)
    tick(broker.market, at)

    shown = duty("show", "--market", "zedford").output

    assert "on duty: jo-1" in shown
    assert "deputy: ada-2" in shown
    assert "away: jo-1, 15 January 2026 to 23 January 2026" in shown
    assert f"may release on {day}: {now}\n" in shown
    assert f"once half of the time is over: {later}\n" in shown


def test_where_both_are_away_it_is_said_that_the_owner_is_told(broker: BrokerInMemory) -> None:
    duty("set", *WORDS, "--away", "ada-2:2026-01-13..2026-01-20", "--by", "jo-1")
    carried(broker)
    tick(broker.market, "2026-01-16T12:00:00.000Z")

    assert may_release(broker.market.state, PARTNER, late=True) == ()
    assert "nobody; the contract's owner is told" in duty("show", "--market", "zedford").output


def test_what_stands_is_one_object_of_json(broker: BrokerInMemory) -> None:
    duty("set", *WORDS, "--by", "jo-1")

    told = json.loads(duty("--json").stdout)

    assert told["party"] == PARTNER
    assert told["duty"]["on_duty"] == "jo-1"
    # The register's own day is this machine's, on which Jo's leave of 2026 may be over or not.
    assert set(told["may_release"]) <= {"jo-1", "ada-2"}


def test_a_release_by_somebody_off_duty_is_refused_and_by_the_deputy_accepted(
    broker: BrokerInMemory,
) -> None:
    roofer = opportunity("F-1")
    broker.market.say(fenced(), by=SUPPLIER, subject=roofer)
    enter(broker.market, "amal", roofer)
    duty("set", *WORDS, "--by", "jo-1")
    carried(broker)
    (proposed,) = proposals(tick(broker.market, "2026-01-15T13:05:00.000Z"))

    away, deputy = (released(proposed.offer, by=each) for each in ("jo-1", "ada-2"))

    assert (away.exit_code, deputy.exit_code) == (1, 0)
    assert "What to do" in away.output
    assert broker.market.state.offers[proposed.offer].status == "offered"


@pytest.mark.parametrize("party", [SUPPLIER, "nobody-here"])
def test_of_whoever_is_no_partner_nothing_is_shown(broker: BrokerInMemory, party: str) -> None:
    assert duty("show", party=party).exit_code == 1


def test_another_partners_duty_is_its_own(broker: BrokerInMemory) -> None:
    duty("set", *WORDS, "--by", "jo-1")

    assert "nobody is set" in duty(party=OTHER_PARTNER).output


@pytest.mark.parametrize(
    "words",
    [
        ("set", "--by", "jo-1"),
        ("set", "--on-duty", "jo-1"),
        ("set", "--on-duty", "Jo Smith", "--by", "jo-1"),
        ("set", *WORDS, "--market", "zedford", "--by", "jo-1"),
        ("set", "--on-duty", "jo-1", "--away", "jo-1", "--by", "jo-1"),
        ("set", "--on-duty", "jo-1", "--away", "jo-1:soon..later", "--by", "jo-1"),
        ("set", "--on-duty", "jo-1", "--away", "Jo:2026-01-15", "--by", "jo-1"),
        ("show", "--on-duty", "jo-1"),
    ],
)
def test_half_an_assignment_is_not_sent(broker: BrokerInMemory, words: tuple[str, ...]) -> None:
    assert duty(*words).exit_code == 2
    assert broker.said == []
