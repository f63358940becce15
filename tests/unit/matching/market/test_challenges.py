"""
Challenges: raised once, decided by somebody outside, and what an upheld one is worth.
"""

from dataclasses import replace
from datetime import date

import pytest

from matching.market.waiting import Wait, pending
from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.contracts import ContractAgreed
from schemas.envelope import contract_id
from schemas.introductions import ContactTried, Means
from schemas.residents import ResidentClosed, ResidentErased
from schemas.slots import HireConfirmed, OfferAccepted, OfferDeclined, SlotProposed
from schemas.vocabulary import OpportunityKind, Role
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OTHER_PARTNER,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    contract,
    delivered,
    enter,
    fenced,
    market_of,
    names,
    opportunity,
    party,
    posted,
    proposals,
    register_market,
    resident,
    tick,
    with_contract,
    zedford,
)
from tests.unit.matching.market.waiting_story import (
    FIRST_ROUND,
    PLUMBER,
    ROOFER,
    accepted,
    decided_once,
    found,
    introduced,
    offered,
    proposed,
    refused,
    released,
    wishes,
)

AMAL = resident("amal")
LATE = opportunity("F-2")
NEXT_ROUND = "2026-01-16T09:05:00.000Z"
# Posted on Thursday 15 January at 13:05: intake ends two days later, on a Saturday.
SECOND_ROUND = "2026-01-19T09:05:00.000Z"


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def contested(opportunity: str = ROOFER) -> ChallengeRaised:
    return ChallengeRaised(resident=AMAL, opportunity=opportunity, ground=Ground.NOT_ASKED)


def raised(market: MarketUnderTest, *, by: str = PARTNER) -> str:
    decided_once(market)
    events = market.say(contested(), by=by, subject=AMAL)
    assert names(events) == ("ChallengeRaised", "DecisionDue")
    named: str = events[1].data.challenge
    return named


def decided(challenge: str, *, upheld: bool = True) -> ChallengeDecided:
    finding = Finding.FACTS_WERE_WRONG if upheld else Finding.RULE_WAS_APPLIED
    return ChallengeDecided(challenge=challenge, upheld=upheld, finding=finding)


def upheld(market: MarketUnderTest) -> str:
    challenge = raised(market)
    market.say(decided(challenge), by=OWNER, subject=challenge)
    return challenge


