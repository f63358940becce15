"""
Words in common: BM25 with a light stemmer, its frequencies from a fixed table.

The table belongs to the model version, so a word weighs the same whoever is in the pool.
The opportunity is the document and the resident the query, from whichever side one looks.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import log

import numpy as np
from numpy.typing import NDArray

from matching.model import Side

_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ers|er|ors|or|ies|es|ed|s)\b")
_WORD = re.compile(r"[a-z0-9]+")
_SATURATION, _LENGTH_SHARE = 1.2, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTable:
    """
    How common each stem is in a fixed collection of texts about work.

    Attributes:
        texts: how many texts were counted.
        frequencies: in how many of them each stem stands; an absent one stands in none.
        mean_length: the length in words at which an opportunity counts as of usual length.
    """

    texts: int
    frequencies: Mapping[str, int]
    mean_length: float

    def rarity(self, stem: str) -> float:
        """
        Return the inverse document frequency, always above 0.

        Sources:
            Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the
            one added inside the logarithm that keeps it positive.
        """
        frequency = self.frequencies.get(stem, 0)
        return log(1 + (self.texts - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """
    The weighed stems of one text.

    Attributes:
        ids: 64-bit hashes of the stems, ascending and distinct, shape (n,), uint64.
        weights: shape (n,), float32; the score of a pair is the sum of the products.
    """

    ids: NDArray[np.uint64]
    weights: NDArray[np.float32]


def stems(text: str) -> tuple[str, ...]:
    """
    Return the stems of a text in their order.

    >>> stems("Cleaning surfaces, cleaned daily")
    ('clean', 'surfac', 'clean', 'daily')
    """
    return tuple(_WORD.findall(_ENDING.sub("", text.lower())))


def terms(text: str, *, side: Side, table: TermTable) -> Terms:
    """
    Weigh the words of one side's text.

    A resident's words weigh by rarity, as shares of the most that they could score; an
    opportunity's by how often they stand in it, saturating, for its length.
    """
    counts = Counter(stems(text))
    weigh = _resident_weights if side is Side.RESIDENT else _opportunity_weights
    pairs = sorted((_term_id(stem), weight) for stem, weight in weigh(counts, table))
    return Terms(
        ids=np.array([each for each, _ in pairs], np.uint64),
        weights=np.array([weight for _, weight in pairs], np.float32),
    )


def overlaps(one: Terms, many: Terms, *, owners: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """
    Score the words that one text shares with each of many.

    Args:
        one: the terms of one text.
        many: the terms of the others, one text after the other.
        owners: to which of the others each term belongs, shape (n_terms,).
        n: how many others there are.

    Returns:
        The sums, shape (n,); each is summed in ascending order of ids, and so is the same
        however many others stand beside it.
    """
    if not len(one.ids) or not len(many.ids):
        return np.zeros(n)
    at = np.minimum(np.searchsorted(one.ids, many.ids), len(one.ids) - 1)
    shared = one.ids[at] == many.ids
    products = one.weights[at].astype(np.float64) * many.weights
    sums = np.bincount(owners[shared], weights=products[shared], minlength=n)
    return sums.astype(np.float64)


def _resident_weights(counts: Counter[str], table: TermTable) -> Iterator[tuple[str, float]]:
    weighed = {stem: n * table.rarity(stem) for stem, n in counts.items()}
    most = sum(weighed.values()) * (_SATURATION + 1)
    for stem, weight in weighed.items():
        yield stem, weight / most


def _opportunity_weights(counts: Counter[str], table: TermTable) -> Iterator[tuple[str, float]]:
    length = counts.total() / table.mean_length
    dampening = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * length)
    for stem, n in counts.items():
        yield stem, n * (_SATURATION + 1) / (n + dampening)


@lru_cache(maxsize=65_536)
def _term_id(stem: str) -> int:
    return int.from_bytes(blake2b(stem.encode(), digest_size=8).digest(), "big")
