"""
Working time told day by day and minute by minute, by nothing but the events of a log.

It counts with local clock times and knows nothing of the core's calendars.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from schemas.vocabulary import Instant, later, moment

DAY = timedelta(days=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveCalendar:
    """
    Whose days are worked, in which hours, on which local clock.

    `changes` are the instants from which local time is UTC plus so many minutes.
    """

    days: frozenset[str]
    off: frozenset[date]
    starts: str
    ends: str
    changes: tuple[tuple[Instant, int], ...]

    def offset(self, at: Instant) -> timedelta:
        """
        How far the local clock is ahead of UTC at an instant.
        """
        past = [minutes for since, minutes in sorted(self.changes) if since <= at]
        return timedelta(minutes=past[-1] if past else 0)

    def today(self, at: Instant) -> date:
        """
        The local day of an instant.
        """
        return (moment(at) + self.offset(at)).date()

    def is_worked(self, day: date) -> bool:
        return WEEK[day.weekday()] in self.days and day not in self.off

    def instant(self, day: date, time: str) -> Instant:
        """
        The instant at which the local clock shows a time that no clock change skips.
        """
        shown = f"{datetime.fromisoformat(f'{day} {time}').isoformat()}.000Z"
        offsets = {0, *(minutes for _, minutes in self.changes)}
        guesses = sorted(later(shown, -timedelta(minutes=each)) for each in offsets)
        return next(at for at in guesses if later(at, self.offset(at)) == shown)

    def after(self, day: date, nth: int) -> date:
        """
        The nth worked day after a day.
        """
        while nth:
            day += DAY
            nth -= self.is_worked(day)
        return day

    def closing(self, since: Instant, days: int) -> Instant:
        """
        When a window of so many worked days ends; of none, with the hours that are left today.
        """
        today = self.today(since)
        if days == 0 and self.is_worked(today) and since < self.instant(today, self.ends):
            return self.instant(today, self.ends)
        return self.instant(self.after(today, max(days, 1)), self.ends)

    def opening(self, since: Instant, nth: int, *, before: Instant) -> Instant | None:
        """
        When the nth worked day begins, if that lies inside a window.
        """
        if nth < 1:
            return None
        at = self.instant(self.after(self.today(since), nth), self.starts)
        return at if since < at < before else None


def calendar_of(party: Any, rules: Any, *, nation: Any) -> NaiveCalendar:
    """
    Make the calendar of a party as registered, or of a market, which is of no party.
    """
    hours = (rules.policy.day_starts, rules.policy.day_ends)
    if party is not None and party.working_hours.starts < party.working_hours.ends:
        hours = (party.working_hours.starts, party.working_hours.ends)
    whose = nation if party is None else party.nation
    stated = () if party is None else party.working_days
    return NaiveCalendar(
        days=frozenset(str(day.value) for day in stated) or frozenset(WEEK[:5]),
        off=frozenset(each.date for each in rules.bank_holidays if each.nation is whose)
        | frozenset(() if party is None else party.days_off),
        starts=hours[0],
        ends=hours[1],
        changes=tuple(
            (each.at, each.offset_minutes) for each in rules.clock_changes if each.nation is whose
        ),
    )