def test_a_challenge_has_a_decider_outside_days_of_the_contract_and_an_end(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal")
    decided_once(market)
    (_, due) = market.say(contested(), by=PARTNER, subject=AMAL)

    assert (due.party, due.data.decider, due.data.contract) == (OWNER, OWNER, CONTRACT)
    assert due.data.decide_by == "2026-01-29T17:00:00.000Z"
    (waits,) = [each for each in pending(market.state) if each.wait is Wait.DECISION]
    assert (waits.on, waits.about) == (OWNER, due.data.challenge)


def test_a_dismissed_challenge_puts_nobody_first(market: MarketUnderTest) -> None:
    enter(market, "amal")
    challenge = raised(market)

    events = market.say(decided(challenge, upheld=False), by=OWNER, subject=challenge)

    assert names(events) == ("ChallengeDecided",)
    assert market.state.residents[AMAL].remedies == ()
    assert not [key for key in market.state.clocks if challenge in key]
    assert market.recovered() == market.state


def test_a_decision_is_reminded_of_once_and_not_after_it_was_made(market: MarketUnderTest) -> None:
    enter(market, "amal")
    enter(market, "bea")
    challenge = raised(market)
    told = replace(contested(), resident=resident("bea"))
    other = market.say(told, by=PARTNER, subject=resident("bea"))[1].data.challenge
    market.say(decided(other), by=OWNER, subject=other)

    events = tick(market, "2026-01-22T09:05:00.000Z")

    (reminder,) = found(events, "ReminderGiven")
    assert (reminder.about, reminder.party, reminder.waiting) == (challenge, OWNER, "decision")
    assert found(tick(market, "2026-01-23T09:05:00.000Z"), "ReminderGiven") == []


# --- the remedy ---------------------------------------------------------------------------


def after_a_round_for(market: MarketUnderTest, **posting: object) -> list[SlotProposed]:
    """
    Four ready people want one place; Amal, contested and upheld, is the newest of them.
    """
    tick(market, FIRST_ROUND)
    market.say(fenced("F-2", **posting), by=SUPPLIER, subject=LATE)
    for name in ("bea", "chidi", "dara"):
        enter(market, name, LATE)
    tick(market, "2026-01-16T16:00:00.000Z")
    enter(market, "amal", LATE)
    upheld(market)
    return proposals(tick(market, SECOND_ROUND))


def test_who_was_upheld_comes_first_at_the_next_position_of_the_kind(
    market: MarketUnderTest,
) -> None:
    first, second = sorted(after_a_round_for(market), key=lambda each: each.place)

    assert (first.resident, first.place, first.remedied) == (AMAL, 1, True)
    assert (second.place, second.remedied) == (2, False)
    assert market.recovered() == market.state


@pytest.mark.parametrize(
    ("minutes", "first"), [(2250 + 240, True), (2250 - 240, True), (2009, False)]
)
def test_a_position_is_of_the_same_hours_within_four_hours_a_week(
    market: MarketUnderTest, minutes: int, first: bool
) -> None:
    made = after_a_round_for(market, minutes_a_week=minutes)

    assert any(each.remedied for each in made) is first
    assert [each.resident for each in made if each.remedied] == [AMAL] * first


def test_a_position_of_another_kind_is_no_remedy(market: MarketUnderTest) -> None:
    made = after_a_round_for(market, kind=OpportunityKind.WORK_EXPERIENCE)

    assert [each.remedied for each in made] == [False, False]
    assert len(market.state.residents[AMAL].remedies) == 1


def with_remedy(market: MarketUnderTest) -> str:
    """
    A proposal of the roofer's place to Amal, who had a challenge about it upheld before.
    """
    enter(market, "amal")
    upheld(market)
    wishes(market, "amal", ROOFER)
    (made,) = proposals(tick(market, NEXT_ROUND))
    assert made.remedied
    delivered(market, made.offer)
    return made.offer


def remedies(market: MarketUnderTest) -> int:
    return len(market.state.residents[AMAL].remedies)


@pytest.mark.parametrize("answer", [OfferAccepted, OfferDeclined])
def test_a_remedy_is_spent_by_an_answer(market: MarketUnderTest, answer: type) -> None:
    offer = released(market, with_remedy(market))
    assert remedies(market) == 1

    market.say(answer(offer=offer), by=PARTNER, subject=offer)

    assert remedies(market) == 0
    assert market.recovered() == market.state


def test_a_remedy_is_spent_by_the_residents_own_silence(market: MarketUnderTest) -> None:
    offer = released(market, with_remedy(market))
    told = ContactTried(offer=offer, tried_on=date(2026, 1, 16), means=Means.VISIT)
    market.say(told, by=PARTNER, subject=offer)

    tick(market, "2026-01-20T17:05:00.000Z")

    assert market.state.offers[offer].reason == "no_answer"
    assert remedies(market) == 0


def test_a_remedy_outlasts_the_silence_of_everybody_else(market: MarketUnderTest) -> None:
    offer = with_remedy(market)

    (again,) = proposals(tick(market, "2026-01-20T17:05:00.000Z"))
    assert (market.state.offers[offer].reason, remedies(market)) == ("not_released", 1)
    assert again.remedied
    delivered(market, again.offer)
    released(market, again.offer)
    tick(market, "2026-01-22T17:05:00.000Z")

    assert (market.state.offers[again.offer].reason, remedies(market)) == ("not_reached", 1)


def test_a_remedy_about_one_kind_is_not_spent_at_another(market: MarketUnderTest) -> None:
    visit = fenced("F-2", kind=OpportunityKind.WORK_EXPERIENCE)
    market.say(visit, by=SUPPLIER, subject=LATE)
    enter(market, "amal")
    upheld(market)
    wishes(market, "amal", LATE)
    (made,) = proposals(tick(market, NEXT_ROUND))
    delivered(market, made.offer)
    released(market, made.offer)

    market.say(OfferDeclined(offer=made.offer), by=PARTNER, subject=made.offer)

    assert remedies(market) == 1


# --- what is refused ----------------------------------------------------------------------


def test_only_a_reserved_posting_is_contested_and_by_nobody_who_left(
    market: MarketUnderTest,
) -> None:
    market.say(posted("R-9"), by=SUPPLIER, subject=PLUMBER)
    enter(market, "amal", PLUMBER)
    about = "/data/opportunity"

    for unknown in (PLUMBER, opportunity("F-404")):
        answer = refused(market, contested(unknown), by=PARTNER, subject=AMAL)
        assert answer == ("opportunity_unknown", about, None)
    market.say(ResidentClosed(resident=AMAL, reason="moved"), by=PARTNER, subject=AMAL)
    assert refused(market, contested(), by=PARTNER, subject=AMAL) == (
        "resident_closed",
        "/data/resident",
        None,
    )


def test_nothing_is_contested_before_anything_was_decided(market: MarketUnderTest) -> None:
    enter(market, "amal")

    answer = refused(market, contested(), by=PARTNER, subject=AMAL)

    until = market.state.reserved[ROOFER].until
    assert answer == ("nothing_decided_yet", "/data/opportunity", until)
    decided_once(market)
    assert names(market.say(contested(), by=PARTNER, subject=AMAL))[0] == "ChallengeRaised"


@pytest.mark.parametrize("far", [proposed, offered, accepted, introduced])
def test_nobody_contests_what_they_have(market: MarketUnderTest, far: object) -> None:
    assert callable(far)
    offer = far(market)
    nothing = ("nothing_to_challenge", "/data/opportunity", None)

    assert refused(market, contested(), by=PARTNER, subject=AMAL) == nothing
    if market.state.offers[offer].is_introduced:
        market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)
        assert refused(market, contested(), by=PARTNER, subject=AMAL) == nothing


