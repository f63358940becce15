"""
The table of rights, row by row: who may say what, and nobody else.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from matching.market import fold
from matching.market.lottery import commitment_of
from matching.market.rights import REGISTER_EVENTS, RIGHTS, Relation
from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.consents import ConsentWithdrawn
from schemas.contracts import Clause, ContractAgreed, MinimumFit
from schemas.duties import DutyAssigned
from schemas.envelope import offer_id, position_id
from schemas.facts import FactGivenSealed
from schemas.interests import InterestGivenSealed
from schemas.introductions import (
    ContactTried,
    DeclineExplainedSealed,
    InterviewHeld,
    InterviewOffered,
    Means,
    ReferralMade,
)
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.opportunities import OpportunityWithdrawn
from schemas.readiness import ReadinessChanged
from schemas.residents import ResidentClosed, ResidentErased, ResidentPaused, ResidentResumed
from schemas.slots import (
    ClockConfirmed,
    FitOverridden,
    HireConfirmed,
    HireRejected,
    HoldReason,
    OfferAccepted,
    OfferDeclined,
    OverrideReason,
    ProposalHeld,
    ProposalReleased,
    RejectionReason,
)
from schemas.ticks import Tick
from schemas.vocabulary import Clock, Purpose, Role
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OTHER_PARTNER,
    OTHER_SUPPLIER,
    OWNER,
    PARTNER,
    SUPPLIER,
    TODAY,
    MarketUnderTest,
    amended,
    consents,
    contract,
    delivered,
    enter,
    fence,
    fenced,
    introducing,
    market_of,
    names,
    opened,
    opportunity,
    party,
    pledge,
    posted,
    proposals,
    refusal_codes,
    register_market,
    registered,
    resident,
    rules,
    says,
    tell_facts,
    tick,
    updated,
    with_contract,
    zedford,
)

AMAL = resident("amal")
ROOFER = opportunity("R-1")

FENCED = opportunity("F-1")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
OFFER = offer_id(
    "zedford",
    position=position_id(FENCED, group="starts", ordinal=1),
    resident=AMAL,
    at=FIRST_ROUND,
)

LATER, AFTER_TERM = "2026-03-20T12:00:00.000Z", "2026-03-20T12:00:00.001Z"
SECRET = "5" * 64
COMMITTED = LotteryCommitted(
    epoch="2026Q2", commitment=commitment_of(SECRET), contribute_by=LATER, stand_in=90
)

# One lawful thing to say for each event, and what it is about.
SAYINGS: dict[str, tuple[Any, str | None]] = {
    "PartyRegistered": (party("newcomer", Role.SUPPLIER), "newcomer"),
    "MarketOpened": (replace(opened("harbour"), outcodes=("ZZ8",)), "harbour"),
    "RulesAdopted": (rules(2), None),
    "ContractRegistered": (contract("CO-2"), "c-aaaaaaaaaaaaaaaa"),
    "PledgeMade": (pledge(reference="P-2"), CONTRACT),
    "ContractAgreed": (ContractAgreed(contract_id=CONTRACT, version=1), CONTRACT),
    "DutyAssigned": (DutyAssigned(on_duty="sam-01", deputy="ada-02"), f"duty:{PARTNER}"),
    "LotteryCommitted": (
        LotteryCommitted(
            epoch="2026Q3", commitment=COMMITTED.commitment, contribute_by=LATER, stand_in=90
        ),
        "2026Q3",
    ),
    "LotteryContributed": (LotteryContributed(epoch="2026Q2", nonce="7" * 64), "2026Q2"),
    "LotteryRevealed": (LotteryRevealed(epoch="2026Q2", secret=SECRET), "2026Q2"),
    "OpportunityPosted": (posted("R-9"), opportunity("R-9")),
    "OpportunityAmended": (amended(ROOFER, of_version=1, positions=3), ROOFER),
    "OpportunityWithdrawn": (OpportunityWithdrawn(opportunity=ROOFER, reason="filled"), ROOFER),
    "ResidentRegistered": (registered("bea"), resident("bea")),
    "ResidentUpdated": (updated("amal", of_version=1), AMAL),
    "ResidentPaused": (ResidentPaused(resident=AMAL, reason="away"), AMAL),
    "ResidentResumed": (ResidentResumed(resident=AMAL), AMAL),
    "ResidentClosed": (ResidentClosed(resident=AMAL, reason="moved_away"), AMAL),
    "ResidentErased": (ResidentErased(resident=AMAL), AMAL),
    "ConsentGiven": (consents("amal"), AMAL),
    "ConsentWithdrawn": (ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING), AMAL),
    "FactGiven": (
        FactGivenSealed(
            resident=AMAL,
            evidence="card_seen",
            assessor_role="coordinator",
            assessed_on=TODAY,
            sealed="AAAA",
            fingerprint="1" * 64,
        ),
        AMAL,
    ),
    "ReadinessChanged": (
        ReadinessChanged(
            resident=AMAL,
            ready=True,
            evidence="interview",
            assessor_role="coordinator",
            assessed_on=date(2026, 1, 12),
        ),
        AMAL,
    ),
    "InterestGiven": (
        InterestGivenSealed(resident=AMAL, yes=(ROOFER,), sealed="AAAA", fingerprint="2" * 64),
        AMAL,
    ),
    "ReferralMade": (ReferralMade(resident=AMAL, opportunity=ROOFER), AMAL),
    "ChallengeRaised": (
        ChallengeRaised(resident=AMAL, opportunity=FENCED, ground=Ground.NOT_TOLD),
        AMAL,
    ),
    "ChallengeDecided": (
        ChallengeDecided(challenge="zedford-1-1", upheld=True, finding=Finding.NOT_TREATED_FAIRLY),
        "zedford-1-1",
    ),
    "DeclineExplained": (
        DeclineExplainedSealed(resident=AMAL, offer=OFFER, sealed="AAAA", fingerprint="3" * 64),
        AMAL,
    ),
    "ContactTried": (
        ContactTried(offer=OFFER, tried_on=date(2026, 1, 15), means=Means.VISIT),
        OFFER,
    ),
    "InterviewOffered": (InterviewOffered(offer=OFFER, on=date(2026, 1, 16)), OFFER),
    "InterviewHeld": (InterviewHeld(offer=OFFER, on=date(2026, 1, 15)), OFFER),
    "ProposalReleased": (ProposalReleased(offer=OFFER), OFFER),
    "ProposalHeld": (ProposalHeld(offer=OFFER, reason=HoldReason.NOT_SUITABLE_NOW), OFFER),
    "OfferAccepted": (OfferAccepted(offer=OFFER), OFFER),
    "OfferDeclined": (OfferDeclined(offer=OFFER), OFFER),
    "HireConfirmed": (HireConfirmed(offer=OFFER), OFFER),
    "HireRejected": (
        HireRejected(offer=OFFER, reason=RejectionReason.REQUIREMENT_NOT_MET),
        OFFER,
    ),
    "FitOverridden": (
        FitOverridden(resident=AMAL, opportunity=FENCED, reason=OverrideReason.SUPPORT_AGREED),
        AMAL,
    ),
    "ClockConfirmed": (ClockConfirmed(market="zedford"), "zedford"),
    "Tick": (Tick(market="zedford", at="2026-01-14T12:00:00.000Z"), "zedford"),
}

# How far an offer has come before each of these can be said.
REACHED = {
    "ProposalReleased": "proposed",
    "ProposalHeld": "proposed",
    "OfferAccepted": "offered",
    "OfferDeclined": "offered",
    "ContactTried": "offered",
    "DeclineExplained": "declined",
    "InterviewOffered": "introduced",
    "InterviewHeld": "introduced",
    "HireConfirmed": "introduced",
    "HireRejected": "introduced",
}
OF_PARTNERS, OF_SUPPLIERS = (
    tuple(right.event for right in RIGHTS if right.relation is relation)
    for relation in (Relation.OWN_OFFER, Relation.OWN_POSITION)
)


def proposing(reached: str) -> MarketUnderTest:
    """
    A market in which a position was proposed to amal, and came as far as that.
    """
    market = zedford()
    market.say(fenced(), by=SUPPLIER, subject=FENCED)
    enter(market, "amal", FENCED)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    assert proposed.offer == OFFER
    delivered(market, OFFER)
    if reached != "proposed":
        market.say(ProposalReleased(offer=OFFER), by=PARTNER, subject=OFFER)
        delivered(market, OFFER)
    if reached in ("accepted", "introduced"):
        market.say(OfferAccepted(offer=OFFER), by=PARTNER, subject=OFFER)
    if reached == "introduced":
        market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    if reached == "declined":
        market.say(OfferDeclined(offer=OFFER), by=PARTNER, subject=OFFER)
    return market


def contested(*, own_partner: bool = False) -> tuple[MarketUnderTest, str]:
    """
    A market in which amal contests what was decided, and the challenge's id.

    Where amal's own partner is the contract's owner, the operator is to decide.
    """
    market, partner = contestable(own_partner=own_partner)
    data, subject = SAYINGS["ChallengeRaised"]
    raised, due = market.say(data, by=partner, subject=subject)
    assert due.data.decider == (OPERATOR if own_partner else OWNER)
    return market, raised.id


def contestable(*, own_partner: bool) -> tuple[MarketUnderTest, str]:
    """
    A market in which amal may contest something, and whose resident they are.
    """
    market = zedford()
    market.say(fenced(), by=SUPPLIER, subject=FENCED)
    if own_partner:
        register = register_market()
        both = register.say(
            party(OWNER, Role.OWNER, Role.PARTNER), by=OPERATOR, subject=f"party:{OWNER}"
        )
        tell_facts(market, both, sequence=market.state.register_sequence + 1)
    partner = OWNER if own_partner else PARTNER
    market.say(registered("amal"), by=partner, subject=AMAL)
    # Before a round there is nothing to contest.
    tick(market, "2026-01-15T13:05:00.000Z")
    return market, partner


def with_minimum_fit() -> MarketUnderTest:
    """
    A market whose contract sets a minimum fit, with one posting under it.
    """
    terms = fence(min_fit=MinimumFit(value=6000, necessity="Work at height, alone."))
    register = register_market()
    agreed = contract(clauses=(Clause(clause="4.2", title="Starts", ring_fence=terms),))
    register.say(agreed, by=OWNER, subject=CONTRACT)
    register.say(pledge(), by=OWNER, subject=CONTRACT)
    register.say(ContractAgreed(contract_id=CONTRACT, version=1), by=SUPPLIER, subject=CONTRACT)
    market = market_of(register)
    market.say(fenced(), by=SUPPLIER, subject=FENCED)
    return market


def doubtful() -> MarketUnderTest:
    """
    A real market with running windows, whose time leapt by two days.
    """
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=FENCED)
    tick(market, "2026-01-15T12:05:00.000Z")
    assert market.state.doubted_since is not None
    return market


SPEAKERS = {
    Role.OPERATOR: OPERATOR,
    Role.OWNER: OWNER,
    Role.SUPPLIER: SUPPLIER,
    Role.PARTNER: PARTNER,
}


def said_by(speaker: str, event: str) -> tuple[Any, ...]:
    """
    Say one thing as a party, in the market in which it belongs.
    """
    data, subject = SAYINGS[event]
    if event in REGISTER_EVENTS:
        register = register_market()
        register.say(contract(), by=OWNER, subject=CONTRACT)
        register.say(COMMITTED, by=OPERATOR)
        if event == "LotteryRevealed":
            register.say(LotteryContributed(epoch="2026Q2", nonce="8" * 64), by=OWNER)
        at = AFTER_TERM if event == "LotteryRevealed" else None
        return register.say(data, by=speaker, subject=subject, appended_at=at)
    if event in REACHED:
        return proposing(REACHED[event]).say(data, by=speaker, subject=subject)
    if event == "ChallengeDecided":
        market, named = contested(own_partner=speaker == OPERATOR)
        return market.say(replace(data, challenge=named), by=speaker, subject=named)
    if event == "ChallengeRaised":
        market, _ = contestable(own_partner=speaker == OPERATOR)
        return market.say(data, by=speaker, subject=subject)
    if event == "ClockConfirmed":
        return doubtful().say(data, by=speaker, subject=subject)
    market = with_minimum_fit() if event == "FitOverridden" else zedford()
    market.say(posted("R-1"), by=SUPPLIER, subject=ROOFER)
    market.say(registered("amal"), by=PARTNER, subject=AMAL)
    if event == "ResidentResumed":
        market.say(ResidentPaused(resident=AMAL, reason="away"), by=PARTNER, subject=AMAL)
    if event == "ReferralMade":
        market.say(says("amal", ROOFER), by=PARTNER, subject=AMAL)
    return market.say(data, by=speaker, subject=subject)


@pytest.mark.parametrize("event", sorted(SAYINGS))
@pytest.mark.parametrize("role", list(SPEAKERS))
def test_each_role_may_say_exactly_what_its_rows_grant(event: str, role: Role) -> None:
    granted = any(right.event == event and right.role is role for right in RIGHTS)

    events = said_by(SPEAKERS[role], event)

    assert refusal_codes(events) == (() if granted else ("right_missing",))


def test_every_row_of_the_table_is_tried() -> None:
    assert {right.event for right in RIGHTS} == set(SAYINGS)


@pytest.mark.parametrize(
    "event",
    sorted(right.event for right in RIGHTS if right.relation.value == "the partner's own resident"),
)
def test_another_partner_learns_nothing_of_a_resident(event: str) -> None:
    unknown = zedford()
    data, subject = SAYINGS[event]

    theirs = said_by(OTHER_PARTNER, event)
    nobodys = unknown.say(data, by=OTHER_PARTNER, subject=subject)

    assert refusal_codes(theirs) == refusal_codes(nobodys) == ("resident_unknown",)


@pytest.mark.parametrize("event", OF_PARTNERS)
def test_another_partner_learns_nothing_of_an_offer(event: str) -> None:
    data, subject = SAYINGS[event]

    theirs = said_by(OTHER_PARTNER, event)
    nobodys = zedford().say(data, by=OTHER_PARTNER, subject=subject)

    assert refusal_codes(theirs) == refusal_codes(nobodys) == ("offer_unknown",)


@pytest.mark.parametrize("event", OF_SUPPLIERS)
def test_another_supplier_learns_nothing_of_an_introduction(event: str) -> None:
    data, subject = SAYINGS[event]

    theirs = said_by(OTHER_SUPPLIER, event)
    nobodys = zedford().say(data, by=OTHER_SUPPLIER, subject=subject)

    assert refusal_codes(theirs) == refusal_codes(nobodys) == ("offer_unknown",)


@pytest.mark.parametrize("reached", ["proposed", "offered", "accepted"])
@pytest.mark.parametrize("event", OF_SUPPLIERS)
def test_a_supplier_learns_nothing_of_an_offer_before_somebody_is_introduced(
    event: str, reached: str
) -> None:
    data, subject = SAYINGS[event]

    events = proposing(reached).say(data, by=SUPPLIER, subject=subject)

    assert refusal_codes(events) == ("offer_unknown",)


@pytest.mark.parametrize("event", OF_SUPPLIERS)
def test_a_supplier_is_not_told_why_somebody_who_was_introduced_is_gone(event: str) -> None:
    market = proposing("introduced")
    market.say(ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING), by=PARTNER, subject=AMAL)
    data, subject = SAYINGS[event]

    (refused,) = market.say(data, by=SUPPLIER, subject=subject)

    (problem,) = refused.data.problems
    assert problem.code == "offer_withdrawn"
    assert problem.lawful_value in ("withdrawn", None)


def test_an_owner_contests_for_nobody_at_what_is_not_its_own_contract_s() -> None:
    market = zedford()
    market.say(posted("R-1"), by=SUPPLIER, subject=ROOFER)
    market.say(registered("amal"), by=PARTNER, subject=AMAL)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.OTHER)

    elsewhere = market.say(raised, by=OWNER, subject=AMAL)
    nowhere = market.say(replace(raised, opportunity=FENCED), by=OWNER, subject=AMAL)

    assert refusal_codes(elsewhere) == refusal_codes(nowhere) == ("opportunity_unknown",)


def test_an_owner_contests_for_nobody_whom_the_market_does_not_know() -> None:
    market = zedford()
    market.say(fenced(), by=SUPPLIER, subject=FENCED)
    data, subject = SAYINGS["ChallengeRaised"]

    assert refusal_codes(market.say(data, by=OWNER, subject=subject)) == ("resident_unknown",)


def test_an_operator_contests_for_nobody_whose_contracts_owner_is_there_to_do_so() -> None:
    market, _ = contestable(own_partner=False)
    data, subject = SAYINGS["ChallengeRaised"]

    theirs = market.say(data, by=OPERATOR, subject=subject)
    nobodys = market.say(data, by=OPERATOR, subject=resident("bea"))

    assert refusal_codes(theirs) == refusal_codes(nobodys) == ("opportunity_unknown",)


def test_an_operator_contests_for_nobody_who_was_erased() -> None:
    market, partner = contestable(own_partner=True)
    market.say(ResidentErased(resident=AMAL), by=partner, subject=AMAL)
    data, subject = SAYINGS["ChallengeRaised"]

    assert refusal_codes(market.say(data, by=OPERATOR, subject=subject)) == ("opportunity_unknown",)


def test_of_several_operators_who_is_to_decide_contests_for_a_resident() -> None:
    market, _ = contestable(own_partner=True)
    register = register_market()
    first = register.say(
        party("another-office", Role.OPERATOR), by=OPERATOR, subject="party:another-office"
    )
    tell_facts(market, first, sequence=market.state.register_sequence + 1)
    data, subject = SAYINGS["ChallengeRaised"]

    refused = market.say(data, by=OPERATOR, subject=subject)
    _, due = market.say(data, by="another-office", subject=subject)

    assert refusal_codes(refused) == ("opportunity_unknown",)
    assert due.data.decider == "another-office"


def test_nobody_decides_a_challenge_of_their_own_resident_s() -> None:
    market, named = contested(own_partner=True)
    data, _ = SAYINGS["ChallengeDecided"]

    events = market.say(replace(data, challenge=named), by=OWNER, subject=named)

    assert refusal_codes(events) == ("challenge_own_partner",)


def test_who_is_not_to_decide_learns_nothing_of_a_challenge() -> None:
    market, named = contested()
    data, nothing = SAYINGS["ChallengeDecided"]

    theirs = market.say(replace(data, challenge=named), by=OPERATOR, subject=named)
    nobodys = market.say(data, by=OPERATOR, subject=nothing)

    assert refusal_codes(theirs) == refusal_codes(nobodys) == ("challenge_unknown",)


@pytest.mark.parametrize("event", ["OpportunityAmended", "OpportunityWithdrawn"])
def test_another_supplier_cannot_touch_an_opportunity(event: str) -> None:
    assert refusal_codes(said_by(OTHER_SUPPLIER, event)) == ("opportunity_unknown",)


def test_only_the_supplier_of_a_contract_agrees_to_it() -> None:
    assert refusal_codes(said_by(OTHER_SUPPLIER, "ContractAgreed")) == ("contract_unknown",)


def test_another_owner_cannot_change_a_contract() -> None:
    register = with_contract(register_market())
    register.say(party("other-council", Role.OWNER), by=OPERATOR, subject="other-council")

    events = register.say(
        contract(title="Ours now", of_version=1), by="other-council", subject=CONTRACT
    )

    assert refusal_codes(events) == ("contract_not_yours",)


def test_an_owner_cannot_register_itself_anew() -> None:
    register = register_market()

    events = register.say(party(OWNER, Role.OWNER, Role.OPERATOR), by=OWNER, subject=OWNER)

    assert refusal_codes(events) == ("right_missing",)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OWNER])
def test_an_owner_makes_no_operator_and_no_other_owner(role: Role) -> None:
    register = register_market()

    events = register.say(party("usurper", role, Role.PARTNER), by=OWNER, subject="usurper")

    assert refusal_codes(events) == ("right_missing",)


def test_an_owner_cannot_take_the_operators_role_away() -> None:
    register = register_market()

    events = register.say(party(OPERATOR, Role.PARTNER), by=OWNER, subject=OPERATOR)

    assert refusal_codes(events) == ("right_missing",)


def test_a_party_that_is_not_registered_may_say_nothing() -> None:
    assert refusal_codes(said_by("stranger", "OpportunityPosted")) == ("party_unknown",)


def test_the_first_party_is_said_once() -> None:
    register = register_market()

    events = register.say(party("usurper", Role.OPERATOR), worker="bootstrap")

    assert refusal_codes(events) == ("bootstrap_over",)


def test_a_worker_may_not_speak_for_another() -> None:
    market = zedford()

    events = market.say(registered("bea"), worker="matcher", subject=resident("bea"))

    assert refusal_codes(events) == ("right_missing",)


def test_in_a_real_market_nobody_but_the_ticker_says_what_time_it_is() -> None:
    market = zedford(clock=Clock.REAL)
    late = Tick(market="zedford", at="2026-06-01T12:00:00.000Z")

    assert refusal_codes(market.say(late, by=OPERATOR)) == ("real_market",)
    assert market.recovered() == market.state
    assert names(market.say(late, worker="ticker")) == ("DayBegan",)


def test_in_a_real_market_a_tick_is_at_most_two_minutes_ahead_of_the_broker() -> None:
    market = zedford(clock=Clock.REAL)
    at = "2026-01-13T12:10:00.000Z"

    ahead = market.say(
        Tick(market="zedford", at=at), worker="ticker", appended_at="2026-01-13T12:07:59.999Z"
    )
    in_time = market.say(
        Tick(market="zedford", at=at), worker="ticker", appended_at="2026-01-13T12:08:00.000Z"
    )

    assert refusal_codes(ahead) == ("tick_ahead",)
    assert in_time == ()
    assert market.state.now == at


def test_a_time_that_nobody_doubts_needs_no_confirmation() -> None:
    market = zedford(clock=Clock.REAL)

    events = market.say(ClockConfirmed(market="zedford"), by=OPERATOR, subject="zedford")

    assert refusal_codes(events) == ("clock_not_doubted",)


def test_where_no_minimum_fit_is_set_none_is_overridden() -> None:
    market = zedford()
    market.say(fenced(), by=SUPPLIER, subject=FENCED)
    market.say(registered("amal"), by=PARTNER, subject=AMAL)
    data, subject = SAYINGS["FitOverridden"]

    assert refusal_codes(market.say(data, by=PARTNER, subject=subject)) == ("no_minimum_fit",)


def test_the_first_party_is_said_to_the_register_alone() -> None:
    market = MarketUnderTest()
    fold.open_market(market.state, opened())

    events = market.say(party("usurper", Role.OPERATOR), worker="bootstrap")

    assert refusal_codes(events) == ("market_unknown",)


def test_an_owner_cannot_change_a_party_that_another_registered() -> None:
    register = register_market()
    register.say(party("other-council", Role.OWNER), by=OPERATOR, subject="other-council")
    register.say(party("newcomer", Role.SUPPLIER), by=OWNER, subject="newcomer")
    changed = replace(party("newcomer", Role.SUPPLIER, Role.PARTNER), name="Ours now")

    by_another = register.say(changed, by="other-council", subject="newcomer")
    of_the_operators = register.say(
        replace(party(SUPPLIER, Role.SUPPLIER, Role.PARTNER)), by=OWNER, subject=SUPPLIER
    )
    by_its_own = register.say(changed, by=OWNER, subject="newcomer")

    assert refusal_codes(by_another) == refusal_codes(of_the_operators) == ("not_yours",)
    assert names(by_its_own) == ("PartyRegisteredSealed",)
    assert register.recovered() == register.state


def test_the_last_operator_stays_one() -> None:
    register = register_market()
    retired = party(OPERATOR, Role.OWNER)

    alone = register.say(retired, by=OPERATOR, subject=OPERATOR)
    register.say(party("second", Role.OPERATOR), by=OPERATOR, subject="second")
    with_another = register.say(retired, by=OPERATOR, subject=OPERATOR)

    assert refusal_codes(alone) == ("last_operator",)
    assert names(with_another) == ("PartyRegisteredSealed",)
