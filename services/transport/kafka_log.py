"""
The record log on Kafka: read by position without a group, appended to from one task.

One consumer holds every partition that was ever asked for and seeks where a caller reads
elsewhere than it stands; a partition has one reader at a time. One idempotent producer
sends explicit batches, one awaited before the next: several tasks that send at once have
been seen to change the order.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    KafkaError,
    OffsetOutOfRangeError,
)
from kafka import KafkaAdminClient
from kafka.errors import KafkaError as AdminError

from schemas.vocabulary import instant
from services import clock
from services.topology import LARGEST_BATCH
from services.transport.metrics import APPENDED
from services.transport.ports import (
    AppendFailed,
    BrokerLost,
    Entry,
    OffsetGone,
    Place,
    Read,
    Record,
    TopicMissing,
)

# Longer than a leader takes to move; whoever waits longer starts again.
PATIENCE_SECONDS: Final = 40.0
BATCH_BYTES: Final = 512 * 1024
CONNECT_MS: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


@dataclass(slots=True)
class _Cursor:
    """
    Where the consumer stands in a partition, and what was fetched and not yet read.
    """

    place: Any
    position: int
    waiting: deque[Record] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class KafkaLog:
    """
    A `RecordLog` on a Kafka cluster.

    Args:
        bootstrap: `host:port`, several by commas.
        name: names this client in the broker's log and quotas.
    """

    def __init__(self, bootstrap: str, *, name: str = "foothold") -> None:
        self._bootstrap = bootstrap
        self._name = name
        self._cursors: dict[Place, _Cursor] = {}
        self._met: set[str] = set()
        self._sending = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._consumer: Any = None
        self._asker: Any = None
        self._producer: Any = None
        self._admin: Any = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """
        Connect the reading side; the sending side connects when it first sends.

        Raises:
            BrokerLost: nothing answers.
        """
        # A broker answers one request of a connection at a time: a question behind a fetch
        # that waits for records would wait with it.
        self._asker = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, client_id=f"{self._name}-asks", group_id=None
        )
        await self._patiently(self._asker.start())
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._name,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_uncommitted",
            max_partition_fetch_bytes=LARGEST_BATCH,
            fetch_max_bytes=LARGEST_BATCH,
            fetch_max_wait_ms=500,
            metadata_max_age_ms=30_000,
        )
        await self._patiently(self._consumer.start())

    async def stop(self) -> None:
        """
        Close the connections, without waiting for what is not delivered.
        """
        for client in (self._producer, self._consumer, self._asker):
            if client is not None:
                await client.stop()
        if self._admin is not None:
            await asyncio.to_thread(self._admin.close)
        self._producer = self._consumer = self._asker = self._admin = None

    async def topics(self) -> frozenset[str]:
        """
        Name the topics that are there.
        """
        return frozenset(await self._ask(lambda admin: admin.list_topics()))

    async def topic_id(self, topic: str) -> str:
        """
        Return the id of a topic, which is another one after it was made again.
        """
        return str((await self._described(topic))["topic_id"])

    async def partitions(self, topic: str) -> int:
        """
        Return how many partitions a topic has.
        """
        return len((await self._described(topic))["partitions"])

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        """
        Return a partition's first offset and its end.
        """
        await self._meet(topic)
        place = TopicPartition(topic, partition)
        first = await self._bounded(topic, self._asker.beginning_offsets([place]))
        end = await self._bounded(topic, self._asker.end_offsets([place]))
        return int(first[place]), int(end[place])

    async def read(self, topic: str, partition: int, offset: int, *, at_most: int = 500) -> Read:
        """
        Read from an offset on, without waiting for what is not there yet.

        Raises:
            OffsetGone: the offset lies outside the partition's span.
        """
        first, end = await self.span(topic, partition)
        if not first <= offset <= end:
            raise OffsetGone(f"{topic}/{partition} holds {first} to {end}, and not {offset}")
        cursor = self._cursor(Place(topic, partition), offset)
        async with cursor.turn:
            self._stand_at(cursor, offset)
            return await self._read_to(cursor, end, at_most=at_most)

    async def wait(self, topic: str, partition: int, offset: int, seconds: float) -> None:
        """
        Wait until a record stands at or behind an offset, or so many seconds have passed.
        """
        cursor = self._cursor(Place(topic, partition), offset)
        async with cursor.turn:
            self._stand_at(cursor, offset)
            if not cursor.waiting:
                await self._fetch(cursor, seconds=seconds, at_most=500)

    async def append(
        self, topic: str, partition: int, entries: tuple[Entry, ...]
    ) -> tuple[int, ...]:
        """
        Append entries in order, in as few batches as fit, each awaited before the next.

        Raises:
            AppendFailed: a batch got no receipt; those before it stand.
        """
        await self._meet(topic)
        async with self._sending:
            producer = await self._sender()
            offsets: list[int] = []
            left = deque(entries)
            while left:
                offsets += await self._send_batch(producer, Place(topic, partition), left)
        APPENDED.labels(topic, str(partition)).inc(len(offsets))
        return tuple(offsets)

    async def _send_batch(self, producer: Any, place: Place, left: deque[Entry]) -> tuple[int, ...]:
        batch, count = producer.create_batch(), 0
        while left:
            entry = left[0]
            if (
                batch.append(
                    timestamp=None, key=entry.key, value=entry.value, headers=list(entry.headers)
                )
                is None
            ):
                break
            left.popleft()
            count += 1
        batch.close()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                sent = await producer.send_batch(batch, place.topic, partition=place.partition)
                receipt = await sent
        except (KafkaError, TimeoutError) as error:
            await self._refuse_missing(place.topic)
            raise AppendFailed(
                f"no receipt for {count} records to {place.topic}/{place.partition}: "
                f"{type(error).__name__}"
            ) from error
        return tuple(range(receipt.offset, receipt.offset + count))

    async def _sender(self) -> Any:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=self._name,
                acks="all",
                enable_idempotence=True,
                max_batch_size=BATCH_BYTES,
                max_request_size=LARGEST_BATCH,
                linger_ms=0,
                request_timeout_ms=30_000,
                metadata_max_age_ms=30_000,
            )
            await self._patiently(producer.start())
            self._producer = producer
        return self._producer

    def _cursor(self, place: Place, offset: int) -> _Cursor:
        cursor = self._cursors.get(place)
        if cursor is None:
            cursor = self._cursors[place] = _Cursor(TopicPartition(*place), offset)
            # Kafka's consumer forgets where it stood when its assignment changes.
            self._consumer.assign([each.place for each in self._cursors.values()])
            for each in self._cursors.values():
                self._consumer.seek(each.place, each.position)
        return cursor

    def _stand_at(self, cursor: _Cursor, offset: int) -> None:
        stands = cursor.waiting[0].offset if cursor.waiting else cursor.position
        if stands != offset:
            cursor.waiting.clear()
            cursor.position = offset
            self._consumer.seek(cursor.place, offset)

    async def _read_to(self, cursor: _Cursor, end: int, *, at_most: int) -> Read:
        patient_until = clock.monotonic() + PATIENCE_SECONDS
        # Markers carry no record: the position passes them on its own.
        while not cursor.waiting and cursor.position < end:
            await self._fetch(cursor, seconds=1.0, at_most=at_most)
            if clock.monotonic() > patient_until:
                raise BrokerLost(f"{cursor.place} gave nothing from {cursor.position} on")
        count = min(at_most, len(cursor.waiting))
        records = tuple(cursor.waiting.popleft() for _ in range(count))
        next_offset = cursor.waiting[0].offset if cursor.waiting else cursor.position
        return Read(records=records, next_offset=next_offset)

    async def _fetch(self, cursor: _Cursor, *, seconds: float, at_most: int) -> None:
        place = cursor.place
        try:
            found = await self._consumer.getmany(
                place, timeout_ms=int(seconds * 1000), max_records=at_most
            )
        except OffsetOutOfRangeError as error:
            raise OffsetGone(f"{place} at {cursor.position}") from error
        except KafkaError as error:
            raise BrokerLost(f"{place}: {type(error).__name__}") from error
        for record in found.get(place, ()):
            # What was fetched before a seek is not what was asked for.
            if record.offset >= cursor.position:
                cursor.waiting.append(_record(record))
        cursor.position = await self._consumer.position(place)

    async def _meet(self, topic: str) -> None:
        # Kafka's clients wait half a minute for a topic that is not there.
        if topic not in self._met:
            await self._described(topic)
            self._met.add(topic)

    async def _described(self, topic: str) -> Any:
        # The broker answers for a topic that is not there with an error in its own row.
        found = await self._ask(lambda admin: admin.describe_topics([topic]))
        if not found or found[0].get("error_code") or not found[0].get("partitions"):
            raise TopicMissing(f"there is no topic {topic}")
        return found[0]

    async def _refuse_missing(self, topic: str) -> None:
        if topic not in await self.topics():
            self._met.discard(topic)
            raise TopicMissing(f"there is no topic {topic}")

    async def _ask(self, question: Callable[[Any], T]) -> T:
        async with self._asking:
            try:
                if self._admin is None:
                    self._admin = await asyncio.to_thread(self._connected_admin)
                return await asyncio.to_thread(functools.partial(question, self._admin))
            except AdminError as error:
                raise BrokerLost(f"the broker gave no answer: {type(error).__name__}") from error

    def _connected_admin(self) -> Any:
        return KafkaAdminClient(
            bootstrap_servers=self._bootstrap.split(","),
            client_id=f"{self._name}-admin",
            bootstrap_timeout_ms=CONNECT_MS,
        )

    async def _bounded(self, topic: str, question: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await question
        except (KafkaError, TimeoutError) as error:
            await self._refuse_missing(topic)
            raise BrokerLost(f"{topic}: {type(error).__name__}") from error

    async def _patiently(self, connecting: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await connecting
        except (KafkaError, TimeoutError) as error:
            raise BrokerLost(
                f"no Kafka broker answers at {self._bootstrap} ({type(error).__name__})"
            ) from error


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
