"""
Stage 4: how well two suit each other, in three parts of whole numbers.

Every similarity is told in standard deviations from a fixed background: how alike the
text or statement is to phrases about work that have nothing to do with it. The parts are
standardised by constants of the model version. So no number depends on who else is in the
pool, and both sides find the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.ranking.lexical import Terms, TermTable, overlaps
from matching.ranking.prepared import Prepared

LEAST, MOST = 0, 10_000

# A part of 0 lies so many deviations below the mean of unrelated pairs, 10,000 above it.
_FLOOR, _CEILING = -4.0, 8.0
# Weights 1, 1 and 0.5, as whole numbers.
_DENSE_SHARE, _COVER_SHARE, _LEXICAL_SHARE = 2, 2, 1
_GRID = 1_000
_LEAST_SPREAD = 1e-6

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """
    Where a part lies, and how widely, over pairs that have nothing to do with each other.
    """

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constants:
    """
    What belongs to a version of the model and to nobody in the pool.

    Attributes:
        model: the digest of encoder, engine and these constants.
        background: unit vectors of the background phrases, shape (n, dim), float16.
        terms: how common words are.
        dense: of the standardised similarity of the whole texts.
        cover: of the mean standardised similarity of each statement to its best counterpart.
        lexical: of the square root of the share of a resident's words that are met.
    """

    model: str
    background: NDArray[np.float16]
    terms: TermTable
    dense: Scale
    cover: Scale
    lexical: Scale


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Many:
    """
    Several prepared profiles of one side, laid out one after the other.

    Attributes:
        dense: whole texts, shape (n, dim).
        phrases: shape (p, dim); `level` and `spread` have one value each.
        starts: where each profile's phrases begin; who states nothing has one of zeros.
        lengths: how many phrases each has, of which one may be of zeros.
        speaks: whether each states anything, shape (n,).
        term_owners: to whom each of the terms belongs.
    """

    dense: Real
    dense_level: Real
    dense_spread: Real
    phrases: Real
    level: Real
    spread: Real
    starts: Whole
    lengths: Whole
    speaks: NDArray[np.bool_]
    terms: Terms
    term_owners: Whole
    term_counts: Whole

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """
    The scores of one against many.

    Attributes:
        score: 0 to 10,000, shape (n,), as are `dense`, `cover` and `lexical`.
        likeness: thousandths of a deviation, of each statement of the one to each of the
            many, shape (statements, p).
    """

    score: Whole
    dense: Whole
    cover: Whole
    lexical: Whole
    likeness: Whole


def background_fit(
    vectors: NDArray[np.float16], *, background: NDArray[np.float16]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """
    Measure how alike vectors are to the background.

    Args:
        vectors: shape (n, dim).
        background: shape (m, dim).

    Returns:
        The mean and the standard deviation of each vector's cosines, both of shape (n,).
    """
    cosines = exact_products(vectors, background)
    level, spread = cosines.mean(axis=1), cosines.std(axis=1)
    return level.astype(np.float32), np.maximum(spread, _LEAST_SPREAD).astype(np.float32)


def exact_products(one: NDArray[np.floating], other: NDArray[np.floating]) -> Real:
    """
    Multiply unit vectors of half precision without any rounding, so in any order alike.

    Such numbers are multiples of 2**-24, their products of 2**-48, and no sum of products
    of unit vectors much exceeds 1: all partial sums fit into the 53 bits of a double.
    """
    return np.asarray(one.astype(np.float64) @ other.astype(np.float64).T)


def together(profiles: tuple[Prepared, ...]) -> Many:
    """
    Lay prepared profiles out one after the other.
    """
    silent = np.zeros((1, len(profiles[0].dense)), np.float16)
    lengths = np.array([max(1, len(each.phrases)) for each in profiles], np.int64)
    counts = np.array([len(each.term_ids) for each in profiles], np.int64)
    nothing = np.ones(1, np.float32)
    return Many(
        dense=np.array([each.dense for each in profiles]).astype(np.float16).astype(np.float64),
        dense_level=np.array([each.dense_level for each in profiles]),
        dense_spread=np.array([each.dense_spread for each in profiles]),
        phrases=np.concatenate(
            [each.phrases if len(each.phrases) else silent for each in profiles]
        ).astype(np.float64),
        level=_joined([each.level if len(each.level) else nothing * 0 for each in profiles]),
        spread=_joined([each.spread if len(each.spread) else nothing for each in profiles]),
        starts=np.cumsum(lengths) - lengths,
        lengths=lengths,
        speaks=np.array([bool(len(each.phrases)) for each in profiles]),
        terms=Terms(
            ids=np.concatenate([each.term_ids for each in profiles]),
            weights=np.concatenate([each.term_weights for each in profiles]),
        ),
        term_owners=np.repeat(np.arange(len(profiles)), counts),
        term_counts=counts,
    )


def score(one: Prepared, many: Many, *, constants: Constants) -> Scores:
    """
    Score one profile against many of the other side.

    Args:
        one: a resident or an opportunity.
        many: profiles of the other side.
        constants: of the model that prepared both.

    Returns:
        Whole numbers, each the same however many others stand beside it.

    Raises:
        ValueError: the profile was prepared by another model than the constants belong to.
    """
    if one.model != constants.model:
        raise ValueError(f"{one.id} was prepared by another model")
    single = together((one,))
    likeness = _likeness(single, many)
    dense = _part(_dense(single, many), constants.dense)
    cover = _part(_cover(likeness, single, many), constants.cover)
    lexical = _part(_lexical(single, many), constants.lexical)
    whole = _DENSE_SHARE * dense + _COVER_SHARE * cover + _LEXICAL_SHARE * lexical
    shares = _DENSE_SHARE + _COVER_SHARE + _LEXICAL_SHARE
    return Scores(
        score=(2 * whole + shares) // (2 * shares),
        dense=dense,
        cover=cover,
        lexical=lexical,
        likeness=likeness,
    )


def strengths(likeness: Whole) -> Whole:
    """
    Put likenesses in thousandths of a deviation on the scale of the parts.

    >>> strengths(np.array([-9_000, 2_000, 20_000]))
    array([    0,  5000, 10000])
    """
    return _scaled(likeness / _GRID)


def _likeness(single: Many, many: Many) -> Whole:
    cosines = exact_products(single.phrases, many.phrases)
    return _standardised(
        cosines,
        (single.level[:, None], single.spread[:, None]),
        (many.level[None, :], many.spread[None, :]),
    )


def _dense(single: Many, many: Many) -> Real:
    """
    Compare the whole texts; who says nothing is neither like nor unlike.
    """
    cosines = exact_products(single.dense, many.dense)
    likeness = _standardised(
        cosines,
        (single.dense_level[:, None], single.dense_spread[:, None]),
        (many.dense_level[None, :], many.dense_spread[None, :]),
    )
    known = single.dense.any(axis=1) & many.dense.any(axis=1)
    return np.where(known, likeness[0] / _GRID, np.nan)


def _cover(likeness: Whole, single: Many, many: Many) -> Real:
    """
    Average the best counterpart of each statement, over either side alike.
    """
    ours = np.maximum.reduceat(likeness, many.starts, axis=1).sum(axis=0) / len(likeness)
    theirs = np.add.reduceat(likeness.max(axis=0), many.starts) / many.lengths
    return np.where(single.speaks & many.speaks, (ours + theirs) / (2 * _GRID), np.nan)


def _lexical(single: Many, many: Many) -> Real:
    n = len(many)
    sums = overlaps(single.terms, many.terms, owners=many.term_owners, n=n)
    # The root makes shares, most of which are small, about as wide at either end.
    known = (many.term_counts > 0) & (single.term_counts > 0)
    return np.where(known, np.sqrt(sums), np.nan)


def _standardised(cosines: Real, one: tuple[Real, Real], other: tuple[Real, Real]) -> Whole:
    """
    Tell cosines in thousandths of a deviation, the mean of how either side sees them.
    """
    seen = (cosines - one[0]) / one[1] + (cosines - other[0]) / other[1]
    return np.rint(np.clip(seen / 2, _FLOOR, 2 * _CEILING) * _GRID).astype(np.int64)


def _part(values: Real, scale: Scale) -> Whole:
    deviations = (values - scale.mean) / scale.deviation
    # What cannot be told lies where unrelated pairs lie: it neither helps nor harms.
    return _scaled(np.where(np.isnan(deviations), 0.0, deviations))


def _scaled(deviations: Real) -> Whole:
    share = (deviations - _FLOOR) / (_CEILING - _FLOOR)
    return np.rint(np.clip(share, 0, 1) * (MOST - LEAST)).astype(np.int64) + LEAST


def _joined(columns: list[NDArray[np.float32]]) -> Real:
    return np.concatenate(columns).astype(np.float64)
