"""
Introductions: by consent alone, to the right supplier, and over when consent is.
"""

from datetime import date
from typing import Any

import pytest

from matching.market.waiting import Wait, wait_of
from schemas.consents import ConsentWithdrawn
from schemas.interests import InterestGivenSealed
from schemas.introductions import (
    ContactTried,
    DeclineExplainedSealed,
    InterviewHeld,
    InterviewOffered,
    Means,
)
from schemas.residents import ResidentClosed, ResidentErased
from schemas.slots import HireConfirmed, OfferAccepted, OfferDeclined, ProposalReleased
from schemas.vocabulary import Purpose
from tests.builders import (
    OTHER_SUPPLIER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    consents,
    delivered,
    enter,
    fenced,
    introducing,
    mark,
    names,
    proposals,
    resident,
    says,
    tick,
    zedford,
)
from tests.unit.matching.market.waiting_story import (
    FIRST_ROUND,
    ROOFER,
    accepted,
    found,
    introduced,
    offered,
    proposed,
    refused,
)

AMAL = resident("amal")


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def undelivered(market: MarketUnderTest) -> str:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    return made.offer


def undelivered_offer(market: MarketUnderTest) -> str:
    offer = proposed(market)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    return offer


WAITS = (undelivered, proposed, undelivered_offer, offered, accepted, introduced)
GONE: tuple[tuple[Any, str], ...] = (
    (ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING), "consent_withdrawn"),
    (ResidentClosed(resident=AMAL, reason="moved"), "resident_closed"),
    (ResidentErased(resident=AMAL), "resident_erased"),
    (says("amal", no=(ROOFER,)), "said_no"),
)


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize(("told", "reason"), GONE)
def test_whatever_waits_ends_with_the_resident_in_the_record_that_says_so(
    market: MarketUnderTest, wait: Any, told: Any, reason: str
) -> None:
    offer = wait(market)
    was_introduced = market.state.offers[offer].is_introduced

    events = market.say(told, by=PARTNER, subject=AMAL)

    ending = ("OfferWithdrawn", "PositionChanged") if was_introduced else ("OfferWithdrawn",)
    assert names(events)[1:] == ending
    assert market.state.offers[offer].reason == reason
    assert not [key for key in market.state.clocks if offer in key]
    assert market.recovered() == market.state


@pytest.mark.parametrize("wait", [accepted, introduced])
def test_nobody_is_introduced_by_a_consent_after_the_resident_withdrew(
    market: MarketUnderTest, wait: Any
) -> None:
    offer = wait(market)
    market.say(ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING), by=PARTNER, subject=AMAL)

    again = market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    assert names(again) == ("ConsentGiven",)
    assert market.state.offers[offer].status == "withdrawn"


def test_a_supplier_never_learns_of_what_ended_before_the_introduction(
    market: MarketUnderTest,
) -> None:
    accepted(market)
    withdrawn = ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING)

    events = market.say(withdrawn, by=PARTNER, subject=AMAL)

    assert SUPPLIER not in {event.party for event in events}


@pytest.mark.parametrize(
    "consent",
    [
        introducing("amal", supplier=OTHER_SUPPLIER),
        introducing("amal", fields=("route",)),
        consents("amal"),
    ],
    ids=["to another supplier", "without contact", "to be matched"],
)
def test_a_consent_that_does_not_name_this_supplier_and_contact_introduces_nobody(
    market: MarketUnderTest, consent: Any
) -> None:
    offer = accepted(market)

    events = market.say(consent, by=PARTNER, subject=AMAL)

    assert names(events) == ("ConsentGiven",)
    assert wait_of(market.state.offers[offer]) is Wait.CONSENT


def test_a_standing_consent_introduces_with_the_acceptance(market: MarketUnderTest) -> None:
    offer = offered(market)
    (consent,) = market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    events = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)

    assert names(events) == ("OfferAccepted", "IntroductionMade", "ConfirmationDue")
    made = events[1].data
    assert (made.consent, made.supplier, made.fields) == (consent.id, SUPPLIER, ("contact",))
    assert events[2].data.confirm_by == "2026-01-22T17:00:00.000Z"
    assert (events[1].party, events[2].party) == (PARTNER, SUPPLIER)


def test_a_consent_that_leaves_out_what_it_named_ends_the_introduction(
    market: MarketUnderTest,
) -> None:
    offer = introduced(market)

    events = market.say(introducing("amal", fields=("route",)), by=PARTNER, subject=AMAL)

    assert names(events) == ("ConsentGiven", "OfferWithdrawn", "PositionChanged")
    assert market.state.offers[offer].reason == "consent_withdrawn"
    assert market.recovered() == market.state


