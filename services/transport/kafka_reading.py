"""
Reading Kafka by position: one consumer without a group, and where it stands.

A fetch that waits for more holds up every seek of its consumer until it returns. So the
log has two: one that waits at the ends, and one that jumps and never waits.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.vocabulary import instant
from services import clock
from services.topology import LARGEST_BATCH
from services.transport.ports import BrokerLost, OffsetGone, Place, Read, Record

# Longer than a leader takes to move; whoever waits longer starts again.
PATIENCE_SECONDS: Final = 40.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Cursor:
    """
    Where the consumer stands in a partition, and what was fetched and not read yet.
    """

    place: Any
    position: int
    waiting: deque[Record] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Seat:
    """
    One consumer, and a cursor for every partition that was ever asked for.

    Args:
        bootstrap: `host:port`, several by commas.
        name: names this client in the broker's log.
        longest_fetch_ms: how long the broker may hold a fetch that finds nothing.
        rests: whether it fetches only while it is read from.
    """

    def __init__(self, bootstrap: str, *, name: str, longest_fetch_ms: int, rests: bool) -> None:
        self._rests = rests
        self._cursors: dict[Place, _Cursor] = {}
        self.consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=name,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_uncommitted",
            max_partition_fetch_bytes=LARGEST_BATCH,
            fetch_max_bytes=LARGEST_BATCH,
            fetch_max_wait_ms=longest_fetch_ms,
            metadata_max_age_ms=30_000,
        )

    def stands_at(self, place: Place, offset: int) -> bool:
        """
        Tell whether a read from this offset goes on where the last one ended.
        """
        cursor = self._cursors.get(place)
        return cursor is not None and _stands(cursor) == offset

    async def read(self, place: Place, offset: int, end: int, *, at_most: int) -> Read:
        """
        Read records that are there: from an offset on, below the partition's end.

        Raises:
            BrokerLost: they do not come.
            OffsetGone: the offset is no longer there.
        """
        cursor = self._cursor(place, offset)
        async with cursor.turn:
            self._stand_at(cursor, offset)
            patient_until = clock.monotonic() + PATIENCE_SECONDS
            # Markers carry no record: the position passes them on its own.
            while not cursor.waiting and cursor.position < end:
                await self._fetch(cursor, seconds=1.0, at_most=at_most)
                if clock.monotonic() > patient_until:
                    raise BrokerLost(f"{cursor.place} gave nothing from {cursor.position} on")
            count = min(at_most, len(cursor.waiting))
            records = tuple(cursor.waiting.popleft() for _ in range(count))
            return Read(records=records, next_offset=_stands(cursor))

    async def wait(self, place: Place, offset: int, seconds: float) -> None:
        """
        Wait until a record stands at or behind an offset, or so many seconds have passed.
        """
        cursor = self._cursor(place, offset)
        async with cursor.turn:
            self._stand_at(cursor, offset)
            if not cursor.waiting:
                await self._fetch(cursor, seconds=seconds, at_most=500)

    def _cursor(self, place: Place, offset: int) -> _Cursor:
        cursor = self._cursors.get(place)
        if cursor is None:
            cursor = self._cursors[place] = _Cursor(TopicPartition(*place), offset)
            # Kafka's consumer forgets where it stood when its assignment changes.
            self.consumer.assign([each.place for each in self._cursors.values()])
            for each in self._cursors.values():
                self.consumer.seek(each.place, each.position)
                if self._rests and not each.turn.locked():
                    self.consumer.pause(each.place)
        return cursor

    def _stand_at(self, cursor: _Cursor, offset: int) -> None:
        if _stands(cursor) != offset:
            cursor.waiting.clear()
            cursor.position = offset
            self.consumer.seek(cursor.place, offset)

    async def _fetch(self, cursor: _Cursor, *, seconds: float, at_most: int) -> None:
        place = cursor.place
        if self._rests:
            self.consumer.resume(place)
        try:
            found = await self.consumer.getmany(
                place, timeout_ms=int(seconds * 1000), max_records=at_most
            )
        except OffsetOutOfRangeError as error:
            raise OffsetGone(f"{place} at {cursor.position}") from error
        except KafkaError as error:
            raise BrokerLost(f"{place}: {type(error).__name__}") from error
        finally:
            if self._rests:
                self.consumer.pause(place)
        for record in found.get(place, ()):
            # What was fetched before a seek is not what was asked for.
            if record.offset >= cursor.position:
                cursor.waiting.append(_record(record))
        cursor.position = await self.consumer.position(place)


def _stands(cursor: _Cursor) -> int:
    return cursor.waiting[0].offset if cursor.waiting else cursor.position


def _record(found: Any) -> Record:
    return Record(
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        appended_at=instant(_EPOCH + timedelta(milliseconds=found.timestamp)),
        key=found.key,
        value=found.value or b"",
        headers=tuple(found.headers),
    )
