"""
One assessment: a subject of the index compared with the other side, and what is carried of it.
"""

from collections.abc import Iterable, Iterator
from math import radians
from typing import Any

import numpy as np

from matching.model import OpportunityProfile, Ranked, ResidentProfile, Side
from matching.ranking.eligibility import metres_between
from matching.ranking.pipeline import (
    CANDIDATES,
    Ground,
    Prepared,
    compare,
    rank_opportunities,
    rank_residents,
)
from matching.ranking.standing import stands
from schemas.fits import Pair
from schemas.vocabulary import Answer
from services.matcher.assessing import of_opportunity, of_resident, pair
from services.matcher.index import MarketIndex, Model, OpportunityHere, ResidentHere


def assess_opportunity(opportunity: str, *, index: MarketIndex, model: Model) -> tuple[Pair, ...]:
    """
    Assess an opportunity against the residents in the index.

    Compared are the nearest by whole text, whoever said yes, and, since they would take any,
    all who have fewer than ten fits.

    Raises:
        KeyError: it is not in the index, or is not prepared.
    """
    here, own = index.opportunities[opportunity], _own(opportunity, Side.OPPORTUNITY, index, model)
    yes = {
        each.side.id
        for each in index.residents.values()
        if _says_yes(each, here, index=index, model=model)
    }
    wanting = {each for each in index.residents if index.carried.residents.wants_more(each)}
    found = _found(here.profile, own=own, named=yes | wanting, index=index, model=model)
    chosen = of_opportunity(
        opportunity,
        scores=_scores(found.values()),
        said_yes=yes & set(found),
        carried=index.carried,
    )
    return tuple(
        _pair(index.residents[each], here, found[each], index=index, model=model) for each in chosen
    )


def assess_resident(resident: str, *, index: MarketIndex, model: Model) -> tuple[Pair, ...]:
    """
    Assess a resident against the open opportunities: the nearest, and what they said yes to.

    Raises:
        KeyError: the resident is not in the index, or is not prepared.
    """
    here, own = index.residents[resident], _own(resident, Side.RESIDENT, index, model)
    yes = {
        each.side.id
        for each in index.opportunities.values()
        if _says_yes(here, each, index=index, model=model)
    }
    found = _found(here.profile, own=own, named=yes, index=index, model=model)
    chosen = of_resident(
        resident, scores=_scores(found.values()), said_yes=yes & set(found), carried=index.carried
    )
    return tuple(
        _pair(here, index.opportunities[each], found[each], index=index, model=model)
        for each in chosen
    )


def _own(subject: str, side: Side, index: MarketIndex, model: Model) -> Prepared:
    return index.pool(side, model).prepared(subject)


def _found(
    profile: ResidentProfile | OpportunityProfile,
    *,
    own: Prepared,
    named: set[str],
    index: MarketIndex,
    model: Model,
) -> dict[str, Ranked]:
    """
    Compare a profile with the nearest of the other side, and with those who are named.
    """
    constants = model.constants
    if isinstance(profile, OpportunityProfile):
        pool = index.pool(Side.RESIDENT, model)
        if not len(pool):
            return {}
        nearest = rank_residents(
            profile, prepared=own, pool=pool, constants=constants, top=CANDIDATES
        )
    else:
        pool = index.pool(Side.OPPORTUNITY, model)
        if not len(pool):
            return {}
        nearest = rank_opportunities(
            profile, prepared=own, pool=pool, constants=constants, top=CANDIDATES
        )
    found = {each.id: each for each in nearest}
    others = sorted(named - set(found))
    compared = compare(profile, prepared=own, pool=pool, subjects=others, constants=constants)
    return found | {each.id: each for each in compared}


def _scores(found: Iterable[Ranked]) -> dict[str, int]:
    return {each.id: each.fit.score for each in found if each.eligibility.answer is not Answer.NO}


def _pair(
    resident: ResidentHere,
    opportunity: OpportunityHere,
    found: Ranked,
    *,
    index: MarketIndex,
    model: Model,
) -> Pair:
    return pair(
        found,
        resident=resident.side,
        opportunity=opportunity.side,
        standing=_stands(resident, opportunity, index=index, model=model),
        thin=index.pool(Side.RESIDENT, model).prepared(resident.side.id).is_thin,
    )


def _says_yes(
    resident: ResidentHere, opportunity: OpportunityHere, *, index: MarketIndex, model: Model
) -> bool:
    if opportunity.side.id in resident.yes:
        return True
    return _stands(resident, opportunity, index=index, model=model)


def _stands(
    resident: ResidentHere, opportunity: OpportunityHere, *, index: MarketIndex, model: Model
) -> bool:
    if resident.standing is None or resident.standing_until < str(index.today):
        return False
    metres = _metres(resident.profile, opportunity.profile, ground=model.ground)
    return stands(resident.standing, opportunity.profile, metres=metres)


def _metres(
    resident: ResidentProfile, opportunity: OpportunityProfile, *, ground: Ground
) -> int | None:
    here = ground.places.get(resident.outcode or "")
    there = ground.places.get(opportunity.outcode or "")
    if here is None or there is None:
        return None
    return round(float(metres_between(*_radians(here), *_radians(there))[0]))


def _radians(place: tuple[float, float]) -> Iterator[Any]:
    return (np.array([radians(each)]) for each in place)
