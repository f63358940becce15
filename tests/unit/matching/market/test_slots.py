"""
A reserved position's way: proposed, released, offered, answered, introduced, filled.
"""

import pytest

from schemas.slots import (
    HireConfirmed,
    HireRejected,
    HoldReason,
    OfferAccepted,
    OfferDeclined,
    ProposalHeld,
    ProposalReleased,
    RejectionReason,
)
from tests.builders import (
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

ROOFER = opportunity("F-1")

# Posted at noon on Tuesday 13 January: intake ends two days later, and the round of one
# o'clock is held at the first tick two minutes after it.
FIRST_ROUND = "2026-01-15T13:05:00.000Z"


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def released(market: MarketUnderTest, offer: str) -> tuple[str, ...]:
    delivered(market, offer)
    told = names(market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer))
    delivered(market, offer)
    return told


def test_a_position_goes_from_a_round_to_a_confirmed_hire(market: MarketUnderTest) -> None:
    amal = enter(market, "amal", ROOFER)

    assert tick(market, "2026-01-15T12:55:00.000Z")[1:] != ()
    round_ = tick(market, FIRST_ROUND)

    (proposed,) = proposals(round_)
    assert names(round_) == ("Tick", "SeedFixed", "RoundClosed", "SlotProposed")
    assert (proposed.resident, proposed.place, proposed.considered) == (amal, 1, 1)
    offer = proposed.offer
    assert released(market, offer) == ("ProposalReleased", "SlotOffered")
    accepted = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    assert names(accepted) == ("OfferAccepted", "ConsentDue")
    consented = market.say(introducing("amal"), by=PARTNER, subject=amal)
    assert names(consented) == ("ConsentGiven", "IntroductionMade", "ConfirmationDue")
    confirmed = market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)
    assert names(confirmed) == ("HireConfirmed",)
    assert market.state.residents[amal].placed == (offer,)
    assert market.recovered() == market.state


def test_a_declined_position_rolls_on_to_the_next_in_order(market: MarketUnderTest) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    first, second = proposals(tick(market, FIRST_ROUND))
    released(market, first.offer)
    market.say(OfferDeclined(offer=first.offer), by=PARTNER, subject=first.offer)

    assert proposals(tick(market, "2026-01-15T16:00:00.000Z")) == []
    (third,) = proposals(tick(market, "2026-01-16T09:05:00.000Z"))

    assert third.position == first.position
    assert third.resident not in (first.resident, second.resident)


def test_a_held_proposal_is_decided_anew_without_that_person(market: MarketUnderTest) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    first, second = proposals(tick(market, FIRST_ROUND))
    held = ProposalHeld(offer=first.offer, reason=HoldReason.SAFEGUARDING)
    market.say(held, by=PARTNER, subject=first.offer)

    (third,) = proposals(tick(market, "2026-01-15T13:10:00.000Z"))

    assert third.resident not in (first.resident, second.resident)


def test_a_rejected_resident_is_free_and_the_position_too(market: MarketUnderTest) -> None:
    amal = enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    released(market, proposed.offer)
    market.say(OfferAccepted(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    market.say(introducing("amal"), by=PARTNER, subject=amal)
    rejected = HireRejected(offer=proposed.offer, reason=RejectionReason.DID_NOT_ATTEND)

    assert names(market.say(rejected, by=SUPPLIER, subject=proposed.offer)) == ("HireRejected",)
    assert market.state.residents[amal].placed == ()
    assert market.state.reserved[ROOFER].has_free


def test_another_answer_to_a_rejected_offer_is_told_that_it_is_rejected(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    released(market, proposed.offer)
    market.say(OfferAccepted(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    rejected = HireRejected(offer=proposed.offer, reason=RejectionReason.DID_NOT_ATTEND)
    market.say(rejected, by=SUPPLIER, subject=proposed.offer)
    held = ProposalHeld(offer=proposed.offer, reason=HoldReason.DATA_WRONG)

    for answer in (OfferDeclined(offer=proposed.offer), held):
        (refused,) = market.say(answer, by=PARTNER, subject=proposed.offer)

        (problem,) = refused.data.problems
        assert (problem.code, problem.lawful_value) == ("offer_answered", "rejected")


def test_a_supplier_cannot_answer_for_somebody_whom_it_has_not_been_introduced_to(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    released(market, proposed.offer)
    market.say(OfferAccepted(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    rejected = HireRejected(offer=proposed.offer, reason=RejectionReason.DID_NOT_ATTEND)

    for answer in (rejected, HireConfirmed(offer=proposed.offer)):
        told = market.say(answer, by=SUPPLIER, subject=proposed.offer)
        assert refusal_codes(told) == ("offer_unknown",)
    assert market.state.offers[proposed.offer].status == "accepted"


def test_what_nobody_releases_or_answers_ends_by_itself_each_from_its_delivery(
    market: MarketUnderTest,
) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    first, second = proposals(tick(market, FIRST_ROUND))
    delivered(market, first.offer)
    released(market, second.offer)

    ended = tick(market, "2026-01-23T12:00:00.000Z")

    assert {
        event.data.offer: (event.name, event.data.reason.value)
        for event in ended
        if event.name in ("OfferWithdrawn", "OfferLapsed")
    } == {
        first.offer: ("OfferWithdrawn", "not_released"),
        second.offer: ("OfferLapsed", "not_reached"),
    }
    assert market.recovered() == market.state


def test_what_never_reached_its_partner_ends_first_and_takes_nothing_from_the_resident(
    market: MarketUnderTest,
) -> None:
    amal = enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, proposed.offer)
    market.say(ProposalReleased(offer=proposed.offer), by=PARTNER, subject=proposed.offer)

    tick(market, "2026-01-16T17:05:00.000Z")

    entry = market.state.residents[amal]
    assert market.state.offers[proposed.offer].reason == "not_delivered"
    assert (entry.unanswered, entry.given_back) == (0, ())
    assert market.recovered() == market.state
