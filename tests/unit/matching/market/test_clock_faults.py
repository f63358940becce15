"""
Faults of what waits that a review of the core found, each told as the story that showed it.
"""

from datetime import date, timedelta

import pytest

from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.introductions import ContactTried, Means
from schemas.opportunities import OpportunityWithdrawn, Pay
from schemas.residents import ResidentClosed, ResidentErased
from schemas.slots import HireConfirmed, OfferAccepted, OfferDeclined, PositionState
from schemas.vocabulary import Clock, PayBasis, later
from tests.builders import (
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    delivered,
    enter,
    fenced,
    introducing,
    names,
    opportunity,
    proposals,
    refusal_codes,
    resident,
    tick,
    zedford,
)
from tests.unit.matching.market.waiting_story import (
    FIRST_ROUND,
    ROOFER,
    amends,
    decided_once,
    found,
    introduced,
    offered,
    referred,
    refused,
    released,
    wishes,
)

AMAL = resident("amal")
LATE, WIDE = opportunity("F-2"), opportunity("F-3")
WORSE_PAY = Pay(basis=PayBasis.HOURLY, pence=1300)


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def raised(market: MarketUnderTest, opportunity: str = ROOFER) -> str:
    decided_once(market)
    told = ChallengeRaised(resident=AMAL, opportunity=opportunity, ground=Ground.NOT_ASKED)
    challenge: str = market.say(told, by=PARTNER, subject=AMAL)[1].data.challenge
    return challenge


def upheld(market: MarketUnderTest, opportunity: str = ROOFER) -> tuple[str, ...]:
    challenge = raised(market, opportunity)
    told = ChallengeDecided(challenge=challenge, upheld=True, finding=Finding.FACTS_WERE_WRONG)
    return names(market.say(told, by=OWNER, subject=challenge))


# --- the remedy ---------------------------------------------------------------------------


def test_a_remedy_is_not_spent_by_an_answer_to_what_was_proposed_before_it(
    market: MarketUnderTest,
) -> None:
    market.say(fenced("F-2"), by=SUPPLIER, subject=LATE)
    offer = offered(market)
    upheld(market, LATE)

    market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)

    assert len(market.state.residents[AMAL].remedies) == 1
    assert market.recovered() == market.state


def with_remedy(market: MarketUnderTest) -> str:
    """
    An acceptance, introduced, of what a remedy put Amal first for.
    """
    enter(market, "amal")
    upheld(market)
    wishes(market, "amal", ROOFER)
    (made,) = proposals(tick(market, "2026-01-16T09:05:00.000Z"))
    delivered(market, made.offer)
    offer = released(market, made.offer)
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    return offer


def test_a_silent_supplier_gives_a_remedy_back_that_an_acceptance_spent(
    market: MarketUnderTest,
) -> None:
    offer = with_remedy(market)
    assert market.state.residents[AMAL].remedies == ()

    (again,) = proposals(tick(market, "2026-01-23T17:05:00.000Z"))

    assert market.state.offers[offer].reason == "supplier_silent"
    assert (again.resident, again.remedied) == (AMAL, True)
    assert market.recovered() == market.state


def test_who_has_left_is_granted_no_remedy(market: MarketUnderTest) -> None:
    enter(market, "amal")
    challenge = raised(market)
    market.say(ResidentClosed(resident=AMAL, reason="moved_away"), by=PARTNER, subject=AMAL)
    assert market.state.residents[AMAL].status == "closed"

    told = ChallengeDecided(challenge=challenge, upheld=True, finding=Finding.FACTS_WERE_WRONG)
    events = market.say(told, by=OWNER, subject=challenge)

    assert names(events) == ("ChallengeDecided",)
    assert market.state.residents[AMAL].remedies == ()


def test_no_challenge_of_who_was_closed_leads_to_a_remedy_by_silence(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal")
    raised(market)
    market.say(ResidentClosed(resident=AMAL, reason="moved_away"), by=PARTNER, subject=AMAL)

    events = tick(market, "2026-01-29T17:05:00.000Z")

    assert found(events, "ChallengeUnanswered")
    assert not found(events, "RemedyGranted")


# --- referrals and contacts ---------------------------------------------------------------


def test_the_end_of_a_referral_opens_nothing_that_its_resident_declined_in_a_round(
    market: MarketUnderTest,
) -> None:
    market.say(fenced("F-3", positions=5), by=SUPPLIER, subject=WIDE)
    enter(market, "amal", WIDE)
    (made,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, made.offer)
    offer = released(market, made.offer)
    market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)
    referral = referred(market, "amal", WIDE)

    events = tick(market, "2026-02-02T17:05:00.000Z")

    assert market.state.offers[referral].reason == "not_introduced"
    assert proposals(events) == []
    assert market.state.residents[AMAL].tried == (WIDE,)
    assert market.state.residents[AMAL].given_back == ()


