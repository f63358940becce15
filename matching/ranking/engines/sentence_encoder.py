"""
Any sentence-transformers model behind the same port: the extra `models`, and it needs torch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.model import Side
from matching.ranking.ports import Vectors


class ModelsNotInstalled(ImportError):
    """
    The extra `models` is not installed.
    """


class SentenceEncoder:
    """
    Runs a sentence-transformers model on one thread, one text at a time.
    """

    def __init__(self, *, model: str, prefixes: Mapping[Side, str] | None = None) -> None:
        """
        Load a model.

        Args:
            model: its folder, or its name on a hub that can be reached.
            prefixes: what the model wants before the text of either side.

        Raises:
            ModelsNotInstalled: sentence-transformers is not there.
        """
        self._model = _loaded(model)
        self._prefixes = dict(prefixes or {})
        # Asked of a vector, since the method that tells it has changed its name.
        self._dim = int(np.shape(self._model.encode(["width"], show_progress_bar=False))[1])

    @property
    def dim(self) -> int:
        """
        The width of the vectors.
        """
        return self._dim

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        """
        Encode texts, each with its side's prefix and alone, so that none changes another's.
        """
        if not texts:
            return np.zeros((0, self._dim), np.float32)
        prefix = self._prefixes.get(side, "")
        vectors = self._model.encode(
            [prefix + text for text in texts],
            batch_size=1,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)


def _loaded(model: str) -> Any:
    try:
        import torch  # type: ignore[import-not-found, unused-ignore]
        from sentence_transformers import (  # type: ignore[import-not-found, unused-ignore]
            SentenceTransformer,
        )
    except ImportError as absent:
        raise ModelsNotInstalled(
            "This encoder needs sentence-transformers: install Foothold with its extra `models`."
        ) from absent
    torch.set_num_threads(1)
    return SentenceTransformer(model, device="cpu")
