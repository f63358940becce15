"""
Opportunities in a market: contracts, versions, notices, closing dates.
"""

from dataclasses import replace
from datetime import date

import pytest

from schemas.contracts import ContractAgreed
from schemas.opportunities import FencedPositions, OpportunityWithdrawn, Pay
from schemas.vocabulary import OpportunityKind, PayBasis
from tests.builders import (
    CONTRACT,
    OTHER_SUPPLIER,
    OWNER,
    PARTNER,
    SUPPLIER,
    amended,
    apprenticeship,
    contract,
    fenced,
    fits,
    market_of,
    names,
    opportunity,
    pair,
    posted,
    refusal_codes,
    register_market,
    registered,
    resident,
    rules,
    tell_facts,
    tick,
    with_contract,
    zedford,
)


def test_a_posting_before_its_contract_is_told_that_it_is_not_here_yet() -> None:
    market = market_of(register_market())

    events = market.say(fenced(), by=SUPPLIER, subject=opportunity("F-1"))

    assert refusal_codes(events) == ("contract_not_here_yet",)


def test_a_posting_under_a_contract_that_is_not_agreed_is_refused() -> None:
    register = register_market()
    register.say(contract(), by=OWNER, subject=CONTRACT)
    market = market_of(register)

    events = market.say(fenced(), by=SUPPLIER, subject=opportunity("F-1"))

    assert refusal_codes(events) == ("contract_not_agreed",)


def test_a_new_version_of_a_contract_must_be_agreed_anew() -> None:
    register = with_contract(register_market())
    register.say(contract(title="Retrofit of 500 homes", of_version=1), by=OWNER, subject=CONTRACT)
    market = market_of(register)

    before = market.say(fenced(), by=SUPPLIER, subject=opportunity("F-1"))
    agreed = register.say(
        ContractAgreed(contract_id=CONTRACT, version=2), by=SUPPLIER, subject=CONTRACT
    )
    tell_facts(market, agreed, sequence=len(register.log))
    after = market.say(fenced(), by=SUPPLIER, subject=opportunity("F-1"))

    assert refusal_codes(before) == ("contract_not_agreed",)
    assert names(after)[0] == "OpportunityPostedSealed"


@pytest.mark.parametrize(
    ("clause", "code"), [("9.9", "clause_unknown"), ("7.1", "clause_without_fence")]
)
def test_a_fence_names_a_clause_that_has_one(clause: str, code: str) -> None:
    wrong = fenced(ring_fence=(FencedPositions(group="starts", clause=clause, positions=1),))

    events = zedford().say(wrong, by=SUPPLIER, subject=opportunity("F-1"))

    assert refusal_codes(events) == (code,)
    assert events[0].data.problems[0].lawful_value == "4.2"


def test_another_suppliers_contract_cannot_be_used() -> None:
    subject = opportunity("F-1", supplier=OTHER_SUPPLIER)

    events = zedford().say(fenced(), by=OTHER_SUPPLIER, subject=subject)

    assert refusal_codes(events) == ("contract_not_yours",)


def test_nothing_is_posted_to_close_after_its_contract_has_ended() -> None:
    late = fenced(closes_on=date(2027, 1, 1), starts_on=date(2027, 2, 1))

    events = zedford().say(late, by=SUPPLIER, subject=opportunity("F-1"))

    assert refusal_codes(events) == ("contract_ended",)


def test_an_amendment_names_the_version_that_it_replaces() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity())

    first = market.say(
        amended(opportunity(), of_version=1, positions=3), by=SUPPLIER, subject=opportunity()
    )
    stale = market.say(
        amended(opportunity(), of_version=1, positions=4), by=SUPPLIER, subject=opportunity()
    )

    assert names(first) == ("OpportunityAmendedSealed",)
    assert refusal_codes(stale) == ("version_conflict",)
    assert stale[0].data.problems[0].lawful_value == "2"
    assert market.state.opportunities[opportunity()].terms.positions == 3


def test_an_amendment_keeps_reference_and_kind() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity())
    kind = OpportunityKind.TRAINING_PLACE

    other_reference = market.say(
        amended(opportunity(), of_version=1, reference="R-2"), by=SUPPLIER, subject=opportunity()
    )
    other_kind = market.say(
        amended(opportunity(), of_version=1, kind=kind), by=SUPPLIER, subject=opportunity()
    )

    assert refusal_codes(other_reference) == ("reference_changed",)
    assert refusal_codes(other_kind) == ("kind_changed",)


