"""
The rules of what waits, each convicting the fault that is planted against it.
"""

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.consents import ConsentWithdrawn
from schemas.duties import DutyAssigned
from schemas.introductions import ContactTried, InterviewHeld, Means
from schemas.opportunities import FencedPositions, Pay
from schemas.rules import Policy
from schemas.slots import (
    OfferAccepted,
    OfferDeclined,
    PositionChanged,
    PositionState,
    ProposalReleased,
)
from schemas.vocabulary import PayBasis, Purpose
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    delivered,
    enter,
    fenced,
    fits,
    introducing,
    market_of,
    opportunity,
    pair,
    register_market,
    resident,
    rules,
    tick,
    with_contract,
)
from tests.reliability import clock_rules
from tests.reliability.fault import Entry
from tests.reliability.planting import (
    Mutation,
    before,
    both,
    each_event,
    instead,
    is_proposal,
    other,
    said_by,
    said_with,
    twice,
    without,
)
from tests.reliability.prefix_rules import faults

ROOFER = opportunity("F-1")
PEOPLE = ("amal", "bea", "chidi", "dita", "efe", "farah")
RESERVED = (FencedPositions(group="starts", clause="4.2", positions=4),)


def zedford() -> MarketUnderTest:
    """
    A market where one unanswered offer pauses, and whose one partner has two on duty.
    """
    register = with_contract(register_market())
    register.say(rules(2, policy=Policy(most_unanswered=1)), by=OPERATOR)
    register.say(DutyAssigned(on_duty="sam-01", deputy="ada-02"), by=PARTNER)
    market = market_of(register)
    tick(market, "2026-01-13T12:05:00.000Z")
    told = fenced(positions=9, ring_fence=RESERVED)
    market.say(told, by=SUPPLIER, subject=ROOFER)
    for name in PEOPLE:
        enter(market, name, ROOFER)
    return market


def proposed(market: MarketUnderTest, at: str) -> list[str]:
    """
    Let time pass to a round, and deliver what it proposes.
    """
    made = [event.data.offer for event in tick(market, at) if is_proposal(event)]
    for each in made:
        delivered(market, each)
    return made


def offered(market: MarketUnderTest, offer: str, *, who: str) -> None:
    say(market, ProposalReleased(offer=offer), who=who)
    delivered(market, offer)


def say(market: MarketUnderTest, data: Any, *, who: str | None = None) -> None:
    market.say(data, by=PARTNER, subject=data.offer, who=who)


def consent(market: MarketUnderTest, offer: str) -> None:
    whose = market.state.offers[offer].resident
    name = next(each for each in PEOPLE if resident(each) == whose)
    market.say(introducing(name), by=PARTNER, subject=whose)


def contested(market: MarketUnderTest, subject: str) -> str:
    told = ChallengeRaised(resident=subject, opportunity=ROOFER, ground=Ground.NOT_TOLD)
    due = market.say(told, by=PARTNER, subject=subject)[1].data
    return str(due.challenge)


def left_out(market: MarketUnderTest) -> list[str]:
    """
    Who was not proposed anything.
    """
    tried = {each.resident for each in market.state.offers.values()}
    return [each for name in PEOPLE if (each := resident(name)) not in tried]


@lru_cache
def story() -> tuple[Entry, ...]:
    """
    Four proposals: introduced, left unanswered, consented to later, and released by a deputy.

    One of two who were left out is upheld at once, the other by silence; terms get worse,
    and a consent is withdrawn.
    """
    market = zedford()
    first, second, third, fourth = proposed(market, "2026-01-15T13:05:00.000Z")
    say(market, ProposalReleased(offer=first), who="ada-02")
    for each in (first, second, third):
        offered(market, each, who="sam-01")
    consent(market, first)
    say(market, OfferAccepted(offer=first))
    told = ContactTried(offer=second, tried_on=date(2026, 1, 15), means=Means.TELEPHONE)
    say(market, told)
    say(market, OfferAccepted(offer=third))
    upheld, unheard = (contested(market, each) for each in left_out(market))
    finding = Finding.NOT_TREATED_FAIRLY
    decided = ChallengeDecided(challenge=upheld, upheld=True, finding=finding)
    market.say(decided, by=OWNER, subject=upheld)
    tick(market, "2026-01-16T09:05:00.000Z")
    say(market, InterviewHeld(offer=first, on=date(2026, 1, 16)))
    consent(market, third)
    tick(market, "2026-01-19T09:05:00.000Z")
    offered(market, fourth, who="ada-02")
    tick(market, "2026-01-19T17:05:00.000Z")
    (fifth,) = proposed(market, "2026-01-20T09:05:00.000Z")
    offered(market, fifth, who="sam-01")
    say(market, OfferDeclined(offer=fifth))
    worsened(market)
    for each in (first, fourth):
        delivered(market, each)
    say(market, OfferAccepted(offer=first))
    whose = market.state.offers[first].resident
    withdrawn = ConsentWithdrawn(resident=whose, purpose=Purpose.INTRODUCTION, supplier=SUPPLIER)
    market.say(withdrawn, by=PARTNER, subject=whose)
    tick(market, "2026-01-26T09:05:00.000Z")
    tick(market, "2026-01-29T17:05:00.000Z")
    assert market.state.challenges[unheard].status == "unanswered"
    return tuple(market.log)


