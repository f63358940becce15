"""
The worker of debts beside the reading: plain work in a thread of its own, and its messages.

The event loop never waits for the encoder or the database; what was worked counts as said
when every message has its receipt.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

import structlog

from services import clock
from services.matcher.debts import Worked
from services.topology import MARKET_LOG
from services.transport.ports import RecordLog
from services.transport.sending import send_all

# How long to rest where nothing is owed, if nothing rings before.
REST_SECONDS = 1.0


class Works(Protocol):
    """
    What works debts off, blocking.
    """

    def work(self) -> Worked:
        """
        Assess some of what is owed.
        """

    def said(self, worked: Worked) -> None:
        """
        Note that all of it was said.
        """

    def leave_no_trace(self) -> None:
        """
        Take deleted rows out of memory and files.
        """


class Applied(Protocol):
    """
    How far the projector has come.
    """

    def applied(self) -> Mapping[int, Any]:
        """
        Return for each partition of the log how far it was applied.
        """


class Bell:
    """
    Rung by the projector: there is something new, or something to be wiped.
    """

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        # A process that was killed may have left that to this one.
        self._wipe = True

    def ring(self, *, wipe: bool = False) -> None:
        """
        Wake the worker; `wipe` where somebody left for good.
        """
        self._wipe = self._wipe or wipe
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """
        Wait until it rings, or so long.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()

    def wipe_due(self) -> bool:
        """
        Tell once whether somebody has left for good since this was asked last.
        """
        due, self._wipe = self._wipe, False
        return due


async def work_off(
    works: Works,
    record_log: RecordLog,
    *,
    applied: Applied,
    bell: Bell,
    stop: asyncio.Event,
    rest_seconds: float = REST_SECONDS,
) -> None:
    """
    Work debts off until asked to stop.

    It begins when the projector has read what stands in the log: before that, the results of
    an earlier life may still come and pay what looks owed.

    Args:
        works: what assesses.
        record_log: where messages go.
        applied: the projector's positions.
        bell: rung by the projector.
        stop: set when the process is asked to end; a batch that was begun is finished.
        rest_seconds: how long to rest where nothing is owed.

    Raises:
        AppendFailed: there is no receipt; this process must end, and owes what it owed.
    """
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="assessing")
    try:
        while not stop.is_set() and not await has_caught_up(record_log, applied):
            await bell.wait(rest_seconds)
        while not stop.is_set():
            if await _step(works, record_log, executor):
                continue
            await bell.wait(rest_seconds)
            if bell.wipe_due():
                await asyncio.get_running_loop().run_in_executor(executor, works.leave_no_trace)
    finally:
        # A process that ends does not wait for a text that is being encoded.
        executor.shutdown(wait=False, cancel_futures=True)


async def has_caught_up(record_log: RecordLog, applied: Applied) -> bool:
    """
    Tell whether the projector has applied every partition of the log to its end.
    """
    known = applied.applied()
    for partition in range(await record_log.partitions(MARKET_LOG)):
        _, end = await record_log.span(MARKET_LOG, partition)
        stands = known.get(partition)
        if end > (0 if stands is None else stands.next_offset):
            return False
    return True


async def _step(works: Works, record_log: RecordLog, executor: ThreadPoolExecutor) -> bool:
    began = clock.monotonic()
    worked = await asyncio.get_running_loop().run_in_executor(executor, works.work)
    await send_all(record_log, worked.messages)
    works.said(worked)
    if worked.paid:
        structlog.get_logger().info(
            "debts assessed",
            count=len(worked.paid),
            bytes=sum(len(each.entry.value) for each in worked.messages),
            milliseconds=round((clock.monotonic() - began) * 1000),
        )
    return worked.more
