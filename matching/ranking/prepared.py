"""
A profile made ready for comparison: its vectors and weighed words, as bytes where kept.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matching.model import Side

_MAGIC = b"FHPREP1\n"
_HASH_BYTES = 32


class NotPrepared(ValueError):
    """
    Bytes that were not written by `Prepared.to_bytes`.
    """


# Of fewer statements each is a third or more of all that is known.
THIN = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """
    One side of a fit, which depends on the profile and the model alone.

    Attributes:
        id: of the resident or the opportunity.
        model: the digest of the model that made this.
        text_hash: of the profile's text under that model; equal hashes, equal vectors.
        dense: the whole text's unit vector, shape (dim,), float32; zeros if nothing is said.
        dense_level: its mean cosine to the background phrases.
        dense_spread: the standard deviation of those cosines.
        phrases: one unit vector a statement, shape (n, dim), float16.
        phrase_hashes: one a statement, by which its vector may be kept.
        level: the mean cosine of each statement to the background phrases, shape (n,).
        spread: the standard deviation of those cosines, shape (n,).
        term_ids: hashed stems, ascending, shape (t,), uint64.
        term_weights: shape (t,), float32.
        sought: the numbers of the statements whose want is worth telling, start and stop.
    """

    id: str
    side: Side
    model: str
    text_hash: str
    dense: NDArray[np.float32]
    dense_level: float
    dense_spread: float
    phrases: NDArray[np.float16]
    phrase_hashes: tuple[str, ...]
    level: NDArray[np.float32]
    spread: NDArray[np.float32]
    term_ids: NDArray[np.uint64]
    term_weights: NDArray[np.float32]
    sought: tuple[int, int] = field(default=(0, 0))

    @property
    def is_thin(self) -> bool:
        """
        Whether so little is stated that a low fit speaks against nobody.
        """
        return len(self.phrase_hashes) < THIN

    def to_bytes(self) -> bytes:
        """
        Write everything, for a table of vectors; no pickle, little-endian.
        """
        header = {
            "id": self.id,
            "side": self.side,
            "model": self.model,
            "text_hash": self.text_hash,
            "sought": self.sought,
            "dense_level": self.dense_level,
            "dense_spread": self.dense_spread,
            "dim": len(self.dense),
            "phrases": len(self.phrases),
            "terms": len(self.term_ids),
        }
        line = json.dumps(header, separators=(",", ":")).encode() + b"\n"
        hashes = bytes.fromhex("".join(self.phrase_hashes))
        return b"".join((_MAGIC, line, *(a.tobytes() for a in self._arrays()), hashes))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """
        Read what `to_bytes` wrote.

        Raises:
            NotPrepared: the bytes are something else, or are cut.
        """
        line, _, body = raw.removeprefix(_MAGIC).partition(b"\n")
        if not raw.startswith(_MAGIC):
            raise NotPrepared("not a prepared text of this version")
        try:
            return cls(**_fields(json.loads(line), memoryview(body)))
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotPrepared(f"a prepared text that cannot be read: {wrong}") from wrong

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return (
            self.dense,
            self.level,
            self.spread,
            self.term_ids,
            self.term_weights,
            self.phrases,
        )


def _layout(dim: int, phrases: int, terms: int) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    # In the order of `_arrays`.
    return (
        ("dense", "<f4", (dim,)),
        ("level", "<f4", (phrases,)),
        ("spread", "<f4", (phrases,)),
        ("term_ids", "<u8", (terms,)),
        ("term_weights", "<f4", (terms,)),
        ("phrases", "<f2", (phrases, dim)),
    )


def _fields(header: dict[str, Any], body: memoryview) -> dict[str, Any]:
    found: dict[str, Any] = {name: header[name] for name in ("id", "model", "text_hash")}
    found["side"] = Side(header["side"])
    found |= {name: float(header[name]) for name in ("dense_level", "dense_spread")}
    found["sought"] = (int(header["sought"][0]), int(header["sought"][1]))
    at = 0
    for name, kind, shape in _layout(header["dim"], header["phrases"], header["terms"]):
        n = int(np.prod(shape))
        found[name] = np.frombuffer(body, kind, n, at).reshape(shape)
        at += found[name].nbytes
    hashes = bytes(body[at:])
    if len(hashes) != _HASH_BYTES * header["phrases"]:
        raise ValueError("its length is wrong")
    found["phrase_hashes"] = tuple(
        hashes[each : each + _HASH_BYTES].hex() for each in range(0, len(hashes), _HASH_BYTES)
    )
    return found
