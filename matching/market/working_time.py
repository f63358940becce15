"""
Working time: local days, hours and rounds, counted on a calendar that is given as values.

Every window ends at the end of somebody's working hours, and every round begins inside
them. Clock changes and days off arrive as data: nothing here knows a zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count, pairwise, takewhile

from schemas.vocabulary import Day, later

WEEK = tuple(Day)
DAY = timedelta(days=1)
# Instants are strings: these sort before and after every one of them.
FIRST, LAST = "", "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """
    Whose working time it is: days of the week, days off, hours, and the local clock.

    Attributes:
        days: the days of the week that are worked.
        holidays: days off all the same.
        starts: when the working day begins, local time, HH:MM.
        ends: when it ends, later on the same day.
        changes: ascending, the instants from which local time is UTC plus so many minutes;
            before the first it is UTC.

    Raises:
        ValueError: no day is worked, or the hours do not end after they start.
    """

    days: frozenset[Day]
    holidays: frozenset[date]
    starts: str
    ends: str
    changes: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if not self.days or self.ends <= self.starts:
            raise ValueError("a calendar needs a working day, and hours that end after they start")


def local(calendar: Calendar, at: str) -> tuple[date, str]:
    """
    Return the local day and time of an instant, the time as HH:MM:SS.mmm.
    """
    offset = max((change for change in calendar.changes if change[0] <= at), default=(FIRST, 0))[1]
    shown = later(at, timedelta(minutes=offset))
    return date.fromisoformat(shown[:10]), shown[11:-1]


def instant_at(calendar: Calendar, day: date, time: str) -> str:
    """
    Return the instant of a local day and time (HH:MM).

    A time that a clock change skips is the instant of the change; of one that comes twice
    it is the first.
    """
    shown = f"{day.isoformat()}T{time}:00.000Z"
    spans = pairwise(chain([(FIRST, 0)], calendar.changes, [(LAST, 0)]))
    meant = (
        max(begins, later(shown, -timedelta(minutes=offset)))
        for (begins, offset), (ends, _) in spans
        if later(shown, -timedelta(minutes=offset)) < ends
    )
    return next(meant)


def midnight(calendar: Calendar, day: date) -> str:
    """
    Return the instant at which a local day begins.
    """
    return instant_at(calendar, day, "00:00")


def is_working_day(calendar: Calendar, day: date) -> bool:
    """
    Tell whether a local day is worked.
    """
    return WEEK[day.weekday()] in calendar.days and day not in calendar.holidays


def working_day_after(calendar: Calendar, day: date, nth: int) -> date:
    """
    Return the `nth` working day strictly after a day; for 0 the day itself, worked or not.
    """
    for _ in range(nth):
        day += DAY
        while not is_working_day(calendar, day):
            day += DAY
    return day


def deadline(calendar: Calendar, since: str, working_days: int) -> str:
    """
    Return when a window ends: with the working hours of the n-th working day after its start.

    A window of no days ends with the hours that are under way or still to come on the day
    it starts; where there are none left, with those of the next working day.
    """
    day, _ = local(calendar, since)
    if working_days == 0:
        closes = _closing(calendar, day)
        if is_working_day(calendar, day) and since < closes:
            return closes
    return _closing(calendar, working_day_after(calendar, day, max(working_days, 1)))


def pushed_on(calendar: Calendar, at: str) -> str:
    """
    Return an instant in working hours as it is, else the end of the hours that come next.
    """
    opens = opened_on(calendar, at)
    return at if opens == at else _closing(calendar, local(calendar, opens)[0])


def opened_on(calendar: Calendar, at: str) -> str:
    """
    Return an instant in working hours as it is, else when the hours that come next begin.

    The end of the hours is in them still.
    """
    day, _ = local(calendar, at)
    if is_working_day(calendar, day) and at <= _closing(calendar, day):
        return max(at, instant_at(calendar, day, calendar.starts))
    return instant_at(calendar, working_day_after(calendar, day, 1), calendar.starts)


def first_round(calendar: Calendar, at: str, minutes: int) -> str:
    """
    Return the first round time at or after an instant.

    A working day's rounds begin with its hours and follow every so many minutes until they
    end.

    Raises:
        ValueError: rounds no minutes apart.
    """
    if minutes < 1:
        raise ValueError("rounds are at least a minute apart")
    day, _ = local(calendar, at)
    return next(each for each in _rounds(calendar, day, minutes) if each >= at)


def next_round(calendar: Calendar, after: str, minutes: int) -> str:
    """
    Return the first round time strictly later than an instant.
    """
    return first_round(calendar, later(after, timedelta(milliseconds=1)), minutes)


def latest_round(calendar: Calendar, at: str, minutes: int) -> str:
    """
    Return the last round time at or before an instant.
    """
    day, _ = local(calendar, at)
    while True:
        rounds = takewhile(lambda each: each <= at, _rounds_of(calendar, day, minutes))
        found = max(rounds, default=None)
        if found is not None:
            return found
        day -= DAY


def _rounds(calendar: Calendar, day: date, minutes: int) -> Iterator[str]:
    """
    Yield the rounds of a day, if it is worked, and of all that follow.
    """
    for each in (day + DAY * n for n in count()):
        yield from _rounds_of(calendar, each, minutes)


def _rounds_of(calendar: Calendar, day: date, minutes: int) -> Iterator[str]:
    if is_working_day(calendar, day):
        for at in range(_minute(calendar.starts), _minute(calendar.ends), minutes):
            yield instant_at(calendar, day, f"{at // 60:02d}:{at % 60:02d}")


def _closing(calendar: Calendar, day: date) -> str:
    return instant_at(calendar, day, calendar.ends)


def _minute(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
