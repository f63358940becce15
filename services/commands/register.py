"""
The log as a command reads it: whole, by position, and only what links.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from schemas.log_record import Genesis, LogRecord, NotALogRecord, first_previous, read
from schemas.vocabulary import REGISTER
from services.commands.kafka_access import Kafka
from services.topology import MARKET_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    A log record that holds, and the offset at which it stands.
    """

    offset: int
    record: LogRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    One event of the register: name, subject, party and its plain data.
    """

    name: str
    subject: str | None
    party: str | None
    data: dict[str, Any]


def linked(kafka: Kafka, *, partition: int, market: str) -> Iterator[Standing]:
    """
    Read a market's records in order: each the first that has the next sequence and links.
    """
    sequence, digest = 0, first_previous(market)
    for message in kafka.read(MARKET_LOG, partition):
        record = _record(message.value)
        if record is None or record.market != market:
            continue
        if record.sequence == sequence + 1 and record.previous == digest:
            sequence, digest = record.sequence, record.digest
            yield Standing(offset=message.offset, record=record)


def genesis_of(kafka: Kafka, partition: int) -> Genesis | None:
    """
    Return the genesis record of a partition of the log, where it has one.
    """
    for message in kafka.read(MARKET_LOG, partition):
        found = read(message.value)
        return found if isinstance(found, Genesis) else None
    return None


def register_facts(kafka: Kafka) -> tuple[Fact, ...]:
    """
    Return all events of the register in order.
    """
    return tuple(
        fact
        for standing in linked(kafka, partition=0, market=REGISTER)
        for fact in facts_of(standing.record)
    )


def facts_of(record: LogRecord) -> Iterator[Fact]:
    """
    Read the events of a record, those included that name what was said.
    """
    said = record.leaves[1].body
    for leaf in record.leaves[2:]:
        event = leaf.body
        data = _pointed(said, event["said"]) if "said" in event else event["data"]
        yield Fact(
            name=event["type"],
            subject=event.get("subject"),
            party=event.get("party"),
            data=data,
        )


def registered_slugs(kafka: Kafka) -> tuple[str, ...]:
    """
    Return the slugs of all registered parties.
    """
    facts = register_facts(kafka)
    return tuple(
        sorted({fact.data["slug"] for fact in facts if fact.name.startswith("PartyRegistered")})
    )


def markets(kafka: Kafka) -> dict[str, dict[str, Any]]:
    """
    Return every opened market by code, the register itself included.
    """
    return {
        fact.data["code"]: fact.data
        for fact in register_facts(kafka)
        if fact.name == "MarketOpened"
    }


def market_records(kafka: Kafka, market: str) -> Iterator[LogRecord]:
    """
    Read an open market's log in order.

    Raises:
        click.ClickException: no such market is open.
    """
    found = markets(kafka).get(market)
    if found is None:
        raise click.ClickException(f"No market {market!r} is open. See `foothold market list`.")
    for standing in linked(kafka, partition=found["partition"], market=market):
        yield standing.record


def time_at_end(records: Iterable[LogRecord]) -> str | None:
    """
    Return what *now* is at the end of a market's log; nothing where it has no record.

    A record's cause tells the time before it, and a tick in it moves that on.
    """
    last = None
    for last in records:  # noqa: B007 - the last is what is wanted
        pass
    if last is None:
        return None
    ticks = [str(fact.data["at"]) for fact in facts_of(last) if fact.name == "Tick"]
    return max([str(last.leaves[0].body["now"]), *ticks])


def _record(value: bytes) -> LogRecord | None:
    try:
        found = read(value)
    except NotALogRecord:
        return None
    return found if isinstance(found, LogRecord) else None


def _pointed(body: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body
