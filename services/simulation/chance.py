"""
Chance that comes out the same on every machine, and for every rule that is tried on a world.

A draw depends on the seed and its label alone: what one rule does moves no draw of another.
"""

import hashlib
import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chance:
    """
    All that is drawn from one seed.
    """

    seed: int

    def octets(self, *label: object) -> bytes:
        """
        Return 32 bytes.
        """
        told = "/".join(str(part) for part in (self.seed, *label))
        return hashlib.sha256(told.encode()).digest()

    def share(self, *label: object) -> float:
        """
        Return a share from 0 to below 1.
        """
        return (int.from_bytes(self.octets(*label)[:8], "big") >> 11) / 2**53

    def between(self, least: int, most: int, *label: object) -> int:
        """
        Return a whole number from `least` to `most`, both included.
        """
        return least + int.from_bytes(self.octets(*label)[:8], "big") % (most - least + 1)

    def span(self, mean: int, *label: object) -> int:
        """
        Return how long something lasts that may end at any moment alike, at least 1.
        """
        return max(1, round(-mean * math.log(1 - self.share(*label))))
