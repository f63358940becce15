"""
The ticker at work, on a log in memory: time waits for what was said in time.
"""

from datetime import UTC, datetime

import pytest

from schemas.markets import MarketOpened
from schemas.vocabulary import Clock
from services.ticker.agents import tick_for_ever
from services.topology import MARKET_INBOX
from services.transport.ports import Entry
from tests.builders import opened
from tests.fakes import MemoryLog

DEADLINE = datetime(2026, 1, 13, 12, 0, tzinfo=UTC)
SAID_IN_TIME = "2026-01-13T11:59:30.000Z"
ANSWER = b"an answer that was given in time"


class EndOfTest(Exception):
    """
    The test has seen enough.
    """


async def test_an_answer_in_the_partys_inbox_before_its_deadline_is_never_too_late() -> None:
    log, looks = MemoryLog(), 0
    log.make(MARKET_INBOX, partitions=2)
    waiting: list[str] = [SAID_IN_TIME]

    async def markets() -> tuple[MarketOpened, ...]:
        return (opened("zedford", clock=Clock.REAL),)

    async def oldest() -> str | None:
        return min(waiting, default=None)

    async def pause(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            # Intake comes back, and forwards what it had not.
            waiting.clear()
            log.put(MARKET_INBOX, 1, Entry(key=b"zedford", value=ANSWER))
        if looks == 5:
            raise EndOfTest

    with pytest.raises(EndOfTest):
        await tick_for_ever(
            log,
            markets=markets,
            oldest_waiting=oldest,
            now=lambda: DEADLINE.replace(minute=6),
            pause=pause,
        )

    said = [record.value for record in log.records(MARKET_INBOX, 1)]
    assert said[0] == ANSWER
    assert [b"Tick" in each for each in said] == [False, True]
