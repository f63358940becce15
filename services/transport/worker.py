"""
A worker's process: its connection, its membership, its shift, and how it ends.

Anything unexpected ends the process with a code of its own, at once and without waiting
for anything: whatever was not delivered is found again by position. SIGTERM and SIGINT
end it cleanly within seconds.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import prometheus_client
import structlog

from schemas import codec
from services.transport.exit_codes import (
    APPEND_FAILED,
    BROKER_LOST,
    NOT_ALONE,
    STOPPED,
    TOPIC_MISSING,
    TOPIC_RECREATED,
    UNEXPECTED,
    UNKNOWN_EVENT,
    ExitCode,
    Leave,
    leave,
)
from services.transport.kafka_log import KafkaLog
from services.transport.membership import SESSION_SECONDS, Membership
from services.transport.ports import (
    AppendFailed,
    BrokerLost,
    OffsetGone,
    Place,
    RecordLog,
    TopicMissing,
)
from services.transport.shift import Reader, Shift

STOP_SECONDS: Final = 4.0
DOORBELL_SECONDS: Final = 2.0

log = structlog.get_logger()

# Runs beside the shift until it is cancelled; what it raises ends the process.
Beside = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """
    What a worker does.

    Attributes:
        topics: what its group reads; none for a worker that only runs `beside`.
        reader: what is done with each place.
        only: the partitions that concern it; all if left out.
        whole: one process takes all partitions, and another one leaves.
        others: waits until the group is to read other topics, and names them.
        beside: what else runs in this process.
        close: what is done at a clean stop, when nothing is worked on any more.
    """

    topics: Sequence[str] = ()
    reader: Reader | None = None
    only: frozenset[int] | None = None
    whole: bool = False
    others: Callable[[], Awaitable[Sequence[str]]] | None = None
    beside: Sequence[Beside] = ()
    close: Callable[[], None] = lambda: None


# Makes a worker's work, given the topics and a way to wait for its own position.
Make = Callable[["Desk"], Awaitable[Work]]


class EndedByItself(RuntimeError):
    """
    A task that runs for ever came to an end.
    """


class Desk:
    """
    What a worker's wiring is given: connections, and where its shift has come to.
    """

    def __init__(self, name: str, bootstrap: str) -> None:
        self.name, self.bootstrap = name, bootstrap
        self.record_log = KafkaLog(bootstrap, name=f"foothold-{name}")
        self.stopping = asyncio.Event()
        self.shift: Shift | None = None
        self._logs = [self.record_log]

    async def another_log(self) -> RecordLog:
        """
        Open one more connection, for a second reader of a partition.
        """
        opened = KafkaLog(self.bootstrap, name=f"foothold-{self.name}")
        self._logs.append(opened)
        await opened.start()
        return opened

    async def reach(self, place: Place, end: int) -> None:
        """
        Wait until the shift has taken up everything below an offset of a place.
        """
        if self.shift is not None:
            await self.shift.reach(place, end)

    async def close(self) -> None:
        """
        Close every connection.
        """
        for each in self._logs:
            await each.stop()


def run_worker(
    name: str,
    *,
    group: str,
    bootstrap: str,
    make: Make,
    folder: Path | None = None,
    metrics_port: int | None = None,
    session_seconds: float = SESSION_SECONDS,
) -> NoReturn:
    """
    Run a worker until it is asked to stop or must end, and end the process with its code.

    Args:
        name: the worker's name.
        group: its consumer group.
        bootstrap: `host:port` of the brokers.
        make: puts the worker's parts together.
        folder: where Faust may keep files.
        metrics_port: where Prometheus finds the metrics, on loopback; none if left out.
        session_seconds: after so long a silence the group takes this process for dead.
    """
    if metrics_port is not None:
        prometheus_client.start_http_server(metrics_port, addr="127.0.0.1")
    asyncio.run(
        _until_signal(
            name,
            group=group,
            bootstrap=bootstrap,
            make=make,
            folder=folder,
            session_seconds=session_seconds,
        )
    )
    raise AssertionError("a worker's process ends with its code")


async def _until_signal(name: str, **settings: Any) -> NoReturn:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    end_process(await work(name, stop=stop, on_failure=end_process, **settings))


def end_process(code: ExitCode) -> NoReturn:
    """
    End this process now: no queue is drained and no thread waited for.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code.number)


async def work(
    name: str,
    *,
    group: str,
    bootstrap: str,
    make: Make,
    stop: asyncio.Event,
    folder: Path | None = None,
    session_seconds: float = SESSION_SECONDS,
    on_failure: Callable[[ExitCode], object] = lambda _: None,
) -> ExitCode:
    """
    Run a worker in this loop until it is asked to stop or must end.

    Args:
        name: the worker's name.
        group: its consumer group.
        bootstrap: `host:port` of the brokers.
        make: puts the worker's parts together.
        stop: asks for a clean end.
        folder: where Faust may keep files.
        session_seconds: after so long a silence the group takes this process for dead.
        on_failure: told the code before anything is closed.

    Returns:
        Why it ended.
    """
    desk = Desk(name, bootstrap)
    running = _Running(desk, group=group, folder=folder, session_seconds=session_seconds)
    code = await _ended_by(running.run(make, stop))
    log.info("worker ends", status=code.name, exit_code=code.number)
    if code is not STOPPED:
        on_failure(code)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await running.close(clean=code is STOPPED)
    except TimeoutError:
        log.warning("connections could not be closed in time")
    return code


