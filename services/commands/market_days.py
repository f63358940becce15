"""
A market's days: what is today there, for what is said without a date.

A real market's today is this machine's; a simulated market's stands on its log, whose days
the operator alone moves on.
"""

from datetime import date

import click

from matching.market.local_time import local_day
from matching.market.state import MarketState
from schemas.envelope import market_of
from schemas.vocabulary import Clock, instant
from services import clock
from services.commands.kafka_access import Kafka
from services.commands.register import market_records
from services.transport.explaining import state_at_end


def state_of(kafka: Kafka, named: str) -> MarketState:
    """
    Read the log of a market, named by its code or by an id of ours in it, to its end.

    Raises:
        click.ClickException: no such market is open, or nothing happened in it yet.
    """
    code = market_of(named) or named
    state = state_at_end(market_records(kafka, code))
    if state is None:
        raise click.ClickException(f"Nothing has happened in {code} yet.")
    return state


def present(state: MarketState) -> str:
    """
    Return what time it is in a market.
    """
    simulated = state.opened is not None and state.opened.clock is Clock.SIMULATED
    return state.now if simulated else instant(clock.now())


def today(state: MarketState) -> date:
    """
    Return the market's present day, in its own nation's time.
    """
    return date.fromisoformat(local_day(state, present(state)))
