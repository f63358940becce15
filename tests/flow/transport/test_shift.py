"""
A shift: places come and go, and each is read while it is owned.
"""

import asyncio
from collections.abc import Callable

import pytest

from services.transport.exit_codes import NOT_ALONE, STALLED
from services.transport.ports import Entry, Place
from services.transport.shift import Shift
from services.transport.worker import Assignment
from tests.fakes import MemoryLog
from tests.flow.transport.leaving import leaves_with

INBOX = "market.inbox.v1"
FIRST, SECOND = Place(INBOX, 0), Place(INBOX, 1)


class Clerk:
    """
    Reads a place by position and notes what it read, and each time it was prepared.
    """

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.read: dict[Place, list[bytes]] = {FIRST: [], SECOND: []}
        self.prepared: list[Place] = []
        self.lost: list[Place] = []
        self.stuck = False
        self.before_step: Callable[[Place], None] = lambda _: None

    async def prepare(self, place: Place) -> None:
        self.prepared.append(place)

    async def step(self, place: Place) -> bool:
        self.before_step(place)
        read = await self.log.read(*place, self.position(place), at_most=2)
        if self.stuck:
            return False
        self.read[place] += [record.value for record in read.records]
        return bool(read.records)

    def position(self, place: Place) -> int:
        return len(self.read[place])

    def lose(self, place: Place) -> None:
        self.lost.append(place)


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog()
    log.make(INBOX, partitions=2)
    return log


def say(log: MemoryLog, place: Place, *words: bytes) -> None:
    log.put(*place, *(Entry(key=None, value=word) for word in words))


async def test_what_stands_and_what_comes_is_read_while_the_place_is_owned(log: MemoryLog) -> None:
    clerk = Clerk(log)
    shift = Shift(log, clerk)
    say(log, FIRST, b"a", b"b", b"c")

    shift.own([FIRST])
    await shift.reach(FIRST, 3)
    await log.append(*FIRST, (Entry(key=None, value=b"d"),))
    await shift.reach(FIRST, 4)
    await shift.stop(within=1.0)

    assert clerk.read[FIRST] == [b"a", b"b", b"c", b"d"]
    assert clerk.lost == [FIRST]


async def test_a_record_that_no_wait_told_of_is_found_by_the_doorbell(log: MemoryLog) -> None:
    clerk = Clerk(log)
    shift = Shift(log, clerk, doorbell_seconds=0.01)
    shift.own([FIRST])

    say(log, FIRST, b"put without a word")
    await shift.reach(FIRST, 1)
    await shift.stop(within=1.0)

    assert clerk.read[FIRST] == [b"put without a word"]


async def test_a_place_that_comes_back_is_prepared_anew(log: MemoryLog) -> None:
    clerk = Clerk(log)
    shift = Shift(log, clerk)
    say(log, FIRST, b"a")
    shift.own([FIRST, SECOND])
    await shift.reach(FIRST, 1)

    shift.own([])
    shift.own([FIRST])
    say(log, FIRST, b"b")
    await shift.reach(FIRST, 2)
    await shift.stop(within=1.0)

    assert clerk.prepared == [FIRST, SECOND, FIRST]
    assert clerk.read[FIRST] == [b"a", b"b"]


async def test_who_waits_for_a_place_is_told_when_it_is_lost(log: MemoryLog) -> None:
    shift = Shift(log, Clerk(log))
    shift.own([FIRST])
    waiting = asyncio.create_task(shift.passed(FIRST, 0))
    await asyncio.sleep(0)

    shift.own([SECOND])
    await waiting
    await shift.stop(within=1.0)

    assert shift.owned == frozenset()


async def test_what_ends_one_place_ends_the_shift(log: MemoryLog) -> None:
    clerk = Clerk(log)

    def fail(place: Place) -> None:
        raise ZeroDivisionError

    clerk.before_step = fail
    shift = Shift(log, clerk)
    shift.own([FIRST])

    with pytest.raises(ZeroDivisionError):
        await shift.run()
    await shift.stop(within=1.0)


async def test_a_place_that_holds_something_and_does_not_move_ends_the_process(
    log: MemoryLog,
) -> None:
    clerk = Clerk(log)
    clerk.stuck = True
    say(log, FIRST, b"never read")
    shift = Shift(log, clerk, doorbell_seconds=0.01, stall_seconds=0.0, look_seconds=0.01)
    shift.own([FIRST])

    with leaves_with(STALLED):
        await shift.run()
    await shift.stop(within=1.0)


# --- assignment ---------------------------------------------------------------------------


def assignment(shift: Shift, *, whole: bool, only: frozenset[int] | None = None) -> Assignment:
    return Assignment(shift, frozenset({FIRST, SECOND}), only=only, whole=whole)


async def test_a_worker_takes_what_the_group_gives_it(log: MemoryLog) -> None:
    shift = Shift(log, Clerk(log))

    assignment(shift, whole=False).own(frozenset({SECOND}))

    assert shift.owned == {SECOND}
    await shift.stop(within=1.0)


async def test_a_worker_that_one_partition_concerns_works_on_no_other(log: MemoryLog) -> None:
    shift = Shift(log, Clerk(log))

    assignment(shift, whole=True, only=frozenset({0})).own(frozenset({FIRST, SECOND}))

    assert shift.owned == {FIRST}
    await shift.stop(within=1.0)


async def test_a_process_that_takes_all_leaves_when_it_is_not_alone(log: MemoryLog) -> None:
    shift = Shift(log, Clerk(log))
    second = assignment(shift, whole=True)

    second.own(frozenset())
    second.own(frozenset({SECOND}))

    with leaves_with(NOT_ALONE):
        await second.watch()
    assert shift.owned == frozenset()


async def test_a_process_that_had_all_keeps_them_when_another_comes(log: MemoryLog) -> None:
    shift = Shift(log, Clerk(log))
    first = assignment(shift, whole=True)

    first.own(frozenset({FIRST, SECOND}))
    first.own(frozenset())
    first.own(frozenset({FIRST}))

    assert shift.owned == {FIRST, SECOND}
    await shift.stop(within=1.0)
