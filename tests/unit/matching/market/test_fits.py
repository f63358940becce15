"""
Fits entered as data: what is current is taken, the newer holds, parts act together.
"""

import pytest

from matching.market.fits import best_of
from schemas.fits import RuleCode, RulesAssessed
from schemas.opportunities import OpportunityWithdrawn
from schemas.vocabulary import Answer
from tests.builders import (
    CONTRACT,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    fits,
    names,
    opportunity,
    pair,
    posted,
    registered,
    resident,
    updated,
    zedford,
)

AMAL, BEA = resident("amal"), resident("bea")
ROOFER, CLEANER = opportunity("R-1"), opportunity("R-2")


@pytest.fixture
def market() -> MarketUnderTest:
    """
    A market with two opportunities and two residents who consent to be matched.
    """
    made = zedford()
    for reference in ("R-1", "R-2"):
        made.say(posted(reference), by=SUPPLIER, subject=opportunity(reference))
    for name in ("amal", "bea"):
        made.say(registered(name), by=PARTNER, subject=resident(name))
    return made


def held(market: MarketUnderTest, who: str, what: str) -> tuple[int, int] | None:
    fit = market.state.fits.get(who, {}).get(what)
    return (fit.as_of, fit.score) if fit else None


def test_per_pair_the_larger_as_of_holds(market: MarketUnderTest) -> None:
    market.say(fits(AMAL, pair("amal", ROOFER, score=8000), as_of=9), worker="matcher")

    market.say(fits(ROOFER, pair("amal", ROOFER, score=1000), as_of=8), worker="matcher")
    older = held(market, AMAL, ROOFER)
    market.say(fits(ROOFER, pair("amal", ROOFER, score=9000), as_of=10), worker="matcher")

    assert older == (9, 8000)
    assert held(market, AMAL, ROOFER) == (10, 9000)


def test_parts_act_with_the_last(market: MarketUnderTest) -> None:
    first = fits(ROOFER, pair("amal", ROOFER), as_of=9, part=1, parts=2)
    last = fits(ROOFER, pair("bea", ROOFER), as_of=9, part=2, parts=2)

    market.say(last, worker="matcher")
    before = held(market, BEA, ROOFER)
    market.say(first, worker="matcher")

    assert before is None
    assert held(market, AMAL, ROOFER) == held(market, BEA, ROOFER) == (9, 7000)


def test_the_same_part_again_leaves_no_record(market: MarketUnderTest) -> None:
    part = fits(ROOFER, pair("amal", ROOFER), as_of=9, part=1, parts=2)
    whole = fits(CLEANER, pair("amal", CLEANER), as_of=9)

    assert market.say(part, worker="matcher") != ()
    assert market.say(part, worker="matcher") == ()
    assert market.say(whole, worker="matcher") != ()
    assert market.say(whole, worker="matcher") == ()


def test_pairs_with_an_outdated_version_are_left_out_and_others_taken(
    market: MarketUnderTest,
) -> None:
    market.say(updated("amal", of_version=1), by=PARTNER, subject=AMAL)
    assessed = fits(ROOFER, pair("amal", ROOFER), pair("bea", ROOFER), as_of=9)

    (event,) = market.say(assessed, worker="matcher")

    assert [each.resident for each in event.data.pairs] == [BEA]
    assert held(market, AMAL, ROOFER) is None


def test_an_amendment_ends_the_fits_of_the_version_before(market: MarketUnderTest) -> None:
    market.say(fits(ROOFER, pair("amal", ROOFER), as_of=9), worker="matcher")

    market.say(amended(ROOFER, of_version=1, positions=4), by=SUPPLIER, subject=ROOFER)

    assert held(market, AMAL, ROOFER) is None


def test_a_part_that_went_out_of_date_while_waiting_has_no_effect(
    market: MarketUnderTest,
) -> None:
    market.say(fits(ROOFER, pair("amal", ROOFER), as_of=9, part=1, parts=2), worker="matcher")
    market.say(OpportunityWithdrawn(opportunity=ROOFER, reason="x"), by=SUPPLIER, subject=ROOFER)

    market.say(fits(ROOFER, pair("bea", ROOFER), as_of=9, part=2, parts=2), worker="matcher")

    assert held(market, AMAL, ROOFER) is None
    assert held(market, BEA, ROOFER) is None


def test_a_pair_that_may_not_be_offered_is_never_among_the_best(market: MarketUnderTest) -> None:

    no = pair("amal", ROOFER, eligible=Answer.NO, score=9999)
    market.say(fits(AMAL, no, pair("amal", CLEANER), as_of=9), worker="matcher")

    assert best_of(market.state, AMAL) == (CLEANER,)


def test_rule_codes_of_the_newer_assessment_hold(market: MarketUnderTest) -> None:
    as_of = market.state.sequence
    newer = RulesAssessed(
        resident=AMAL,
        resident_version=1,
        as_of=as_of,
        codes=(RuleCode(contract=CONTRACT, clause="4.2", rung=0),),
    )
    older = RulesAssessed(resident=AMAL, resident_version=1, as_of=as_of - 1, codes=())

    assert names(market.say(newer, worker="matcher")) == ("RulesAssessed",)
    assert market.say(older, worker="matcher") == ()
    assert market.state.residents[AMAL].rule_codes[0].rung == 0


def test_the_last_part_asks_about_the_residents_of_every_part(market: MarketUnderTest) -> None:
    unknown = {"eligible": Answer.UNKNOWN, "unknown": ("right_to_work",)}
    first, second = pair("amal", ROOFER, **unknown), pair("bea", ROOFER, **unknown)

    market.say(fits(ROOFER, first, as_of=9, part=1, parts=2), worker="matcher")
    events = market.say(fits(ROOFER, second, as_of=9, part=2, parts=2), worker="matcher")

    asked = [event.subject for event in events if event.name == "FactAsked"]
    assert asked == sorted((AMAL, BEA))
    assert market.recovered() == market.state
