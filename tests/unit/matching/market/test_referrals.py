"""
Referrals: a yes to a position that no fence reserves, as far as a hire or an end.
"""

from datetime import date
from typing import Any

import pytest

from matching.market.waiting import Wait, wait_of
from schemas.consents import ConsentWithdrawn
from schemas.introductions import ReferralMade
from schemas.opportunities import OpportunityWithdrawn
from schemas.residents import ResidentClosed, ResidentPaused
from schemas.slots import HireConfirmed, HireRejected, RejectionReason
from schemas.vocabulary import OpportunityKind, Purpose
from tests.builders import (
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    enter,
    fenced,
    fits,
    introducing,
    names,
    opportunity,
    pair,
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
    introduced,
    referred,
    refused,
)

AMAL = resident("amal")


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(posted("R-9", positions=1), by=SUPPLIER, subject=PLUMBER)
    return made


def refer(market: MarketUnderTest, opportunity: str = PLUMBER) -> tuple[str, str, str | None]:
    told = ReferralMade(resident=AMAL, opportunity=opportunity)
    return refused(market, told, by=PARTNER, subject=AMAL)


def introduced_by_referral(market: MarketUnderTest, name: str = "amal") -> str:
    enter(market, name, PLUMBER)
    offer = referred(market, name)
    market.say(introducing(name), by=PARTNER, subject=resident(name))
    return offer


