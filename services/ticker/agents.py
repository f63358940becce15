"""
The ticker's place in the transport: a loop beside the register, in no group.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NoReturn

import structlog

from schemas.markets import MarketOpened
from services.ticker.handlers import DueTick, due_ticks, must_wait
from services.topology import MARKET_INBOX
from services.transport.inbox import entry
from services.transport.ports import Outgoing, RecordLog
from services.transport.sending import send_all

NAME = "ticker"
LOOK_SECONDS = 1.0

log = structlog.get_logger()

Markets = Callable[[], Awaitable[tuple[MarketOpened, ...]]]
Oldest = Callable[[], Awaitable[str | None]]


async def tick_for_ever(
    record_log: RecordLog,
    *,
    markets: Markets,
    oldest_waiting: Oldest,
    now: Callable[[], datetime],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> NoReturn:
    """
    Say each tick when it is due.

    Args:
        record_log: the topics.
        markets: reads the register to its end and returns the open markets.
        oldest_waiting: when the oldest record that intake has not forwarded was appended.
        now: reads the clock.
        pause: waits so many seconds between two looks.
    """
    said: dict[str, str] = {}
    while True:
        due = tuple(due_ticks(await markets(), said=said, now=now()))
        if due and must_wait(await oldest_waiting(), now=now()):
            log.warning("no tick is said: intake is behind", count=len(due))
        elif due:
            await send_all(record_log, map(_outgoing, due))
            said |= {tick.market: tick.at for tick in due}
        await pause(LOOK_SECONDS)


def _outgoing(tick: DueTick) -> Outgoing:
    said = entry(tick.market, tick.message)
    return Outgoing(topic=MARKET_INBOX, partition=tick.partition, entry=said)
