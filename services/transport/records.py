"""
Records of a market's log: made from what was said and what happened, and read back.

Leaf 0 is the cause, leaf 1 what was said, leaves 2 on the events. An event whose data
stands in leaf 1 already names the place there instead of saying it again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matching.market.record import Happened
from schemas import codec, log_record
from schemas.log_record import FORMAT, Cause, Genesis, Leaf, LogRecord, NotALogRecord
from schemas.vocabulary import Instant
from services.transport.ports import Record

# (market, sequence, leaf) -> 32 bytes that only the market's key can make.
Salts = Callable[[str, int, int], bytes]


class UnknownFormat(codec.UnknownEvent):
    """
    The log holds a record of a format that this release cannot read: a newer one wrote it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """
    One record of a market's log, read: every event complete, with the chain's digests.
    """

    market: str
    sequence: int
    partition: int
    offset: int
    appended_at: Instant
    cause: Cause
    told: dict[str, Any]
    events: tuple[Happened, ...]
    digest: str
    previous: str


def compose(
    market: str,
    *,
    sequence: int,
    previous: str,
    cause: Cause,
    told: Mapping[str, Any],
    events: tuple[Happened, ...],
    salts: Salts,
) -> LogRecord:
    """
    Make the log record of what was said and what happened because of it.

    Args:
        market: the market's code.
        sequence: the number of the record, one more than the last.
        previous: the digest of the record before.
        cause: why the record exists.
        told: the body of leaf 1, as in the inbox.
        events: what holds, in order.
        salts: makes each leaf's salt.
    """
    bodies = [codec.plain(cause), told_in_log(told, events), *map(event_body, events)]
    leaves = tuple(
        Leaf(salt=salts(market, sequence, at), body=body) for at, body in enumerate(bodies)
    )
    return LogRecord(market=market, sequence=sequence, previous=previous, leaves=leaves)


def told_in_log(told: Mapping[str, Any], events: tuple[Happened, ...]) -> dict[str, Any]:
    """
    Return the body of leaf 1: all that was said, or of a duplicate only what identifies it.
    """
    if not any(event.name == "SubmissionRepeated" for event in events):
        return dict(told)
    message = told["message"]
    kept = {name: message[name] for name in ("id", "source", "subject", "type") if name in message}
    # What was kept already is kept: there the data is gone.
    fingerprint = told.get("fingerprint") or (message.get("data") or {}).get("fingerprint")
    return {"message": kept} | ({"fingerprint": fingerprint} if fingerprint else {})


def event_body(event: Happened) -> dict[str, Any]:
    """
    Return the body of an event's leaf.
    """
    body: dict[str, Any] = {"id": event.id, "type": event.name, "version": event.version}
    for name, item in (("subject", event.subject), ("party", event.party)):
        if item is not None:
            body[name] = item
    if event.said is not None:
        return {**body, "said": event.said}
    return {**body, "data": codec.plain(event.data)}


def event_from(body: Mapping[str, Any], told: Mapping[str, Any]) -> Happened:
    """
    Read an event's leaf, looking its data up in leaf 1 where it stands there.

    Raises:
        UnknownEvent: this release knows no such event.
        LookupError: the pointer leads nowhere.
    """
    said = body.get("said")
    data = body["data"] if said is None else at_pointer(told, said)
    return Happened(
        id=body["id"],
        name=body["type"],
        version=body["version"],
        subject=body.get("subject"),
        party=body.get("party"),
        data=codec.event_of(body["type"], body["version"], data),
        said=said,
    )


def at_pointer(told: Any, pointer: str) -> Any:
    """
    Return what a JSON pointer (RFC 6901) names.

    >>> at_pointer({"message": {"data": {"events": [7, 8]}}}, "/message/data/events/1")
    8
    """
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        told = told[int(name)] if isinstance(told, list) else told[name]
    return told


def parse(record: Record) -> LogRecord | Genesis | None:
    """
    Read the bytes of a record of the log; nothing where they are noise.

    Raises:
        UnknownFormat: they are of a newer format, so what follows could not be judged.
    """
    try:
        return log_record.read(record.value)
    except NotALogRecord:
        _refuse_newer_format(record)
        return None


def _refuse_newer_format(record: Record) -> None:
    try:
        told = json.loads(record.value)
        number = told["header"]["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if isinstance(number, int) and number > FORMAT:
        raise UnknownFormat(f"log record format {number} is not known to this release")


def view(record: Record, read: LogRecord) -> RecordView:
    """
    Open a record of the log: its cause, what was said, and each event complete.

    Raises:
        UnknownEvent: it holds an event kind that this release does not know.
        ValueError: a leaf is not what its place says.
    """
    cause, told, *events = (leaf.body for leaf in read.leaves)
    return RecordView(
        market=read.market,
        sequence=read.sequence,
        partition=record.partition,
        offset=record.offset,
        appended_at=record.appended_at,
        cause=codec.restore(Cause, cause),
        told=told,
        events=tuple(event_from(body, told) for body in events),
        digest=read.digest,
        previous=read.previous,
    )
