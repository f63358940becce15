"""
Stage 6: why: which statement of a resident meets which of an opportunity, and what is missing.

Codes and statement numbers only: the words of a person stay where the profile is, and the
sentences are made for whoever may read them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from matching.model import FitCode, Reason

MOST_MET, MOST_MISSING = 10, 10

# In thousandths of a deviation from the background. On the development sets the best
# counterpart of an unrelated statement reaches the first in 1 to 5 of 100 cases, the second
# in 6 to 27; below the third lie 10 to 25 of 100 statements that do belong together.
_MEETS, _PARTLY, _MISSING = 3_000, 2_200, 1_200


def explain(
    likeness: NDArray[np.int64],
    *,
    sought: range,
    strengths: Callable[[NDArray[np.int64]], NDArray[np.int64]],
) -> tuple[Reason, ...]:
    """
    Tell what speaks for a pair and what is missing.

    Args:
        likeness: of each statement of the resident, in rows, to each of the opportunity, in
            columns; thousandths of a deviation from the background.
        sought: the statements of the opportunity whose want is worth telling.
        strengths: puts likenesses on a scale of 0 to 10,000.

    Returns:
        At most ten statements that are met, the strongest first, then at most ten that
        nothing meets, in their order.
    """
    if not likeness.size:
        return ()
    best, nearest = likeness.max(axis=0), likeness.argmax(axis=0)
    numbers = np.flatnonzero(best >= _PARTLY)
    numbers = numbers[np.argsort(-best[numbers], kind="stable")][:MOST_MET]
    met = tuple(
        Reason(
            code=FitCode.MEETS if best[number] >= _MEETS else FitCode.PARTLY_MEETS,
            resident_statement=int(nearest[number]),
            opportunity_statement=int(number),
            strength=int(strength),
        )
        for number, strength in zip(numbers, strengths(best[numbers]), strict=True)
    )
    missing = [number for number in sought if best[number] < _MISSING][:MOST_MISSING]
    return (
        *met,
        *(Reason(code=FitCode.MISSING, opportunity_statement=number) for number in missing),
    )