def test_what_was_withdrawn_cannot_be_withdrawn_or_amended_again() -> None:
    market = zedford()
    gone = OpportunityWithdrawn(opportunity=opportunity(), reason="filled")
    market.say(posted(), by=SUPPLIER, subject=opportunity())
    market.say(gone, by=SUPPLIER, subject=opportunity())

    again = market.say(gone, by=SUPPLIER, subject=opportunity())
    amendment = market.say(amended(opportunity(), of_version=1), by=SUPPLIER, subject=opportunity())

    assert refusal_codes(again) == refusal_codes(amendment) == ("opportunity_withdrawn",)


def test_a_later_pay_rate_gives_a_notice() -> None:
    low = posted(pay=Pay(basis=PayBasis.HOURLY, pence=1250))

    events = zedford().say(low, by=SUPPLIER, subject=opportunity())

    assert names(events) == ("OpportunityPostedSealed", "NoticeGiven")
    notice = events[1].data
    assert (notice.party, notice.notice) == (SUPPLIER, "pay_below_later_rate")
    assert (notice.lawful_value, notice.on) == ("1271", "2026-04-01")


def test_a_rate_adopted_later_gives_a_notice_to_whom_it_overtakes() -> None:
    register = with_contract(register_market())
    market = market_of(register)
    low = posted(pay=Pay(basis=PayBasis.HOURLY, pence=1300))
    market.say(low, by=SUPPLIER, subject=opportunity())
    raised = rules(2)
    raised = replace(
        raised,
        wages=(
            *raised.wages,
            replace(raised.wages[1], valid_from=date(2026, 7, 1), hourly_pence=1350),
        ),
    )

    facts = register.say(raised, by="zedford-foothold")
    events = tell_facts(market, facts, sequence=len(register.log))

    assert names(events) == ("RulesAdopted", "NoticeGiven")
    assert events[1].data.lawful_value == "1350"


def test_the_second_year_of_an_apprenticeship_gives_a_notice() -> None:
    long = apprenticeship(duration_months=18, pay=Pay(basis=PayBasis.HOURLY, pence=1000))

    events = zedford().say(long, by=SUPPLIER, subject=opportunity("A-1"))

    assert events[-1].data.notice == "pay_in_second_year"
    assert events[-1].data.on == "2027-03-02"


def test_an_opportunity_closes_on_the_first_tick_after_its_last_day() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity())

    tick(market, "2026-02-10T23:55:00.000Z")
    on_the_day = market.state.opportunities[opportunity()].status
    tick(market, "2026-02-11T00:05:00.000Z")

    assert on_the_day == "open"
    assert market.state.opportunities[opportunity()].status == "closed"


def test_a_contract_keeps_its_pledge_and_its_agreement() -> None:
    entry = zedford().state.contracts[CONTRACT]

    assert entry.owner == OWNER
    assert (entry.version, entry.agreed_version) == (1, 1)
    assert entry.pledges["P-1"].quantity == 14


def test_fits_of_all_that_closes_on_a_day_end_with_it() -> None:
    market = zedford()
    market.say(registered("amal"), by=PARTNER, subject=resident("amal"))
    early, late = opportunity("R-1"), opportunity("R-2")
    market.say(posted("R-1"), by=SUPPLIER, subject=early)
    market.say(posted("R-2", closes_on=date(2026, 2, 20)), by=SUPPLIER, subject=late)
    both = (pair("amal", early), pair("amal", late))
    market.say(fits(resident("amal"), *both, as_of=9), worker="matcher")

    tick(market, "2026-02-11T00:05:00.000Z")

    assert set(market.state.fits[resident("amal")]) == {late}
    assert market.recovered() == market.state


def test_a_posting_that_was_withdrawn_is_not_told_to_be_open_still() -> None:
    market = zedford()
    market.say(posted(), by=SUPPLIER, subject=opportunity())
    gone = OpportunityWithdrawn(opportunity=opportunity(), reason="filled")
    market.say(gone, by=SUPPLIER, subject=opportunity())

    again = market.say(posted(), by=SUPPLIER, subject=opportunity())

    assert refusal_codes(again) == ("opportunity_withdrawn",)


def test_the_lawful_closing_date_under_a_contract_is_its_last_day() -> None:
    market = zedford()
    start = date(2027, 2, 1)
    late = fenced(starts_on=start, closes_on=date(2027, 1, 1))
    (problem,) = market.say(late, by=SUPPLIER, subject=opportunity("F-1"))[0].data.problems

    mended = fenced(starts_on=start, closes_on=date.fromisoformat(problem.lawful_value))

    assert problem.lawful_value == "2026-12-31"
    assert refusal_codes(market.say(mended, by=SUPPLIER, subject=opportunity("F-1"))) == ()
