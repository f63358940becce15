"""
Local days and working time from the log's own rows: never from zone files.
"""

from datetime import date

from matching.market.state import MarketState
from matching.market.working_time import Calendar, local
from schemas.rules import Policy
from schemas.vocabulary import Day, Nation

WORKING_WEEK = frozenset({Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI})


def local_day(state: MarketState, at: str) -> str:
    """
    Return the local day of an instant, as an ISO date.

    Before any rules are adopted, and where no clock change is known, local time is UTC.
    """
    return local(market_calendar(state), at)[0].isoformat()


def market_calendar(state: MarketState) -> Calendar:
    """
    Return the market's own working time.

    Monday to Friday but for its nation's bank holidays, in the hours that the policy states.
    """
    nation = state.opened.nation if state.opened else None
    return _calendar(state, nation, days=WORKING_WEEK, hours=_policy_hours(state))


def party_calendar(state: MarketState, slug: str) -> Calendar:
    """
    Return a party's working time: its own days and hours, but for its own nation's bank holidays.

    The market's week stands in for a party that states no working day, and its hours for
    hours that do not end after they start, as over midnight. A party that this market does
    not know keeps the market's calendar.
    """
    entry = state.parties.get(slug)
    if entry is None:
        return market_calendar(state)
    days, hours = frozenset(entry.party.working_days), entry.party.working_hours
    stated = (hours.starts, hours.ends)
    return _calendar(
        state,
        entry.party.nation,
        days=days or WORKING_WEEK,
        hours=stated if hours.starts < hours.ends else _policy_hours(state),
    )


def _policy_hours(state: MarketState) -> tuple[str, str]:
    policy = state.rules.policy if state.rules else Policy()
    return policy.day_starts, policy.day_ends


def _calendar(
    state: MarketState, nation: Nation | None, *, days: frozenset[Day], hours: tuple[str, str]
) -> Calendar:
    return Calendar(
        days=days,
        holidays=_holidays(state, nation),
        starts=hours[0],
        ends=hours[1],
        changes=_changes(state, nation),
    )


def _holidays(state: MarketState, nation: Nation | None) -> frozenset[date]:
    rows = state.rules.bank_holidays if state.rules else ()
    return frozenset(row.date for row in rows if row.nation is nation)


def _changes(state: MarketState, nation: Nation | None) -> tuple[tuple[str, int], ...]:
    rows = state.rules.clock_changes if state.rules else ()
    return tuple(sorted((row.at, row.offset_minutes) for row in rows if row.nation is nation))
