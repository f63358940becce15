"""
When a tick is due, and when it must wait.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.envelope import Envelope, Message
from schemas.markets import MarketOpened
from schemas.ticks import Tick
from schemas.vocabulary import Clock, event_type, instant, moment

PATIENCE = timedelta(minutes=2)
SOURCE = "/worker/ticker"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTick:
    """
    A tick to say: to which market, in which partition of the inbox, of which instant.
    """

    market: str
    partition: int
    at: str
    message: Message


def due_ticks(
    markets: Iterable[MarketOpened], *, said: Mapping[str, str], now: datetime
) -> Iterator[DueTick]:
    """
    Return the ticks that are due.

    Args:
        markets: all markets that are open.
        said: by market, the instant of the last tick that was said.
        now: the time.
    """
    for market in sorted(markets, key=lambda opened: opened.code):
        at = _whole(now, minutes=market.tick_minutes)
        if market.clock is Clock.REAL and at > said.get(market.code, ""):
            yield DueTick(
                market=market.code,
                partition=market.partition,
                at=at,
                message=_tick(market, at),
            )


def must_wait(oldest_waiting: str | None, *, now: datetime) -> bool:
    """
    Tell whether time may not pass: a submission has waited for intake too long.

    Args:
        oldest_waiting: when the oldest record that intake has not forwarded was appended.
        now: the time.
    """
    return oldest_waiting is not None and now - moment(oldest_waiting) > PATIENCE


def _whole(now: datetime, *, minutes: int) -> str:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    span = timedelta(minutes=minutes)
    return instant(midnight + (now - midnight) // span * span)


def _tick(market: MarketOpened, at: str) -> Message:
    envelope = Envelope(
        id=f"{market.code}-{at}", source=SOURCE, type=event_type(Tick).wire_name, time=at
    )
    return Message(envelope=envelope, data=Tick(market=market.code, at=at))
