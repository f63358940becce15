"""
A shift: one task for each place that this process owns, reading it by position.

A task prepares its place, takes up all that stands there, and waits for more: two seconds
at most, for a doorbell that finds what was never delivered. When a place is lost its task
ends after the step that it is in; what it knows is kept for when the place comes back.
"""

import asyncio
from collections.abc import Iterable
from typing import Final, NoReturn, Protocol

import structlog

from services import clock
from services.transport import metrics
from services.transport.exit_codes import STALLED, leave
from services.transport.ports import Place, RecordLog

DOORBELL_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 5.0
STALL_SECONDS: Final = 180.0

log = structlog.get_logger()


class Reader(Protocol):
    """
    What is done with a place: the fold, a projector or the forwarder.
    """

    async def prepare(self, place: Place) -> None:
        """
        Stand where the truth stands, each time the place comes.
        """

    async def step(self, place: Place) -> bool:
        """
        Take up what stands there, up to one batch; return whether there was anything.
        """

    def position(self, place: Place) -> int:
        """
        Return the next offset that was not taken up yet.
        """

    def lose(self, place: Place) -> None:
        """
        Let the place go.
        """


class Shift:
    """
    Works on the places that it is told it owns.

    Args:
        record_log: the topics.
        reader: what is done with a place.
        doorbell_seconds: how long it waits for a record at most.
        stall_seconds: how long a place may hold something and not move.
        look_seconds: how often it looks at that.
    """

    def __init__(
        self,
        record_log: RecordLog,
        reader: Reader,
        *,
        doorbell_seconds: float = DOORBELL_SECONDS,
        stall_seconds: float = STALL_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._log, self._reader = record_log, reader
        self._doorbell, self._stall, self._look_every = (
            doorbell_seconds,
            stall_seconds,
            look_seconds,
        )
        self._owned: frozenset[Place] = frozenset()
        self._claims: dict[Place, int] = {}
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._moved = asyncio.Event()
        self._stopping = asyncio.Event()
        self._failed: asyncio.Future[NoReturn] = asyncio.get_running_loop().create_future()

    @property
    def owned(self) -> frozenset[Place]:
        """
        The places that are worked on.
        """
        return self._owned

    def own(self, places: Iterable[Place]) -> None:
        """
        Take on these places and let go of all others, at once.
        """
        before, self._owned = self._owned, frozenset(places)
        for place in self._owned - before:
            self._claims[place] = self._claims.get(place, 0) + 1
        self._start()
        self._wake()

    async def passed(self, place: Place, offset: int) -> None:
        """
        Wait until the position has passed an offset, or the place is lost.
        """
        while place in self._owned and not self._stopping.is_set():
            moved = self._moved
            if self._reader.position(place) > offset:
                return
            await moved.wait()

    async def reach(self, place: Place, end: int) -> None:
        """
        Wait until everything below an offset was taken up, or the place is lost.
        """
        await self.passed(place, end - 1)

    async def run(self) -> None:
        """
        Return never; look after the places.

        Raises:
            Exception: what ended a place's task.
        """
        looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait({looking, self._failed}, return_when=asyncio.FIRST_COMPLETED)
            for each in (self._failed, looking):
                if each.done():
                    each.result()
        finally:
            looking.cancel()

    async def stop(self, *, within: float) -> None:
        """
        End every task after the step that it is in.
        """
        self._stopping.set()
        self._owned = frozenset()
        self._wake()
        if self._tasks:
            _, pending = await asyncio.wait(self._tasks.values(), timeout=within)
            for task in pending:
                task.cancel()

    def _start(self) -> None:
        if self._failed.done() or self._stopping.is_set():
            return
        for place in sorted(self._owned):
            task = self._tasks.get(place)
            # One that still ends its last step is followed when it has ended.
            if task is None or task.done():
                self._tasks[place] = asyncio.create_task(self._work(place), name=str(place))
                self._tasks[place].add_done_callback(self._ended)

    def _holds(self, place: Place, claim: int) -> bool:
        return place in self._owned and self._claims[place] == claim

    async def _work(self, place: Place) -> None:
        claim = self._claims[place]
        log.info("place taken on", topic=place.topic, partition=place.partition)
        await self._reader.prepare(place)
        # What is known now may be what somebody waits for.
        self._wake()
        while self._holds(place, claim):
            began = clock.monotonic()
            if await self._reader.step(place):
                metrics.APPLY_SECONDS.labels(place.topic).observe(clock.monotonic() - began)
                self._wake()
            else:
                await self._rest(place, claim)
        self._reader.lose(place)
        log.info("place let go", topic=place.topic, partition=place.partition)

    async def _rest(self, place: Place, claim: int) -> None:
        """
        Wait until something comes, the doorbell rings, or the place is lost.
        """
        position = self._reader.position(place)
        waiting = asyncio.create_task(self._log.wait(*place, position, self._doorbell))
        while not waiting.done() and self._holds(place, claim):
            moved = asyncio.create_task(self._moved.wait())
            await asyncio.wait({waiting, moved}, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
        if waiting.done():
            waiting.result()
        else:
            waiting.cancel()

    async def _look(self) -> NoReturn:
        """
        Tell how far each place is, and leave where one holds something and does not move.
        """
        seen: dict[Place, tuple[int, float]] = {}
        while True:
            for place in sorted(self._owned):
                _, end = await self._log.span(*place)
                position, now = self._reader.position(place), clock.monotonic()
                self._tell(place, position, end)
                before, since = seen.get(place, (-1, now))
                if position >= end or position != before:
                    since = now
                seen[place] = (position, since)
                if now - since > self._stall:
                    leave(STALLED, f"{place.topic}/{place.partition} at {position} of {end}")
            seen = {place: at for place, at in seen.items() if place in self._owned}
            await asyncio.sleep(self._look_every)

    @staticmethod
    def _tell(place: Place, position: int, end: int) -> None:
        labels = (place.topic, str(place.partition))
        metrics.POSITION.labels(*labels).set(position)
        metrics.LAG.labels(*labels).set(max(0, end - position))

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not self._failed.done():
            self._failed.set_exception(error)
        # A place that came back while its task was ending is taken on again.
        self._start()
