"""
The model that the matcher runs: loaded when the first text is to be prepared.
"""

from collections.abc import Callable
from pathlib import Path

import structlog

from matching.ranking.pipeline import Ground
from services import places
from services.encoders import describe, load_model, model_digest
from services.matcher.index import Model


def digest(encoder: str | None = None) -> str:
    """
    Name the model without loading it.

    Args:
        encoder: the name of an encoder, or a file that describes one; the default one if
            left out.
    """
    return model_digest(describe(encoder))


def loader(encoder: str | None = None, *, cache: Path | None = None) -> Callable[[], Model]:
    """
    Return what loads the model, on its first call and in the thread that calls it.

    Args:
        encoder: as for `digest`.
        cache: the folder for encoders; this user's if left out.
    """

    def load() -> Model:
        from matching.ranking.engines.faiss_index import FaissIndex

        loaded = load_model(encoder, cache=cache, on_progress=structlog.get_logger().info)
        return Model(
            encoder=loaded.encoder,
            constants=loaded.constants,
            new_index=lambda: FaissIndex(dim=loaded.encoder.dim),
            ground=Ground(places=places.coordinates()),
        )

    return load
