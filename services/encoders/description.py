"""
What is checked in of each encoder: where its files come from, their hashes, how it is read.

A site may describe one of its own in a file of the same form, a sentence-transformers
model too (`"engine": "sentence"` and `"model"` for its folder).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matching.model import Side
from matching.ranking.scoring import Scale

DATA: Final = Path(__file__).parents[1] / "data"
LIST: Final = DATA / "encoders.json"


class EncoderUnknown(ValueError):
    """
    There is no encoder of this name, or its description cannot be read.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """
    One file inside the archive, and what it must hash to.
    """

    member: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """
    One encoder, as data.

    Attributes:
        engine: `onnx`, `sentence`, or `hashing`, which needs no files and knows no meanings.
        coordinate: the Maven artifact, group:artifact:version; of an ONNX encoder.
        sha256: of the artifact's jar.
        graph: the ONNX file in the jar.
        tokenizer: the `tokenizer.json` in the jar.
        model: the folder or name of a sentence-transformers model.
        pooling: `mean`, or `first` for the first token's vector.
        prefixes: what the encoder wants before the text of either side.
        scales: mean and deviation of each part over unrelated pairs: `dense`, `cover` and
            `lexical`.
        canonical: the description itself, from which the model's digest is made.
    """

    name: str
    engine: str
    canonical: str
    prefixes: Mapping[Side, str]
    scales: Mapping[str, Scale]
    coordinate: str = ""
    sha256: str = ""
    graph: Member = Member(member="", sha256="")
    tokenizer: Member = Member(member="", sha256="")
    model: str = ""
    dim: int = 0
    pooling: str = "mean"
    most_tokens: int = 512


def described() -> tuple[str, ...]:
    """
    Return the names of the encoders that are described, the default one first.
    """
    told = _told(LIST)
    rest = sorted(set(told["encoders"]) - {told["default"]})
    return (told["default"], *rest)


def describe(name: str | None = None) -> Description:
    """
    Return an encoder's description.

    Args:
        name: of a described encoder, or the path of a JSON file that describes another; the
            default one if left out.

    Raises:
        EncoderUnknown: there is none of this name, or the file cannot be read.
    """
    if name is not None and name.endswith(".json"):
        return _read(Path(name).stem, _told(Path(name)))
    wanted = name or described()[0]
    encoders = _told(LIST)["encoders"]
    if wanted not in encoders:
        raise EncoderUnknown(f"There is no encoder {wanted}; there are {', '.join(described())}.")
    return _read(wanted, encoders[wanted])


def _told(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise EncoderUnknown(f"The description {path} cannot be read: {wrong}.") from wrong
    return told


def _read(name: str, told: Mapping[str, Any]) -> Description:
    plain = {key: told[key] for key in _PLAIN if key in told}
    try:
        return Description(
            name=name,
            canonical=json.dumps(told, sort_keys=True, separators=(",", ":")),
            prefixes={Side(side): prefix for side, prefix in told["prefixes"].items()},
            scales={part: Scale(**told["scales"][part]) for part in _PARTS},
            graph=Member(**told.get("graph", _NO_FILE)),
            tokenizer=Member(**told.get("tokenizer", _NO_FILE)),
            **plain,
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise EncoderUnknown(f"The description of {name} lacks something: {wrong!r}.") from wrong


_PLAIN = ("engine", "coordinate", "sha256", "model", "dim", "pooling", "most_tokens")
_NO_FILE = {"member": "", "sha256": ""}
_PARTS = ("dense", "cover", "lexical")
