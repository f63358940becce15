"""
Everything that waits has an owner, a clock, a reminder and an end, told by the market.
"""

import json
from datetime import date
from typing import Any

import pytest

from matching.market.waiting import Wait, pending, wait_of
from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.consents import ConsentWithdrawn
from schemas.duties import DaysAway, DutyAssigned
from schemas.introductions import (
    ContactTried,
    InterviewHeld,
    InterviewOffered,
    Means,
    ReferralMade,
)
from schemas.opportunities import Pay
from schemas.residents import ResidentResumed
from schemas.slots import (
    HireConfirmed,
    OfferAccepted,
    OfferDeclined,
    ProposalReleased,
)
from schemas.vocabulary import PayBasis, Purpose
from services.market.agents import dumped, loaded
from tests.builders import (
    OPERATOR,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    bytes_of,
    delivered,
    enter,
    fenced,
    introducing,
    names,
    opportunity,
    posted,
    proposals,
    refusal_codes,
    resident,
    says,
    tick,
    zedford,
)
from tests.unit.matching.market.waiting_story import (
    FIRST_ROUND,
    PLUMBER,
    ROOFER,
    accepted,
    assigned,
    offered,
    proposed,
)


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def test_a_window_starts_when_what_is_waited_for_was_delivered(market: MarketUnderTest) -> None:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    assert wait_of(market.state.offers[made.offer]) is Wait.DELIVERY

    tick(market, "2026-01-16T10:00:00.000Z")
    events = delivered(market, made.offer)

    assert names(events) == ("OfferDelivered", "ReleaseDue")
    assert events[1].data.release_by == "2026-01-20T17:00:00.000Z"
    assert market.recovered() == market.state


def test_what_was_not_delivered_in_a_working_day_costs_nobody_anything(
    market: MarketUnderTest,
) -> None:
    amal = enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))

    ended = tick(market, "2026-01-16T17:05:00.000Z")

    assert market.state.offers[made.offer].reason == "not_delivered"
    assert "OfferWithdrawn" in names(ended)
    assert [each.resident for each in proposals(ended)] == [amal]


def test_the_deputy_may_release_once_the_duty_person_is_away(market: MarketUnderTest) -> None:
    away = DaysAway(staff="sam-01", first_day=date(2026, 1, 15), last_day=date(2026, 1, 23))
    assigned(market, DutyAssigned(on_duty="sam-01", deputy="ada-02", away=(away,)))
    offer = proposed(market)
    release = ProposalReleased(offer=offer)

    assert refusal_codes(market.say(release, by=PARTNER, subject=offer, who="sam-01")) == (
        "off_duty",
    )
    assert names(market.say(release, by=PARTNER, subject=offer, who="ada-02")) == (
        "ProposalReleased",
        "SlotOffered",
    )


def test_silence_that_nobody_tried_to_break_is_not_the_residents(market: MarketUnderTest) -> None:
    offer = offered(market)
    amal = market.state.residents[resident("amal")]

    ended = tick(market, "2026-01-19T17:05:00.000Z")

    (lapsed,) = [event.data for event in ended if event.name == "OfferLapsed"]
    assert lapsed.reason.value == "not_reached"
    assert (amal.unanswered, amal.given_back) == (0, (ROOFER,))
    tried = ContactTried(offer=offer, tried_on=date(2026, 1, 19), means=Means.TELEPHONE)
    assert refusal_codes(market.say(tried, by=PARTNER, subject=offer)) == ("offer_lapsed",)


def test_two_unanswered_offers_pause_a_resident_who_was_tried(market: MarketUnderTest) -> None:
    market.say(fenced("F-2"), by=SUPPLIER, subject=opportunity("F-2"))
    enter(market, "amal", ROOFER, opportunity("F-2"))
    amal = market.state.residents[resident("amal")]
    events = tick(market, FIRST_ROUND)
    for tried_on, end in ((15, "2026-01-19T17:05:00.000Z"), (19, "2026-01-21T17:05:00.000Z")):
        (made,) = proposals(events)
        delivered(market, made.offer)
        market.say(ProposalReleased(offer=made.offer), by=PARTNER, subject=made.offer)
        delivered(market, made.offer)
        told = ContactTried(offer=made.offer, tried_on=date(2026, 1, tried_on), means=Means.MESSAGE)
        market.say(told, by=PARTNER, subject=made.offer)
        events = tick(market, end)

    assert {"ResidentPaused", "NoticeGiven"} <= set(names(events))
    assert (amal.status, amal.unanswered) == ("paused", 2)
    (notice,) = [event for event in events if event.name == "NoticeGiven"]
    assert (notice.data.notice, notice.party) == ("offers_unanswered", PARTNER)
    market.say(ResidentResumed(resident=resident("amal")), by=PARTNER, subject=resident("amal"))
    assert (amal.status, amal.unanswered) == ("active", 0)
    assert market.recovered() == market.state


