"""
The shapes and ports of the transport: records of a log, and what workers stand on.

`kafka_log.KafkaLog` is the one implementation that ships; the tests' log in memory keeps
the same contract. Nothing here knows Kafka, so that handlers may use the shapes.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from schemas.vocabulary import Instant

Headers = tuple[tuple[str, bytes], ...]


class Place(NamedTuple):
    """
    One partition of a topic.
    """

    topic: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    One record as it stands in a topic; `appended_at` is the broker's time.
    """

    topic: str
    partition: int
    offset: int
    appended_at: Instant
    key: bytes | None
    value: bytes
    headers: Headers = ()

    def header(self, name: str) -> bytes | None:
        """
        Return the last header of that name.
        """
        found = [value for key, value in self.headers if key == name]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    A record that is about to be appended.
    """

    key: bytes | None
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """
    An entry and the partition it goes to.
    """

    topic: str
    partition: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """
    Records of a partition in order, and the offset from which to read on.

    `next_offset` lies behind the last record, and behind markers that carry none.
    """

    records: tuple[Record, ...]
    next_offset: int


class AppendFailed(RuntimeError):
    """
    There is no receipt: the records may stand in the topic or not.
    """


class TopicMissing(LookupError):
    """
    The broker holds no topic of that name.
    """


class BrokerLost(RuntimeError):
    """
    No broker answered within the time that a worker waits.
    """


class OffsetGone(LookupError):
    """
    The offset lies before a partition's first record or behind its end.
    """


class RecordLog(Protocol):
    """
    Topics read by position and appended to in order.

    Every method raises `TopicMissing` where the topic is not there, and `BrokerLost`
    where nothing answers.
    """

    async def topics(self) -> Mapping[str, str]:
        """
        Return the id of every topic that is there, by its name.
        """

    async def topic_id(self, topic: str) -> str:
        """
        Return the id of a topic, which is another one after it was made again.
        """

    async def partitions(self, topic: str) -> int:
        """
        Return how many partitions a topic has.
        """

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        """
        Return a partition's first offset and its end, one behind the last.
        """

    async def read(self, topic: str, partition: int, offset: int, *, at_most: int = 500) -> Read:
        """
        Read from an offset on, without waiting for what is not there yet.

        Raises:
            OffsetGone: the offset lies outside the partition's span.
        """

    async def wait(self, topic: str, partition: int, offset: int, seconds: float) -> None:
        """
        Wait until a record stands at or behind an offset, or so many seconds have passed.
        """

    async def append(
        self, topic: str, partition: int, entries: tuple[Entry, ...]
    ) -> tuple[int, ...]:
        """
        Append entries in order, in as few batches as fit, each awaited before the next.

        Returns:
            The offset of each entry, from the broker's receipt.

        Raises:
            AppendFailed: a batch got no receipt; those before it stand.
        """

    async def first_since(self, topic: str, partition: int, at: Instant) -> int:
        """
        Return the offset of the first record appended at or after an instant, or the end.
        """

    async def delete_before(self, topic: str, partition: int, offset: int) -> None:
        """
        Delete the records below an offset; what was deleted already stays so.
        """


class PositionStore(Protocol):
    """
    A forwarder's memory: (topic id, partition) -> next offset to read, only ever raised.
    """

    def next_offset(self, topic_id: str, partition: int) -> int | None:
        """
        Return the next offset to read, or nothing where nothing was read yet.
        """

    def raise_to(self, topic_id: str, partition: int, offset: int) -> None:
        """
        Raise a position; a lower offset changes nothing.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionApplied:
    """
    How far a partition of the log was applied, and which log that was.
    """

    partition: int
    next_offset: int
    genesis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketApplied:
    """
    The last applied record of a market.
    """

    market: str
    sequence: int
    digest: str


class ProjectionTransaction(Protocol):
    """
    One transaction of a projector's store: positions move by compare-and-set.
    """

    def advance(self, to: Any, *, was: Any) -> None:
        """
        Move a partition's position; both are like `PartitionApplied`, `was` may be nothing.
        """

    def link(self, to: Any, *, was: Any) -> None:
        """
        Move a market's head; both are like `MarketApplied`, `was` may be nothing.
        """


TransactionT_co = TypeVar("TransactionT_co", bound=ProjectionTransaction, covariant=True)


class ProjectionStore(Protocol[TransactionT_co]):
    """
    A projector's database, as far as the transport knows it.

    A row of the outbox has `id`, `partition`, `market`, `sequence`, `leaf`, `recipient`,
    `kind`, `appended_at` and `payload`; ids rise in the order in which rows were written.
    """

    def begin(self) -> AbstractContextManager[TransactionT_co]:
        """
        Open a transaction; committed at the end of the block, or it leaves nothing.
        """

    def applied(self) -> Mapping[int, Any]:
        """
        Return how far each partition was applied: values like `PartitionApplied`.
        """

    def heads(self) -> Mapping[str, Any]:
        """
        Return the last applied record of each market: values like `MarketApplied`.
        """

    def unsent(self, *, after: int = 0, at_most: int = 500) -> tuple[Any, ...]:
        """
        Return rows of the outbox whose id is larger than `after`, in order.
        """

    def strike(self, ids: tuple[int, ...]) -> None:
        """
        Take rows out of the outbox: they were sent, or must not be.
        """
