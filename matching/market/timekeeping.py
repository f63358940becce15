"""
Time passes: ticks move *now*, and the first of each local day begins the day.

In a real market time cannot be broken. A tick ahead of the broker's clock is refused; a
gap between ticks lengthens every window that was running; over a leap of more than a day
time stands still until the operator confirms it. A simulated market's time is its operator's.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from matching.market.local_time import local_day, market_calendar, party_calendar
from matching.market.record import Draft, Happened, Refusal, Said, accepted, refused
from matching.market.state import MarketState
from matching.market.waiting import calendar_of, pending, wait_of
from matching.market.working_time import Calendar, midnight, opened_on, pushed_on
from schemas.answers import NoticeGiven
from schemas.markets import DayBegan
from schemas.slots import ClockDoubted, LengthenedWindow, WindowsLengthened
from schemas.ticks import Tick
from schemas.vocabulary import Clock, Role, later, moment

# How far a tick's time may be ahead of the broker's.
AHEAD = timedelta(minutes=2)
# How late a tick may reach the broker, which may have been away itself.
BEHIND = timedelta(hours=1)
LEAP = timedelta(days=1)
ONE_DAY = timedelta(days=1)


def decide_tick(state: MarketState, said: Said) -> Iterator[Draft | Refusal]:
    """
    Move *now*; the ticker's ticks leave a record only where they change more than that.

    A tick that a party said gets its answer, so it always leaves a record. One that leaps
    in a real market moves nothing until the operator confirms it.
    """
    tick: Tick = said.data
    refusal = _refusal(state, said, tick)
    if refusal is not None:
        yield refusal
        return
    if tick.at <= state.now or _is_doubtful(state, tick):
        if tick.at > state.now and state.doubted_since is None:
            yield from _doubts(state, tick)
        return
    since, state.now = state.now, tick.at
    if said.party is not None:
        yield accepted(said)
    day = local_day(state, state.now)
    if day > state.day:
        yield Draft(data=DayBegan(day=date.fromisoformat(day)), subject=state.code)
    if _is_real(state) and (_stood_still(state, since) or state.doubted_since is not None):
        yield _lengthened(state, since)
        yield from _told_longer(state, since)


def decide_clock_confirmed(state: MarketState, said: Said) -> Iterator[Draft | Refusal]:
    """
    Take the operator's word that time leapt rightly: the next tick moves it.
    """
    if state.doubted_since is None:
        yield refused("clock_not_doubted", "/data/market")
    else:
        yield accepted(said)


def evolve_tick(state: MarketState, event: Happened) -> None:
    state.now = max(state.now, event.data.at)


def evolve_day_began(state: MarketState, event: Happened) -> None:
    state.day = str(event.data.day)


def evolve_clock_doubted(state: MarketState, event: Happened) -> None:
    state.doubted_since = event.data.since


def evolve_clock_confirmed(state: MarketState, _: Happened) -> None:
    state.leap_confirmed = True


def evolve_windows_lengthened(state: MarketState, event: Happened) -> None:
    lengthened: WindowsLengthened = event.data
    state.doubted_since, state.leap_confirmed = None, False
    for window in lengthened.windows:
        kind, _, name = window.clock.partition(" ")
        if kind == "intake":
            state.reserved[name].until = window.ends_at
            continue
        state.clocks[window.clock] = window.ends_at
        if kind == "remind" and name in state.offers:
            state.offers[name].remind_at = window.ends_at
        if kind in ("rung", "public"):
            _move(state, kind, name, window.ends_at, seconds=lengthened.seconds)
    for entry in state.reserved.values():
        if not all(group.public for group in entry.groups):
            entry.lengthened += lengthened.seconds


def _move(state: MarketState, kind: str, name: str, ends_at: str, *, seconds: int) -> None:
    subject, _, group_name = name.partition("/")
    group = state.reserved[subject].named(group_name)
    if kind == "public":
        group.public_at = ends_at
        return
    span, opened = timedelta(seconds=seconds), group.stage + 1
    group.rungs = (*group.rungs[:opened], *(later(at, span) for at in group.rungs[opened:]))


def _refusal(state: MarketState, said: Said, tick: Tick) -> Refusal | None:
    """
    Refuse a tick that goes back, to a party, or that the broker's clock belies.
    """
    if tick.at <= state.now:
        if said.party is None:
            return None
        return refused("tick_backwards", "/data/at", lawful=state.now)
    if not _is_real(state):
        return None
    latest, earliest = later(said.appended_at, AHEAD), later(said.appended_at, -BEHIND)
    if tick.at > latest:
        return refused("tick_ahead", "/data/at", lawful=latest)
    if tick.at < earliest:
        return refused("tick_behind", "/data/at", lawful=earliest)
    return None


def _is_doubtful(state: MarketState, tick: Tick) -> bool:
    """
    Tell whether a tick leaps over more than a day while windows run, and nobody confirmed it.
    """
    if not _is_real(state) or not state.clocks or state.leap_confirmed:
        return False
    return moment(tick.at) - moment(state.now) > LEAP


def _doubts(state: MarketState, tick: Tick) -> Iterator[Draft]:
    yield Draft(data=ClockDoubted(since=state.now, at=tick.at), subject=state.code)
    for slug, entry in sorted(state.parties.items()):
        if Role.OPERATOR in entry.party.roles:
            yield Draft(
                data=NoticeGiven(party=slug, notice="clock_doubted", about=state.code),
                subject=state.code,
                party=slug,
            )


def _stood_still(state: MarketState, since: str) -> bool:
    """
    Tell whether ticks stayed out for more than twice their schedule while windows ran.
    """
    schedule = timedelta(minutes=state.opened.tick_minutes if state.opened else 5)
    return bool(state.clocks) and moment(state.now) - moment(since) > 2 * schedule


def _lengthened(state: MarketState, since: str) -> Draft:
    """
    Lengthen every window that was still running at an instant by what has passed since.
    """
    span = moment(state.now) - moment(since)
    windows = [
        LengthenedWindow(clock=key, ends_at=_later_end(state, key, at, span))
        for key, at in sorted(state.clocks.items())
        if at > since
    ]
    windows += [
        LengthenedWindow(clock=f"intake {subject}", ends_at=later(entry.until, span))
        for subject, entry in sorted(state.reserved.items())
        if entry.until > since
    ]
    seconds = max(1, int(span.total_seconds()))
    return Draft(
        data=WindowsLengthened(seconds=seconds, windows=tuple(windows)), subject=state.code
    )


def _told_longer(state: MarketState, since: str) -> Iterator[Draft]:
    """
    Tell everybody who was given a deadline that it lies later now, and by how much.
    """
    minutes = int((moment(state.now) - moment(since)).total_seconds()) // 60
    for slug in sorted({each.on for each in pending(state)}):
        yield Draft(
            data=NoticeGiven(
                party=slug,
                notice="windows_lengthened",
                about=state.code,
                lawful_value=str(minutes),
            ),
            subject=state.code,
            party=slug,
        )


def _later_end(state: MarketState, key: str, at: str, span: timedelta) -> str:
    """
    Return when a window ends that is longer by a span: for a person, in their working hours.

    A reminder, and the beginning of a last day, come when hours begin where they lay outside.
    """
    kind, _, name = key.partition(" ")
    if kind in ("offer", "challenge"):
        return pushed_on(_whose(state, name), later(at, span))
    if kind in ("remind", "overdue"):
        return opened_on(_whose(state, name), later(at, span))
    if kind == "public":
        # A posting closes on the day that its supplier named, whatever the clock did.
        closes_on = state.opportunities[name.partition("/")[0]].terms.closes_on
        return min(later(at, span), midnight(market_calendar(state), closes_on + ONE_DAY))
    return later(at, span)


def _whose(state: MarketState, name: str) -> Calendar:
    """
    Return the calendar of whom an offer, or a challenge, waits for now.
    """
    if name in state.challenges:
        return party_calendar(state, state.challenges[name].decider)
    offer = state.offers[name]
    wait = wait_of(offer)
    assert wait is not None, "a clock runs only on what waits"
    return calendar_of(state, offer, wait)


def _is_real(state: MarketState) -> bool:
    return state.opened is not None and state.opened.clock is Clock.REAL
