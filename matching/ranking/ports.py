"""
What the pipeline needs of the heavy libraries: vectors for texts, neighbours of a vector.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.model import Side

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Encoder(Protocol):
    """
    Texts to unit vectors, each as if it were alone: no text changes another's vector.
    """

    @property
    def dim(self) -> int:
        """
        The width of the vectors.
        """
        ...

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        """
        Encode texts of one side.

        Returns:
            Unit vectors, shape (n_texts, dim), float32; a text without a known word has the
            zero vector.
        """
        ...


class VectorIndex(Protocol):
    """
    Vectors by row, dense: the rows are 0 to len - 1, and the last fills a gap.
    """

    def __len__(self) -> int: ...

    def append(self, vector: Vectors) -> int:
        """
        Add a vector of shape (dim,) and return its row.
        """
        ...

    def replace(self, row: int, *, vector: Vectors) -> None:
        """
        Put another vector into a row.
        """
        ...

    def remove(self, row: int) -> None:
        """
        Take a row out; the last row takes its number.
        """
        ...

    def search(self, query: Vectors, *, k: int, allowed: Mask) -> Rows:
        """
        Find the rows with the largest inner products.

        Args:
            query: shape (dim,).
            k: how many at most.
            allowed: which rows may be found, shape (len,).

        Returns:
            At most k distinct allowed rows, best first, ties by row.
        """
        ...