def test_no_attempt_before_the_proposal_makes_a_silence_the_residents(
    market: MarketUnderTest,
) -> None:
    offer = offered(market)

    def tried(day: date) -> ContactTried:
        return ContactTried(offer=offer, tried_on=day, means=Means.VISIT)

    assert refused(market, tried(date(2026, 1, 14)), by=PARTNER, subject=offer) == (
        "tried_before",
        "/data/tried_on",
        "2026-01-15",
    )
    assert names(market.say(tried(date(2026, 1, 15)), by=PARTNER, subject=offer)) == (
        "ContactTried",
    )


# --- terms that get worse -----------------------------------------------------------------


def asked_again(market: MarketUnderTest) -> str:
    offer = introduced(market)
    assert "OfferChanged" in names(amends(market, pay=WORSE_PAY))
    return offer


def test_a_supplier_takes_no_position_back_by_making_it_worse_first(
    market: MarketUnderTest,
) -> None:
    offer = asked_again(market)

    events = amends(market, pay=WORSE_PAY, positions=1, ring_fence=())
    tick(market, "2026-01-15T13:30:00.000Z")

    assert refusal_codes(events) == ("positions_held",)
    assert market.state.offers[offer].status == "offered"


def test_a_withdrawn_posting_leaves_who_is_asked_again_their_position_as_one_over(
    market: MarketUnderTest,
) -> None:
    offer = asked_again(market)
    market.say(
        OpportunityWithdrawn(opportunity=ROOFER, reason="works_cut"), by=SUPPLIER, subject=ROOFER
    )

    events = tick(market, "2026-01-15T13:30:00.000Z")

    (told,) = found(events, "PositionChanged")
    assert told.state is PositionState.OVER
    assert market.state.offers[offer].status == "offered"
    assert market.recovered() == market.state


def test_who_was_asked_again_and_accepts_is_held_as_before(market: MarketUnderTest) -> None:
    offer = asked_again(market)
    delivered(market, offer)

    events = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)

    entry = market.state.offers[offer]
    assert names(events) == ("OfferAccepted", "IntroductionMade", "ConfirmationDue")
    assert (entry.was_accepted, entry.was_introduced, entry.is_introduced) == (False, False, True)
    assert market.recovered() == market.state


def test_a_supplier_that_was_told_of_asking_again_hears_of_the_decline(
    market: MarketUnderTest,
) -> None:
    offer = asked_again(market)
    delivered(market, offer)

    events = market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)

    (told,) = found(events, "PositionChanged")
    assert (told.state, told.offer) == (PositionState.FREE, offer)


def test_a_supplier_that_was_told_of_asking_again_hears_of_the_silence(
    market: MarketUnderTest,
) -> None:
    offer = asked_again(market)
    delivered(market, offer)

    events = tick(market, "2026-01-19T17:05:00.000Z")

    assert [each.offer for each in found(events, "OfferLapsed")] == [offer]
    assert [each.offer for each in found(events, "PositionChanged")] == [offer]


def test_a_supplier_that_nobody_was_introduced_to_hears_of_no_decline(
    market: MarketUnderTest,
) -> None:
    offer = offered(market)
    amends(market, pay=WORSE_PAY)
    delivered(market, offer)

    events = market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)

    assert names(events) == ("OfferDeclined",)


def test_nobody_is_told_of_worse_terms_about_who_was_erased(market: MarketUnderTest) -> None:
    offer = introduced(market)
    market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)
    market.say(ResidentErased(resident=AMAL), by=PARTNER, subject=AMAL)

    events = amends(market, pay=WORSE_PAY)

    assert "NoticeGiven" not in names(events)


# --- time that stood still ----------------------------------------------------------------


def until(market: MarketUnderTest, at: str) -> list[tuple[str, str]]:
    """
    Tick every five minutes until an instant, and tell when whose last end or reminder came.
    """
    told = []
    while market.state.now < at:
        events = tick(market, later(market.state.now, timedelta(minutes=5)))
        told += [(event.name, market.state.now) for event in events]
    return told


def test_a_working_day_that_ticks_stayed_out_is_given_back_in_working_hours() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", ROOFER)
    until(market, FIRST_ROUND)
    (offer,) = market.state.offers
    delivered(market, offer)
    until(market, "2026-01-19T09:00:00.000Z")

    tick(market, "2026-01-19T17:00:00.000Z")

    # Monday's eight hours would end the window in the night to Tuesday.
    assert market.state.clocks[f"offer {offer}"] == "2026-01-20T17:00:00.000Z"
    assert market.recovered() == market.state


def test_a_reminder_that_was_moved_comes_when_hours_begin_and_once() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", ROOFER)
    until(market, FIRST_ROUND)
    (offer,) = market.state.offers
    delivered(market, offer)

    tick(market, "2026-01-16T09:05:00.000Z")
    told = until(market, "2026-01-20T17:05:00.000Z")

    # Twenty hours on, the reminder would lie on Saturday and the last day begin at five.
    named = ("ReminderGiven", "ReleaseOverdue", "OfferWithdrawn")
    assert [each for each in told if each[0] in named] == [
        ("ReminderGiven", "2026-01-19T09:05:00.000Z"),
        ("ReleaseOverdue", "2026-01-20T09:05:00.000Z"),
        ("OfferWithdrawn", "2026-01-20T13:05:00.000Z"),
    ]
