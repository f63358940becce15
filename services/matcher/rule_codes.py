"""
Rule codes of one resident for every ring fence of the market, never per opportunity.
"""

from dataclasses import dataclass
from datetime import date

import structlog

from matching.ranking.routes import (
    Fence,
    Person,
    Route,
    Rung,
    RungMet,
    assess,
    changes_on,
)
from schemas.fits import RuleCode, RulesAssessed
from services.matcher.profiles import fact_days
from services.storage.debts import MarketNow

# As many as one assessment takes on the wire.
MOST_FENCES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedRules:
    """
    What is said of a resident's rule codes, and on which later days it will read otherwise.
    """

    said: RulesAssessed
    days: tuple[date, ...]


def assess_rules(
    resident: str, *, version: int, person: Person, market: MarketNow, as_of: int
) -> AssessedRules:
    """
    Assess a resident on the market's day for all agreed ring fences.

    Args:
        resident: our id.
        version: the fit version of the profile that was read.
        person: birth date, outcode and facts.
        market: the market's day, patches and fences.
        as_of: the market sequence that had been applied.
    """
    on = date.fromisoformat(market.day)
    patches = {name: frozenset(outcodes) for name, outcodes in market.patches.items()}
    found = assess(person, fences_of(market), on=on, patches=patches)
    said = RulesAssessed(
        resident=resident,
        resident_version=version,
        as_of=as_of,
        codes=tuple(_code(met) for met in found),
    )
    first = changes_on(found)
    # Facts decide what opportunities ask for as well, so their days count with the rungs'.
    days = {*fact_days(person.facts, after=on), *(() if first is None else (first,))}
    return AssessedRules(said=said, days=tuple(sorted(days)))


def fences_of(market: MarketNow) -> tuple[Fence, ...]:
    """
    Read the market's agreed ring fences.
    """
    if len(market.fences) > MOST_FENCES:
        structlog.get_logger().error(
            "more ring fences than an assessment holds",
            market=market.market,
            count=len(market.fences),
            limit=MOST_FENCES,
        )
    return tuple(
        Fence(
            contract=contract,
            clause=told["clause"],
            routes=tuple(Route(route=name, all_of=tuple(codes)) for name, codes in told["routes"]),
            rungs=tuple(
                Rung(routes=tuple(routes), everyone=everyone) for routes, everyone in told["rungs"]
            ),
        )
        for contract, told in market.fences[:MOST_FENCES]
    )


def _code(met: RungMet) -> RuleCode:
    return RuleCode(
        contract=met.contract,
        clause=met.clause,
        rung=met.rung,
        first_day=met.first_day,
        last_day=met.last_day,
        rests_on=met.rests_on,
        unknown=met.unknown,
    )
