"""
The markets of one partition in memory, as the log tells them.

Recovery reads a snapshot if one links, then the log by position. What is read once is
kept when the partition is lost: it is merely behind when the partition comes back.
"""

import asyncio
from collections.abc import Callable
from typing import Generic

import structlog

from schemas import log_record
from schemas.log_record import Genesis, LogRecord
from services.topology import MARKET_LOG
from services.transport.chain import Chain, Head, genesis_of
from services.transport.core import Fold, Market, S
from services.transport.exit_codes import NOT_OUR_LOG, RACE_LOST, STATE_AHEAD, leave
from services.transport.ports import Entry, Place, RecordLog
from services.transport.records import RecordView
from services.transport.snapshots import MarketSnapshot, Snapshot, Snapshots, ignore

log = structlog.get_logger()


class Memory(Generic[S]):
    """
    What a partition of the log has come to: its markets, their heads, and where it ends.

    Args:
        partition: which.
        record_log: the topics.
        fold: the core.
        release: names this release; what another refused as internal is tried again.
        new_id: draws the id of a genesis record.
        snapshots: the cache, if there is one.
    """

    def __init__(
        self,
        partition: int,
        *,
        record_log: RecordLog,
        fold: Fold[S],
        release: str,
        new_id: Callable[[], str],
        snapshots: Snapshots[S] | None,
    ) -> None:
        self.place = Place(MARKET_LOG, partition)
        self.markets: dict[str, Market[S]] = {}
        self.chain = Chain()
        self.log_next = 0
        self.inbox_id = ""
        self._log, self._fold = record_log, fold
        self._release, self._new_id = release, new_id
        self._snapshots = snapshots
        self._genesis: Genesis | None = None

    def expect_inbox(self, topic_id: str) -> None:
        """
        Note the id of the inbox; positions in another one mean nothing.
        """
        if topic_id != self.inbox_id:
            for market in self.markets.values():
                market.inbox_next = 0
        self.inbox_id = topic_id

    async def catch_up(self) -> None:
        """
        Read the log from where this memory stands to its end; begin it if it is empty.

        Raises:
            Leave: it is not the log that this memory rests on, or not divided alike.
            UnknownEvent: a newer release wrote it.
        """
        found = await genesis_of(self._log, self.place) or await self._begin()
        if self._genesis is None:
            self._genesis = found
            await self._load_snapshot(found)
        elif self._genesis != found:
            leave(NOT_OUR_LOG, f"partition {self.place.partition} of the log was made again")
        await self._read_on()

    async def rebuild(self, code: str) -> Market[S]:
        """
        Forget one market and build it again from the log, which holds all that was decided.
        """
        self.markets[code] = Market(code=code, state=self._fold.empty(code))
        chain, offset = Chain(counted=False), 0
        while offset < self.log_next:
            read = await self._log.read(*self.place, offset)
            for record in read.records:
                view = chain.take(record)
                if view is not None and view.market == code:
                    self._recall(view)
            offset = read.next_offset
            await asyncio.sleep(0)
        return self.markets[code]

    def write_snapshot(self) -> None:
        """
        Write a snapshot; everything in memory must be delivered.
        """
        if self._snapshots is None or self._genesis is None:
            return
        if any(market.broken for market in self.markets.values()):
            return
        markets = {
            code: MarketSnapshot(
                state=market.state,
                inbox_next=market.inbox_next,
                written=market.written,
                quarantined=market.quarantined,
            )
            for code, market in self.markets.items()
        }
        self._snapshots.write(
            Snapshot(
                genesis=self._genesis.genesis,
                partition=self.place.partition,
                inbox_topic_id=self.inbox_id,
                release=self._release,
                log_next=self.log_next,
                markets=markets,
            )
        )

    async def _begin(self) -> Genesis:
        genesis = Genesis(
            genesis=self._new_id(),
            partition=self.place.partition,
            partitions=await self._log.partitions(self.place.topic),
        )
        entry = Entry(key=None, value=log_record.write(genesis))
        if await self._log.append(*self.place, (entry,)) != (0,):
            leave(RACE_LOST, f"another process began partition {self.place.partition}")
        return genesis

    async def _load_snapshot(self, genesis: Genesis) -> None:
        if self._snapshots is None:
            return
        found = self._snapshots.read(genesis.genesis, self.place.partition)
        if found is None:
            return
        if not await self._links(found):
            ignore("not_on_the_chain", partition=self.place.partition)
            return
        same_inbox = found.inbox_topic_id == self.inbox_id
        same_release = found.release == self._release
        for code, market in found.markets.items():
            self.markets[code] = Market(
                code=code,
                state=market.state,
                inbox_next=market.inbox_next if same_inbox else 0,
                written=market.written,
                quarantined=market.quarantined if same_release else 0,
            )
            self.chain.heads[code] = Head(market.state.sequence, market.state.digest)
        self.log_next = found.log_next

    async def _links(self, found: Snapshot[S]) -> bool:
        _, end = await self._log.span(*self.place)
        if found.log_next > end:
            return False
        for code, market in found.markets.items():
            head = (code, market.state.sequence, market.state.digest)
            if await self._head_at(market.written) != head:
                return False
        return True

    async def _head_at(self, offset: int) -> tuple[str, int, str] | None:
        read = await self._log.read(*self.place, offset, at_most=1)
        found = log_record.read(read.records[0].value) if read.records else None
        if not isinstance(found, LogRecord):
            return None
        return found.market, found.sequence, found.digest

    async def _read_on(self) -> None:
        _, end = await self._log.span(*self.place)
        if self.log_next > end:
            leave(STATE_AHEAD, f"partition {self.place.partition} of the log ends at {end}")
        while self.log_next < end:
            read = await self._log.read(*self.place, self.log_next)
            for record in read.records:
                view = self.chain.take(record)
                if view is not None:
                    self._recall(view)
            self.log_next = read.next_offset
            await asyncio.sleep(0)

    def _recall(self, view: RecordView) -> None:
        market = self.markets.get(view.market)
        if market is None:
            market = Market(code=view.market, state=self._fold.empty(view.market))
            self.markets[view.market] = market
        if not market.broken:
            market.broken = not self._evolved(market, view)
        cause = view.cause
        if cause.inbox.topic_id == self.inbox_id:
            market.inbox_next = max(market.inbox_next, cause.inbox.offset + 1)
        market.written = view.offset
        refused_here = cause.quarantined and cause.release == self._release
        market.quarantined = market.quarantined + 1 if refused_here else 0

    def _evolved(self, market: Market[S], view: RecordView) -> bool:
        try:
            self._fold.evolve(market.state, view.cause, view.told, view.events)
            self._fold.link(market.state, sequence=view.sequence, digest=view.digest)
        except Exception:
            log.exception(
                "market cannot be built from the log and is held",
                market=view.market,
                sequence=view.sequence,
                partition=view.partition,
                offset=view.offset,
            )
            return False
        return True
