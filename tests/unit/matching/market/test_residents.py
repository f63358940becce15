"""
Residents in a market: versions, consents, readiness, questions, and leaving.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from matching.market.record import Happened
from schemas.consents import ConsentWithdrawn
from schemas.facts import FactGivenSealed
from schemas.interests import InterestGivenSealed
from schemas.opportunities import OpportunityWithdrawn
from schemas.parties import KeyDestroyed
from schemas.readiness import ReadinessChanged
from schemas.residents import (
    Consent,
    ResidentClosed,
    ResidentErased,
    ResidentPaused,
    ResidentResumed,
)
from schemas.rules import Policy
from schemas.vocabulary import Answer, Clock, Purpose
from tests.builders import (
    PARTNER,
    SUPPLIER,
    TODAY,
    MarketUnderTest,
    consents,
    fits,
    names,
    opportunity,
    pair,
    posted,
    refusal_codes,
    registered,
    resident,
    tick,
    updated,
    zedford,
)

AMAL = resident("amal")
ROOFER = opportunity("R-1")


@pytest.fixture
def market() -> MarketUnderTest:
    """
    A market with one opportunity and Amal, who consents to be matched.
    """
    made = zedford()
    made.say(posted(), by=SUPPLIER, subject=ROOFER)
    made.say(registered("amal"), by=PARTNER, subject=AMAL)
    return made


def readiness(ready: bool) -> ReadinessChanged:
    return ReadinessChanged(
        resident=AMAL,
        ready=ready,
        evidence="interview",
        assessor_role="coordinator",
        assessed_on=date(2025, 6, 1),
    )


def wish(**changes: Any) -> InterestGivenSealed:
    made = InterestGivenSealed(resident=AMAL, sealed="AAAA", fingerprint="1" * 64)
    return replace(made, **changes)


def test_consent_given_with_the_registration_is_an_event_of_its_own() -> None:
    events = zedford().say(registered("bea"), by=PARTNER, subject=resident("bea"))

    assert names(events) == ("ResidentRegisteredSealed", "ConsentGiven")


def test_without_consent_a_resident_is_kept_and_not_matched() -> None:
    market = zedford()
    events = market.say(registered("bea", consent=False), by=PARTNER, subject=resident("bea"))

    assert names(events) == ("ResidentRegisteredSealed",)
    assert not market.state.residents[resident("bea")].matched


def test_an_update_names_the_version_that_it_replaces(market: MarketUnderTest) -> None:
    first = market.say(updated("amal", of_version=1), by=PARTNER, subject=AMAL)
    stale = market.say(updated("amal", of_version=1, said="later"), by=PARTNER, subject=AMAL)

    assert names(first) == ("ResidentUpdatedSealed",)
    assert refusal_codes(stale) == ("version_conflict",)


def test_weeks_ready_count_from_the_logs_time_and_not_from_the_date_claimed(
    market: MarketUnderTest,
) -> None:
    market.say(readiness(True), by=PARTNER, subject=AMAL)

    assert market.state.residents[AMAL].ready_since == market.state.now


def test_the_same_readiness_again_restarts_nothing(market: MarketUnderTest) -> None:
    market.say(readiness(True), by=PARTNER, subject=AMAL)
    since = market.state.residents[AMAL].ready_since
    tick(market, "2026-02-01T09:00:00.000Z")

    market.say(readiness(True), by=PARTNER, subject=AMAL)

    assert market.state.residents[AMAL].ready_since == since


def test_an_assessment_cannot_lie_in_the_future(market: MarketUnderTest) -> None:
    tomorrow = replace(readiness(True), assessed_on=date(2026, 1, 14))

    assert refusal_codes(market.say(tomorrow, by=PARTNER, subject=AMAL)) == ("assessed_later",)


def test_consent_withdrawn_takes_effect_in_its_own_record(market: MarketUnderTest) -> None:
    market.say(fits(ROOFER, pair("amal", ROOFER), as_of=5), worker="matcher")
    assert AMAL in market.state.fits

    market.say(ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING), by=PARTNER, subject=AMAL)

    assert AMAL not in market.state.fits
    assert not market.state.residents[AMAL].matched


def test_a_consent_that_was_never_given_cannot_be_withdrawn(market: MarketUnderTest) -> None:
    withdrawn = ConsentWithdrawn(resident=AMAL, purpose=Purpose.INTRODUCTION, supplier=SUPPLIER)

    assert refusal_codes(market.say(withdrawn, by=PARTNER, subject=AMAL)) == ("consent_missing",)


def test_a_consent_ends_with_its_last_day(market: MarketUnderTest) -> None:
    market.say(consents("amal", ends_on=date(2026, 1, 20)), by=PARTNER, subject=AMAL)

    tick(market, "2026-01-20T12:00:00.000Z")
    on_the_day = market.state.residents[AMAL].matched
    tick(market, "2026-01-21T12:00:00.000Z")

    assert on_the_day
    assert not market.state.residents[AMAL].matched


def test_a_consent_cannot_be_given_in_the_future(market: MarketUnderTest) -> None:
    tomorrow = consents("amal", given_on=date(2026, 1, 14))

    events = market.say(tomorrow, by=PARTNER, subject=AMAL)

    assert refusal_codes(events) == ("given_later",)


def given_after_midnight(market: MarketUnderTest) -> tuple[Happened, ...]:
    consent = consents("amal", given_on=date(2026, 1, 14))
    given = market.saying(consent, by=PARTNER, subject=AMAL)
    return market.hear(replace(given, appended_at="2026-01-14T00:02:00.000Z")) or ()


def test_a_day_that_no_tick_has_told_of_yet_is_today_all_the_same() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(registered("amal"), by=PARTNER, subject=AMAL)

    assert names(given_after_midnight(market)) == ("ConsentGiven",)
    assert market.recovered() == market.state


def test_a_simulated_day_is_its_operators_alone(market: MarketUnderTest) -> None:
    assert refusal_codes(given_after_midnight(market)) == ("given_later",)


def test_a_paused_resident_is_out_of_the_index_until_resumed(market: MarketUnderTest) -> None:
    market.say(fits(ROOFER, pair("amal", ROOFER), as_of=5), worker="matcher")

    market.say(ResidentPaused(resident=AMAL, reason="away"), by=PARTNER, subject=AMAL)
    paused = market.state.residents[AMAL].matched, AMAL in market.state.fits
    market.say(ResidentResumed(resident=AMAL), by=PARTNER, subject=AMAL)

    assert paused == (False, False)
    assert market.state.residents[AMAL].matched


def test_a_closed_resident_takes_no_more_answers(market: MarketUnderTest) -> None:
    market.say(ResidentClosed(resident=AMAL, reason="moved"), by=PARTNER, subject=AMAL)

    for late in (consents("amal"), readiness(True), updated("amal", of_version=1)):
        events = market.say(late, by=PARTNER, subject=AMAL)
        assert refusal_codes(events) == ("resident_closed",)


def test_erasure_empties_what_is_held_and_the_destroyed_key_is_noted_once(
    market: MarketUnderTest,
) -> None:
    market.say(fits(ROOFER, pair("amal", ROOFER), as_of=5), worker="matcher")
    gone = KeyDestroyed(resident=AMAL, reason="erased")

    market.say(ResidentErased(resident=AMAL), by=PARTNER, subject=AMAL)
    first, second = market.say(gone, worker="notifier"), market.say(gone, worker="notifier")

    entry = market.state.residents[AMAL]
    assert (entry.status, entry.matching, entry.yes) == ("erased", None, ())
    assert AMAL not in market.state.fits
    assert (names(first), second) == (("KeyDestroyed",), ())
    again = market.say(registered("amal"), by=PARTNER, subject=AMAL)
    assert refusal_codes(again) == ("recently_erased",)


def test_an_old_submission_about_an_erased_resident_is_not_answered_again() -> None:
    market = zedford()
    market.say(registered("amal"), by=PARTNER, subject=AMAL, id="mine-1")
    market.say(ResidentErased(resident=AMAL), by=PARTNER, subject=AMAL)

    again = market.say(registered("amal"), by=PARTNER, subject=AMAL, id="mine-1")

    assert refusal_codes(again) == ("recently_erased",)


def test_a_key_is_not_destroyed_for_somebody_who_was_not_erased(market: MarketUnderTest) -> None:
    assert market.say(KeyDestroyed(resident=AMAL, reason="erased"), worker="notifier") == ()


def test_a_yes_names_an_opportunity_that_is_there(market: MarketUnderTest) -> None:
    market.say(OpportunityWithdrawn(opportunity=ROOFER, reason="x"), by=SUPPLIER, subject=ROOFER)
    wish = InterestGivenSealed(
        resident=AMAL, yes=(ROOFER, opportunity("R-7")), sealed="AAAA", fingerprint="1" * 64
    )

    events = market.say(wish, by=PARTNER, subject=AMAL)

    assert refusal_codes(events) == ("opportunity_withdrawn", "opportunity_unknown")


def test_nobody_says_yes_to_what_has_closed_but_may_still_say_no(market: MarketUnderTest) -> None:
    tick(market, "2026-02-11T09:00:00.000Z")

    late = market.say(wish(yes=(ROOFER,)), by=PARTNER, subject=AMAL)
    no = market.say(wish(no=(ROOFER,)), by=PARTNER, subject=AMAL)

    assert refusal_codes(late) == ("opportunity_closed",)
    assert names(no) == ("InterestGivenSealed",)


# --- a yes given beforehand ------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "code", "lawful"),
    [
        (date(2026, 1, 12), "standing_past", "2026-01-13"),
        (date(2026, 7, 16), "standing_too_long", "2026-07-15"),
        (date(2199, 12, 31), "standing_too_long", "2026-07-15"),
    ],
)
def test_a_standing_yes_holds_from_today_and_for_six_months_at_most(
    until: date, code: str, lawful: str, market: MarketUnderTest
) -> None:
    (refusal,) = market.say(wish(until=until), by=PARTNER, subject=AMAL)

    (problem,) = refusal.data.problems
    assert (problem.code, problem.field, problem.lawful_value) == (code, "/data/until", lawful)
    assert market.state.residents[AMAL].standing_until is None


@pytest.mark.parametrize("until", [TODAY, date(2026, 7, 15), None])
def test_a_standing_yes_of_lawful_length_is_taken(
    until: date | None, market: MarketUnderTest
) -> None:
    market.say(wish(until=until), by=PARTNER, subject=AMAL)

    assert market.state.residents[AMAL].standing_until == (str(until) if until else None)


def test_how_long_a_standing_yes_holds_is_the_policys_to_say(market: MarketUnderTest) -> None:
    assert market.state.rules is not None
    market.state.rules = replace(market.state.rules, policy=Policy(standing_days=30))

    month = market.say(wish(until=date(2026, 2, 12)), by=PARTNER, subject=AMAL)
    longer = market.say(wish(until=date(2026, 2, 13)), by=PARTNER, subject=AMAL)

    assert (names(month), refusal_codes(longer)) == (
        ("InterestGivenSealed",),
        ("standing_too_long",),
    )


def test_a_standing_yes_is_renewed_by_saying_it_again(market: MarketUnderTest) -> None:
    market.say(wish(until=date(2026, 7, 15)), by=PARTNER, subject=AMAL)
    tick(market, "2026-06-01T09:00:00.000Z")

    market.say(wish(until=date(2026, 12, 1)), by=PARTNER, subject=AMAL)

    assert market.state.residents[AMAL].standing_until == "2026-12-01"


# --- questions -------------------------------------------------------------------------


def ask(market: MarketUnderTest, *codes: str, as_of: int) -> tuple[str, ...]:
    unknown = pair("amal", ROOFER, eligible=Answer.UNKNOWN, unknown=codes)
    events = market.say(fits(ROOFER, unknown, as_of=as_of), worker="matcher")
    return tuple(event.data.fact for event in events if event.name == "FactAsked")


def test_each_fact_is_asked_once(market: MarketUnderTest) -> None:
    assert ask(market, "right_to_work", as_of=5) == ("right_to_work",)
    assert ask(market, "right_to_work", as_of=6) == ()


def test_at_most_three_questions_are_open_at_once(market: MarketUnderTest) -> None:
    codes = ("right_to_work", "cscs_card", "driving_licence", "first_aid")
    assert ask(market, *codes, as_of=5) == codes[:3]

    asked = market.state.residents[AMAL].asked["cscs_card"]
    given = FactGivenSealed(
        resident=AMAL,
        evidence="card_seen",
        assessor_role="coordinator",
        assessed_on=TODAY,
        asked=asked,
        sealed="AAAA",
        fingerprint="5" * 64,
    )
    market.say(given, by=PARTNER, subject=AMAL)

    assert ask(market, *codes, as_of=6) == ("first_aid",)


def test_a_new_profile_makes_room_for_new_questions(market: MarketUnderTest) -> None:
    codes = ("right_to_work", "cscs_card", "driving_licence")
    ask(market, *codes, as_of=5)
    market.say(updated("amal", of_version=1), by=PARTNER, subject=AMAL)
    unknown = pair(
        "amal",
        ROOFER,
        resident_version=2,
        eligible=Answer.UNKNOWN,
        unknown=("first_aid", "right_to_work"),
    )

    events = market.say(fits(ROOFER, unknown, as_of=9), worker="matcher")

    assert [event.data.fact for event in events if event.name == "FactAsked"] == ["first_aid"]


def test_an_answer_names_a_question_that_was_asked(market: MarketUnderTest) -> None:
    given = FactGivenSealed(
        resident=AMAL,
        evidence="card_seen",
        assessor_role="coordinator",
        assessed_on=TODAY,
        asked="zedford-99-1",
        sealed="AAAA",
        fingerprint="5" * 64,
    )

    assert refusal_codes(market.say(given, by=PARTNER, subject=AMAL)) == ("fact_not_asked",)


def test_a_registration_with_a_consent_that_has_ended_is_refused() -> None:
    market = zedford()
    over = Consent(
        purpose=Purpose.MATCHING,
        notice_version=1,
        given_on=date(2025, 1, 12),
        ends_on=date(2026, 1, 12),
    )

    events = market.say(
        replace(registered("bea"), consent=over), by=PARTNER, subject=resident("bea")
    )

    assert refusal_codes(events) == ("consent_ended",)
    assert resident("bea") not in market.state.residents


def test_a_registration_consents_to_no_supplier_that_nobody_knows() -> None:
    stranger = Consent(
        purpose=Purpose.INTRODUCTION,
        supplier="unheard-of",
        fields=("skills",),
        notice_version=1,
        given_on=TODAY,
    )

    events = zedford().say(
        replace(registered("bea"), consent=stranger), by=PARTNER, subject=resident("bea")
    )

    assert refusal_codes(events) == ("supplier_unknown",)


def test_whoever_was_closed_is_not_told_to_be_registered_still(market: MarketUnderTest) -> None:
    market.say(ResidentClosed(resident=AMAL, reason="moved_away"), by=PARTNER, subject=AMAL)

    again = market.say(registered("amal"), by=PARTNER, subject=AMAL)

    assert refusal_codes(again) == ("resident_closed",)