def test_an_introduction_ends_when_its_consent_has_its_last_day(market: MarketUnderTest) -> None:
    offer = accepted(market)
    until = consents(
        "amal",
        purpose=Purpose.INTRODUCTION,
        supplier=SUPPLIER,
        fields=("contact",),
        ends_on=date(2026, 1, 20),
    )
    market.say(until, by=PARTNER, subject=AMAL)

    tick(market, "2026-01-20T16:00:00.000Z")
    assert market.state.offers[offer].status == "accepted"
    tick(market, "2026-01-21T00:05:00.000Z")

    assert market.state.offers[offer].reason == "consent_ended"


def test_a_hire_stands_whatever_consent_ends_later(market: MarketUnderTest) -> None:
    offer = introduced(market)
    market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)
    withdrawn = ConsentWithdrawn(resident=AMAL, purpose=Purpose.INTRODUCTION, supplier=SUPPLIER)

    assert names(market.say(withdrawn, by=PARTNER, subject=AMAL)) == ("ConsentWithdrawn",)
    assert market.state.offers[offer].status == "filled"


def test_an_acceptance_without_consent_ends_as_not_introduced_and_gives_the_pair_back_once(
    market: MarketUnderTest,
) -> None:
    offer = accepted(market)
    amal = market.state.residents[AMAL]

    tick(market, "2026-01-19T17:00:00.000Z")
    assert market.state.offers[offer].status == "accepted"
    tick(market, "2026-01-19T17:05:00.000Z")

    assert market.state.offers[offer].reason == "not_introduced"
    assert (amal.placed, amal.given_back, amal.unanswered) == ((), (ROOFER,), 0)


def test_a_pair_is_given_back_once_and_not_for_ever(market: MarketUnderTest) -> None:
    amal = enter(market, "amal", ROOFER)
    events = tick(market, FIRST_ROUND)
    for end in ("2026-01-21T09:05:00.000Z", "2026-01-26T09:05:00.000Z"):
        (made,) = proposals(events)
        delivered(market, made.offer)
        events = tick(market, end)
        assert market.state.offers[made.offer].reason == "not_released"

    tick(market, "2026-01-26T13:05:00.000Z")

    assert not market.state.residents[amal].live
    assert market.state.residents[amal].tried == (ROOFER,)


def test_a_no_takes_an_acceptance_back(market: MarketUnderTest) -> None:
    offer = introduced(market)
    told: InterestGivenSealed = says("amal", no=(ROOFER,))

    assert names(market.say(told, by=PARTNER, subject=AMAL)) == (
        "InterestGivenSealed",
        "OfferWithdrawn",
        "PositionChanged",
    )
    assert market.state.offers[offer].reason == "said_no"


@pytest.mark.parametrize("far", [proposed, offered])
def test_nobody_is_introduced_by_a_consent_before_they_accepted(
    market: MarketUnderTest, far: Any
) -> None:
    offer = far(market)
    status = market.state.offers[offer].status

    events = market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    assert names(events) == ("ConsentGiven",)
    assert market.state.offers[offer].status == status


def test_a_consent_to_another_supplier_introduces_nobody_with_the_acceptance(
    market: MarketUnderTest,
) -> None:
    offer = offered(market)
    market.say(introducing("amal", supplier=OTHER_SUPPLIER), by=PARTNER, subject=AMAL)

    events = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)

    assert names(events) == ("OfferAccepted", "ConsentDue")


# --- what is refused ----------------------------------------------------------------------


def tried(offer: str, day: int) -> ContactTried:
    return ContactTried(offer=offer, tried_on=date(2026, 1, day), means=Means.TELEPHONE)


def explained(offer: str) -> DeclineExplainedSealed:
    return DeclineExplainedSealed(
        resident=AMAL, offer=offer, sealed="AAAA", fingerprint=mark("why", offer)
    )


def test_a_contact_is_tried_on_an_offer_and_on_no_later_day(market: MarketUnderTest) -> None:
    offer = proposed(market)
    about = "/data/offer"

    early = refused(market, tried(offer, 15), by=PARTNER, subject=offer)
    assert early == ("offer_not_released", about, None)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)
    later = refused(market, tried(offer, 16), by=PARTNER, subject=offer)
    assert later == ("tried_later", "/data/tried_on", "2026-01-15")
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    answered = refused(market, tried(offer, 15), by=PARTNER, subject=offer)
    assert answered == ("offer_answered", about, None)


def test_no_contact_after_a_lapse_changes_whose_silence_it_was(market: MarketUnderTest) -> None:
    offer = offered(market)
    tick(market, "2026-01-19T17:05:00.000Z")

    late = refused(market, tried(offer, 19), by=PARTNER, subject=offer)

    assert late == ("offer_lapsed", "/data/offer", "not_reached")