def test_a_referral_waits_for_consent_and_then_for_the_supplier_by_the_rules_own_days(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal", PLUMBER)
    offer = referred(market, "amal")
    entry = market.state.offers[offer]

    assert wait_of(entry) is Wait.CONSENT
    assert market.state.clocks[f"offer {offer}"] == "2026-01-20T17:00:00.000Z"
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    assert wait_of(entry) is Wait.CONFIRMATION
    assert (entry.position, entry.group) == (None, None)
    assert market.recovered() == market.state


def test_a_referral_that_nobody_consents_to_ends_and_names_the_partner_s_silence(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal", PLUMBER)
    offer = referred(market, "amal")

    tick(market, "2026-01-20T17:05:00.000Z")

    assert market.state.offers[offer].reason == "not_introduced"
    assert market.state.residents[AMAL].referred == ()
    assert referred(market, "amal") != offer


def test_a_silent_supplier_frees_who_was_referred(market: MarketUnderTest) -> None:
    offer = introduced_by_referral(market)

    tick(market, "2026-01-20T17:05:00.000Z")

    assert market.state.offers[offer].reason == "supplier_silent"
    assert market.state.residents[AMAL].referred == ()
    assert market.recovered() == market.state


def test_a_referral_bars_nobody_from_a_round_and_a_place_there_leaves_it_standing(
    market: MarketUnderTest,
) -> None:
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", ROOFER, PLUMBER)
    referral = referred(market, "amal")

    (made,) = proposals(tick(market, FIRST_ROUND))

    assert made.resident == AMAL
    assert market.state.offers[referral].status == "accepted"


def test_a_hire_anywhere_withdraws_what_else_waits_and_its_supplier_learns_no_reason(
    market: MarketUnderTest,
) -> None:
    market.say(posted("R-8"), by=SUPPLIER, subject=opportunity("R-8"))
    enter(market, "amal", PLUMBER, opportunity("R-8"))
    first, second = referred(market, "amal"), referred(market, "amal", opportunity("R-8"))
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    events = market.say(HireConfirmed(offer=first), by=SUPPLIER, subject=first)

    assert names(events) == ("HireConfirmed", "OfferWithdrawn", "PositionChanged")
    assert market.state.offers[second].reason == "accepted_another"
    assert (events[2].data.state.value, events[2].data.offer) == ("free", second)
    assert market.recovered() == market.state


def test_a_hire_by_referral_bars_from_rounds_and_a_placement_does_not(
    market: MarketUnderTest,
) -> None:
    visit = opportunity("W-1")
    told = posted("W-1", kind=OpportunityKind.WORK_EXPERIENCE, positions=1)
    market.say(told, by=SUPPLIER, subject=visit)
    enter(market, "amal", PLUMBER, visit)
    short, long = referred(market, "amal", visit), referred(market, "amal")
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    market.say(HireConfirmed(offer=short), by=SUPPLIER, subject=short)
    assert market.state.residents[AMAL].placed == ()
    market.say(HireConfirmed(offer=long), by=SUPPLIER, subject=long)
    assert market.state.residents[AMAL].placed == (long,)


def test_a_withdrawn_posting_ends_the_referrals_that_its_supplier_has_not_heard_of(
    market: MarketUnderTest,
) -> None:
    heard = introduced_by_referral(market)
    enter(market, "bea", PLUMBER)
    unheard = referred(market, "bea")

    told = OpportunityWithdrawn(opportunity=PLUMBER, reason="no_longer_needed")
    events = market.say(told, by=SUPPLIER, subject=PLUMBER)

    assert names(events) == ("OpportunityWithdrawn", "OfferWithdrawn")
    assert market.state.offers[unheard].reason == "opportunity_withdrawn"
    assert market.state.offers[heard].status == "accepted"
    assert names(market.say(HireConfirmed(offer=heard), by=SUPPLIER, subject=heard)) == (
        "HireConfirmed",
    )


def test_a_no_and_a_withdrawn_consent_end_a_referral(market: MarketUnderTest) -> None:
    first = introduced_by_referral(market)
    events = market.say(says("amal", no=(PLUMBER,)), by=PARTNER, subject=AMAL)
    assert names(events)[1:] == ("OfferWithdrawn", "PositionChanged")
    assert market.state.offers[first].reason == "said_no"
    market.say(says("amal", PLUMBER), by=PARTNER, subject=AMAL)
    second = referred(market, "amal")
    withdrawn = ConsentWithdrawn(resident=AMAL, purpose=Purpose.INTRODUCTION, supplier=SUPPLIER)

    market.say(withdrawn, by=PARTNER, subject=AMAL)

    assert market.state.offers[second].reason == "consent_withdrawn"


def test_a_rejected_resident_may_be_referred_again(market: MarketUnderTest) -> None:
    offer = introduced_by_referral(market)
    rejected = HireRejected(offer=offer, reason=RejectionReason.DID_NOT_ATTEND)
    assert names(market.say(rejected, by=SUPPLIER, subject=offer)) == ("HireRejected",)

    assert referred(market, "amal") != offer


# --- what is refused ----------------------------------------------------------------------


def test_nobody_is_referred_to_what_is_unknown_or_over(market: MarketUnderTest) -> None:
    field = "/data/opportunity"
    enter(market, "amal", PLUMBER)
    assert refer(market, opportunity("R-404")) == ("opportunity_unknown", field, None)
    tick(market, "2026-02-11T09:00:00.000Z")
    assert refer(market) == ("opportunity_closed", field, None)
    told = OpportunityWithdrawn(opportunity=PLUMBER, reason="no_longer_needed")
    market.say(told, by=SUPPLIER, subject=PLUMBER)
    assert refer(market) == ("opportunity_withdrawn", field, None)


def test_a_reserved_position_is_referred_to_only_after_it_became_public(
    market: MarketUnderTest,
) -> None:
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", ROOFER, rung=None)
    (group,) = market.state.reserved[ROOFER].groups

    assert refer(market, ROOFER) == ("positions_reserved", "/data/opportunity", group.public_at)
    tick(market, "2026-02-04T09:00:00.000Z")
    assert market.state.reserved[ROOFER].groups[0].public
    offer = referred(market, "amal", ROOFER)
    assert market.state.offers[offer].group is None


def test_a_reserved_position_that_is_taken_is_open_to_no_referral_once_public(
    market: MarketUnderTest,
) -> None:
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    hired = introduced(market, "bea")
    market.say(HireConfirmed(offer=hired), by=SUPPLIER, subject=hired)
    tick(market, "2026-02-04T09:00:00.000Z")
    for name in ("amal", "chidi", "dara"):
        enter(market, name, ROOFER, rung=None)
    last = referred(market, "chidi", ROOFER)
    market.say(introducing("chidi"), by=PARTNER, subject=resident("chidi"))

    market.say(HireConfirmed(offer=last), by=SUPPLIER, subject=last)

    assert refer(market, ROOFER) == ("positions_filled", "/data/opportunity", None)


def test_no_more_are_hired_by_referral_than_there_are_positions(market: MarketUnderTest) -> None:
    first, second = (introduced_by_referral(market, name) for name in ("bea", "chidi"))
    market.say(HireConfirmed(offer=first), by=SUPPLIER, subject=first)

    told = HireConfirmed(offer=second)
    assert refused(market, told, by=SUPPLIER, subject=second) == (
        "positions_filled",
        "/data/offer",
        None,
    )
    enter(market, "amal", PLUMBER)
    assert refer(market) == ("positions_filled", "/data/opportunity", None)
    again = market.say(HireConfirmed(offer=first), by=SUPPLIER, subject=first)
    assert names(again) == ("SubmissionRepeated",)


STATES: tuple[tuple[Any, tuple[str, str]], ...] = (
    (ResidentPaused(resident=AMAL, reason="illness"), ("resident_paused", "/data/resident")),
    (ResidentClosed(resident=AMAL, reason="moved"), ("resident_closed", "/data/resident")),
    (
        ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING),
        ("consent_missing", "/data/resident"),
    ),
)


@pytest.mark.parametrize(("told", "answer"), STATES)
def test_nobody_is_referred_who_does_not_take_part(
    market: MarketUnderTest, told: Any, answer: tuple[str, str]
) -> None:
    enter(market, "amal", PLUMBER)
    market.say(told, by=PARTNER, subject=AMAL)

    assert refer(market) == (*answer, None)


@pytest.mark.parametrize("wishes", [says("amal"), says("amal", no=(PLUMBER,))])
def test_nobody_is_referred_without_their_own_yes(market: MarketUnderTest, wishes: Any) -> None:
    enter(market, "amal")
    market.say(wishes, by=PARTNER, subject=AMAL)

    assert refer(market) == ("yes_missing", "/data/resident", None)


def test_a_standing_yes_that_the_position_meets_is_a_yes_until_it_ends(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal")
    market.say(says("amal", until=date(2026, 1, 14)), by=PARTNER, subject=AMAL)
    assert refer(market)[0] == "yes_missing"
    met = fits(AMAL, pair("amal", PLUMBER, standing=True), as_of=market.state.sequence)
    market.say(met, worker="matcher")
    tick(market, "2026-01-15T00:05:00.000Z")
    assert refer(market)[0] == "yes_missing"
    market.say(says("amal", until=date(2026, 3, 1)), by=PARTNER, subject=AMAL)
    again = fits(AMAL, pair("amal", PLUMBER, standing=True), as_of=market.state.sequence)
    market.say(again, worker="matcher")

    assert referred(market, "amal")


def test_nobody_is_referred_twice_at_a_time_nor_once_they_have_a_place(
    market: MarketUnderTest,
) -> None:
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", PLUMBER, ROOFER)
    referred(market, "amal")
    assert refer(market) == ("already_referred", "/data/opportunity", None)
    market.say(says("amal", ROOFER, no=(PLUMBER,)), by=PARTNER, subject=AMAL)
    introduced(market)
    market.say(says("amal", ROOFER, PLUMBER), by=PARTNER, subject=AMAL)

    assert refer(market) == ("resident_placed", "/data/resident", None)


def test_another_partners_resident_is_not_theirs_to_refer(market: MarketUnderTest) -> None:
    enter(market, "amal", PLUMBER)
    told = ReferralMade(resident=AMAL, opportunity=PLUMBER)

    assert refusal_codes(market.say(told, by=OTHER_PARTNER, subject=AMAL)) == ("resident_unknown",)
