"""
Draws that come out the same on every machine: chance made of SHA-256, not of a generator.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """
    Everything that is drawn for one invented person, each draw known by its label.

    A draw depends on key and label alone, so that a new label moves no other draw.
    """

    key: str

    def number(self, label: str) -> int:
        """
        Return a whole number from 0 to 2^64 - 1.
        """
        return int.from_bytes(hashlib.sha256(f"{self.key}/{label}".encode()).digest()[:8], "big")

    def between(self, label: str, least: int, most: int) -> int:
        """
        Return a whole number from `least` to `most`, both included.
        """
        return least + self.number(label) % (most - least + 1)

    def happens(self, label: str, *, percent: int) -> bool:
        """
        Tell whether what happens in so many of a hundred cases happens here.
        """
        return self.number(label) % 100 < percent

    def one(self, label: str, options: Sequence[T]) -> T:
        """
        Return one of the options; an option that stands there twice is twice as likely.
        """
        return options[self.number(label) % len(options)]

    def some(self, label: str, options: Sequence[str], *, count: int) -> tuple[str, ...]:
        """
        Return so many different options, or all where there are fewer.
        """
        return tuple(sorted(options, key=lambda each: self.number(f"{label}/{each}"))[:count])
