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
from typing import Annotated, Any

from annotated_types import Ge

from schemas.envelope import canonical
from schemas.vocabulary import Coded, Instant, MarketCode, Open, value

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
        return {
            "format": FORMAT,
            "market": self.market,
            "sequence": self.sequence,
            "previous": self.previous,
            "leaf_count": len(self.leaves),
        }

    @property
    def digest(self) -> str:
        digests = b"".join(leaf.digest for leaf in self.leaves)
        return hashlib.sha256(b"\x01" + canonical(self.header) + digests).hexdigest()


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
    Read a record.

    Raises:
        NotALogRecord: the bytes are not of this form, or of another format number.
    """
    try:
        told = json.loads(raw)
        if "genesis" in told:
            return Genesis(
                genesis=told["genesis"],
                partition=told["partition"],
                partitions=told["partitions"],
            )
        return _record(told)
    except (ValueError, KeyError, TypeError) as error:
        raise NotALogRecord(f"not a log record: {type(error).__name__}") from error


def _record(told: dict[str, Any]) -> LogRecord:
    header = told["header"]
    if header["format"] != FORMAT:
        raise NotALogRecord(f"log record format {header['format']} is not known to this release")
    leaves = tuple(
        Leaf(salt=base64.b64decode(leaf["salt"], validate=True), body=leaf["body"])
        for leaf in told["leaves"]
    )
    if header["leaf_count"] != len(leaves):
        raise NotALogRecord("the header counts other leaves than there are")
    return LogRecord(
        market=header["market"],
        sequence=header["sequence"],
        previous=header["previous"],
        leaves=leaves,
    )
