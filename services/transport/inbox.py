"""
Records of the market's inbox: what was said, by whom, and where it came from.

Intake names the source record in three headers. What workers say has no source, and is
told apart by a natural key that is made of the event itself.
"""

import json
from typing import Any

from matching.market.record import Happened, Said
from schemas import codec
from schemas.answers import RegisterFacts
from schemas.envelope import CONTENT_TYPE, Message
from schemas.fits import FitsAssessed, RulesAssessed
from schemas.log_record import LARGEST_RECORD, InboxPosition, Position
from schemas.parties import KeyDestroyed
from schemas.ticks import Tick
from services.transport.ports import Entry, Headers, Record
from services.transport.records import event_from

SOURCE_TOPIC_ID = "source-topic-id"
SOURCE_PARTITION = "source-partition"
SOURCE_OFFSET = "source-offset"


def entry(market: str, message: Message, *, source: Position | None = None) -> Entry:
    """
    Make the inbox record of a message, for the market's own partition.

    Args:
        market: the market's code, which is the record's key.
        message: what is said.
        source: the party inbox record it came from, where intake says it.
    """
    headers: Headers = (("content-type", CONTENT_TYPE.encode()),)
    if source is not None:
        headers += (
            (SOURCE_TOPIC_ID, source.topic_id.encode()),
            (SOURCE_PARTITION, str(source.partition).encode()),
            (SOURCE_OFFSET, str(source.offset).encode()),
        )
    return Entry(key=market.encode(), value=codec.write(message), headers=headers)


def market_of(record: Record) -> str | None:
    """
    Return the code of the market that an inbox record is for.
    """
    try:
        return (record.key or b"").decode("ascii") or None
    except UnicodeDecodeError:
        return None


def said_in(record: Record, *, inbox_topic_id: str) -> Said | None:
    """
    Read an inbox record; nothing where it is not one of ours.

    Raises:
        UnknownEvent: it carries a fact of the register that a newer release wrote.
    """
    message = codec.read(record.value, largest=LARGEST_RECORD)
    if not isinstance(message, Message):
        return None
    try:
        source = source_of(record)
    except ValueError:
        return None
    told = {"message": json.loads(record.value)}
    return Said(
        message=message,
        source=source,
        inbox=InboxPosition(topic_id=inbox_topic_id, offset=record.offset),
        appended_at=record.appended_at,
        told=told,
        carried=carried_in(message, told),
    )


def source_of(record: Record) -> Position | None:
    """
    Return the party inbox record that an inbox record came from.

    Raises:
        ValueError: the headers are there and are no position.
    """
    topic_id = record.header(SOURCE_TOPIC_ID)
    if topic_id is None:
        return None
    partition, offset = record.header(SOURCE_PARTITION), record.header(SOURCE_OFFSET)
    return Position(
        topic_id=topic_id.decode("ascii"),
        partition=int(partition or b"-"),
        offset=int(offset or b"-"),
    )


def natural_key(message: Message) -> tuple[str, ...]:
    """
    Return what tells a worker's output apart from every other.
    """
    data = message.data
    if isinstance(data, FitsAssessed):
        return ("fits", data.subject, data.model, str(data.as_of), str(data.part))
    if isinstance(data, RulesAssessed):
        return ("rules", data.resident, str(data.as_of))
    if isinstance(data, KeyDestroyed):
        return ("key", data.resident)
    if isinstance(data, RegisterFacts):
        return ("register", str(data.register_sequence))
    if isinstance(data, Tick):
        return ("tick", data.at)
    return (message.envelope.source, message.envelope.id)


def carried_in(message: Message, told: dict[str, Any]) -> tuple[Happened, ...]:
    """
    Return the register's events, complete, where those are what was said.
    """
    if not isinstance(message.data, RegisterFacts):
        return ()
    events = told["message"]["data"]["events"]
    return tuple(
        event_from({**body, "said": f"/message/data/events/{at}/data"}, told)
        for at, body in enumerate(events)
    )
