"""
Which pairs an assessment carries, and how a pair is said.

Of an opportunity: its best 50, whoever said yes to it, and every resident in whose ten
best it now stands. Of a resident: their ten best, what they said yes to, and every
opportunity in whose best 50 they now stand. What is ruled out is carried only where the
resident said yes, so that the reason can be told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matching.model import Fit, Ranked
from schemas.fits import Pair, Parts, Reason
from services.matcher.carried import BEST_OF_OPPORTUNITY, BEST_OF_RESIDENT, CarriedFits

MOST_CODES = 40
MOST_REASONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """
    One side of a pair: our id and the fit version that was read.
    """

    id: str
    version: int


def of_opportunity(
    opportunity: str,
    *,
    scores: Mapping[str, int],
    said_yes: Iterable[str],
    carried: CarriedFits,
) -> tuple[str, ...]:
    """
    Choose the residents that an opportunity's assessment carries, best first.

    Args:
        opportunity: its id.
        scores: by resident, of those who are not ruled out.
        said_yes: the residents who said yes to it, here or beforehand.
        carried: the fits that the market carries.
    """
    best = _best(scores, most=BEST_OF_OPPORTUNITY)
    now_best = (
        resident
        for resident, score in scores.items()
        if carried.residents.would_hold(resident, opportunity, score=score)
    )
    return _in_order({*best, *now_best, *said_yes}, scores)


def of_resident(
    resident: str,
    *,
    scores: Mapping[str, int],
    said_yes: Iterable[str],
    carried: CarriedFits,
) -> tuple[str, ...]:
    """
    Choose the opportunities that a resident's assessment carries, best first.

    Args:
        resident: the id.
        scores: by opportunity, of those that are not ruled out.
        said_yes: the opportunities that the resident said yes to, here or beforehand.
        carried: the fits that the market carries.
    """
    best = _best(scores, most=BEST_OF_RESIDENT)
    now_among = (
        opportunity
        for opportunity, score in scores.items()
        if carried.opportunities.would_hold(opportunity, resident, score=score)
    )
    return _in_order({*best, *now_among, *said_yes}, scores)


def pair(
    found: Ranked,
    *,
    resident: Versioned,
    opportunity: Versioned,
    standing: bool,
    thin: bool = False,
) -> Pair:
    """
    Say one pair.

    Args:
        found: the fit, and what eligibility turns on.
        resident: the one side.
        opportunity: the other side.
        standing: whether the opportunity lies within the resident's standing yes.
        thin: whether too little is known of the resident for a low score to count.
    """
    return Pair(
        resident=resident.id,
        resident_version=resident.version,
        opportunity=opportunity.id,
        opportunity_version=opportunity.version,
        eligible=found.eligibility.answer,
        codes=found.eligibility.codes[:MOST_CODES],
        unknown=found.eligibility.unknown_facts[:MOST_CODES],
        standing=standing,
        thin=thin,
        score=found.fit.score,
        parts=_parts(found.fit),
        reasons=_reasons(found.fit),
    )


def _best(scores: Mapping[str, int], *, most: int) -> Iterable[str]:
    return sorted(scores, key=lambda each: (-scores[each], each))[:most]


def _in_order(chosen: set[str], scores: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(chosen, key=lambda each: (-scores.get(each, -1), each)))


def _parts(fit: Fit) -> Parts:
    return Parts(dense=fit.parts.dense, cover=fit.parts.cover, lexical=fit.parts.lexical)


def _reasons(fit: Fit) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            code=reason.code.value,
            resident_statement=reason.resident_statement,
            opportunity_statement=reason.opportunity_statement,
            strength=reason.strength,
        )
        for reason in fit.reasons[:MOST_REASONS]
    )
