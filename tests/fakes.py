"""
Fakes that keep the contracts of the transport's ports: a log and stores in memory.
"""

import asyncio
import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from schemas.vocabulary import later
from services.transport.ports import (
    AppendFailed,
    Entry,
    MarketApplied,
    OffsetGone,
    PartitionApplied,
    Place,
    Read,
    Record,
    TopicMissing,
)

NINE_IN_THE_MORNING = "2026-01-13T09:00:00.000Z"


@dataclass(slots=True)
class _Topic:
    id: str
    logs: list[list[Record]]
    firsts: list[int]


class MemoryLog:
    """
    A `RecordLog` in memory, with the faults that a test may ask of it.

    Attributes:
        before_append: called before each append with its place and entries; it may raise,
            or append something itself, as a rival would.
    """

    def __init__(self) -> None:
        self._topics: dict[str, _Topic] = {}
        self._made = 0
        self._now = NINE_IN_THE_MORNING
        self._arrived = asyncio.Condition()
        self.before_append: Callable[[Place, tuple[Entry, ...]], None] | None = None

    # What a test does to it ---------------------------------------------------------------

    def make(self, topic: str, *, partitions: int = 1) -> str:
        """
        Make a topic, anew if it is there; its id is returned.
        """
        self._made += 1
        self._topics[topic] = _Topic(
            id=f"topic-{self._made}",
            logs=[[] for _ in range(partitions)],
            firsts=[0] * partitions,
        )
        return self._topics[topic].id

    def remove(self, topic: str) -> None:
        del self._topics[topic]

    def at(self, now: str) -> None:
        """
        Set the broker's time for what is appended next.
        """
        self._now = now

    def put(self, topic: str, partition: int, *entries: Entry) -> tuple[int, ...]:
        """
        Append without a fault, as another process would.
        """
        log = self._log(topic, partition)
        first = self._topics[topic].firsts[partition]
        offsets = []
        for entry in entries:
            offsets.append(first + len(log))
            log.append(
                Record(
                    topic=topic,
                    partition=partition,
                    offset=offsets[-1],
                    appended_at=self._now,
                    key=entry.key,
                    value=entry.value,
                    headers=entry.headers,
                )
            )
            self._now = later(self._now, timedelta(milliseconds=1))
        return tuple(offsets)

    def forget_before(self, topic: str, partition: int, offset: int) -> None:
        """
        Delete records below an offset, as retention does.
        """
        found = self._topics[topic]
        gone = max(0, offset - found.firsts[partition])
        found.logs[partition] = found.logs[partition][gone:]
        found.firsts[partition] += gone

    def records(self, topic: str, partition: int = 0) -> tuple[Record, ...]:
        return tuple(self._log(topic, partition))

    # The port -----------------------------------------------------------------------------

    async def topics(self) -> Mapping[str, str]:
        return {name: topic.id for name, topic in self._topics.items()}

    async def topic_id(self, topic: str) -> str:
        return self._found(topic).id

    async def partitions(self, topic: str) -> int:
        return len(self._found(topic).logs)

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        first = self._found(topic).firsts[partition]
        return first, first + len(self._log(topic, partition))

    async def read(self, topic: str, partition: int, offset: int, *, at_most: int = 500) -> Read:
        first, end = await self.span(topic, partition)
        if not first <= offset <= end:
            raise OffsetGone(f"{topic}/{partition} holds {first} to {end}, and not {offset}")
        found = self._log(topic, partition)[offset - first :][:at_most]
        return Read(records=tuple(found), next_offset=offset + len(found))

    async def wait(self, topic: str, partition: int, offset: int, seconds: float) -> None:
        async def there() -> None:
            async with self._arrived:
                while (await self.span(topic, partition))[1] <= offset:
                    await self._arrived.wait()

        try:
            await asyncio.wait_for(there(), seconds)
        except TimeoutError:
            return

    async def append(
        self, topic: str, partition: int, entries: tuple[Entry, ...]
    ) -> tuple[int, ...]:
        self._found(topic)
        if self.before_append is not None:
            self.before_append(Place(topic, partition), entries)
        async with self._arrived:
            offsets = self.put(topic, partition, *entries)
            self._arrived.notify_all()
        return offsets

    async def first_since(self, topic: str, partition: int, at: str) -> int:
        for record in self._log(topic, partition):
            if record.appended_at >= at:
                return record.offset
        return (await self.span(topic, partition))[1]

    async def delete_before(self, topic: str, partition: int, offset: int) -> None:
        self._found(topic)
        self.forget_before(topic, partition, offset)

    def _found(self, topic: str) -> _Topic:
        if topic not in self._topics:
            raise TopicMissing(f"there is no topic {topic}")
        return self._topics[topic]

    def _log(self, topic: str, partition: int) -> list[Record]:
        return self._found(topic).logs[partition]


