"""
The record log on Kafka: read by position without a group, appended to from one task.

One idempotent producer sends explicit batches, one awaited before the next: several tasks
that send at once have been seen to change the order. A partition has one reader at a time.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from kafka import KafkaAdminClient
from kafka import TopicPartition as AdminPartition
from kafka.errors import KafkaError as AdminError

from schemas.vocabulary import Instant, moment
from services.topology import LARGEST_BATCH
from services.transport.header_names import read_every_header_name
from services.transport.kafka_reading import PATIENCE_SECONDS, Seat
from services.transport.metrics import APPENDED
from services.transport.ports import (
    AppendFailed,
    BrokerLost,
    Entry,
    OffsetGone,
    Place,
    Read,
    TopicMissing,
)

BATCH_BYTES: Final = 512 * 1024
CONNECT_MS: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


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
        self._met: set[str] = set()
        self._sending = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._tail: Any = None
        self._jumps: Any = None
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
        read_every_header_name()
        self._tail = Seat(self._bootstrap, name=self._name, longest_fetch_ms=500, rests=False)
        self._jumps = Seat(self._bootstrap, name=self._name, longest_fetch_ms=10, rests=True)
        for seat in (self._tail, self._jumps):
            await self._patiently(seat.consumer.start())

    async def stop(self) -> None:
        """
        Close the connections, without waiting for what is not delivered.
        """
        for seat in (self._tail, self._jumps):
            if seat is not None:
                await seat.consumer.stop()
        if self._producer is not None:
            await self._producer.stop()
        if self._admin is not None:
            await asyncio.to_thread(self._admin.close)
        self._producer = self._tail = self._jumps = self._admin = None

    async def topics(self) -> Mapping[str, str]:
        """
        Return the id of every topic that is there, by its name.
        """
        found = await self._ask(lambda admin: admin.describe_topics())
        return {each["name"]: str(each["topic_id"]) for each in found if not each["is_internal"]}

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
        # A broker answers one request of a connection at a time: behind a fetch that waits
        # for records, a question would wait with it.
        ask = self._jumps.consumer
        first = await self._bounded(topic, ask.beginning_offsets([place]))
        end = await self._bounded(topic, ask.end_offsets([place]))
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
        place = Place(topic, partition)
        if offset == end:
            return Read(records=(), next_offset=end)
        seat = self._tail if self._tail.stands_at(place, offset) else self._jumps
        found: Read = await seat.read(place, offset, end, at_most=at_most)
        return found

    async def wait(self, topic: str, partition: int, offset: int, seconds: float) -> None:
        """
        Wait until a record stands at or behind an offset, or so many seconds have passed.
        """
        await self._tail.wait(Place(topic, partition), offset, seconds)

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

    async def first_since(self, topic: str, partition: int, at: Instant) -> int:
        """
        Return the offset of the first record appended at or after an instant, or the end.
        """
        _, end = await self.span(topic, partition)
        place, wanted = TopicPartition(topic, partition), _milliseconds(at)
        ask = self._jumps.consumer
        found = await self._bounded(topic, ask.offsets_for_times({place: wanted}))
        return end if found[place] is None else int(found[place].offset)

    async def delete_before(self, topic: str, partition: int, offset: int) -> None:
        """
        Delete the records below an offset; what was deleted already stays so.
        """
        first, _ = await self.span(topic, partition)
        if offset > first:
            below = {AdminPartition(topic, partition): offset}
            await self._ask(lambda admin: admin.delete_records(below))

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


def _milliseconds(at: Instant) -> int:
    # In whole numbers: a float may fall short of the millisecond it stands for.
    return (moment(at) - _EPOCH) // timedelta(milliseconds=1)
