"""
Why somebody was proposed or was not: one reason, and it is true.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.consents import ConsentWithdrawn
from schemas.contracts import Clause, ContractAgreed, MinimumFit, RingFence
from schemas.introductions import ReferralMade
from schemas.slots import (
    FitOverridden,
    HireConfirmed,
    OfferAccepted,
    OfferDeclined,
    Outcome,
    OverrideReason,
    ProposalReleased,
    RoundClosed,
)
from schemas.vocabulary import Answer, Clock, Purpose
from services.transport.explaining import Account, DoesNotFollow, accounted, state_at_end
from services.wording.outcomes import OUTCOMES, figures
from tests.builders import (
    CONTRACT,
    OWNER,
    PARTNER,
    SUPPLIER,
    consents,
    contract,
    delivered,
    enter,
    fence,
    fenced,
    fits,
    introducing,
    market_of,
    names,
    opportunity,
    pair,
    pledge,
    posted,
    proposals,
    readiness,
    register_market,
    registered,
    resident,
    rule_codes,
    says,
    tick,
    zedford,
)
from tests.exports import ChainedMarket, chained, log_of

ROOFER, TILER = opportunity("F-1"), opportunity("F-2")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
SECOND_ROUND = "2026-01-16T09:05:00.000Z"


@pytest.fixture
def market() -> ChainedMarket:
    made = chained(zedford())
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def told(market: ChainedMarket, name: str, of: str = ROOFER) -> Account:
    return accounted(market.records, resident=resident(name), opportunity=of)


def latest(market: ChainedMarket, name: str, of: str = ROOFER) -> Outcome:
    explanation = told(market, name, of).rounds[-1].explanation
    assert explanation is not None
    return explanation.outcome


def test_whoever_is_proposed_is_told_so_with_their_place(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)

    (only,) = told(market, "amal").rounds

    assert only.explanation is not None
    assert only.explanation.outcome is Outcome.PROPOSED
    assert (only.explanation.place, only.explanation.considered) == (1, 1)
    assert only.differs == ()


def test_of_three_for_two_positions_the_last_in_order_was_outranked(
    market: ChainedMarket,
) -> None:
    people = ("amal", "bea", "chidi")
    for name in people:
        enter(market, name, ROOFER)
    placed = {each.resident for each in proposals(tick(market, FIRST_ROUND))}
    (left_out,) = [name for name in people if resident(name) not in placed]

    found = told(market, left_out).rounds[-1].explanation

    assert found is not None
    assert found.outcome is Outcome.OUTRANKED
    assert (found.place, found.considered, found.last_place, found.free) == (3, 3, 2, 2)
    words = " ".join(figures(found))
    assert "number 3 of 3" in words
    assert "the last to be proposed one is number 2" in words


def test_nobody_else_is_in_what_is_told(market: ChainedMarket) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    round_ = tick(market, FIRST_ROUND)
    account = told(market, "amal")

    words = " ".join(
        text
        for each in account.rounds
        if each.explanation
        for text in (repr(each.explanation), *figures(each.explanation))
    )

    for each in proposals(round_):
        assert each.ticket not in words
        assert each.resident not in words
    assert resident("chidi") not in words


def test_a_yes_that_is_missing_is_the_reason_before_anything_of_the_fit(
    market: ChainedMarket,
) -> None:
    enter(market, "amal", ROOFER)
    enter(market, "bea")
    tick(market, FIRST_ROUND)

    assert latest(market, "bea") is Outcome.NOT_ASKED


def test_whoever_says_no_is_told_that(market: ChainedMarket) -> None:
    enter(market, "amal")
    market.say(says("amal", no=(ROOFER,)), by=PARTNER, subject=resident("amal"))
    tick(market, FIRST_ROUND)

    assert latest(market, "amal") is Outcome.SAID_NO


def test_whoever_is_not_ready_is_told_that(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER, ready=False)
    tick(market, FIRST_ROUND)

    assert latest(market, "amal") is Outcome.NOT_READY


def test_a_consent_that_was_withdrawn_takes_part_in_nothing(market: ChainedMarket) -> None:
    amal = enter(market, "amal", ROOFER)
    market.say(
        ConsentWithdrawn(resident=amal, purpose=Purpose.MATCHING),
        by=PARTNER,
        subject=amal,
    )
    tick(market, FIRST_ROUND)

    assert latest(market, "amal") is Outcome.INACTIVE


def test_what_the_matcher_has_not_worked_out_is_told_as_such(market: ChainedMarket) -> None:
    amal = resident("amal")
    market.say(registered("amal"), by=PARTNER, subject=amal)
    market.say(readiness("amal"), by=PARTNER, subject=amal)
    market.say(says("amal", ROOFER), by=PARTNER, subject=amal)
    tick(market, FIRST_ROUND)
    assert latest(market, "amal") is Outcome.NOT_ASSESSED

    market.say(rule_codes(market, "amal"), worker="matcher")
    tick(market, SECOND_ROUND)
    assert latest(market, "amal") is Outcome.NOT_ASSESSED

    market.say(fits(amal, pair("amal", ROOFER), as_of=market.state.sequence), worker="matcher")
    tick(market, "2026-01-16T13:05:00.000Z")
    assert latest(market, "amal") is Outcome.PROPOSED


def test_a_requirement_that_is_not_met_by_the_facts_is_the_reason(market: ChainedMarket) -> None:
    amal = enter(market, "amal", ROOFER)
    unfit = pair("amal", ROOFER, eligible=Answer.NO)
    market.say(fits(amal, unfit, as_of=market.state.sequence), worker="matcher")
    tick(market, FIRST_ROUND)

    assert latest(market, "amal") is Outcome.REQUIREMENT_NOT_MET


def test_a_rung_that_opens_later_is_out_of_reach_and_its_day_is_told(
    market: ChainedMarket,
) -> None:
    enter(market, "amal", ROOFER, rung=1)
    tick(market, FIRST_ROUND)

    found = told(market, "amal").rounds[-1].explanation

    assert found is not None
    assert found.outcome is Outcome.NO_POSITION_IN_REACH
    assert found.opens_at == "2026-01-27T00:00:00.000Z"


def test_whoever_meets_no_rung_is_out_of_reach_for_good(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER, rung=None)
    tick(market, FIRST_ROUND)

    found = told(market, "amal").rounds[-1].explanation

    assert found is not None
    assert (found.outcome, found.opens_at) == (Outcome.NO_POSITION_IN_REACH, None)


def test_a_pair_is_tried_once_and_the_way_of_its_offer_is_told(market: ChainedMarket) -> None:
    amal = enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offer = proposed.offer
    delivered(market, offer)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)
    market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)
    tick(market, SECOND_ROUND)

    account = told(market, "amal")

    assert account.rounds[-1].explanation is not None
    assert account.rounds[-1].explanation.outcome is Outcome.ALREADY_TRIED
    assert [step.name for step in account.offer] == [
        "SlotProposed",
        "OfferDelivered",
        "ReleaseDue",
        "ProposalReleased",
        "SlotOffered",
        "OfferDelivered",
        "AnswerDue",
        "OfferDeclined",
    ]
    assert ("release_by", "2026-01-19T17:00:00.000Z") in account.offer[2].details
    assert account.contestable
    assert account.partner == PARTNER
    assert account.resident == amal


def test_whoever_waits_for_an_answer_is_at_the_limit_elsewhere(market: ChainedMarket) -> None:
    market.say(fenced("F-2"), by=SUPPLIER, subject=TILER)
    enter(market, "amal", ROOFER, TILER, ranked=True)
    tick(market, FIRST_ROUND)
    assert latest(market, "amal", ROOFER) is Outcome.PROPOSED
    assert latest(market, "amal", TILER) is Outcome.PREFERRED_ANOTHER

    tick(market, SECOND_ROUND)
    assert latest(market, "amal", TILER) is Outcome.AT_LIMIT


def test_whoever_ranked_nothing_prefers_what_fits_better(market: ChainedMarket) -> None:
    market.say(fenced("F-2"), by=SUPPLIER, subject=TILER)
    amal = enter(market, "amal", ROOFER, TILER)
    better = pair("amal", TILER, score=9000)
    market.say(fits(amal, better, as_of=market.state.sequence), worker="matcher")
    tick(market, FIRST_ROUND)

    assert latest(market, "amal", TILER) is Outcome.PROPOSED
    assert latest(market, "amal", ROOFER) is Outcome.PREFERRED_ANOTHER
    means = OUTCOMES[Outcome.PREFERRED_ANOTHER].means
    assert "their ranking, or the better fit where they gave none" in means


def test_whoever_accepted_is_placed(market: ChainedMarket) -> None:
    market.say(fenced("F-2"), by=SUPPLIER, subject=TILER)
    enter(market, "amal", ROOFER, TILER, ranked=True)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offer = proposed.offer
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    tick(market, SECOND_ROUND)
    assert latest(market, "amal", TILER) is Outcome.PLACED

    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)
    assert not told(market, "amal").contestable
    assert told(market, "amal").offer[-1].name == "HireConfirmed"
    assert told(market, "amal").missing is Outcome.PLACED


def under(terms: RingFence) -> ChainedMarket:
    """
    Zedford under a contract with other terms, with one posting.
    """
    register = register_market()
    agreed = contract(clauses=(Clause(clause="4.2", title="Starts", ring_fence=terms),))
    register.say(agreed, by=OWNER, subject=CONTRACT)
    register.say(pledge(), by=OWNER, subject=CONTRACT)
    register.say(ContractAgreed(contract_id=CONTRACT, version=1), by=SUPPLIER, subject=CONTRACT)
    made = chained(market_of(register))
    tick(made, "2026-01-13T12:05:00.000Z")
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def test_a_fit_below_the_contracts_minimum_is_the_reason_until_it_is_overridden() -> None:
    least = MinimumFit(value=8000, necessity="Work at height, alone.")
    market = under(fence(min_fit=least))
    amal = enter(market, "amal", ROOFER, score=7000)
    tick(market, FIRST_ROUND)
    assert latest(market, "amal") is Outcome.BELOW_MINIMUM_FIT

    overridden = FitOverridden(
        resident=amal, opportunity=ROOFER, reason=OverrideReason.SUPPORT_AGREED
    )
    market.say(overridden, by=PARTNER, subject=amal)
    tick(market, SECOND_ROUND)
    assert latest(market, "amal") is Outcome.PROPOSED


def test_a_route_that_would_be_known_needs_a_consent_to_just_that() -> None:
    market = under(fence(route_disclosed=True))
    amal = enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)
    assert latest(market, "amal") is Outcome.ROUTE_NOT_CONSENTED

    agreed = consents("amal", purpose=Purpose.INTRODUCTION, supplier=SUPPLIER, fields=("route",))
    market.say(agreed, by=PARTNER, subject=amal)
    tick(market, SECOND_ROUND)
    assert latest(market, "amal") is Outcome.PROPOSED


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_words(outcome: Outcome) -> None:
    reason = OUTCOMES[outcome]

    assert all(text.endswith(".") for text in (reason.means, reason.mend))


# --- before and between rounds ------------------------------------------------------------


def test_before_the_first_round_it_is_told_what_is_missing_so_far(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER, ready=False)
    account = told(market, "amal")
    assert account.rounds == ()
    assert account.intake is not None
    assert account.intake.until == "2026-01-15T12:05:00.000Z"
    assert account.missing is Outcome.NOT_READY

    market.say(readiness("amal"), by=PARTNER, subject=resident("amal"))
    assert told(market, "amal").missing is None


def test_an_intake_that_was_lengthened_is_told_as_it_ends_by_now() -> None:
    market = chained(zedford(clock=Clock.REAL))
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    tick(market, "2026-01-13T16:05:00.000Z")

    intake = told(market, "amal").intake

    assert intake is not None
    assert intake.until == "2026-01-15T16:05:00.000Z"
    assert intake.first_round_at == "2026-01-16T09:00:00.000Z"


def test_whom_an_upheld_challenge_put_first_is_told_so(market: ChainedMarket) -> None:
    enter(market, "amal")
    tick(market, FIRST_ROUND)
    amal = resident("amal")
    raised = ChallengeRaised(resident=amal, opportunity=ROOFER, ground=Ground.NOT_ASKED)
    _, due = market.say(raised, by=PARTNER, subject=amal)
    found = ChallengeDecided(
        challenge=due.data.challenge, upheld=True, finding=Finding.NOT_TREATED_FAIRLY
    )
    market.say(found, by=OWNER, subject=due.data.challenge)
    market.say(fenced("F-2"), by=SUPPLIER, subject=TILER)
    market.say(says("amal", TILER), by=PARTNER, subject=amal)
    market.say(fits(amal, pair("amal", TILER), as_of=market.state.sequence), worker="matcher")
    tick(market, "2026-01-19T12:00:00.000Z")

    account = told(market, "amal", TILER)
    explanation = account.rounds[-1].explanation

    assert explanation is not None
    assert (explanation.outcome, explanation.remedied) == (Outcome.PROPOSED, True)
    assert "first of their rung, since a challenge" in " ".join(figures(explanation))
    assert [step.name for step in told(market, "amal").challenge] == [
        "DecisionDue",
        "ChallengeDecided",
        "RemedyGranted",
    ]
    assert not told(market, "amal").contestable


def test_the_way_of_a_referral_is_told_though_no_round_is_held(market: ChainedMarket) -> None:
    plumber = opportunity("R-1")
    market.say(posted(), by=SUPPLIER, subject=plumber)
    amal = enter(market, "amal", plumber)
    market.say(ReferralMade(resident=amal, opportunity=plumber), by=PARTNER, subject=amal)

    account = told(market, "amal", plumber)

    assert (account.intake, account.rounds) == (None, ())
    assert [step.name for step in account.offer] == ["ReferralOpened", "ConsentDue"]


def test_positions_that_went_public_are_told_as_such(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER, ready=False)
    assert (told(market, "amal").public, told(market, "amal").reserved) == ((), True)

    tick(market, "2026-02-11T09:00:00.000Z")

    account = told(market, "amal")
    assert (account.public, account.reserved, account.free) == (("starts",), False, False)


def test_somebody_who_came_after_a_round_is_explained_by_the_next(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)
    enter(market, "bea", ROOFER)

    (only,) = told(market, "bea").rounds

    assert only.explanation is None


def test_a_posting_without_reserved_positions_has_no_intake(market: ChainedMarket) -> None:
    enter(market, "amal")
    market.say(posted(), by=SUPPLIER, subject=opportunity("R-1"))

    account = told(market, "amal", opportunity("R-1"))

    assert (account.posted, account.intake, account.rounds) == (True, None, ())


def test_each_round_is_told_by_its_own_state(market: ChainedMarket) -> None:
    amal = enter(market, "amal")
    tick(market, FIRST_ROUND)
    market.say(says("amal", ROOFER), by=PARTNER, subject=amal)
    market.say(fits(amal, pair("amal", ROOFER), as_of=market.state.sequence), worker="matcher")
    tick(market, SECOND_ROUND)

    outcomes = [
        each.explanation.outcome for each in told(market, "amal").rounds if each.explanation
    ]

    assert outcomes == [Outcome.NOT_ASKED, Outcome.PROPOSED]


def test_the_state_at_the_end_is_the_markets_own(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)

    assert state_at_end(market.records) == market.state
    assert state_at_end(()) is None


# --- planted faults -----------------------------------------------------------------------


def swapped(closed: RoundClosed) -> RoundClosed:
    first, second = closed.decisions
    return replace(
        closed,
        decisions=(
            replace(first, resident=second.resident),
            replace(second, resident=first.resident),
        ),
    )


def miscounted(closed: RoundClosed) -> RoundClosed:
    (part,) = closed.opportunities
    return replace(closed, opportunities=(replace(part, considered=part.considered + 1),))


def other_digest(closed: RoundClosed) -> RoundClosed:
    return replace(closed, digest="0" * 64)


def left_out(closed: RoundClosed) -> RoundClosed:
    return replace(closed, decisions=closed.decisions[:1])


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        (swapped, "the decisions"),
        (left_out, "the decisions"),
        (miscounted, "the counts"),
        (other_digest, "the digest"),
    ],
)
def test_a_round_that_was_not_decided_so_is_convicted(
    market: ChainedMarket, planted: Callable[[RoundClosed], RoundClosed], named: str
) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    tick(market, FIRST_ROUND)
    cause, said, events = market.log[-1]
    at = names(events).index("RoundClosed")
    forged = replace(events[at], data=planted(events[at].data))
    market.log[-1] = (cause, said, (*events[:at], forged))

    account = accounted(log_of(market), resident=resident("amal"), opportunity=ROOFER)

    (round_,) = account.differences
    assert round_.differs == (named,)
    assert round_.sequence == len(market.log)


def test_a_round_without_a_seed_is_convicted(market: ChainedMarket) -> None:
    enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)
    cause, said, events = market.log[-1]
    kept = tuple(event for event in events if event.name != "SeedFixed")
    market.log[-1] = (cause, said, kept)

    account = accounted(log_of(market), resident=resident("amal"), opportunity=ROOFER)

    assert account.differences[0].differs == ("no seed was fixed",)


def test_a_record_that_speaks_of_nobody_known_does_not_follow(market: ChainedMarket) -> None:
    amal = enter(market, "amal", ROOFER)
    market.log[:] = [
        entry
        for entry in market.log
        if names(entry[2]) != ("ResidentRegisteredSealed", "ConsentGiven")
    ]

    with pytest.raises(DoesNotFollow, match="record"):
        accounted(log_of(market), resident=amal, opportunity=ROOFER)