async def _ended_by(running: Awaitable[None]) -> ExitCode:
    try:
        await running
    except Leave as left:
        log.warning("worker leaves", status=left.code.name, exit_code=left.code.number)
        return left.code
    except Exception as error:  # the transport's outermost loop
        log.exception("worker ends by an error")
        return code_of(error)
    return STOPPED


def code_of(error: Exception) -> ExitCode:
    """
    Return the exit code of an error.
    """
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    return UNEXPECTED


_CODES: Final[dict[type[Exception], ExitCode]] = {
    codec.UnknownEvent: UNKNOWN_EVENT,
    AppendFailed: APPEND_FAILED,
    BrokerLost: BROKER_LOST,
    TopicMissing: TOPIC_MISSING,
    # The next process finds out at its start what became of the topic.
    OffsetGone: TOPIC_RECREATED,
}


class _Running:
    """
    A worker that runs: what is to be waited for, and closed.
    """

    def __init__(
        self, desk: Desk, *, group: str, folder: Path | None, session_seconds: float
    ) -> None:
        self._desk, self._group = desk, group
        self._folder = folder or Path(tempfile.gettempdir()) / "foothold-faust"
        self._session = session_seconds
        self._work = Work()
        self._shift: Shift | None = None
        self._membership: Membership | None = None
        self._tasks: list[asyncio.Task[Any]] = []

    async def run(self, make: Make, stop: asyncio.Event) -> None:
        """
        Put the work together and wait until something ends.
        """
        asked = asyncio.create_task(stop.wait())
        set_up = asyncio.create_task(self._set_up(make))
        self._tasks = [asked, set_up]
        await asyncio.wait({asked, set_up}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return
        set_up.result()
        self._tasks.remove(set_up)
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if asked not in done:
            raise EndedByItself(", ".join(sorted(task.get_name() for task in done)))

    async def _set_up(self, make: Make) -> None:
        await self._desk.record_log.start()
        self._work = await make(self._desk)
        if self._work.reader is not None and self._work.topics:
            await self._join(self._work.reader)
        self._tasks += [asyncio.create_task(each()) for each in self._work.beside]

    async def close(self, *, clean: bool) -> None:
        """
        End what runs, in order: membership, shift, the work's own, connections.
        """
        self._desk.stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._shift is not None:
            await self._shift.stop(within=STOP_SECONDS / 2)
        if self._membership is not None:
            await self._membership.stop()
        if clean:
            self._work.close()
        await self._desk.close()

    async def _join(self, reader: Reader) -> None:
        shift = Shift(self._desk.record_log, reader, doorbell_seconds=DOORBELL_SECONDS)
        self._shift = self._desk.shift = shift
        everything = await self._everything()
        assignment = Assignment(shift, everything, only=self._work.only, whole=self._work.whole)
        await self._belong(self._work.topics, assignment)
        keeping = self._keep_membership(assignment)
        self._tasks += map(asyncio.create_task, (shift.run(), assignment.watch(), keeping))

    async def _belong(self, topics: Sequence[str], assignment: "Assignment") -> None:
        assert self._shift is not None
        self._membership = Membership(
            group=self._group,
            topics=topics,
            bootstrap=self._desk.bootstrap,
            folder=self._folder,
            owned=assignment.own,
            passed=self._shift.passed,
            session_seconds=self._session,
        )
        await self._membership.start()

    async def _keep_membership(self, assignment: "Assignment") -> None:
        """
        Watch the membership, and take another one when other topics are to be read.

        Faust resubscribes by itself only after a long wait, which is no setting to shorten.
        """
        while True:
            assert self._membership is not None
            watching = asyncio.create_task(self._membership.watch())
            others = asyncio.create_task(self._others())
            done, _ = await asyncio.wait({watching, others}, return_when=asyncio.FIRST_COMPLETED)
            for task in (watching, others):
                task.cancel()
            if watching in done:
                watching.result()
            topics = others.result()
            log.info("the group reads other topics", count=len(topics))
            await self._membership.stop()
            await self._belong(topics, assignment)

    async def _others(self) -> Sequence[str]:
        if self._work.others is not None:
            return await self._work.others()
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets is waited for, for ever")

    async def _everything(self) -> frozenset[Place]:
        places = set[Place]()
        for topic in self._work.topics:
            count = await self._desk.record_log.partitions(topic)
            places |= {Place(topic, partition) for partition in range(count)}
        return frozenset(places)


class Assignment:
    """
    What the group's assignment means for the shift.

    A worker that takes all partitions in one process keeps them when another process
    comes: that one sees that it is not alone, and leaves.
    """

    def __init__(
        self,
        shift: Shift,
        everything: frozenset[Place],
        *,
        only: frozenset[int] | None,
        whole: bool,
    ) -> None:
        self._shift, self._everything = shift, everything
        self._only, self._whole = only, whole
        self._had_all = False
        self._not_alone = asyncio.Event()

    def own(self, places: frozenset[Place]) -> None:
        """
        Take an assignment; nothing is assigned while the group is balanced anew.
        """
        if not self._whole:
            self._shift.own(self._concerning(places))
        elif places == self._everything:
            self._had_all = True
            self._shift.own(self._concerning(places))
        elif places and not self._had_all:
            self._not_alone.set()

    async def watch(self) -> NoReturn:
        """
        Wait until this process turns out not to be alone.

        Raises:
            Leave: it is not.
        """
        await self._not_alone.wait()
        leave(NOT_ALONE)

    def _concerning(self, places: frozenset[Place]) -> frozenset[Place]:
        if self._only is None:
            return places
        return frozenset(place for place in places if place.partition in self._only)
