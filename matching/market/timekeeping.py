"""
Time passes: ticks move *now*, and the first of each local day begins the day.
"""

from collections.abc import Iterator
from datetime import date

from matching.market.local_time import local_day
from matching.market.record import Draft, Happened, Refusal, Said, accepted, refused
from matching.market.state import MarketState
from schemas.markets import DayBegan
from schemas.ticks import Tick


def decide_tick(state: MarketState, said: Said) -> Iterator[Draft | Refusal]:
    """
    Move *now*; the ticker's ticks leave a record only where they change more than that.

    A tick that a party said gets its answer, so it always leaves a record.
    """
    tick: Tick = said.data
    if tick.at <= state.now:
        if said.party is not None:
            yield refused("tick_backwards", "/data/at", lawful=state.now)
        return
    state.now = tick.at
    if said.party is not None:
        yield accepted(said)
    day = local_day(state, state.now)
    if day > state.day:
        yield Draft(data=DayBegan(day=date.fromisoformat(day)), subject=state.code)


def evolve_tick(state: MarketState, event: Happened) -> None:
    state.now = max(state.now, event.data.at)


def evolve_day_began(state: MarketState, event: Happened) -> None:
    state.day = str(event.data.day)