def refuse_append(*_: object) -> None:
    """
    Fail every append, as a broker that is gone does.
    """
    raise AppendFailed("no receipt")


@dataclass(slots=True)
class MemoryPositions:
    """
    A forwarder's positions in memory; `raised` tells every call in order.
    """

    rows: dict[tuple[str, int], int] = field(default_factory=dict)
    raised: list[tuple[str, int, int]] = field(default_factory=list)

    def next_offset(self, topic_id: str, partition: int) -> int | None:
        return self.rows.get((topic_id, partition))

    def raise_to(self, topic_id: str, partition: int, offset: int) -> None:
        self.raised.append((topic_id, partition, offset))
        key = (topic_id, partition)
        self.rows[key] = max(offset, self.rows.get(key, 0))


class Overtaken(RuntimeError):
    """
    Another process has moved a position that this one was about to move.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    A row of the outbox in memory.
    """

    partition: int
    market: str
    sequence: int
    leaf: int
    recipient: str
    kind: str
    appended_at: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(slots=True)
class _Rows:
    partitions: dict[int, PartitionApplied] = field(default_factory=dict)
    markets: dict[str, MarketApplied] = field(default_factory=dict)
    outbox: list[Row] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)
    posted: int = 0


class MemoryTransaction:
    """
    A projector's transaction in memory; `effects` stands for the worker's own tables.
    """

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    @property
    def effects(self) -> list[Any]:
        return self._rows.effects

    def advance(self, to: Any, *, was: Any) -> None:
        if self._rows.partitions.get(to.partition) != was:
            raise Overtaken(f"partition {to.partition}")
        self._rows.partitions[to.partition] = to

    def link(self, to: Any, *, was: Any) -> None:
        if self._rows.markets.get(to.market) != was:
            raise Overtaken(f"market {to.market}")
        self._rows.markets[to.market] = to

    def post(self, row: Row) -> None:
        self._rows.posted += 1
        self._rows.outbox.append(replace(row, id=self._rows.posted))


class MemoryProjectionStore:
    """
    A projector's store in memory: a transaction works on a copy, which replaces the rows.
    """

    def __init__(self) -> None:
        self._rows = _Rows()
        self.commits = 0

    @property
    def effects(self) -> tuple[Any, ...]:
        return tuple(self._rows.effects)

    @contextmanager
    def begin(self) -> Iterator[MemoryTransaction]:
        rows = copy.deepcopy(self._rows)
        yield MemoryTransaction(rows)
        self._rows, self.commits = rows, self.commits + 1

    def applied(self) -> Mapping[int, PartitionApplied]:
        return dict(self._rows.partitions)

    def heads(self) -> Mapping[str, MarketApplied]:
        return dict(self._rows.markets)

    def unsent(self, *, after: int = 0, at_most: int = 500) -> tuple[Row, ...]:
        return tuple([row for row in self._rows.outbox if row.id > after][:at_most])

    def strike(self, ids: tuple[int, ...]) -> None:
        self._rows.outbox = [row for row in self._rows.outbox if row.id not in ids]
