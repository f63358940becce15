"""
The model that ranks: an encoder, and the constants that belong to it and to nobody's data.
"""

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.model import Side
from matching.ranking.lexical import TermTable
from matching.ranking.ports import Encoder
from matching.ranking.scoring import Constants
from services.clock import monotonic
from services.encoders.description import DATA, Description, describe
from services.encoders.files import default_cache, provide

# Raised whenever the way from texts to scores changes: what was prepared before is not read.
CONSTANTS_VERSION: Final = 1

BACKGROUND: Final = DATA / "background_phrases.txt"
TERMS: Final = DATA / "background_phrases.terms.tsv"

# The table of terms was counted over so many texts; an opportunity of usual length has so
# many words (the mean over the development sets).
_TEXTS, _MEAN_LENGTH = 13_891, 76.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """
    What ranking needs, ready to use.
    """

    description: Description
    encoder: Encoder
    constants: Constants


def load_model(
    name: str | None = None,
    *,
    cache: Path | None = None,
    jar: Path | None = None,
    on_progress: Callable[[str], None],
) -> LoadedModel:
    """
    Load an encoder with its constants, downloading and encoding once what is not cached.

    Args:
        name: of a described encoder, or a file that describes one; the default if left out.
        cache: the folder for encoders; this user's if left out.
        jar: the encoder's archive, where it need not be downloaded.
        on_progress: is told, in sentences, of what takes time.

    Raises:
        EncoderUnknown: there is no such encoder.
        EncoderMissing: its files cannot be had.
        EncoderDamaged: a file is not the described one.
        ModelsNotInstalled: it needs the extra `models`.
    """
    description, folder = describe(name), cache or default_cache()
    encoder = _encoder(description, folder, jar, on_progress)
    digest = model_digest(description)
    if description.engine == "hashing":
        background = _encoded_background(encoder)
    else:
        background = _background(encoder, folder / f"background-{digest}.npy", on_progress)
    constants = Constants(
        model=digest,
        background=background,
        terms=term_table(),
        dense=description.scales["dense"],
        cover=description.scales["cover"],
        lexical=description.scales["lexical"],
    )
    return LoadedModel(description=description, encoder=encoder, constants=constants)


def model_digest(description: Description) -> str:
    """
    Name everything that a fit depends on beside the two profiles.

    Returns:
        64 hexadecimal digits: BLAKE2b over the description (the hashes of the encoder's
        files, its engine, prefixes and scales), the background, the table of terms and the
        version of the constants.
    """
    told = b"\n".join(
        (
            description.canonical.encode(),
            blake2b(BACKGROUND.read_bytes()).digest(),
            blake2b(TERMS.read_bytes()).digest(),
            str(CONSTANTS_VERSION).encode(),
        )
    )
    return blake2b(told, digest_size=32).hexdigest()


def background_phrases() -> tuple[str, ...]:
    """
    Return the phrases against which likeness is measured.
    """
    return tuple(_lines(BACKGROUND))


@functools.cache
def term_table() -> TermTable:
    """
    Return how common words are in texts about work.
    """
    pairs = (line.split("\t") for line in _lines(TERMS))
    return TermTable(
        texts=_TEXTS,
        frequencies={stem: int(texts) for stem, texts in pairs},
        mean_length=_MEAN_LENGTH,
    )


def _encoder(
    description: Description,
    cache: Path,
    jar: Path | None,
    on_progress: Callable[[str], None],
) -> Encoder:
    if description.engine == "hashing":
        from matching.ranking.engines.hashing_encoder import HashingEncoder

        return HashingEncoder(dim=description.dim)
    if description.engine == "sentence":
        from matching.ranking.engines.sentence_encoder import SentenceEncoder

        return SentenceEncoder(model=description.model, prefixes=description.prefixes)
    from matching.ranking.engines.onnx_encoder import OnnxEncoder, Pooling

    files = provide(description, cache=cache, jar=jar, on_progress=on_progress)
    return OnnxEncoder(
        graph=str(files.graph),
        tokenizer=str(files.tokenizer),
        dim=description.dim,
        pooling=Pooling(description.pooling),
        prefixes=description.prefixes,
        most_tokens=description.most_tokens,
    )


def _background(
    encoder: Encoder, path: Path, on_progress: Callable[[str], None]
) -> NDArray[np.float16]:
    phrases = background_phrases()
    if path.exists():
        kept: NDArray[np.float16] = np.load(path, allow_pickle=False)
        if kept.shape == (len(phrases), encoder.dim):
            return kept
    on_progress(f"Encoding {len(phrases)} background phrases (once)")
    began = monotonic()
    vectors = _encoded_background(encoder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        np.save(draft, vectors, allow_pickle=False)
    # Whole or not at all, however many processes begin at once.
    Path(draft.name).replace(path)
    on_progress(f"Encoded them in {monotonic() - began:.1f} s")
    return vectors


def _encoded_background(encoder: Encoder) -> NDArray[np.float16]:
    return encoder.encode(background_phrases(), side=Side.RESIDENT).astype(np.float16)


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