def test_one_unanswered_offer_pauses_nobody_and_an_answer_begins_the_count_anew(
    market: MarketUnderTest,
) -> None:
    market.say(fenced("F-2"), by=SUPPLIER, subject=opportunity("F-2"))
    enter(market, "amal", ROOFER, opportunity("F-2"))
    amal = market.state.residents[resident("amal")]
    (first,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, first.offer)
    market.say(ProposalReleased(offer=first.offer), by=PARTNER, subject=first.offer)
    delivered(market, first.offer)
    told = ContactTried(offer=first.offer, tried_on=date(2026, 1, 15), means=Means.LETTER)
    market.say(told, by=PARTNER, subject=first.offer)

    events = tick(market, "2026-01-19T17:05:00.000Z")

    assert (amal.status, amal.unanswered, amal.given_back) == ("active", 1, ())
    (second,) = proposals(events)
    delivered(market, second.offer)
    market.say(ProposalReleased(offer=second.offer), by=PARTNER, subject=second.offer)
    delivered(market, second.offer)
    market.say(OfferDeclined(offer=second.offer), by=PARTNER, subject=second.offer)
    assert amal.unanswered == 0


def test_a_new_wish_shows_that_somebody_is_in_touch(market: MarketUnderTest) -> None:
    offer = offered(market)
    told = ContactTried(offer=offer, tried_on=date(2026, 1, 15), means=Means.LETTER)
    market.say(told, by=PARTNER, subject=offer)
    tick(market, "2026-01-19T17:05:00.000Z")
    amal = market.state.residents[resident("amal")]
    assert amal.unanswered == 1

    market.say(says("amal", ROOFER), by=PARTNER, subject=resident("amal"))

    assert amal.unanswered == 0


def test_no_supplier_hears_of_anybody_before_their_consent(market: MarketUnderTest) -> None:
    offer = offered(market)

    accepted = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)

    assert names(accepted) == ("OfferAccepted", "ConsentDue")
    confirm = HireConfirmed(offer=offer)
    assert refusal_codes(market.say(confirm, by=SUPPLIER, subject=offer)) == ("offer_unknown",)
    consent = market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    assert names(consent) == ("ConsentGiven", "IntroductionMade", "ConfirmationDue")
    assert consent[1].data.consent == consent[0].id
    assert names(market.say(confirm, by=SUPPLIER, subject=offer)) == ("HireConfirmed",)
    assert market.recovered() == market.state


def test_an_introduction_ends_with_its_consent(market: MarketUnderTest) -> None:
    offer = accepted(market)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    withdrawn = ConsentWithdrawn(
        resident=resident("amal"), purpose=Purpose.INTRODUCTION, supplier=SUPPLIER
    )

    events = market.say(withdrawn, by=PARTNER, subject=resident("amal"))

    assert names(events) == ("ConsentWithdrawn", "OfferWithdrawn", "PositionChanged")
    assert market.state.offers[offer].reason == "consent_withdrawn"


def test_a_silent_supplier_frees_the_resident_who_may_be_proposed_there_again(
    market: MarketUnderTest,
) -> None:
    offer = accepted(market)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    amal = market.state.residents[resident("amal")]

    ended = tick(market, "2026-01-23T17:05:00.000Z")

    assert market.state.offers[offer].reason == "supplier_silent"
    assert (amal.placed, amal.given_back) == ((), (ROOFER,))
    assert [each.resident for each in proposals(ended)] == [resident("amal")]


def test_an_interview_gives_the_supplier_its_days_again_once(market: MarketUnderTest) -> None:
    offer = accepted(market)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    asked = InterviewOffered(offer=offer, on=date(2026, 1, 21))
    assert names(market.say(asked, by=SUPPLIER, subject=offer)) == ("InterviewOffered",)
    tick(market, "2026-01-21T12:05:00.000Z")
    held = InterviewHeld(offer=offer, on=date(2026, 1, 21))

    assert names(market.say(held, by=SUPPLIER, subject=offer)) == (
        "InterviewHeld",
        "ConfirmationDue",
    )
    assert names(market.say(held, by=SUPPLIER, subject=offer)) == ("SubmissionRepeated",)
    assert market.state.clocks[f"offer {offer}"] == "2026-01-28T17:00:00.000Z"


def test_worse_terms_after_an_acceptance_ask_again_and_hold_the_position(
    market: MarketUnderTest,
) -> None:
    offer = accepted(market)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    worse = amended(
        ROOFER,
        of_version=1,
        reference="F-1",
        contract=market.state.opportunities[ROOFER].terms.contract,
        ring_fence=market.state.opportunities[ROOFER].terms.ring_fence,
        pay=Pay(basis=PayBasis.HOURLY, pence=1300),
    )

    events = market.say(worse, by=SUPPLIER, subject=ROOFER)

    assert names(events) == ("OpportunityAmendedSealed", "OfferChanged", "PositionChanged")
    delivered(market, offer)
    again = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    assert names(again) == ("OfferAccepted", "IntroductionMade", "ConfirmationDue")
    assert market.recovered() == market.state


