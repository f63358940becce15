"""
The rules of a log, each convicting the one fault that is planted against it.
"""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.opportunities import FencedPositions
from schemas.slots import (
    ClockDoubted,
    HireConfirmed,
    OfferAccepted,
    OfferDeclined,
    ProposalReleased,
    StageOpened,
    WithdrawalReason,
)
from schemas.vocabulary import Purpose
from tests.builders import (
    CONTRACT,
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    delivered,
    enter,
    fenced,
    fits,
    introducing,
    opportunity,
    pair,
    resident,
    tick,
    zedford,
)
from tests.exports import log_of
from tests.reliability import prefix_rules
from tests.reliability.planting import (
    Mutation,
    before,
    both,
    in_groups,
    instead,
    is_proposal,
    other,
    said_by,
    to,
    twice,
    without,
)
from tests.reliability.prefix_rules import Entry, entries, faults

ROOFER = opportunity("F-1")
LATE = "2026-12-01T00:00:00.000Z"


def reserved(count: int) -> tuple[FencedPositions, ...]:
    return (FencedPositions(group="starts", clause="4.2", positions=count),)


def offers_of(market: MarketUnderTest) -> list[str]:
    return [each.data.offer for _, _, told in market.log for each in told if is_proposal(each)]


def offered(market: MarketUnderTest, offer: str) -> None:
    delivered(market, offer)
    say(market, ProposalReleased(offer=offer))
    delivered(market, offer)


def say(market: MarketUnderTest, data: Any) -> None:
    by = SUPPLIER if isinstance(data, HireConfirmed) else PARTNER
    market.say(data, by=by, subject=data.offer)


@lru_cache
def story() -> tuple[Entry, ...]:
    """
    Four positions: filled, declined, left by its resident, and cut; then a rung opens.

    Who was proposed what nobody released, and whom the supplier left waiting, come again.
    """
    market = zedford()
    told = fenced(positions=9, ring_fence=reserved(4))
    market.say(told, by=SUPPLIER, subject=ROOFER)
    names = ("amal", "bea", "chidi", "dita", "efe", "farah", "gita")
    for name in names:
        subject = enter(market, name, ROOFER)
        market.say(introducing(name), by=PARTNER, subject=subject)
    tick(market, "2026-01-15T13:05:00.000Z")
    first, second, third, fourth = offers_of(market)
    for each in (first, second, third):
        offered(market, each)
    delivered(market, fourth)
    say(market, OfferAccepted(offer=first))
    say(market, OfferDeclined(offer=second))
    gone = market.state.offers[third].resident
    told_of = ConsentWithdrawn(resident=gone, purpose=Purpose.MATCHING)
    market.say(told_of, by=PARTNER, subject=gone)
    say(market, HireConfirmed(offer=first))
    tick(market, "2026-01-16T09:05:00.000Z")
    fifth, sixth = offers_of(market)[4:]
    offered(market, fifth)
    fewer = amended(
        ROOFER,
        of_version=1,
        reference="F-1",
        positions=9,
        contract=CONTRACT,
        ring_fence=reserved(3),
    )
    market.say(fewer, by=SUPPLIER, subject=ROOFER)
    tick(market, "2026-01-16T09:10:00.000Z")
    assert market.state.offers[sixth].reason == WithdrawalReason.POSITION_CUT
    assert market.state.offers[fourth].status == "proposed"
    tick(market, "2026-01-19T17:05:00.000Z")
    say(market, OfferAccepted(offer=fifth))
    for name in names:
        again = pair(name, ROOFER, opportunity_version=2)
        market.say(fits(resident(name), again, as_of=market.state.sequence), worker="matcher")
    tick(market, "2026-01-30T09:05:00.000Z")
    return tuple(market.log)


def public(opportunity_: str) -> StageOpened:
    return StageOpened(opportunity=opportunity_, group="starts")


