"""
Local days and working time from the log's own rows: never from zone files.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from matching.market.state import MarketState
from matching.market.working_time import Calendar, local
from schemas.contracts import RingFence
from schemas.rules import Policy, RulesAdopted
from schemas.vocabulary import Clock, Day, Nation, later

# What ended so shortly before a tick may have been answered in time and not been read yet.
GRACE = timedelta(minutes=2)

WORKING_WEEK = frozenset({Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI})


def local_day(state: MarketState, at: str) -> str:
    """
    Return the local day of an instant, as an ISO date.

    Before any rules are adopted, and where no clock change is known, local time is UTC.
    """
    return local(market_calendar(state), at)[0].isoformat()


def latest_day(state: MarketState, appended_at: str) -> str:
    """
    Return the latest local day that it can be when something is said.

    Ticks are minutes behind what is said; a simulated market's day is its operator's alone.
    """
    simulated = state.opened is not None and state.opened.clock is Clock.SIMULATED
    return local_day(state, state.now if simulated else max(state.now, appended_at))


def horizon(state: MarketState) -> str:
    """
    Return the latest end that a tick acts on: two minutes before its own time.
    """
    return later(state.now, -GRACE)


def minutes_between(state: MarketState, fences: Iterable[RingFence]) -> int:
    """
    Return the working minutes between rounds: the shortest span that one of the fences states.

    The policy's stands in for a fence that states none.
    """
    usual = state.policy.round_working_minutes
    return min(fence.round_working_minutes or usual for fence in fences)


def market_calendar(state: MarketState) -> Calendar:
    """
    Return the market's own working time: its nation's, by the rules in force.
    """
    return nation_calendar(state.rules, state.opened.nation if state.opened else None)


def nation_calendar(rules: RulesAdopted | None, nation: Nation | None) -> Calendar:
    """
    Return Monday to Friday but for a nation's bank holidays, in the hours of the policy.
    """
    return _calendar(rules, nation, days=WORKING_WEEK, hours=_policy_hours(rules))


def party_calendar(state: MarketState, slug: str) -> Calendar:
    """
    Return a party's working time: its own days and hours, but for its nation's bank holidays.

    Days off of its own are off as well.

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
        state.rules,
        entry.party.nation,
        days=days or WORKING_WEEK,
        hours=stated if hours.starts < hours.ends else _policy_hours(state.rules),
        own=entry.party.days_off,
    )


def _policy_hours(rules: RulesAdopted | None) -> tuple[str, str]:
    policy = rules.policy if rules else Policy()
    return policy.day_starts, policy.day_ends


def _calendar(
    rules: RulesAdopted | None,
    nation: Nation | None,
    *,
    days: frozenset[Day],
    hours: tuple[str, str],
    own: tuple[date, ...] = (),
) -> Calendar:
    off = rules.bank_holidays if rules else ()
    changes = rules.clock_changes if rules else ()
    return Calendar(
        days=days,
        holidays=frozenset(own).union(row.date for row in off if row.nation is nation),
        starts=hours[0],
        ends=hours[1],
        changes=tuple(
            sorted((row.at, row.offset_minutes) for row in changes if row.nation is nation)
        ),
    )
