"""
The log's order is the fence: the next record is the first whose sequence and chain link.

Whatever else stands in the log, a rival's record above all, is noise: counted and skipped,
by every reader and by the writer itself, in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.log_record import Genesis, LogRecord, first_previous
from services.transport.exit_codes import NOT_OUR_LOG, PARTITIONS_DIFFER, leave
from services.transport.metrics import NOISE
from services.transport.ports import Place, Record, RecordLog
from services.transport.records import RecordView, parse, view


@dataclass(frozen=True, slots=True)
class Head:
    """
    The last record of a market: its sequence and digest.
    """

    sequence: int
    digest: str


def beginning(market: str) -> Head:
    """
    Return the head of a market that has no record yet.
    """
    return Head(0, first_previous(market))


@dataclass(slots=True, kw_only=True)
class Chain:
    """
    The heads of the markets of one partition, moved on by each record that links.

    `counted` is off where a stretch is read a second time.
    """

    heads: dict[str, Head] = field(default_factory=dict)
    noise: int = 0
    counted: bool = True

    def head(self, market: str) -> Head:
        """
        Return a market's head.
        """
        return self.heads.get(market) or beginning(market)

    def links(self, record: LogRecord) -> bool:
        """
        Tell whether a record is the next of its market.
        """
        head = self.head(record.market)
        return record.sequence == head.sequence + 1 and record.previous == head.digest

    def accept(self, record: Record) -> LogRecord | None:
        """
        Read a record of the log and move the chain on by it; nothing where it is noise.

        Raises:
            UnknownFormat: a newer release wrote it.
        """
        read = parse(record)
        if isinstance(read, Genesis) and record.offset == 0:
            return None
        if isinstance(read, LogRecord) and self.links(read):
            self.heads[read.market] = Head(read.sequence, read.digest)
            return read
        if self.counted:
            self.noise += 1
            NOISE.labels(record.topic, str(record.partition)).inc()
        return None

    def take(self, record: Record) -> RecordView | None:
        """
        Read a record of the log complete, if it is the next of its market.

        Raises:
            UnknownEvent: a newer release wrote it.
        """
        read = self.accept(record)
        return None if read is None else view(record, read)


def chain_at(heads: Mapping[str, Head]) -> Chain:
    """
    Return a chain that goes on from these heads.
    """
    return Chain(heads=dict(heads))


async def genesis_of(log: RecordLog, place: Place) -> Genesis | None:
    """
    Read the record that a partition of the log begins with; nothing in an empty one.

    Raises:
        Leave: it begins with another record, or was begun with other partitions.
    """
    first, end = await log.span(*place)
    if end == 0:
        return None
    if first > 0:
        leave(NOT_OUR_LOG, f"{place.topic}/{place.partition} begins at offset {first}")
    found = parse((await log.read(*place, 0, at_most=1)).records[0])
    if not isinstance(found, Genesis):
        leave(NOT_OUR_LOG, f"{place.topic}/{place.partition} begins with no genesis record")
    there = await log.partitions(place.topic)
    if (found.partition, found.partitions) != (place.partition, there):
        leave(
            PARTITIONS_DIFFER,
            f"{place.topic}/{place.partition} was begun as {found.partition} of "
            f"{found.partitions} partitions, and there are {there}",
        )
    return found