def test_only_a_decline_is_explained_and_nothing_of_it_is_kept(market: MarketUnderTest) -> None:
    offer = offered(market)

    assert refused(market, explained(offer), by=PARTNER, subject=AMAL) == (
        "offer_not_declined",
        "/data/offer",
        "offered",
    )
    unknown = explained("zedford-f-aaaaaaaaaaaaaaaa")
    assert refused(market, unknown, by=PARTNER, subject=AMAL) == (
        "offer_unknown",
        "/data/offer",
        None,
    )
    market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)
    told = market.say(explained(offer), by=PARTNER, subject=AMAL)
    assert names(told) == ("DeclineExplainedSealed",)
    assert market.recovered() == market.state


def test_a_decline_of_somebody_else_is_not_theirs_to_explain(market: MarketUnderTest) -> None:
    offer = offered(market)
    bea = enter(market, "bea")
    market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)
    told = DeclineExplainedSealed(
        resident=bea, offer=offer, sealed="AAAA", fingerprint=mark("why", bea)
    )

    assert refused(market, told, by=PARTNER, subject=bea)[0] == "offer_unknown"


def test_an_interview_lies_between_today_and_the_suppliers_last_day(
    market: MarketUnderTest,
) -> None:
    offer = introduced(market)

    past = InterviewOffered(offer=offer, on=date(2026, 1, 14))
    assert refused(market, past, by=SUPPLIER, subject=offer) == (
        "interview_past",
        "/data/on",
        "2026-01-15",
    )
    late = InterviewOffered(offer=offer, on=date(2026, 1, 23))
    assert refused(market, late, by=SUPPLIER, subject=offer) == (
        "interview_too_late",
        "/data/on",
        "2026-01-22",
    )
    for day in (15, 22):
        told = InterviewOffered(offer=offer, on=date(2026, 1, day))
        assert names(market.say(told, by=SUPPLIER, subject=offer)) == ("InterviewOffered",)


def test_an_interview_is_told_of_after_it_was_held(market: MarketUnderTest) -> None:
    offer = introduced(market)
    held = InterviewHeld(offer=offer, on=date(2026, 1, 16))

    assert refused(market, held, by=SUPPLIER, subject=offer) == (
        "held_later",
        "/data/on",
        "2026-01-15",
    )


@pytest.mark.parametrize("speaker", [SUPPLIER, PARTNER])
def test_either_side_says_that_an_interview_was_held_and_it_counts_once(
    market: MarketUnderTest, speaker: str
) -> None:
    offer = introduced(market)
    tick(market, "2026-01-20T12:00:00.000Z")
    held = InterviewHeld(offer=offer, on=date(2026, 1, 20))
    assert "ConfirmationDue" in names(market.say(held, by=speaker, subject=offer))
    ends = market.state.clocks[f"offer {offer}"]
    assert ends == "2026-01-27T17:00:00.000Z"
    tick(market, "2026-01-22T12:00:00.000Z")
    anew = InterviewHeld(offer=offer, on=date(2026, 1, 22))

    told = market.say(anew, by=SUPPLIER if speaker == PARTNER else PARTNER, subject=offer)

    assert names(told) == ("SubmissionRepeated",)
    assert market.state.clocks[f"offer {offer}"] == ends


def test_who_answered_already_is_interviewed_no_more(market: MarketUnderTest) -> None:
    offer = introduced(market)
    market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)

    for told in (
        InterviewOffered(offer=offer, on=date(2026, 1, 16)),
        InterviewHeld(offer=offer, on=date(2026, 1, 15)),
    ):
        assert refused(market, told, by=SUPPLIER, subject=offer) == (
            "offer_answered",
            "/data/offer",
            None,
        )


def test_a_supplier_whom_nobody_was_introduced_to_can_say_nothing(market: MarketUnderTest) -> None:
    offer = accepted(market)

    for told in (
        HireConfirmed(offer=offer),
        InterviewOffered(offer=offer, on=date(2026, 1, 16)),
        InterviewHeld(offer=offer, on=date(2026, 1, 15)),
    ):
        assert refused(market, told, by=SUPPLIER, subject=offer) == (
            "offer_unknown",
            "/data/offer",
            None,
        )


def test_the_consent_comes_too_late_for_an_acceptance_that_ended(market: MarketUnderTest) -> None:
    offer = accepted(market)
    tick(market, "2026-01-19T17:05:00.000Z")

    events = market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    assert found(events, "IntroductionMade") == []
    assert market.state.offers[offer].status == "withdrawn"
