"""
The projector: a log's records become rows, and rows become messages.

Effects, applied positions and outbox stand or fall together, in one transaction a batch.
A relay sends the outbox in order, awaits every receipt, and only then strikes the rows.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from itertools import zip_longest
from typing import Any, Final, Generic, Protocol, TypeVar

from services.transport import metrics
from services.transport.chain import Chain, Head, genesis_of
from services.transport.exit_codes import OVERTAKEN, STATE_AHEAD, leave
from services.transport.ports import (
    MarketApplied,
    Outgoing,
    PartitionApplied,
    Place,
    ProjectionStore,
    ProjectionTransaction,
    RecordLog,
)
from services.transport.records import RecordView
from services.transport.sending import send_all

BATCH_RECORDS: Final = 200
BATCH_ROWS: Final = 200
DOORBELL_SECONDS: Final = 2.0

T = TypeVar("T", bound=ProjectionTransaction)
T_contra = TypeVar("T_contra", bound=ProjectionTransaction, contravariant=True)


class Projection(Protocol[T_contra]):
    """
    What a projector does with a record, and what it sends.
    """

    def project(self, view: RecordView, transaction: T_contra) -> None:
        """
        Write the effects of a record, and what is to be sent into the outbox.
        """

    async def compose(self, row: Any) -> tuple[Outgoing, ...]:
        """
        Make the messages of a row of the outbox; sealed text is opened here. None: drop it.

        A second message is sent when the first ones of its batch have their receipts.
        """


def keep_all(rows: Sequence[Any]) -> Sequence[Any]:
    """
    Keep every row of a batch that is about to be sent.
    """
    return rows


class Projector(Generic[T]):
    """
    Applies partitions of the log to a store and sends what stands in its outbox.

    Args:
        record_log: the topics.
        topic: the log that is read.
        store: the projector's database.
        projection: what it does.
        overtaken: the store's error where another process moved a position first.
        read_to_end_before_send: apply all that the log holds before a batch is sent.
        before_send: which rows of a batch are still to be sent; the others are struck.
    """

    def __init__(
        self,
        record_log: RecordLog,
        *,
        topic: str,
        store: ProjectionStore[T],
        projection: Projection[T],
        overtaken: type[Exception],
        read_to_end_before_send: bool = False,
        before_send: Callable[[Sequence[Any]], Sequence[Any]] = keep_all,
    ) -> None:
        self._log, self._topic, self._store = record_log, topic, store
        self._projection, self._overtaken = projection, overtaken
        self._read_to_end, self._before_send = read_to_end_before_send, before_send
        self._chains: dict[Place, Chain] = {}
        self._applied: dict[Place, PartitionApplied | None] = {}
        self._turns: dict[Place, asyncio.Lock] = {}
        self._met: set[str] = set()
        self.posted = asyncio.Event()
        # Under a worker each place has a task of its own, and the relay waits for those.
        self.reach: Callable[[Place, int], Awaitable[None]] = self._step_to

    def position(self, place: Place) -> int:
        """
        Return the next offset that was not applied yet.
        """
        applied = self._applied.get(place)
        return applied.next_offset if applied else 0

    @property
    def places(self) -> tuple[Place, ...]:
        """
        The places that are applied here, sorted.
        """
        return tuple(sorted(self._applied))

    async def prepare(self, place: Place) -> None:
        """
        Stand where the database says, if it rests on this log.

        Raises:
            Leave: the database has applied more than the log holds, or another log.
        """
        stored = self._store.applied().get(place.partition)
        applied = None if stored is None else _partition(stored)
        genesis = await genesis_of(self._log, place)
        if applied is not None:
            if genesis is None or genesis.genesis != applied.genesis:
                leave(STATE_AHEAD, f"partition {place.partition} of the log is another log")
            _, end = await self._log.span(*place)
            if applied.next_offset > end:
                leave(STATE_AHEAD, f"{place.topic}/{place.partition} ends at {end}")
        heads = {code: Head(head.sequence, head.digest) for code, head in self._heads().items()}
        self._chains[place] = Chain(heads=heads)
        self._applied[place] = applied
        self._turns.setdefault(place, asyncio.Lock())

    def lose(self, place: Place) -> None:
        """
        Let a place go; another process may take it.
        """
        self._applied.pop(place, None)

    async def step(self, place: Place) -> bool:
        """
        Apply what stands in a partition of the log, up to one batch in one transaction.

        Returns:
            Whether there was anything.

        Raises:
            UnknownEvent: a newer release wrote it.
            Leave: another process applied it first.
        """
        async with self._turns[place]:
            return await self._step(place)

    async def _step(self, place: Place) -> bool:
        if place not in self._applied:
            return False
        read = await self._log.read(*place, self.position(place), at_most=BATCH_RECORDS)
        if read.next_offset == self.position(place):
            return False
        was = self._applied[place]
        genesis = was.genesis if was else await self._genesis(place)
        to = PartitionApplied(
            partition=place.partition, next_offset=read.next_offset, genesis=genesis
        )
        chain = self._chains[place]
        heads = dict(chain.heads)
        views = [view for record in read.records if (view := chain.take(record)) is not None]
        self._commit(views, heads, to=to, was=was)
        self._applied[place] = to
        self.posted.set()
        return True

    def _commit(
        self,
        views: list[RecordView],
        heads: dict[str, Head],
        *,
        to: PartitionApplied,
        was: PartitionApplied | None,
    ) -> None:
        last = {view.market: view for view in views}
        try:
            with self._store.begin() as transaction:
                transaction.advance(to, was=was)
                for code, view in last.items():
                    before = heads.get(code)
                    transaction.link(
                        _market(code, Head(view.sequence, view.digest)),
                        was=None if before is None else _market(code, before),
                    )
                for view in views:
                    self._projection.project(view, transaction)
        except self._overtaken as error:
            leave(OVERTAKEN, f"partition {to.partition}: {type(error).__name__}")

    # The relay ----------------------------------------------------------------------------

    async def send(self) -> bool:
        """
        Send all that stands in the outbox, in order; rows for topics not there yet are kept.

        Returns:
            Whether anything was sent or struck.

        Raises:
            AppendFailed: a receipt is missing; the rows stay.
        """
        self.posted.clear()
        after, moved = 0, False
        while True:
            if self._read_to_end and self._store.unsent(after=after, at_most=1):
                await self._read_to_ends()
            rows = self._store.unsent(after=after, at_most=BATCH_ROWS)
            if not rows:
                metrics.OUTBOX.set(len(self._store.unsent(at_most=BATCH_ROWS)))
                return moved
            after = rows[-1].id
            moved = await self._send_rows([row for row in rows if self._is_ours(row)]) or moved

    async def relay(self) -> None:
        """
        Send for ever: as rows are posted, and every two seconds what was kept.
        """
        while True:
            if not await self.send():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(DOORBELL_SECONDS):
                        await self.posted.wait()

    def _is_ours(self, row: Any) -> bool:
        return Place(self._topic, row.partition) in self._applied

    async def _send_rows(self, rows: list[Any]) -> bool:
        kept = self._before_send(rows)
        kept_ids = {row.id for row in kept}
        done = [row.id for row in rows if row.id not in kept_ids]
        outgoing: list[tuple[Outgoing, ...]] = []
        for row in kept:
            messages = await self._projection.compose(row)
            if await self._are_there({message.topic for message in messages}):
                outgoing.append(messages)
                done.append(row.id)
        for turn in zip_longest(*outgoing):
            await send_all(self._log, (message for message in turn if message is not None))
        if done:
            self._store.strike(tuple(done))
        return bool(done)

    async def _are_there(self, topics: set[str]) -> bool:
        # One that was there and went ends the process when it is sent to.
        if not topics <= self._met:
            self._met = set(await self._log.topics())
        return topics <= self._met

    async def _read_to_ends(self) -> None:
        for place in self.places:
            _, end = await self._log.span(*place)
            await self.reach(place, end)

    async def _step_to(self, place: Place, offset: int) -> None:
        while self.position(place) < offset and await self.step(place):
            pass

    async def _genesis(self, place: Place) -> str:
        found = await genesis_of(self._log, place)
        assert found is not None, "a partition that holds records begins with its genesis"
        return found.genesis

    def _heads(self) -> dict[str, MarketApplied]:
        return {code: _stored_market(head) for code, head in self._store.heads().items()}


def _partition(stored: Any) -> PartitionApplied:
    return PartitionApplied(
        partition=stored.partition, next_offset=stored.next_offset, genesis=stored.genesis
    )


def _stored_market(stored: Any) -> MarketApplied:
    return MarketApplied(market=stored.market, sequence=stored.sequence, digest=stored.digest)


def _market(code: str, head: Head) -> MarketApplied:
    return MarketApplied(market=code, sequence=head.sequence, digest=head.digest)
