"""
The worker of debts on a log in memory: what it waits for, and what it leaves behind.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from schemas.fits import RulesAssessed
from services.matcher.debts import Worked
from services.matcher.messages import outgoing
from services.matcher.working import Bell, has_caught_up, work_off
from services.topology import MARKET_INBOX, MARKET_LOG
from services.transport.ports import Entry, PartitionApplied
from tests.builders import resident
from tests.fakes import MemoryLog

NEVER = 3_600.0


def a_message(name: str) -> Worked:
    said = RulesAssessed(resident=resident(name), resident_version=1, as_of=7, codes=())
    key = ("rules", resident(name))
    messages = (outgoing(said, market="zedford", partition=1),)
    return Worked(messages=messages, paid=((key, 7),), more=True)


@dataclass
class Work:
    """
    Work that is known beforehand; it stops its worker when there is no more.
    """

    batches: list[Worked]
    stop: asyncio.Event
    done: list[Worked] = field(default_factory=list)
    wiped: int = 0

    def work(self) -> Worked:
        if not self.batches:
            self.stop.set()
            return Worked()
        return self.batches.pop(0)

    def said(self, worked: Worked) -> None:
        self.done.append(worked)

    def leave_no_trace(self) -> None:
        self.wiped += 1


@dataclass
class Positions:
    next_offset: int = 0

    def applied(self) -> Mapping[int, Any]:
        return {1: PartitionApplied(partition=1, next_offset=self.next_offset, genesis="g")}


@pytest.fixture
def log() -> MemoryLog:
    made = MemoryLog()
    made.make(MARKET_LOG, partitions=2)
    made.make(MARKET_INBOX, partitions=2)
    return made


async def test_what_was_worked_is_said_to_the_market_and_then_counts_as_said(
    log: MemoryLog,
) -> None:
    stop, bell = asyncio.Event(), Bell()
    bell.ring()
    work = Work(batches=[a_message("amal"), a_message("pia")], stop=stop)

    await work_off(work, log, applied=Positions(), bell=bell, stop=stop, rest_seconds=NEVER)

    assert len(log.records(MARKET_INBOX, 1)) == 2
    assert [each.paid for each in work.done if each.paid] == [
        a_message("amal").paid,
        a_message("pia").paid,
    ]


async def test_nothing_is_assessed_before_the_log_is_read(log: MemoryLog) -> None:
    log.put(MARKET_LOG, 1, Entry(key=None, value=b"one"), Entry(key=None, value=b"two"))
    positions, bell, stop = Positions(next_offset=1), Bell(), asyncio.Event()
    work = Work(batches=[a_message("amal")], stop=stop)
    worker = asyncio.create_task(
        work_off(work, log, applied=positions, bell=bell, stop=stop, rest_seconds=NEVER)
    )
    for _ in range(5):
        bell.ring()
        await asyncio.sleep(0)
    assert log.records(MARKET_INBOX, 1) == ()

    positions.next_offset = 2
    bell.ring()
    await stop.wait()
    bell.ring()
    await worker

    assert len(log.records(MARKET_INBOX, 1)) == 1


async def test_whoever_left_for_good_is_wiped_once_there_is_nothing_to_assess(
    log: MemoryLog,
) -> None:
    stop, bell = asyncio.Event(), Bell()
    bell.ring(wipe=True)
    work = Work(batches=[], stop=stop)

    await work_off(work, log, applied=Positions(), bell=bell, stop=stop, rest_seconds=NEVER)

    assert work.wiped == 1


async def test_a_message_without_a_receipt_counts_as_nothing_said(log: MemoryLog) -> None:
    stop, bell = asyncio.Event(), Bell()
    work = Work(batches=[a_message("amal")], stop=stop)
    log.remove(MARKET_INBOX)

    with pytest.raises(LookupError):
        await work_off(work, log, applied=Positions(), bell=bell, stop=stop)

    assert work.done == []


async def test_an_empty_log_is_read_to_its_end(log: MemoryLog) -> None:
    assert await has_caught_up(log, Positions())