def worsened(market: MarketUnderTest) -> None:
    told = amended(
        ROOFER,
        of_version=1,
        reference="F-1",
        positions=9,
        contract=CONTRACT,
        ring_fence=RESERVED,
        pay=Pay(basis=PayBasis.HOURLY, pence=1300),
    )
    market.say(told, by=SUPPLIER, subject=ROOFER)
    for name in PEOPLE:
        again = pair(name, ROOFER, opportunity_version=2)
        market.say(fits(resident(name), again, as_of=market.state.sequence), worker="matcher")


def told_after_all() -> Mutation:
    """
    Tell the supplier of the offer whose consent was withdrawn, days later.
    """
    first = next(
        each.data.offer for _, _, events in story() for each in events if is_proposal(each)
    )
    told = PositionChanged(
        position=f"{ROOFER}/starts/1",
        opportunity=ROOFER,
        clause="4.2",
        state=PositionState.FREE,
        offer=first,
    )
    return before("ChallengeUnanswered", told)


def decided_otherwise(**changes: Any) -> Mutation:
    return instead("DecisionDue", lambda each: (replace(each, data=replace(each.data, **changes)),))


def without_rounds() -> Mutation:
    return each_event(lambda each: () if each.name == "RoundClosed" else (each,))


SUNDAY = "2026-01-18T17:00:00.000Z"
NOBODY = "zedford-1-1"
PLANTED: tuple[tuple[str, Mutation], ...] = (
    ("what was sent last is delivered once", other("OfferDelivered", event=NOBODY)),
    ("what was sent last is delivered once", twice("OfferDelivered")),
    ("a window begins with a delivery", without("OfferDelivered")),
    ("a window is as long as its terms say", other("ReleaseDue", release_by=SUNDAY)),
    ("a window is as long as its terms say", other("AnswerDue", answer_by=SUNDAY)),
    ("a window is as long as its terms say", other("ConsentDue", consent_by=SUNDAY)),
    ("a window is as long as its terms say", other("ConfirmationDue", confirm_by=SUNDAY)),
    ("a window is as long as its terms say", other("DecisionDue", decide_by=SUNDAY)),
    ("a window is as long as its terms say", other("OfferChanged", deliver_by=SUNDAY)),
    ("no window ends on a day off", other("ReleaseDue", release_by=SUNDAY)),
    ("half of a window is when it is reminded of", other("AnswerDue", remind_at=None)),
    ("half of a window is when it is reminded of", other("ReleaseDue", overdue_at=None)),
    ("only who is on duty releases or holds", said_with("ProposalReleased", authid="kit-03")),
    ("nobody who is on duty is turned away", said_with("SubmissionRefused", authid="sam-01")),
    ("silence is theirs only whom somebody tried", without("ContactTried")),
    ("nobody is introduced without consent", other("IntroductionMade", consent=NOBODY)),
    ("nobody is introduced without consent", other("IntroductionMade", supplier=PARTNER)),
    ("nobody is introduced without consent", other("IntroductionMade", fields=("name",))),
    ("nobody is introduced without consent", without("ConsentGiven", supplier=SUPPLIER)),
    ("a supplier hears of nobody before an introduction", without("IntroductionMade")),
    ("a supplier hears of nobody after their consent", told_after_all()),
    ("a supplier's time begins when they meet", without("InterviewHeld")),
    ("a supplier's time begins when they meet", twice("InterviewHeld")),
    ("whatever waits is reminded of once", without("ReminderGiven")),
    ("whatever waits is reminded of once", twice("ReminderGiven")),
    ("whatever waits is reminded of once", other("ReminderGiven", party=SUPPLIER)),
    ("whatever waits is reminded of once", other("ReminderGiven", due=SUNDAY)),
    ("an owner hears once of what is overdue", without("ReleaseOverdue")),
    ("an owner hears once of what is overdue", twice("ReleaseOverdue")),
    ("a remedy holds until it is answered", both("remedied", False, nth=4)),
    ("a remedy holds until it is answered", both("remedied", True, nth=1)),
    ("a challenge is decided once, by its decider", said_by(OPERATOR, "ChallengeDecided")),
    ("a challenge is decided once, by its decider", twice("ChallengeDecided")),
    ("nothing is contested before a round", without_rounds()),
    ("no partner decides what its resident contests", said_by(PARTNER, "ChallengeDecided")),
    ("no partner decides what its resident contests", decided_otherwise(decider=PARTNER)),
    ("an upheld challenge has a remedy, and no other has", without("RemedyGranted")),
    (
        "an upheld challenge has a remedy, and no other has",
        other("ChallengeDecided", upheld=False),
    ),
    ("no challenge outlives its time", without("ChallengeUnanswered")),
    ("who left so many offers unanswered is paused", without("ResidentPaused")),
    ("who left so many offers unanswered is paused", twice("ResidentPaused")),
    ("who has an offer of worse terms is asked again", without("OfferChanged")),
    ("who has an offer of worse terms is asked again", without("OpportunityAmendedSealed")),
)


def test_what_waits_keeps_every_rule() -> None:
    assert faults(story()) == ()


@pytest.mark.parametrize("at", range(len(PLANTED)), ids=[rule for rule, _ in PLANTED])
def test_a_planted_fault_is_convicted_by_its_rule(at: int) -> None:
    rule, planted = PLANTED[at]
    mutated = tuple(planted(list(story())))

    assert mutated != story()
    assert rule in {each.rule for each in faults(mutated)}


def test_every_rule_has_a_fault_planted_against_it() -> None:
    told = Path(clock_rules.__file__).read_text()

    assert set(re.findall(r'_broken\(\s*"([^"]+)"', told)) == {rule for rule, _ in PLANTED}
