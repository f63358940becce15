"""
Exact search with faiss over one contiguous arena that changes in place.

`IndexFlatIP.remove_ids` moves everything behind the gap; writing
the last row into the gap and cutting the arena by one row takes microseconds.
"""

from typing import Any

import numpy as np

from matching.ranking.ports import Mask, Rows, Vectors

# From so many queries times dimensions on faiss multiplies matrices. Its own threshold of
# 128,000 leaves batches of 32 as slow as 32 searches (faiss 1.15).
BLAS_THRESHOLD = 800


class FaissIndex:
    """
    An `IndexFlatIP` as the arena of a pool; equal to exact search but for ties in the last place.
    """

    def __init__(self, *, dim: int) -> None:
        """
        Make an empty index.

        Args:
            dim: the width of the vectors.
        """
        import faiss

        faiss.omp_set_num_threads(1)
        faiss.cvar.distance_compute_blas_threshold = BLAS_THRESHOLD
        self._faiss: Any = faiss
        self._index: Any = faiss.IndexFlatIP(dim)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def vectors(self) -> Vectors:
        """
        The arena itself, shape (len, dim): a view, true until the next change.
        """
        if not len(self):
            return np.zeros((0, self._index.d), np.float32)
        flat = self._faiss.rev_swig_ptr(self._index.get_xb(), len(self) * self._index.d)
        return np.asarray(flat).reshape(len(self), self._index.d)

    def append(self, vector: Vectors) -> int:
        """
        Add a vector and return its row.
        """
        self._index.add(np.ascontiguousarray(vector[None], np.float32))
        return len(self) - 1

    def replace(self, row: int, *, vector: Vectors) -> None:
        """
        Put another vector into a row.
        """
        self.vectors[row] = vector

    def remove(self, row: int) -> None:
        """
        Take a row out; the last row takes its number.
        """
        vectors = self.vectors
        vectors[row] = vectors[-1]
        self._index.codes.resize((len(self) - 1) * self._index.code_size)
        self._index.ntotal -= 1

    def search(self, query: Vectors, *, k: int, allowed: Mask) -> Rows:
        """
        Find the allowed rows with the largest inner products, best first, ties by row.
        """
        most = min(k, int(allowed.sum()))
        if most == 0:
            return np.zeros(0, np.int64)
        scores, rows = self._index.search(
            np.ascontiguousarray(query[None], np.float32), most, params=self._only(allowed)
        )
        found = np.lexsort((rows[0], -scores[0]))
        return np.asarray(rows[0][found], np.int64)

    def search_many(self, queries: Vectors, *, k: int) -> Rows:
        """
        Find the best rows for several queries in one pass over the arena.

        Args:
            queries: shape (n, dim).
            k: how many rows a query, at most `len`.

        Returns:
            Rows, best first, shape (n, k).
        """
        _, rows = self._index.search(np.ascontiguousarray(queries, np.float32), k)
        return np.asarray(rows, np.int64)

    def _only(self, allowed: Mask) -> Any:
        if allowed.all():
            return None
        # The bitmap must outlive the search: the selector keeps a pointer to it.
        self._bits = np.packbits(allowed, bitorder="little")
        selector = self._faiss.IDSelectorBitmap(self._bits)
        return self._faiss.SearchParameters(sel=selector)
