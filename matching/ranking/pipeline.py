"""
Who suits what, in six stages, each a module that knows none of the others.

1. `profile_text`: from a profile to one text and numbered statements;
2. `eligibility`: yes, no or unknown, with what it turns on; no bars, unknown does not;
3. `retrieval`: the nearest whole texts among those whom nothing bars;
4. `scoring`: whole texts, statements and words compared, as whole numbers of the pair;
5. `ordering`: the larger score first, ties by id;
6. `explanation`: what meets what, and what is missing, as codes and numbers.

A fit is advice. It belongs to the pair: nobody who joins or leaves changes it, and a
resident and an opportunity find the same of each other.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from matching.model import Fit, OpportunityProfile, Parts, Ranked, ResidentProfile, Side
from matching.ranking import explanation, scoring
from matching.ranking.eligibility import Assessed, Ground
from matching.ranking.ordering import order
from matching.ranking.pool import CANDIDATES, Pool
from matching.ranking.preparation import prepare_opportunity, prepare_resident
from matching.ranking.prepared import Prepared
from matching.ranking.profile_text import Profile, statements
from matching.ranking.scoring import Constants, Scores

__all__ = [
    "CANDIDATES",
    "Constants",
    "Ground",
    "Pool",
    "Prepared",
    "compare",
    "fit",
    "prepare_opportunity",
    "prepare_resident",
    "rank_opportunities",
    "rank_residents",
    "scores",
    "statements",
]

# Of a long list so many are compared at once, which bounds the memory that it takes.
_AT_ONCE = 400


def fit(opportunity: Prepared, resident: Prepared, *, constants: Constants) -> Fit:
    """
    Compare one pair.
    """
    many = scoring.together((resident,))
    scored = scoring.score(opportunity, many, constants=constants)
    return _fit_of(scored, 0, one=opportunity, other=resident, start=0)


def rank_residents(
    opportunity: OpportunityProfile,
    *,
    prepared: Prepared,
    pool: Pool,
    constants: Constants,
    top: int,
) -> tuple[Ranked, ...]:
    """
    Rank the residents of a pool for an opportunity.

    Args:
        opportunity: the profile, for eligibility.
        prepared: the same, made ready.
        pool: the residents.
        constants: of the model that prepared both sides.
        top: how many places there are at most.

    Returns:
        The best first, ties by id; nobody whom something bars.
    """
    return _rank(opportunity, prepared, pool, constants, top)


def rank_opportunities(
    resident: ResidentProfile,
    *,
    prepared: Prepared,
    pool: Pool,
    constants: Constants,
    top: int,
) -> tuple[Ranked, ...]:
    """
    Rank the opportunities of a pool for a resident; see `rank_residents`.
    """
    return _rank(resident, prepared, pool, constants, top)


def compare(
    profile: Profile,
    *,
    prepared: Prepared,
    pool: Pool,
    subjects: Iterable[str],
    constants: Constants,
) -> tuple[Ranked, ...]:
    """
    Compare a profile with named ones of the other side, barred ones too.

    Returns:
        One a subject that is in the pool, in the order given.
    """
    assessed, rows = pool.assess(profile), pool.rows(subjects)
    found: list[Ranked] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        scored, others = _scored(prepared, pool, part, constants)
        found += _ranked(range(len(part)), scored, others, prepared, assessed, part)
    return tuple(found)


def scores(
    profile: Profile,
    *,
    prepared: Prepared,
    pool: Pool,
    subjects: Iterable[str],
    constants: Constants,
) -> dict[str, int]:
    """
    Score a profile against named ones of the other side, without reasons: of many, quickly.

    Returns:
        The score of each whom nothing bars, by id.
    """
    allowed = pool.assess(profile).allowed
    rows = tuple(row for row in pool.rows(subjects) if allowed[row])
    found: dict[str, int] = {}
    for start in range(0, len(rows), _AT_ONCE):
        scored, others = _scored(prepared, pool, rows[start : start + _AT_ONCE], constants)
        ids = (each.id for each in others)
        found.update(zip(ids, scored.score.tolist(), strict=True))
    return found


def _rank(
    profile: Profile, prepared: Prepared, pool: Pool, constants: Constants, top: int
) -> tuple[Ranked, ...]:
    assessed = pool.assess(profile)
    rows = pool.nearest(prepared, assessed=assessed)
    if not rows:
        return ()
    scored, others = _scored(prepared, pool, rows, constants)
    places = order(scored.score, ids=tuple(each.id for each in others), top=top)
    return tuple(_ranked(places, scored, others, prepared, assessed, rows))


def _scored(
    prepared: Prepared, pool: Pool, rows: tuple[int, ...], constants: Constants
) -> tuple[Scores, tuple[Prepared, ...]]:
    others = pool.at(rows)
    return scoring.score(prepared, scoring.together(others), constants=constants), others


def _ranked(
    places: Iterable[int],
    scored: Scores,
    others: tuple[Prepared, ...],
    prepared: Prepared,
    assessed: Assessed,
    rows: tuple[int, ...],
) -> Iterator[Ranked]:
    starts = np.cumsum([0, *(max(1, len(each.phrases)) for each in others)])
    for place in places:
        yield Ranked(
            id=others[place].id,
            fit=_fit_of(scored, place, one=prepared, other=others[place], start=int(starts[place])),
            eligibility=assessed.of(rows[place]),
        )


def _fit_of(scored: Scores, at: int, *, one: Prepared, other: Prepared, start: int) -> Fit:
    likeness = scored.likeness[: len(one.phrases), start : start + len(other.phrases)]
    # Rows are the resident's statements, from whichever side one looks.
    if one.side is Side.OPPORTUNITY:
        likeness = likeness.T
    opportunity = one if one.side is Side.OPPORTUNITY else other
    return Fit(
        score=int(scored.score[at]),
        parts=Parts(
            dense=int(scored.dense[at]),
            cover=int(scored.cover[at]),
            lexical=int(scored.lexical[at]),
        ),
        reasons=explanation.explain(
            likeness, sought=range(*opportunity.sought), strengths=scoring.strengths
        ),
    )
