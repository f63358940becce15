"""
Stage 3: who comes into question, by the inner product of whole texts.

Exact search with NumPy over a contiguous arena: the reference that every engine must
equal. A removal is visible to the next search.
"""

import numpy as np

from matching.ranking.ports import Mask, Rows, Vectors

_FIRST_ROWS = 64
_BARRED = np.float32(-9)


class ExactIndex:
    """
    Vectors in one contiguous block, the last filling the gap that a removal leaves.
    """

    def __init__(self, *, dim: int) -> None:
        self._block: Vectors = np.zeros((_FIRST_ROWS, dim), np.float32)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def vectors(self) -> Vectors:
        """
        The rows in use, shape (len, dim): a view, true until the next change.
        """
        return self._block[: self._used]

    def append(self, vector: Vectors) -> int:
        """
        Add a vector and return its row.
        """
        if self._used == len(self._block):
            self._block = np.concatenate((self._block, np.zeros_like(self._block)))
        self._block[self._used] = vector
        self._used += 1
        return self._used - 1

    def replace(self, row: int, *, vector: Vectors) -> None:
        """
        Put another vector into a row.
        """
        self.vectors[row] = vector

    def remove(self, row: int) -> None:
        """
        Take a row out; the last row takes its number.
        """
        self.vectors[row] = self.vectors[-1]
        self._used -= 1

    def search(self, query: Vectors, *, k: int, allowed: Mask) -> Rows:
        """
        Find the allowed rows with the largest inner products, best first, ties by row.
        """
        scores = self.vectors @ query
        # Added, not stored: equal values would make the partition slow.
        scores += np.where(allowed, np.float32(0), _BARRED)
        return best_rows(scores, k=min(k, int(allowed.sum())))


def best_rows(scores: Vectors, *, k: int) -> Rows:
    """
    Return the rows of the k largest scores, best first, ties by row.

    >>> best_rows(np.array([0.5, 0.9, 0.5, 0.1], np.float32), k=2)
    array([1, 0])
    """
    if k <= 0:
        return np.zeros(0, np.int64)
    if k >= len(scores):
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    # All that tie with the last place are looked at, so that the row decides and not chance.
    near = np.flatnonzero(scores >= least)
    return near[np.argsort(-scores[near], kind="stable")][:k]