RUNGS = ("2026-01-13T00:00:00.000Z", LATE)
PLANTED: dict[str, Mutation] = {
    "nothing is live past its window": other(
        "ReleaseDue", nth=3, release_by="2026-01-16T08:00:00.000Z"
    ),
    "what was decided is proposed or dropped": without("SlotProposed", nth=3),
    "the fence comes down on time": without("StageOpened"),
    "no more is held than is declared or accepted": in_groups("IntakeOpened", positions=3),
    "who left or withdrew consent holds nothing": without("OfferWithdrawn"),
    "nothing is held where its resident said no": other("InterestGivenSealed", no=(ROOFER,)),
    "a release is an offer at once": without("SlotOffered"),
    "whatever waits has a clock of its own": without("AnswerDue"),
    "in doubt of the clock nothing ends or begins": before(
        "RoundClosed", ClockDoubted(since=RUNGS[0], at=RUNGS[0])
    ),
    "each side is told of its own offers alone": to(OTHER_PARTNER, "SlotOffered"),
    "each answer has its place on an offer's way": without("ProposalReleased"),
    "the resident's own partner releases": said_by(OTHER_PARTNER, "ProposalReleased"),
    "nothing ends before its window": other("ReleaseDue", nth=3, release_by=LATE),
    "what ends unanswered says who was silent": instead(
        "OfferWithdrawn",
        lambda event: (
            replace(event, data=replace(event.data, reason=WithdrawalReason.SUPPLIER_SILENT)),
        ),
        reason=WithdrawalReason.NOT_RELEASED,
    ),
    "a round waits for what an earlier one decided": twice("RoundClosed"),
    "no round before the intake ends": other("IntakeOpened", until=LATE),
    "a proposal is what its round decided": other("SlotProposed", weeks_ready=9),
    "a round is closed before it is proposed": without("RoundClosed"),
    "a position is held by one offer at most": both("position", like=1),
    "nobody has more offers than the limit": both("resident", like=1),
    "who accepted is proposed nothing": both("resident", nth=4, like=0),
    "a pair is tried once": both("resident", nth=4, like=1),
    "what others let end is given back once": both("resident", nth=7, like=6),
    "only who is active and consents is proposed": without(
        "ConsentGiven", resident=resident("amal")
    ),
    "a position belongs to a group that is open": before("RoundClosed", public(ROOFER)),
    "nobody is proposed below an open rung": both("tier", 1),
    "a rung once open stays open": twice("StageOpened"),
    "no rung opens before its day": in_groups("PositionsAdjusted", rungs=RUNGS),
    "an acceptance beats a cut": instead(
        "OfferWithdrawn",
        lambda event: (
            replace(event, data=replace(event.data, reason=WithdrawalReason.POSITION_CUT)),
        ),
        reason=WithdrawalReason.SUPPLIER_SILENT,
    ),
    "who accepted has nothing else to answer": both("resident", nth=1),
    "a cut takes no more than it must": in_groups("PositionsAdjusted", positions=9),
    "a cut takes the latest and worst claim first": both("place", 9, nth=4),
}


def test_what_a_market_does_keeps_every_rule() -> None:
    assert faults(story()) == ()


def test_a_log_is_judged_alike_as_it_stands_in_its_topic() -> None:
    market = MarketUnderTest(log=list(story()))

    assert [told for _, told, _ in entries(log_of(market))] == [told for _, told, _ in story()]
    assert faults(entries(log_of(market))) == ()


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_fault_is_convicted_by_its_rule(rule: str) -> None:
    mutated = tuple(PLANTED[rule](list(story())))

    assert mutated != story()
    assert rule in {each.rule for each in faults(mutated)}


def test_every_rule_has_a_fault_planted_against_it() -> None:
    told = Path(prefix_rules.__file__).read_text()

    assert set(re.findall(r'_broken\(\s*"([^"]+)"', told)) == set(PLANTED)
