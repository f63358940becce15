"""
The fold at work on one partition: what was said becomes what holds, one record each.

    recovery: snapshot, if one links -> the log by position -> the inbox from each market's
              last cause on
    then:     read by position -> decide -> append -> receipt -> go on

Positions are the truth and the log's order is the fence. A record that makes a decision
raise costs that record and nobody else: it is refused as internal on a market built anew,
and three in a row hold that market while the others go on.
"""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic

import structlog

from matching.market.record import Happened, Said
from schemas import codec
from schemas.log_record import Cause, InboxPosition
from schemas.markets import MarketOpened
from schemas.vocabulary import REGISTER, Clock, Nation
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport import inbox, metrics
from services.transport.core import Counts, Fold, Market, S
from services.transport.delivery import Delivery
from services.transport.exit_codes import INBOX_BEHIND, PARTITIONS_DIFFER, leave
from services.transport.ports import Place, Record, RecordLog
from services.transport.records import Salts, compose
from services.transport.recovery import Memory
from services.transport.snapshots import Snapshots

BATCH_RECORDS: Final = 200
BATCH_BYTES: Final = 1024 * 1024
SNAPSHOT_EVERY: Final = 20_000
REGISTER_PARTITION: Final = 0

log = structlog.get_logger()

# Looks a market up in the register, read to its end.
Lookup = Callable[[str], Awaitable[MarketOpened | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """
    How a market stood before a record was decided.
    """

    sequence: int
    digest: str
    now: str
    rules_version: int


class DecidedTwice(RuntimeError):
    """
    A record that had left no log record left one when it was decided again: decide is not pure.
    """


class PartitionFold(Generic[S]):
    """
    The fold of one partition.

    Args:
        partition: which.
        record_log: the topics.
        fold: the core.
        salts: makes the salt of each leaf.
        release: names this release in each cause.
        new_id: draws the id of a genesis record.
        lookup: looks a market up in the register.
        snapshots: the cache, if there is one.
        snapshot_every: how many log records lie between two snapshots.
    """

    def __init__(
        self,
        partition: int,
        *,
        record_log: RecordLog,
        fold: Fold[S],
        salts: Salts,
        release: str,
        new_id: Callable[[], str],
        lookup: Lookup,
        snapshots: Snapshots[S] | None = None,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        self.partition = partition
        self.counts = Counts()
        self._place = Place(MARKET_INBOX, partition)
        self._log, self._fold, self._salts = record_log, fold, salts
        self._release, self._lookup = release, lookup
        self._snapshot_every = snapshot_every
        self._memory = Memory(
            partition,
            record_log=record_log,
            fold=fold,
            release=release,
            new_id=new_id,
            snapshots=snapshots,
        )
        self._delivery = Delivery(record_log, self._memory)
        self._next = 0
        self._since_snapshot = 0

    @property
    def position(self) -> int:
        """
        The next inbox offset that was not taken up yet.
        """
        return self._next

    @property
    def held(self) -> tuple[str, ...]:
        """
        The markets that are held, sorted.
        """
        markets = self._memory.markets
        return tuple(sorted(code for code, market in markets.items() if market.held))

    @property
    def noise(self) -> int:
        """
        How many records of the log linked to nothing.
        """
        return self._memory.chain.noise

    def state(self, code: str) -> S:
        """
        Return a market's state in memory.

        Raises:
            KeyError: the market is not in this partition.
        """
        return self._memory.markets[code].state

    async def prepare(self) -> None:
        """
        Stand where the log stands, and place the inbox behind what it was decided from.

        Raises:
            Leave: the topics do not fit the log, or each other.
            UnknownEvent: a newer release wrote the log.
        """
        self._keep_place()
        there = await self._log.partitions(MARKET_INBOX)
        wanted = await self._log.partitions(MARKET_LOG)
        if there != wanted:
            leave(PARTITIONS_DIFFER, f"the inbox has {there} partitions, the log has {wanted}")
        self._memory.expect_inbox(await self._log.topic_id(MARKET_INBOX))
        # The log's end before the inbox's: what stands behind a cause that is read is there.
        await self._memory.catch_up()
        await self._place_inbox()
        self._tell_held()

    async def step(self) -> bool:
        """
        Take up what stands in the inbox, up to one batch.

        Returns:
            Whether there was anything.

        Raises:
            Leave: another process wrote first.
            AppendFailed: there is no receipt; this process must end.
        """
        read = await self._log.read(*self._place, self._next, at_most=BATCH_RECORDS)
        if read.next_offset == self._next:
            return False
        for record in read.records:
            await self._take(record)
            if self._delivery.size > BATCH_BYTES:
                await self._deliver()
        await self._deliver()
        self._next = read.next_offset
        if self._since_snapshot >= self._snapshot_every:
            self.snapshot()
        return True

    def snapshot(self) -> None:
        """
        Write a snapshot, if anything was delivered since the last.
        """
        if self._since_snapshot and not self._delivery.size:
            self._keep_place()
            self._memory.write_snapshot()
            self._since_snapshot = 0

    # Positions ----------------------------------------------------------------------------

    def _keep_place(self) -> None:
        # Everything below the position was offered to every market that is not held.
        for market in self._memory.markets.values():
            if not market.held:
                market.inbox_next = max(market.inbox_next, self._next)

    async def _place_inbox(self) -> None:
        first, end = await self._log.span(*self._place)
        markets = self._memory.markets.values()
        if any(market.inbox_next > end for market in markets):
            leave(INBOX_BEHIND, f"partition {self.partition} of the inbox ends at {end}")
        start = min((market.inbox_next for market in markets if not market.held), default=first)
        if start < first:
            log.warning(
                "the inbox no longer holds what follows the oldest last cause",
                partition=self.partition,
                position=start,
                offset=first,
            )
        self._next = max(start, first)

    async def _deliver(self) -> None:
        self._since_snapshot += await self._delivery.deliver()

    # Deciding -----------------------------------------------------------------------------

    async def _take(self, record: Record) -> None:
        code = inbox.market_of(record) or ""
        market = self._memory.markets.get(code)
        if market is not None and record.offset < market.inbox_next:
            return
        if market is not None and market.held:
            self._count("held")
            return
        said = inbox.said_in(record, inbox_topic_id=self._memory.inbox_id)
        if said is None:
            metrics.UNREADABLE_INBOX.labels(str(self.partition)).inc()
            self._stray("unreadable", record, market)
        else:
            market = market or await self._open(code, record)
            if market is None:
                self._stray("market_unknown", record, market)
            else:
                market = await self._decide(market, said)
        if market is not None and not market.broken:
            market.inbox_next = record.offset + 1

    async def _decide(self, market: Market[S], said: Said) -> Market[S]:
        before = _before(market)
        try:
            events = self._fold.decide(market.state, said)
            if events is not None:
                self._write(market, before, self._cause(said, before), said.told, events)
        except codec.UnknownEvent:
            raise
        except Exception:  # noqa: BLE001 - a bug of the core costs one record
            self._alarm("a decision raised and its record is quarantined", market, said)
            return await self._quarantine(market, said)
        if events is None:
            self._count("idle_ticks" if said.name == "Tick" else "repeats")
        else:
            market.quarantined = 0
            self._count("logged")
        return market

    async def _quarantine(self, market: Market[S], said: Said) -> Market[S]:
        await self._deliver()
        market = await self._memory.rebuild(market.code)
        metrics.QUARANTINED.labels(market.code).inc()
        try:
            await self._hear_again(market, until=said.inbox.offset)
            before = _before(market)
            events = self._fold.quarantine(market.state, said)
            cause = self._cause(said, before, quarantined=True)
            self._write(market, before, cause, said.told, events)
        except Exception:  # noqa: BLE001 - nothing can be written for this market any more
            self._alarm("a record cannot even be quarantined", market, said)
            market.broken = True
        else:
            market.quarantined += 1
        self._count("held" if market.broken else "logged")
        if market.held:
            self._alarm("market held", market, said)
            self._tell_held()
        return market

    async def _hear_again(self, market: Market[S], *, until: int) -> None:
        """
        Decide again what a market heard since its last record: ticks, which moved its *now*.
        """
        first, _ = await self._log.span(*self._place)
        offset = max(first, market.inbox_next)
        while offset < until:
            read = await self._log.read(*self._place, offset, at_most=BATCH_RECORDS)
            for record in read.records:
                if record.offset < until and inbox.market_of(record) == market.code:
                    said = inbox.said_in(record, inbox_topic_id=self._memory.inbox_id)
                    if said is not None and self._fold.decide(market.state, said) is not None:
                        raise DecidedTwice(f"inbox offset {record.offset}")
            offset = read.next_offset

    async def _open(self, code: str, record: Record) -> Market[S] | None:
        # The register may lie in this very partition, its last records not delivered yet.
        await self._deliver()
        opened = _register(record) if code == REGISTER else await self._lookup(code)
        if opened is None or opened.partition != self.partition:
            return None
        market = Market(code=code, state=self._fold.empty(code), inbox_next=record.offset)
        before = _before(market)
        cause = Cause(
            key=("market", code),
            inbox=InboxPosition(topic_id=self._memory.inbox_id, offset=record.offset - 1),
            appended_at=record.appended_at,
            # Before its first record a market has no time yet.
            now=opened.now,
            rules_version=before.rules_version,
            release=self._release,
        )
        events = self._fold.open_market(market.state, opened)
        self._write(market, before, cause, _opening(opened), events)
        self._memory.markets[code] = market
        return market

    def _cause(self, said: Said, before: _Before, *, quarantined: bool = False) -> Cause:
        return Cause(
            source=said.source,
            key=() if said.source else inbox.natural_key(said.message),
            inbox=said.inbox,
            appended_at=said.appended_at,
            now=before.now,
            quarantined=quarantined,
            rules_version=before.rules_version,
            release=self._release,
        )

    def _write(
        self,
        market: Market[S],
        before: _Before,
        cause: Cause,
        told: dict[str, Any],
        events: tuple[Happened, ...],
    ) -> None:
        record = compose(
            market.code,
            sequence=before.sequence + 1,
            previous=before.digest,
            cause=cause,
            told=told,
            events=events,
            salts=self._salts,
        )
        self._delivery.add(market, record)
        self._fold.link(market.state, sequence=record.sequence, digest=record.digest)

    # Telling ------------------------------------------------------------------------------

    def _count(self, outcome: str) -> None:
        setattr(self.counts, outcome, getattr(self.counts, outcome) + 1)
        metrics.OUTCOMES.labels(str(self.partition), outcome).inc()
        metrics.SAID.labels(str(self.partition)).inc()

    def _tell_held(self) -> None:
        metrics.HELD_MARKETS.labels(str(self.partition)).set(len(self.held))

    def _stray(self, reason: str, record: Record, market: Market[S] | None) -> None:
        self._count("strays")
        log.error(
            "stray in the market's inbox",
            code=reason,
            market=market.code if market else None,
            partition=self.partition,
            offset=record.offset,
        )

    def _alarm(self, sentence: str, market: Market[S], said: Said) -> None:
        log.error(
            sentence,
            exc_info=sys.exception(),
            market=market.code,
            partition=self.partition,
            offset=said.inbox.offset,
            event_type=said.name,
        )


class Folds(Generic[S]):
    """
    The partitions of the fold that this process has met, each kept when it is lost.

    Args:
        make: makes the fold of a partition.
    """

    def __init__(self, make: Callable[[int], PartitionFold[S]]) -> None:
        self._make = make
        self.by_partition: dict[int, PartitionFold[S]] = {}

    def position(self, place: Place) -> int:
        """
        Return the next inbox offset that was not taken up yet.
        """
        found = self.by_partition.get(place.partition)
        return found.position if found else 0

    async def prepare(self, place: Place) -> None:
        """
        Stand where the log stands, each time the partition comes.
        """
        if place.partition not in self.by_partition:
            self.by_partition[place.partition] = self._make(place.partition)
        await self.by_partition[place.partition].prepare()

    async def step(self, place: Place) -> bool:
        """
        Take up what stands in the inbox, up to one batch.
        """
        return await self.by_partition[place.partition].step()

    def lose(self, place: Place) -> None:
        """
        Keep what is known: it is merely behind when the partition comes back.
        """

    def snapshot(self) -> None:
        """
        Write a snapshot of every partition, at a clean stop.
        """
        for partition in sorted(self.by_partition):
            self.by_partition[partition].snapshot()


def _before(market: Market[S]) -> _Before:
    state = market.state
    return _Before(
        sequence=state.sequence,
        digest=state.digest,
        now=state.now,
        rules_version=state.rules.version if state.rules else 0,
    )


def _register(record: Record) -> MarketOpened:
    """
    The register opens itself, at the first record that is said to it.
    """
    return MarketOpened(
        code=REGISTER,
        name="Register",
        partition=REGISTER_PARTITION,
        nation=Nation.ENGLAND,
        clock=Clock.REAL,
        now=record.appended_at,
    )


def _opening(opened: MarketOpened) -> dict[str, Any]:
    """
    What stands in leaf 1 where the market worker opens a market itself.
    """
    message = {
        "specversion": "1.0",
        "id": f"{opened.code}-opened",
        "source": "/worker/market",
        "type": "foothold.MarketOpened.v1",
        "subject": opened.code,
        "data": codec.plain(opened),
    }
    return {"message": message}