def test_a_referral_leads_to_an_introduction_and_a_hire(market: MarketUnderTest) -> None:
    market.say(posted("R-9"), by=SUPPLIER, subject=PLUMBER)
    amal = enter(market, "amal", PLUMBER)
    referral = ReferralMade(resident=amal, opportunity=PLUMBER)

    made = market.say(referral, by=PARTNER, subject=amal)

    assert names(made) == ("ReferralMade", "ReferralOpened", "ConsentDue")
    offer = made[1].data.offer
    market.say(introducing("amal"), by=PARTNER, subject=amal)
    assert names(market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)) == (
        "HireConfirmed",
    )
    assert market.state.residents[amal].placed == (offer,)
    assert market.recovered() == market.state


def test_a_challenge_is_decided_outside_the_partner_and_puts_the_resident_first(
    market: MarketUnderTest,
) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    tick(market, FIRST_ROUND)
    passed = next(
        each for each in ("amal", "bea", "chidi") if not market.state.residents[resident(each)].live
    )
    raised = ChallengeRaised(
        resident=resident(passed), opportunity=ROOFER, ground=Ground.RULE_MISAPPLIED
    )
    events = market.say(raised, by=PARTNER, subject=resident(passed))
    assert names(events) == ("ChallengeRaised", "DecisionDue")
    challenge = events[1].data.challenge
    decision = ChallengeDecided(
        challenge=challenge, upheld=True, finding=Finding.RULE_WAS_MISAPPLIED
    )

    assert refusal_codes(market.say(decision, by=OPERATOR, subject=challenge)) == (
        "challenge_unknown",
    )
    assert names(market.say(decision, by=OWNER, subject=challenge)) == (
        "ChallengeDecided",
        "RemedyGranted",
    )
    assert market.state.residents[resident(passed)].remedies == (challenge,)
    assert market.recovered() == market.state


def test_a_challenge_that_nobody_decides_counts_as_upheld(market: MarketUnderTest) -> None:
    enter(market, "amal")
    tick(market, FIRST_ROUND)
    raised = ChallengeRaised(resident=resident("amal"), opportunity=ROOFER, ground=Ground.NOT_ASKED)
    market.say(raised, by=OWNER, subject=resident("amal"))

    ended = tick(market, "2026-01-29T17:05:00.000Z")

    assert {"ChallengeUnanswered", "RemedyGranted"} <= set(names(ended))
    assert not [each for each in pending(market.state) if each.wait is Wait.DECISION]


def test_what_is_half_way_through_its_time_is_reminded_of_once(market: MarketUnderTest) -> None:
    accepted(market)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))

    reminded = tick(market, "2026-01-20T09:05:00.000Z")

    (reminder,) = [event.data for event in reminded if event.name == "ReminderGiven"]
    assert (reminder.waiting, reminder.party) == ("confirmation", SUPPLIER)
    assert "ReminderGiven" not in names(tick(market, "2026-01-20T09:10:00.000Z"))


def test_nobody_is_interviewed_before_they_are_introduced(market: MarketUnderTest) -> None:
    offer = offered(market)
    held = InterviewHeld(offer=offer, on=date(2026, 1, 15))
    assert refusal_codes(market.say(held, by=PARTNER, subject=offer)) == ("offer_not_accepted",)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)

    refused = market.say(held, by=PARTNER, subject=offer)

    assert refusal_codes(refused) == ("not_introduced",)
    assert market.state.offers[offer].answered.keys() == {"ProposalReleased", "OfferAccepted"}


@pytest.mark.parametrize("far", [proposed, offered, accepted])
def test_all_that_waits_outlives_a_snapshot(market: MarketUnderTest, far: Any) -> None:
    away = DaysAway(staff="ada-02", first_day=date(2026, 1, 15), last_day=date(2026, 1, 23))
    assigned(market, DutyAssigned(on_duty="sam-01", deputy="ada-02", away=(away,)))
    market.say(posted("R-9"), by=SUPPLIER, subject=PLUMBER)
    far(market)
    bea = enter(market, "bea", PLUMBER)
    market.say(introducing("bea"), by=PARTNER, subject=bea)
    market.say(ReferralMade(resident=bea, opportunity=PLUMBER), by=PARTNER, subject=bea)
    raised = ChallengeRaised(resident=bea, opportunity=ROOFER, ground=Ground.COORDINATOR)
    market.say(raised, by=OWNER, subject=bea)
    plain = json.loads(json.dumps(dumped(market.state)))

    again = MarketUnderTest(state=loaded(plain), said=market.said)

    assert again.state == market.state
    for at in ("2026-01-16T09:05:00.000Z", "2026-01-23T17:05:00.000Z", "2026-01-30T17:05:00.000Z"):
        assert bytes_of(tick(again, at)) == bytes_of(tick(market, at))
    assert again.state == market.state == market.recovered()
