"""
Stage 5: the order: the larger score first, ties by id, and no more than were asked for.
"""

import numpy as np
from numpy.typing import NDArray


def order(scores: NDArray[np.int64], *, ids: tuple[str, ...], top: int) -> tuple[int, ...]:
    """
    Order candidates.

    Args:
        scores: whole numbers, shape (n,).
        ids: one a candidate.
        top: how many places there are at most.

    Returns:
        The positions of the candidates, best first.

    >>> order(np.array([7, 9, 7]), ids=("c", "b", "a"), top=2)
    (1, 2)
    """
    best = sorted(range(len(ids)), key=lambda at: (-int(scores[at]), ids[at]))
    return tuple(best[: max(top, 0)])
