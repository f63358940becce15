"""
What somebody might try against the rules of slots, and why it leads nowhere.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.contracts import Clause, ContractAgreed, MinimumFit, RingFence, Rung
from schemas.duties import DutyAssigned
from schemas.opportunities import FencedPositions
from schemas.slots import (
    ClockConfirmed,
    HireConfirmed,
    HoldReason,
    OfferAccepted,
    ProposalHeld,
    ProposalReleased,
    WithdrawalReason,
)
from schemas.ticks import Tick
from schemas.vocabulary import Clock, OpportunityKind, Purpose, later
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
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
    proposals,
    refusal_codes,
    register_market,
    resident,
    says,
    tell_facts,
    tick,
    zedford,
)
from tests.unit.matching.market.waiting_story import assigned

ROOFER = opportunity("F-1")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
TWO = (FencedPositions(group="starts", clause="4.2", positions=2),)


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def under(register: MarketUnderTest, *clauses: RingFence, of_version: int | None = None) -> None:
    """
    Register and agree a version of the contract whose clauses are 4.2, 4.3 and so on.
    """
    told = tuple(
        Clause(clause=f"4.{number}", title="Ring-fenced starts", ring_fence=each)
        for number, each in enumerate(clauses, start=2)
    )
    register.say(contract(clauses=told, of_version=of_version), by=OWNER, subject=CONTRACT)
    agreed = ContractAgreed(contract_id=CONTRACT, version=(of_version or 0) + 1)
    register.say(agreed, by=SUPPLIER, subject=CONTRACT)


def market_under(register: MarketUnderTest, **posting: Any) -> MarketUnderTest:
    made = market_of(register)
    tick(made, "2026-01-13T12:05:00.000Z")
    made.say(fenced(**posting), by=SUPPLIER, subject=ROOFER)
    return made


def news(register: MarketUnderTest, market: MarketUnderTest) -> None:
    """
    Tell a market what the register took in since it last heard.
    """
    for sequence, (_, _, facts) in enumerate(register.log, start=1):
        if sequence > market.state.register_sequence:
            tell_facts(market, facts, sequence=sequence)


def offered(market: MarketUnderTest, offer: str) -> None:
    delivered(market, offer)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)


def every_ten_minutes(market: MarketUnderTest, *, until: str) -> None:
    at = market.state.now
    while at < until:
        at = later(at, timedelta(minutes=10))
        tick(market, at)


def test_a_clause_that_goes_before_its_positions_began_stops_no_tick() -> None:
    register = register_market()
    under(register, fence(), fence())
    market = market_under(register)
    more = (*TWO, FencedPositions(group="more", clause="4.3", positions=1))
    told = amended(
        ROOFER, of_version=1, reference="F-1", contract=CONTRACT, positions=3, ring_fence=more
    )
    market.say(told, by=SUPPLIER, subject=ROOFER)
    under(register, fence(), of_version=1)
    news(register, market)

    events = tick(market, "2026-01-13T12:10:00.000Z")

    assert [group.group for group in market.state.reserved[ROOFER].groups] == ["starts"]
    notices = [event.data.notice for event in events if event.name == "NoticeGiven"]
    assert notices == ["clause_no_longer_agreed"]


def test_a_posting_may_not_close_before_its_fence_has_run_its_course() -> None:
    market = zedford()

    early = market.say(fenced(closes_on=date(2026, 1, 20)), by=SUPPLIER, subject=ROOFER)

    assert refusal_codes(early) == ("closes_before_fence",)
    assert market.state.reserved == {}


def test_nor_may_an_amendment_bring_its_closing_forward(market: MarketUnderTest) -> None:
    told = amended(
        ROOFER,
        of_version=1,
        reference="F-1",
        contract=CONTRACT,
        ring_fence=TWO,
        closes_on=date(2026, 1, 16),
    )

    assert refusal_codes(market.say(told, by=SUPPLIER, subject=ROOFER)) == ("closes_before_fence",)


def test_a_round_that_found_nobody_assessed_is_owed_until_they_are(
    market: MarketUnderTest,
) -> None:
    amal = enter(market, "amal", ROOFER)
    tick(market, "2026-01-15T12:55:00.000Z")
    told = amended(ROOFER, of_version=1, reference="F-1", contract=CONTRACT, ring_fence=TWO)
    told = replace(told, fingerprint="1" * 64, minutes_a_week=2260)
    market.say(told, by=SUPPLIER, subject=ROOFER)
    assert proposals(tick(market, FIRST_ROUND)) == []
    now = pair("amal", ROOFER, opportunity_version=2)
    market.say(fits(amal, now, as_of=market.state.sequence), worker="matcher")

    (proposed,) = proposals(tick(market, "2026-01-15T13:10:00.000Z"))

    assert proposed.resident == amal


def test_an_owed_round_is_held_once_however_many_are_assessed_late(
    market: MarketUnderTest,
) -> None:
    for name in ("amal", "bea"):
        enter(market, name, ROOFER)
    told = amended(ROOFER, of_version=1, reference="F-1", contract=CONTRACT, ring_fence=TWO)
    told = replace(told, fingerprint="1" * 64, minutes_a_week=2260)
    market.say(told, by=SUPPLIER, subject=ROOFER)
    tick(market, FIRST_ROUND)
    first = pair("amal", ROOFER, opportunity_version=2)
    market.say(fits(resident("amal"), first, as_of=market.state.sequence), worker="matcher")
    assert len(proposals(tick(market, "2026-01-15T13:10:00.000Z"))) == 1
    later_on = pair("bea", ROOFER, opportunity_version=2)
    market.say(fits(resident("bea"), later_on, as_of=market.state.sequence), worker="matcher")

    assert proposals(tick(market, "2026-01-15T13:15:00.000Z")) == []
    assert len(proposals(tick(market, "2026-01-16T09:05:00.000Z"))) == 1


def test_who_lost_a_proposal_to_a_cut_may_be_proposed_again(market: MarketUnderTest) -> None:
    amal = enter(market, "amal", ROOFER)
    proposals(tick(market, FIRST_ROUND))
    cut = amended(ROOFER, of_version=1, reference="F-1", contract=CONTRACT)
    market.say(cut, by=SUPPLIER, subject=ROOFER)
    tick(market, "2026-01-15T13:10:00.000Z")
    back = amended(ROOFER, of_version=2, reference="F-1", contract=CONTRACT, ring_fence=TWO)
    market.say(back, by=SUPPLIER, subject=ROOFER)
    now = pair("amal", ROOFER, opportunity_version=3)
    market.say(fits(amal, now, as_of=market.state.sequence), worker="matcher")
    tick(market, "2026-01-15T13:15:00.000Z")

    (again,) = proposals(tick(market, "2026-01-16T09:05:00.000Z"))

    assert again.resident == amal


def test_a_rung_of_a_new_ladder_opens_on_its_own_day() -> None:
    register = register_market()
    quick = (
        Rung(after_working_days=0, routes=("local_unemployed", "care_leaver")),
        Rung(after_working_days=2, everyone=True),
    )
    under(register, fence(rungs=quick))
    market = market_under(register)
    tick(market, "2026-01-16T08:00:00.000Z")
    assert market.state.reserved[ROOFER].groups[0].stage == 1
    under(register, fence(), of_version=1)
    news(register, market)
    enter(market, "dara", ROOFER, rung=1)

    assert proposals(tick(market, "2026-01-16T09:05:00.000Z")) == []
    assert market.state.reserved[ROOFER].groups[0].stage == 0


def test_a_route_is_disclosed_to_nobody_after_consent_to_it_ends() -> None:
    register = register_market()
    care = fence(
        routes=(fence().routes[1],),
        rungs=(Rung(after_working_days=0, routes=("care_leaver",)),),
        route_disclosed=True,
    )
    under(register, care)
    market = market_under(register)
    amal = enter(market, "amal", ROOFER)
    agreed: dict[str, Any] = {"purpose": Purpose.INTRODUCTION, "supplier": SUPPLIER}
    market.say(consents("amal", **agreed, fields=("route",)), by=PARTNER, subject=amal)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offered(market, proposed.offer)

    ended = market.say(ConsentWithdrawn(resident=amal, **agreed), by=PARTNER, subject=amal)

    assert names(ended) == ("ConsentWithdrawn", "OfferWithdrawn")
    late = market.say(OfferAccepted(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    assert refusal_codes(late) == ("offer_withdrawn",)


def test_a_leap_moves_nothing_until_the_operator_confirms_it() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    amal = enter(market, "amal", ROOFER)
    market.say(consents("amal", ends_on=date(2026, 3, 1)), by=PARTNER, subject=amal)
    every_ten_minutes(market, until=FIRST_ROUND)
    (offer,) = market.state.offers
    before = market.state.now

    leapt = tick(market, "2027-01-15T13:10:00.000Z")

    assert names(leapt) == ("ClockDoubted", "NoticeGiven")
    assert (market.state.now, market.state.offers[offer].status) == (before, "proposed")
    assert market.recovered() == market.state


def test_a_leap_that_is_confirmed_lengthens_what_was_running() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", ROOFER)
    every_ten_minutes(market, until=FIRST_ROUND)
    (offer,) = market.state.offers
    delivered(market, offer)
    release_by = market.state.clocks[f"offer {offer}"]
    tick(market, "2026-01-19T13:05:00.000Z")
    market.say(ClockConfirmed(market="zedford"), by=OPERATOR)

    moved = tick(market, "2026-01-19T13:10:00.000Z")

    assert "WindowsLengthened" in names(moved)
    assert "OfferWithdrawn" not in names(moved)
    told = [event.party for event in moved if event.name == "NoticeGiven"]
    assert told == [PARTNER]
    assert market.state.clocks[f"offer {offer}"] > release_by
    assert market.state.doubted_since is None
    assert market.recovered() == market.state


def test_a_gap_between_ticks_puts_off_the_half_from_which_the_deputy_may_act() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    assigned(market, DutyAssigned(on_duty="sam-01", deputy="ada-02"))
    enter(market, "amal", ROOFER)
    every_ten_minutes(market, until=FIRST_ROUND)
    (offer,) = market.state.offers
    delivered(market, offer)
    since = market.state.now
    tick(market, later(since, timedelta(hours=2)))
    release = ProposalReleased(offer=offer)

    every_ten_minutes(market, until="2026-01-16T10:55:00.000Z")
    early = market.say(release, by=PARTNER, subject=offer, who="ada-02")
    every_ten_minutes(market, until="2026-01-16T11:05:00.000Z")
    due = market.say(release, by=PARTNER, subject=offer, who="ada-02")

    assert refusal_codes(early) == ("off_duty",)
    assert names(due) == ("ProposalReleased", "SlotOffered")
    assert market.recovered() == market.state


def test_a_leap_that_was_the_broker_s_mistake_is_forgotten_with_the_next_right_tick() -> None:
    market = zedford(clock=Clock.REAL)
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    tick(market, "2027-01-15T13:10:00.000Z")

    tick(market, "2026-01-13T12:10:00.000Z")

    assert (market.state.now, market.state.doubted_since) == ("2026-01-13T12:10:00.000Z", None)


def test_a_tick_long_behind_the_broker_is_refused() -> None:
    market = zedford(clock=Clock.REAL)
    slow = Tick(market="zedford", at="2026-01-13T12:05:01.000Z")

    said = market.say(slow, worker="ticker", appended_at="2026-01-20T12:00:00.000Z")

    assert refusal_codes(said) == ("tick_behind",)


def test_the_same_answer_for_another_reason_is_refused(market: MarketUnderTest) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    held = ProposalHeld(offer=proposed.offer, reason=HoldReason.SAFEGUARDING)
    market.say(held, by=PARTNER, subject=proposed.offer)

    same = market.say(held, by=PARTNER, subject=proposed.offer)
    other = market.say(
        replace(held, reason=HoldReason.DATA_WRONG), by=PARTNER, subject=proposed.offer
    )

    assert names(same) == ("SubmissionRepeated",)
    assert refusal_codes(other) == ("proposal_held",)


def test_an_answer_whose_effect_is_gone_is_no_repeat(market: MarketUnderTest) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offered(market, proposed.offer)
    accepted = OfferAccepted(offer=proposed.offer)
    market.say(accepted, by=PARTNER, subject=proposed.offer)
    market.say(introducing("amal"), by=PARTNER, subject=resident("amal"))
    tick(market, "2026-01-30T09:05:00.000Z")

    again = market.say(accepted, by=PARTNER, subject=proposed.offer)

    assert refusal_codes(again) == ("offer_withdrawn",)
    assert market.state.offers[proposed.offer].reason == WithdrawalReason.SUPPLIER_SILENT.value


def test_a_standing_yes_that_was_replaced_proposes_nobody(market: MarketUnderTest) -> None:
    amal = enter(market, "amal")
    market.say(says("amal", until=date(2026, 5, 1)), by=PARTNER, subject=amal)
    met = fits(amal, pair("amal", ROOFER, standing=True), as_of=market.state.sequence)
    market.say(met, worker="matcher")

    market.say(says("amal", until=date(2026, 5, 2)), by=PARTNER, subject=amal)

    assert proposals(tick(market, FIRST_ROUND)) == []


def test_a_yes_taken_back_before_the_proposal_is_made_drops_it() -> None:
    register = register_market()
    under(register, fence())
    market = market_under(register)
    for name in ("amal", "bea"):
        enter(market, name, ROOFER)
    policy = replace(market.state.rules.policy, most_proposals_a_record=1)  # type: ignore[union-attr]
    market.state.rules = replace(market.state.rules, policy=policy)  # type: ignore[type-var]
    (first,) = proposals(tick(market, FIRST_ROUND))
    (waiting,) = market.state.unproposed
    name = "amal" if waiting.resident == resident("amal") else "bea"
    market.say(says(name), by=PARTNER, subject=waiting.resident)

    events = tick(market, "2026-01-15T13:10:00.000Z")

    assert "ProposalDropped" in names(events)
    assert first.resident != waiting.resident


def test_work_experience_bars_nobody_from_a_job() -> None:
    register = register_market()
    under(register, fence())
    market = market_under(register, kind=OpportunityKind.WORK_EXPERIENCE)
    amal = enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offered(market, proposed.offer)
    market.say(OfferAccepted(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    assert market.state.residents[amal].placed == (proposed.offer,)
    market.say(introducing("amal"), by=PARTNER, subject=amal)

    market.say(HireConfirmed(offer=proposed.offer), by=SUPPLIER, subject=proposed.offer)

    assert market.state.residents[amal].placed == ()
    assert market.state.reserved[ROOFER].groups[0].positions[0].status == "filled"


def test_whom_the_minimum_fit_of_one_group_shuts_out_is_shown_to_their_coordinator() -> None:
    register = register_market()
    strict = fence(min_fit=MinimumFit(value=8000, necessity="The machine is dangerous."))
    under(register, fence(), strict)
    both = (
        FencedPositions(group="starts", clause="4.2", positions=1),
        FencedPositions(group="more", clause="4.3", positions=1),
    )
    market = market_under(register, ring_fence=both)
    amal = enter(market, "amal", ROOFER, score=7000)

    assert market.state.residents[amal].shut_out == (ROOFER,)
