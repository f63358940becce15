"""
The log record: an open header and salted leaves, so that one event can be shown alone.

Leaf 0 is the cause, leaf 1 what was said, leaves 2 on are the events that followed from
it. The digest of a record is taken over its header and its leaves' digests; each header
names the digest before it, so a market's records form a chain.

Source: RFC 6962 section 2.1 for the domain-separating prefixes of leaf and node.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from annotated_types import Ge

from schemas.envelope import canonical
from schemas.vocabulary import Coded, Instant, Open, value

T = TypeVar("T")

FORMAT = 1
SALT_BYTES = 32
LARGEST_RECORD = 16 * 1024 * 1024


class NotALogRecord(ValueError):
    """
    The bytes are no record of a market's log.
    """


@value
class Position:
    """
    Where a record stands: topic id, partition and offset.
    """

    topic_id: Open[str]
    partition: Open[Annotated[int, Ge(0)]]
    offset: Open[Annotated[int, Ge(0)]]


@value
class InboxPosition:
    """
    Where in the market's own inbox partition what was said stands.
    """

    topic_id: Open[str]
    offset: Open[Annotated[int, Ge(-1)]]


@value
class Cause:
    """
    Why a record exists: where it was said, when that was appended, and what was *now* then.

    Either `source` (a party's inbox) or `key` (the natural key of a worker's output).
    """

    source: Open[Position | None] = None
    key: Coded[tuple[str, ...]] = ()
    inbox: Open[InboxPosition]
    appended_at: Open[Instant]
    now: Open[Instant]
    quarantined: Open[bool] = False
    rules_version: Open[Annotated[int, Ge(0)]]
    release: Open[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """
    A salt of 32 bytes and a body of plain JSON values.
    """

    salt: bytes
    body: Any

    @property
    def digest(self) -> bytes:
        """
        Return the 32 bytes by which the leaf may stand in for itself.
        """
        return hashlib.sha256(b"\x00" + self.salt + canonical(self.body)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """
    The first record of a partition of the log: which log this is, and how it is divided.
    """

    genesis: str
    partition: int
    partitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """
    One record of a market's log.
    """

    market: str
    sequence: int
    previous: str
    leaves: tuple[Leaf, ...]

    @property
    def header(self) -> dict[str, Any]:
        """
        Return the open header as it stands in the record.
        """
        return {
            "format": FORMAT,
            "market": self.market,
            "sequence": self.sequence,
            "previous": self.previous,
            "leaf_count": len(self.leaves),
        }

    @property
    def digest(self) -> str:
        """
        Return the digest that the next record's header names, as hexadecimal.
        """
        return digest_from(self.header, tuple(leaf.digest for leaf in self.leaves))


def digest_from(header: dict[str, Any], leaf_digests: tuple[bytes, ...]) -> str:
    """
    Return a record's digest from its header and the digests of its leaves alone.

    So one leaf can be shown and proved, while of the others only the digest is known.

    Args:
        header: the open header, as `LogRecord.header` gives it.
        leaf_digests: 32 bytes for each leaf, in order.

    Raises:
        ValueError: there are other digests than the header counts leaves.
    """
    whole = all(len(each) == hashlib.sha256().digest_size for each in leaf_digests)
    if not whole or len(leaf_digests) != header["leaf_count"]:
        raise ValueError("a record's digest takes one digest of 32 bytes for each of its leaves")
    return hashlib.sha256(b"\x01" + canonical(header) + b"".join(leaf_digests)).hexdigest()


def first_previous(market: str) -> str:
    """
    Return what stands for the digest before a market's first record.
    """
    return hashlib.sha256(market.encode()).hexdigest()


def write(record: LogRecord | Genesis) -> bytes:
    """
    Write a record in its canonical form.
    """
    if isinstance(record, Genesis):
        return canonical(
            {
                "genesis": record.genesis,
                "partition": record.partition,
                "partitions": record.partitions,
            }
        )
    leaves = [
        {"salt": base64.b64encode(leaf.salt).decode(), "body": leaf.body} for leaf in record.leaves
    ]
    return canonical({"header": record.header, "leaves": leaves})


def read(raw: bytes) -> LogRecord | Genesis:
    """
    Read a record; the end of a line, as in an export, is no part of it.

    Raises:
        NotALogRecord: the bytes are not of this form, of another format number, or not
            canonical: a record has one way to stand, so that no byte can change unseen.
    """
    line = raw.removesuffix(b"\n")
    try:
        record = _read(json.loads(line))
        canonically = write(record) == line
    except NotALogRecord:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotALogRecord(f"not a log record: {type(error).__name__}") from error
    if not canonically:
        raise NotALogRecord("the record does not stand in its canonical form")
    return record


def _read(told: dict[str, Any]) -> LogRecord | Genesis:
    if "genesis" in told:
        return Genesis(
            genesis=_a(str, told["genesis"]),
            partition=_a(int, told["partition"]),
            partitions=_a(int, told["partitions"]),
        )
    header = told["header"]
    if header["format"] != FORMAT:
        raise NotALogRecord(f"log record format {header['format']} is not known to this release")
    leaves = tuple(map(_leaf, told["leaves"]))
    if header["leaf_count"] != len(leaves):
        raise NotALogRecord("the header counts other leaves than there are")
    return LogRecord(
        market=_a(str, header["market"]),
        sequence=_a(int, header["sequence"]),
        previous=_a(str, header["previous"]),
        leaves=leaves,
    )


def _leaf(told: dict[str, Any]) -> Leaf:
    salt = base64.b64decode(told["salt"], validate=True)
    if len(salt) != SALT_BYTES:
        raise NotALogRecord(f"a salt has {SALT_BYTES} bytes")
    return Leaf(salt=salt, body=told["body"])


def _a(kind: type[T], told: Any) -> T:
    if type(told) is not kind:
        raise TypeError(kind.__name__)
    return told
