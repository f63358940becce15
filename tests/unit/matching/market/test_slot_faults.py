"""
Faults that the slots of a market once had, each as the shortest story that shows it.
"""

from dataclasses import replace

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.contracts import ContractAgreed
from schemas.fits import RuleCode
from schemas.opportunities import FencedPositions
from schemas.slots import (
    HireConfirmed,
    HoldReason,
    OfferAccepted,
    OfferDeclined,
    Outcome,
    ProposalHeld,
    ProposalReleased,
)
from schemas.vocabulary import Purpose
from services.transport.records import event_body, event_from
from tests.builders import (
    CONTRACT,
    OTHER_SUPPLIER,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    consents,
    contract,
    delivered,
    enter,
    fenced,
    introducing,
    names,
    opportunity,
    proposals,
    register_market,
    resident,
    rule_codes,
    tell_facts,
    tick,
    with_contract,
    zedford,
)
from tests.unit.matching.market.town import SECOND, VACANCIES, town

ROOFER = opportunity("F-1")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def offered(market: MarketUnderTest, offer: str) -> None:
    delivered(market, offer)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)


def amend(market: MarketUnderTest, *groups: str, each: int = 1) -> tuple[str, ...]:
    fences = tuple(FencedPositions(group=name, clause="4.2", positions=each) for name in groups)
    told = amended(
        ROOFER,
        of_version=market.state.opportunities[ROOFER].version,
        reference="F-1",
        positions=90,
        contract=CONTRACT,
        ring_fence=fences,
    )
    return names(market.say(told, by=SUPPLIER, subject=ROOFER))


def test_a_supplier_is_not_told_why_an_acceptance_was_taken_back(market: MarketUnderTest) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offered(market, proposed.offer)
    market.say(OfferAccepted(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    held = ProposalHeld(offer=proposed.offer, reason=HoldReason.SAFEGUARDING)
    market.say(held, by=PARTNER, subject=proposed.offer)

    (answer,) = market.say(HireConfirmed(offer=proposed.offer), by=SUPPLIER, subject=proposed.offer)

    (problem,) = answer.data.problems
    assert (problem.code, problem.lawful_value) == ("offer_withdrawn", "withdrawn")


def test_a_round_is_held_at_its_time_although_a_hold_brought_one_on_just_then(
    market: MarketUnderTest,
) -> None:
    for name in ("amal", "bea"):
        enter(market, name, ROOFER)
    first, _ = proposals(tick(market, FIRST_ROUND))
    held = ProposalHeld(offer=first.offer, reason=HoldReason.DATA_WRONG)
    market.say(held, by=PARTNER, subject=first.offer)
    assert "RoundClosed" in names(tick(market, "2026-01-16T09:00:00.000Z"))
    chidi = enter(market, "chidi", ROOFER)

    (proposed,) = proposals(tick(market, "2026-01-16T09:05:00.000Z"))

    assert proposed.resident == chidi


def test_a_position_that_is_let_go_between_two_rounds_waits_for_the_next(
    market: MarketUnderTest,
) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    first, second = proposals(tick(market, FIRST_ROUND))
    for each in (first, second):
        offered(market, each.offer)
    tick(market, "2026-01-16T10:00:00.000Z")
    market.say(OfferDeclined(offer=first.offer), by=PARTNER, subject=first.offer)

    assert proposals(tick(market, "2026-01-16T10:05:00.000Z")) == []
    assert len(proposals(tick(market, "2026-01-16T13:05:00.000Z"))) == 1


def test_a_hold_whose_position_was_cut_brings_on_no_round_later(market: MarketUnderTest) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    first, second = proposals(tick(market, FIRST_ROUND))
    offered(market, second.offer)
    market.say(OfferAccepted(offer=second.offer), by=PARTNER, subject=second.offer)
    held = ProposalHeld(offer=first.offer, reason=HoldReason.DATA_WRONG)
    market.say(held, by=PARTNER, subject=first.offer)
    amend(market, "starts")
    tick(market, "2026-01-15T13:10:00.000Z")

    taken_back = replace(held, offer=second.offer)
    market.say(taken_back, by=PARTNER, subject=second.offer)

    assert "RoundClosed" not in names(tick(market, "2026-01-15T13:15:00.000Z"))


def test_groups_amended_away_leave_events_that_every_reader_can_read(
    market: MarketUnderTest,
) -> None:
    for letter in "abc":
        amend(market, *(f"{letter}{n}" for n in range(20)))
        tick(market, f"2026-01-13T12:{10 + ord(letter) % 50}:00.000Z")
    amend(market)
    tick(market, "2026-01-13T13:10:00.000Z")

    told = [event for _, _, events in market.log for event in events]
    bodies = [event_body(replace(event, said=None)) for event in told]
    assert [event_from(body, {}).data for body in bodies] == [event.data for event in told]


def test_positions_that_come_back_keep_their_ordinals(market: MarketUnderTest) -> None:
    for n, each in enumerate((80, 1, 80, 1, 80)):
        amend(market, "starts", each=each)
        tick(market, f"2026-01-13T12:{10 + n}:00.000Z")

    (group,) = market.state.reserved[ROOFER].groups
    assert len(group.positions) == group.standing == 80


def test_a_decided_proposal_waits_for_no_consent_that_was_withdrawn() -> None:
    played = town(most=1)
    market, vacancy = played.market, VACANCIES[2]
    for name, clause in (("amal", "4.2"), ("bea", "5.1")):
        subject = enter(market, name, vacancy)
        told = consents(
            name, purpose=Purpose.INTRODUCTION, supplier=OTHER_SUPPLIER, fields=("route",)
        )
        market.say(told, by=PARTNER, subject=subject)
        code = RuleCode(contract=SECOND, clause=clause, rung=0)
        assessed = replace(rule_codes(market, name), codes=(code,))
        market.say(assessed, worker="matcher")
    assert len(proposals(tick(market, "2026-01-14T09:05:00.000Z"))) == 1
    withdrawn = ConsentWithdrawn(
        resident=subject, purpose=Purpose.INTRODUCTION, supplier=OTHER_SUPPLIER
    )
    market.say(withdrawn, by=PARTNER, subject=subject)

    (dropped,) = [
        event.data
        for event in tick(market, "2026-01-14T09:10:00.000Z")
        if event.name == "ProposalDropped"
    ]

    assert dropped.outcome is Outcome.ROUTE_NOT_CONSENTED


def test_an_assessment_heard_again_after_a_new_agreement_flags_nobody(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal", ROOFER)
    told = rule_codes(market, "amal")
    market.say(told, worker="matcher")
    tick(market, FIRST_ROUND)
    register = with_contract(register_market())
    anew = contract(title="Retrofit of 500 homes", of_version=1)
    facts = (
        *register.say(anew, by=OWNER, subject=CONTRACT),
        *register.say(
            ContractAgreed(contract_id=CONTRACT, version=2), by=SUPPLIER, subject=CONTRACT
        ),
    )
    tell_facts(market, facts, sequence=market.state.register_sequence + 1)

    assert market.say(told, worker="matcher") == ()


def test_a_rung_is_told_of_although_an_amendment_comes_with_the_tick_that_opens_it(
    market: MarketUnderTest,
) -> None:
    tick(market, "2026-01-26T23:50:00.000Z")
    amend(market, "starts", each=3)

    opened = tick(market, "2026-01-27T00:05:00.000Z")

    assert names(opened)[-2:] == ("PositionsAdjusted", "StageOpened")
