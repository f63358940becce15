"""
Windows of working time: a table worked by hand on the packaged rows, and a slow walk beside it.

Each row was worked on a calendar of 2026 before the code was run. Local time is an hour
ahead of UTC from 29 March to 25 October. The end is the close of the n-th working day after
the day of the start; the reminder opens half of the days, rounded up, later; what is overdue
opens the last.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.market.local_time import party_calendar
from matching.market.state import MarketState, PartyEntry
from matching.market.waiting import Window, window
from matching.market.working_time import is_working_day, local
from schemas.codec import restore
from schemas.parties import PartyRegisteredSealed, WorkingHours
from schemas.rules import RulesAdopted
from schemas.vocabulary import Day, Nation, Role, later
from tests.builders import PARTNER, WEEKDAYS, opened, party

DATA = Path(__file__).resolve().parents[4] / "services" / "data"
LAW: RulesAdopted = restore(RulesAdopted, json.loads((DATA / "law.json").read_bytes()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """
    Where something waits: its nation, the days and hours it works, and days off of its own.
    """

    nation: Nation
    days: tuple[Day, ...]
    starts: str
    ends: str
    off: tuple[date, ...] = ()

    def closed(self, *days: str) -> "Office":
        return replace(self, off=tuple(date.fromisoformat(each) for each in days))

    def registered(self) -> PartyRegisteredSealed:
        return replace(
            party(PARTNER, Role.PARTNER),
            nation=self.nation,
            working_days=self.days,
            working_hours=WorkingHours(starts=self.starts, ends=self.ends),
            days_off=self.off,
        )

    def market(self, nation: Nation = Nation.ENGLAND) -> MarketState:
        entry = PartyEntry(party=self.registered(), registered_by=None, sequence=1, since=1)
        return MarketState(
            code="zedford",
            opened=replace(opened(), nation=nation),
            rules=LAW,
            parties={PARTNER: entry},
        )

    def window(self, since: str, working_days: int) -> Window:
        return window(party_calendar(self.market(), PARTNER), since, working_days)


def office(nation: Nation = Nation.ENGLAND, *days: Day, hours: str = "09:00-17:00") -> Office:
    starts, ends = hours.split("-")
    return Office(nation=nation, days=days or WEEKDAYS, starts=starts, ends=ends)


ENGLAND = office()
SCOTLAND = office(Nation.SCOTLAND)
NORTHERN_IRELAND = office(Nation.NORTHERN_IRELAND)
SUNDAY_TO_THURSDAY = office(
    Nation.ENGLAND, Day.SUN, Day.MON, Day.TUE, Day.WED, Day.THU, hours="08:00-16:00"
)
TWO_DAYS = office(Nation.ENGLAND, Day.TUE, Day.THU, hours="10:00-15:00")
TWO_DAYS_IN_BELFAST = replace(TWO_DAYS, nation=Nation.NORTHERN_IRELAND)
SIX_DAYS = office(Nation.ENGLAND, *WEEKDAYS, Day.SAT)
EVENINGS = office(hours="12:00-20:00")
SHUT_A_WEEK = ENGLAND.closed("2026-01-19", "2026-01-20", "2026-01-21", "2026-01-22", "2026-01-23")

NEVER = ""

# Whose time, from when, for how many working days; until when, reminded when, overdue when.
# Instants are UTC; a shorter day and time stand in the year of the one before it.
GOLDEN = (
    # --- within a week, and over a weekend
    (ENGLAND, "2026-01-13 12:00", 2, "01-15 17:00", "01-14 09:00", "01-15 09:00"),
    (ENGLAND, "2026-01-13 12:00", 3, "01-16 17:00", "01-15 09:00", "01-16 09:00"),
    (ENGLAND, "2026-01-19 09:00", 5, "01-26 17:00", "01-22 09:00", "01-26 09:00"),
    (ENGLAND, "2026-01-19 12:00", 10, "02-02 17:00", "01-26 09:00", "02-02 09:00"),
    (ENGLAND, "2026-01-16 12:00", 2, "01-20 17:00", "01-19 09:00", "01-20 09:00"),
    # --- starts on a day off, before the hours, after them, and exactly at their end
    (ENGLAND, "2026-01-17 10:00", 2, "01-20 17:00", "01-19 09:00", "01-20 09:00"),
    (ENGLAND, "2026-01-18 23:59", 1, "01-19 17:00", "01-19 09:00", "01-19 09:00"),
    (ENGLAND, "2026-01-19 07:00", 2, "01-21 17:00", "01-20 09:00", "01-21 09:00"),
    (ENGLAND, "2026-01-19 09:00", 1, "01-20 17:00", "01-20 09:00", "01-20 09:00"),
    (ENGLAND, "2026-01-19 17:00", 2, "01-21 17:00", "01-20 09:00", "01-21 09:00"),
    (ENGLAND, "2026-01-19 21:30", 2, "01-21 17:00", "01-20 09:00", "01-21 09:00"),
    # --- no days: what is left of today's hours, else the next working day's
    (ENGLAND, "2026-01-16 16:59", 0, "01-16 17:00", NEVER, NEVER),
    (ENGLAND, "2026-01-16 17:00", 0, "01-19 17:00", NEVER, NEVER),
    (ENGLAND, "2026-01-17 12:00", 0, "01-19 17:00", NEVER, NEVER),
    # --- new year: 1 January; in Scotland 2 January, too
    (ENGLAND, "2025-12-31 12:00", 2, "2026-01-05 17:00", "2026-01-02 09:00", "2026-01-05 09:00"),
    (SCOTLAND, "2025-12-31 12:00", 2, "2026-01-06 17:00", "2026-01-05 09:00", "2026-01-06 09:00"),
    # --- Saint Patrick's Day, Tuesday 17 March, in Northern Ireland alone
    (NORTHERN_IRELAND, "2026-03-16 12:00", 2, "03-19 17:00", "03-18 09:00", "03-19 09:00"),
    (ENGLAND, "2026-03-16 12:00", 2, "03-18 17:00", "03-17 09:00", "03-18 09:00"),
    (SCOTLAND, "2026-03-16 12:00", 2, "03-18 17:00", "03-17 09:00", "03-18 09:00"),
    # --- the clocks go on in the night to Sunday 29 March: from then on 17:00 is 16:00 UTC
    (ENGLAND, "2026-03-26 12:00", 2, "03-30 16:00", "03-27 09:00", "03-30 08:00"),
    (ENGLAND, "2026-03-27 12:00", 2, "03-31 16:00", "03-30 08:00", "03-31 08:00"),
    (NORTHERN_IRELAND, "2026-03-28 23:30", 1, "03-30 16:00", "03-30 08:00", "03-30 08:00"),
    (SCOTLAND, "2026-03-29 00:30", 2, "03-31 16:00", "03-30 08:00", "03-31 08:00"),
    # --- Easter: Good Friday, 3 April, everywhere; Monday 6 April is worked in Scotland
    (ENGLAND, "2026-04-01 12:00", 2, "04-07 16:00", "04-02 08:00", "04-07 08:00"),
    (NORTHERN_IRELAND, "2026-04-01 12:00", 2, "04-07 16:00", "04-02 08:00", "04-07 08:00"),
    (SCOTLAND, "2026-04-01 12:00", 2, "04-06 16:00", "04-02 08:00", "04-06 08:00"),
    (ENGLAND, "2026-04-03 10:00", 2, "04-08 16:00", "04-07 08:00", "04-08 08:00"),
    (SCOTLAND, "2026-04-03 10:00", 2, "04-07 16:00", "04-06 08:00", "04-07 08:00"),
    # --- May: the first Monday, and the last
    (ENGLAND, "2026-05-01 12:00", 2, "05-06 16:00", "05-05 08:00", "05-06 08:00"),
    (SCOTLAND, "2026-05-22 12:00", 2, "05-27 16:00", "05-26 08:00", "05-27 08:00"),
    # --- a day that Scotland was given for 2026 alone, Monday 15 June
    (SCOTLAND, "2026-06-12 12:00", 2, "06-17 16:00", "06-16 08:00", "06-17 08:00"),
    (ENGLAND, "2026-06-12 12:00", 2, "06-16 16:00", "06-15 08:00", "06-16 08:00"),
    # --- in summer a local day begins at 23:00 UTC of the day before
    (ENGLAND, "2026-06-30 22:59", 2, "07-02 16:00", "07-01 08:00", "07-02 08:00"),
    (ENGLAND, "2026-06-30 23:00", 2, "07-03 16:00", "07-02 08:00", "07-03 08:00"),
    # --- the Twelfth is a Sunday, so Monday 13 July is off in Northern Ireland
    (NORTHERN_IRELAND, "2026-07-10 12:00", 2, "07-15 16:00", "07-14 08:00", "07-15 08:00"),
    (ENGLAND, "2026-07-10 12:00", 2, "07-14 16:00", "07-13 08:00", "07-14 08:00"),
    # --- the summer bank holiday: Scotland's on 3 August, the others' on the 31st
    (SCOTLAND, "2026-07-31 12:00", 2, "08-05 16:00", "08-04 08:00", "08-05 08:00"),
    (ENGLAND, "2026-07-31 12:00", 2, "08-04 16:00", "08-03 08:00", "08-04 08:00"),
    (ENGLAND, "2026-08-28 12:00", 2, "09-02 16:00", "09-01 08:00", "09-02 08:00"),
    (NORTHERN_IRELAND, "2026-08-28 12:00", 2, "09-02 16:00", "09-01 08:00", "09-02 08:00"),
    (SCOTLAND, "2026-08-28 12:00", 2, "09-01 16:00", "08-31 08:00", "09-01 08:00"),
    # --- the clocks go back in the night to Sunday 25 October
    (ENGLAND, "2026-10-22 11:00", 2, "10-26 17:00", "10-23 08:00", "10-26 09:00"),
    (ENGLAND, "2026-10-23 11:00", 2, "10-27 17:00", "10-26 09:00", "10-27 09:00"),
    (SCOTLAND, "2026-10-25 01:30", 1, "10-26 17:00", "10-26 09:00", "10-26 09:00"),
    # --- Saint Andrew's Day, Monday 30 November, in Scotland
    (SCOTLAND, "2026-11-27 12:00", 2, "12-02 17:00", "12-01 09:00", "12-02 09:00"),
    (NORTHERN_IRELAND, "2026-11-27 12:00", 2, "12-01 17:00", "11-30 09:00", "12-01 09:00"),
    # --- Christmas: 25 December and, as the 26th is a Saturday, the 28th; the new year again
    (ENGLAND, "2026-12-24 12:00", 5, "2027-01-05 17:00", "12-31 09:00", "2027-01-05 09:00"),
    (
        NORTHERN_IRELAND,
        "2026-12-24 12:00",
        5,
        "2027-01-05 17:00",
        "12-31 09:00",
        "2027-01-05 09:00",
    ),
    (SCOTLAND, "2026-12-24 12:00", 5, "2027-01-06 17:00", "12-31 09:00", "2027-01-06 09:00"),
    (ENGLAND, "2026-12-25 12:00", 2, "12-30 17:00", "12-29 09:00", "12-30 09:00"),
    # Who works on Saturdays works on the 26th: the day in lieu is the bank holiday
    (SIX_DAYS, "2026-12-24 12:00", 2, "12-29 17:00", "12-26 09:00", "12-29 09:00"),
    # --- Sunday to Thursday, 08:00 to 16:00: plain, over Easter, and over both clock changes
    (SUNDAY_TO_THURSDAY, "2026-01-15 12:00", 2, "01-19 16:00", "01-18 08:00", "01-19 08:00"),
    (SUNDAY_TO_THURSDAY, "2026-04-01 12:00", 3, "04-07 15:00", "04-05 07:00", "04-07 07:00"),
    (SUNDAY_TO_THURSDAY, "2026-03-26 12:00", 1, "03-29 15:00", "03-29 07:00", "03-29 07:00"),
    (SUNDAY_TO_THURSDAY, "2026-10-22 12:00", 1, "10-25 16:00", "10-25 08:00", "10-25 08:00"),
    # --- Tuesdays and Thursdays, 10:00 to 15:00: plain, and over Saint Patrick's Day
    (TWO_DAYS, "2026-01-13 12:00", 2, "01-20 15:00", "01-15 10:00", "01-20 10:00"),
    (TWO_DAYS, "2026-01-13 15:00", 1, "01-15 15:00", "01-15 10:00", "01-15 10:00"),
    (TWO_DAYS_IN_BELFAST, "2026-03-12 16:00", 2, "03-24 15:00", "03-19 10:00", "03-24 10:00"),
    # --- afternoons and evenings, in summer
    (EVENINGS, "2026-06-30 12:00", 1, "07-01 19:00", "07-01 11:00", "07-01 11:00"),
    # --- days off of its own: a whole week, the last day, and a day that is off or worked anyway
    (SHUT_A_WEEK, "2026-01-16 12:00", 2, "01-27 17:00", "01-26 09:00", "01-27 09:00"),
    (SHUT_A_WEEK, "2026-01-21 12:00", 1, "01-26 17:00", "01-26 09:00", "01-26 09:00"),
    (
        ENGLAND.closed("2026-01-15"),
        "2026-01-13 12:00",
        2,
        "01-16 17:00",
        "01-14 09:00",
        "01-16 09:00",
    ),
    (
        ENGLAND.closed("2026-04-06"),
        "2026-04-01 12:00",
        2,
        "04-07 16:00",
        "04-02 08:00",
        "04-07 08:00",
    ),
    (
        SCOTLAND.closed("2026-04-06"),
        "2026-04-01 12:00",
        2,
        "04-07 16:00",
        "04-02 08:00",
        "04-07 08:00",
    ),
    (
        TWO_DAYS.closed("2026-01-15", "2026-01-20"),
        "2026-01-13 12:00",
        1,
        "01-22 15:00",
        "01-22 10:00",
        "01-22 10:00",
    ),
)


def utc(text: str, *, year: str) -> str | None:
    if text == NEVER:
        return None
    day, time = text.split(" ")
    return f"{day if len(day) == 10 else f'{year}-{day}'}T{time}:00.000Z"


@pytest.mark.parametrize(("whose", "since", "days", "ends", "reminded", "overdue"), GOLDEN)
def test_a_window_is_as_it_was_worked_by_hand(
    whose: Office, since: str, days: int, ends: str, reminded: str, overdue: str
) -> None:
    year = since[:4]

    found = whose.window(f"{since.replace(' ', 'T')}:00.000Z", days)

    assert found == Window(
        ends_at=utc(ends, year=year) or "",
        remind_at=utc(reminded, year=year),
        overdue_at=utc(overdue, year=year),
    )


@pytest.mark.parametrize("nation", list(Nation))
def test_a_party_keeps_its_own_nation_s_days_in_the_market_of_any(nation: Nation) -> None:
    calendar = party_calendar(SCOTLAND.market(nation), PARTNER)

    found = window(calendar, "2026-04-01T12:00:00.000Z", 2)

    assert found.ends_at == "2026-04-06T16:00:00.000Z"


def test_a_party_that_a_market_does_not_know_waits_by_the_market_s_days() -> None:
    state = replace(ENGLAND.market(Nation.SCOTLAND), parties={})

    found = window(party_calendar(state, PARTNER), "2026-04-01T12:00:00.000Z", 2)

    assert found.ends_at == "2026-04-06T16:00:00.000Z"


# --- the packaged rows ------------------------------------------------------------------

# The days off of 2026 as the governments list them, and the first of 2027 that the table uses.
EVERYWHERE = [
    "2026-01-01",
    "2026-04-03",
    "2026-05-04",
    "2026-05-25",
    "2026-12-25",
    "2026-12-28",
    "2027-01-01",
]
OF_NATION = {
    Nation.ENGLAND: ["2026-04-06", "2026-08-31"],
    Nation.WALES: ["2026-04-06", "2026-08-31"],
    Nation.SCOTLAND: ["2026-01-02", "2026-06-15", "2026-08-03", "2026-11-30", "2027-01-04"],
    Nation.NORTHERN_IRELAND: ["2026-03-17", "2026-04-06", "2026-07-13", "2026-08-31"],
}


@pytest.mark.parametrize("nation", list(Nation))
def test_the_packaged_days_off_are_those_of_each_nation(nation: Nation) -> None:
    packaged = {str(row.date) for row in LAW.bank_holidays if row.nation is nation}

    within = {day for day in packaged if "2026-01-01" <= day <= "2027-01-31"}

    assert within == {*EVERYWHERE, *OF_NATION[nation]}


# --- a slow walk beside it --------------------------------------------------------------

LONDON = ZoneInfo("Europe/London")
QUARTER = timedelta(minutes=15)
QUARTERS = [f"{hour:02d}:{minute:02d}" for hour in range(6, 23) for minute in range(0, 60, 15)]
SPAN = (date(2026, 1, 1), date(2026, 12, 20))


def walked(whose: Office, since: str, working_days: int) -> Window:
    """
    Find a window by walking on through every quarter of an hour, reading a wall clock.
    """
    bank = {row.date for row in LAW.bank_holidays if row.nation is whose.nation}
    at = datetime.fromisoformat(since).astimezone(UTC)
    at -= timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    began, counted, opens = at.astimezone(LONDON).date(), 0, {}
    last = began
    while True:
        at += QUARTER
        wall = at.astimezone(LONDON)
        day, time = wall.date(), f"{wall:%H:%M}"
        works = list(Day)[day.weekday()] in whose.days and day not in bank | set(whose.off)
        if day != last:
            last, counted = day, counted + works
        if works and day != began and time == whose.starts:
            opens[counted] = f"{at:%Y-%m-%dT%H:%M}:00.000Z"
        if works and day != began and counted == working_days and time == whose.ends:
            return Window(
                ends_at=f"{at:%Y-%m-%dT%H:%M}:00.000Z",
                remind_at=opens[-(-working_days // 2)],
                overdue_at=opens[working_days],
            )


@st.composite
def offices(draw: st.DrawFn) -> Office:
    starts, ends = sorted(draw(st.sets(st.sampled_from(QUARTERS), min_size=2, max_size=2)))
    return Office(
        nation=draw(st.sampled_from(Nation)),
        days=tuple(sorted(draw(st.sets(st.sampled_from(Day), min_size=1)))),
        starts=starts,
        ends=ends,
        off=tuple(sorted(draw(st.sets(st.dates(*SPAN), max_size=12)))),
    )


@st.composite
def instants(draw: st.DrawFn) -> str:
    """
    Any second of 2026 before Christmas; often next to a clock change or a bank holiday.
    """
    about = st.sampled_from(["2026-03-28", "2026-03-29", "2026-04-02", "2026-10-24", "2026-10-25"])
    day = draw(about | st.dates(*SPAN).map(str))
    return later(f"{day}T00:00:00.000Z", timedelta(seconds=draw(st.integers(0, 86_399))))


counts = st.integers(1, 10)


@given(offices(), instants(), counts)
def test_a_window_is_where_a_walk_through_the_hours_ends(
    whose: Office, since: str, working_days: int
) -> None:
    assert whose.window(since, working_days) == walked(whose, since, working_days)


@given(offices(), instants(), st.integers(0, 10))
def test_a_window_never_ends_nor_reminds_on_a_day_off(
    whose: Office, since: str, working_days: int
) -> None:
    calendar = party_calendar(whose.market(), PARTNER)

    found = whose.window(since, working_days)

    told = (each for each in (found.ends_at, found.remind_at, found.overdue_at) if each)
    assert all(is_working_day(calendar, local(calendar, each)[0]) for each in told)


@given(offices(), instants(), st.integers(0, 9))
def test_more_days_end_a_window_no_earlier(whose: Office, since: str, working_days: int) -> None:
    assert (
        whose.window(since, working_days).ends_at <= whose.window(since, working_days + 1).ends_at
    )


@given(offices(), instants(), instants(), st.integers(0, 10))
def test_a_later_start_ends_a_window_no_earlier(
    whose: Office, one: str, other: str, working_days: int
) -> None:
    first, second = sorted((one, other))

    assert whose.window(first, working_days).ends_at <= whose.window(second, working_days).ends_at


@given(offices(), instants(), st.integers(0, 10), st.dates(*SPAN))
def test_one_more_day_off_ends_no_window_earlier(
    whose: Office, since: str, working_days: int, day: date
) -> None:
    more = replace(whose, off=(*whose.off, day))

    assert whose.window(since, working_days).ends_at <= more.window(since, working_days).ends_at


def test_the_table_has_every_nation_with_rows_of_its_own() -> None:
    assert {row[0].nation for row in GOLDEN} == {
        Nation.ENGLAND,
        Nation.SCOTLAND,
        Nation.NORTHERN_IRELAND,
    }
    assert len(GOLDEN) >= 40
