"""
An encoder without a model, for tests and examples: texts are alike if they share stems.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import sqrt

import numpy as np

from matching.model import Side
from matching.ranking.lexical import stems
from matching.ranking.ports import Vectors

_PLACES_A_STEM = 8
_BYTES_A_PLACE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingEncoder:
    """
    Adds up a few signed places for each stem; the same on every machine.

    Attributes:
        dim: the width of the vectors, a power of two.
    """

    dim: int = 256

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        """
        Encode texts, either side alike; a text without a word has the zero vector.
        """
        del side
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, self.dim)

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.dim, np.float64)
        for stem, n in sorted(Counter(stems(text)).items()):
            for place in _places(stem):
                vector[place % self.dim] += sqrt(n) * (1 if place & (1 << 31) else -1)
        length = np.linalg.norm(vector)
        # Places of different stems may cancel out, which leaves nothing to compare.
        return (vector / length if length > 0 else vector).astype(np.float32)


@lru_cache(maxsize=65_536)
def _places(stem: str) -> tuple[int, ...]:
    raw = blake2b(stem.encode(), digest_size=_PLACES_A_STEM * _BYTES_A_PLACE).digest()
    return tuple(
        int.from_bytes(raw[at : at + _BYTES_A_PLACE], "big")
        for at in range(0, len(raw), _BYTES_A_PLACE)
    )
