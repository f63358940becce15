"""
Local days from the log's own rows: clock changes arrive as data, never from zone files.
"""

from datetime import timedelta

from matching.market.state import MarketState
from schemas.vocabulary import later


def local_day(state: MarketState, at: str) -> str:
    """
    Return the local day of an instant, as an ISO date.

    Before any rules are adopted, and where no clock change is known, local time is UTC.
    """
    return later(at, timedelta(minutes=_offset(state, at)))[:10]


def _offset(state: MarketState, at: str) -> int:
    if state.rules is None or state.opened is None:
        return 0
    changes = [
        (change.at, change.offset_minutes)
        for change in state.rules.clock_changes
        if change.nation is state.opened.nation and change.at <= at
    ]
    return max(changes)[1] if changes else 0
