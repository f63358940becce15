"""
How good a ranking is, against judgements that somebody else made.
"""

from collections.abc import Mapping, Sequence
from math import log2


def ndcg(ranked: Sequence[str], *, judged: Mapping[str, int], depth: int = 10) -> float:
    """
    Measure the normalised discounted cumulative gain of a ranking.

    Args:
        ranked: ids, best first, each once.
        judged: the grade of each relevant id, 1 or more; an absent id has none.
        depth: how many places count.

    Returns:
        A share in [0, 1]; 1 if no other order would be better.

    Raises:
        ValueError: nothing is judged relevant, so that no order is better than another.

    Sources:
        Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002),
        with gains of 2 ** grade - 1.

    >>> ndcg(("b", "a"), judged={"a": 1})
    0.6309297535714575
    """
    if not judged:
        raise ValueError("nothing is judged relevant")
    ideal = sorted(judged.values(), reverse=True)
    found = [judged.get(each, 0) for each in ranked]
    return _gain(found[:depth]) / _gain(ideal[:depth])


def recall(ranked: Sequence[str], *, judged: Mapping[str, int], depth: int = 10) -> float:
    """
    Measure which share of what is relevant, as far as there is room, stands in the first places.

    >>> recall(("b", "a"), judged={"a": 1, "c": 2})
    0.5
    """
    return sum(each in judged for each in ranked[:depth]) / min(depth, len(judged))


def _gain(grades: Sequence[int]) -> float:
    return sum((float(1 << grade) - 1) / log2(place + 1) for place, grade in enumerate(grades, 1))