def test_what_is_contested_once_is_not_contested_again(market: MarketUnderTest) -> None:
    enter(market, "amal")
    challenge = raised(market)
    about = "/data/opportunity"

    for speaker in (PARTNER, OWNER):
        answer = refused(market, contested(), by=speaker, subject=AMAL)
        assert answer == ("challenge_open", about, challenge)
    market.say(decided(challenge, upheld=False), by=OWNER, subject=challenge)
    answer = refused(market, contested(), by=PARTNER, subject=AMAL)
    assert answer == ("challenge_closed", about, challenge)


def test_a_decision_stands_and_is_a_repeat_when_it_is_said_again(market: MarketUnderTest) -> None:
    enter(market, "amal")
    challenge = upheld(market)

    again = market.say(decided(challenge), by=OWNER, subject=challenge)

    assert names(again) == ("SubmissionRepeated",)
    other = decided(challenge, upheld=False)
    assert refused(market, other, by=OWNER, subject=challenge) == (
        "challenge_closed",
        "/data/challenge",
        "upheld",
    )
    assert remedies(market) == 1


def test_no_decision_after_the_last_day_turns_what_counts_as_upheld(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal")
    challenge = raised(market)
    tick(market, "2026-01-29T17:05:00.000Z")

    late = refused(market, decided(challenge, upheld=False), by=OWNER, subject=challenge)

    assert late == ("challenge_closed", "/data/challenge", "unanswered")
    assert remedies(market) == 1


def test_nobody_decides_but_the_decider_and_never_the_residents_own_partner(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal")
    challenge = raised(market)
    about = "/data/challenge"

    answer = refused(market, decided(challenge), by=OPERATOR, subject=challenge)
    assert answer == ("challenge_unknown", about, None)
    unknown = decided("zedford-1-1")
    answer = refused(market, unknown, by=OWNER, subject="zedford-1-1")
    assert answer == ("challenge_unknown", about, None)


def test_an_owner_who_is_the_residents_partner_leaves_the_decision_to_the_operator() -> None:
    register = register_market()
    register.say(party(OWNER, Role.OWNER, Role.PARTNER), by=OPERATOR, subject=OWNER)
    market = market_of(with_contract(register))
    tick(market, "2026-01-13T12:05:00.000Z")
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", partner=OWNER)
    challenge = raised(market, by=OWNER)

    assert refused(market, decided(challenge, upheld=False), by=OWNER, subject=challenge) == (
        "challenge_own_partner",
        "/data/challenge",
        None,
    )
    decision = market.say(decided(challenge, upheld=False), by=OPERATOR, subject=challenge)
    assert names(decision) == ("ChallengeDecided",)


def test_an_owner_who_supplies_the_position_decides_nothing_about_it() -> None:
    register = register_market()
    register.say(party(SUPPLIER, Role.OWNER, Role.SUPPLIER), by=OPERATOR, subject=SUPPLIER)
    own = contract_id(owner=SUPPLIER, reference="CO-1")
    register.say(contract(), by=SUPPLIER, subject=own)
    register.say(ContractAgreed(contract_id=own, version=1), by=SUPPLIER, subject=own)
    market = market_of(register)
    tick(market, "2026-01-13T12:05:00.000Z")
    market.say(fenced(contract=own), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal")
    # The owner can be asked to contest, so the operator, who would decide, cannot.
    instead = refused(market, contested(), by=OPERATOR, subject=AMAL)

    challenge = raised(market)

    assert market.state.challenges[challenge].decider == OPERATOR
    assert instead[0] == "opportunity_unknown"


def test_where_nobody_outside_can_decide_a_challenge_is_refused() -> None:
    register = register_market()
    every = (Role.OPERATOR, Role.OWNER, Role.PARTNER)
    register.say(party(OPERATOR, *every), by=OPERATOR, subject=OPERATOR)
    own = contract_id(owner=OPERATOR, reference="CO-1")
    register.say(contract(), by=OPERATOR, subject=own)
    register.say(ContractAgreed(contract_id=own, version=1), by=SUPPLIER, subject=own)
    market = market_of(register)
    tick(market, "2026-01-13T12:05:00.000Z")
    market.say(fenced(contract=own), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", partner=OPERATOR)
    decided_once(market)

    assert refused(market, contested(), by=OPERATOR, subject=AMAL) == (
        "nobody_to_decide",
        "/data/opportunity",
        None,
    )


def test_another_partner_contests_nothing_of_a_resident(market: MarketUnderTest) -> None:
    enter(market, "amal")

    assert refused(market, contested(), by=OTHER_PARTNER, subject=AMAL)[0] == "resident_unknown"


def test_what_nobody_decided_of_somebody_erased_is_forgotten(market: MarketUnderTest) -> None:
    enter(market, "amal")
    challenge = raised(market)
    market.say(ResidentErased(resident=AMAL), by=PARTNER, subject=AMAL)

    later = tick(market, "2026-02-10T17:05:00.000Z")

    assert not {"ChallengeUnanswered", "RemedyGranted", "ReminderGiven"} & set(names(later))
    told = refused(market, decided(challenge), by=OWNER, subject=challenge)
    assert told == ("challenge_unknown", "/data/challenge", None)
    assert market.recovered() == market.state
