"""
Working time: a table worked by hand on the packaged days off, laws, and a slow walk beside it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.market.local_time import local_day, market_calendar, party_calendar
from matching.market.state import MarketState, PartyEntry
from matching.market.working_time import (
    Calendar,
    deadline,
    first_round,
    instant_at,
    is_working_day,
    local,
    midnight,
    next_round,
    opened_on,
    pushed_on,
    working_day_after,
)
from schemas.codec import restore
from schemas.parties import WorkingHours
from schemas.rules import Policy, RulesAdopted
from schemas.vocabulary import Day, Nation, Role, later
from tests.builders import PARTNER, WEEKDAYS, opened, party

DATA = Path(__file__).resolve().parents[4] / "services" / "data"
LAW: RulesAdopted = restore(RulesAdopted, json.loads((DATA / "law.json").read_bytes()))


def market(nation: Nation = Nation.ENGLAND, **changes: object) -> MarketState:
    made = MarketState(code="zedford", opened=replace(opened(), nation=nation), rules=LAW)
    for name, told in changes.items():
        setattr(made, name, told)
    return made


def known_party(**changes: object) -> MarketState:
    entry = replace(party(PARTNER, Role.PARTNER), **changes)  # type: ignore[arg-type]
    return market(
        parties={PARTNER: PartyEntry(party=entry, registered_by=None, sequence=1, since=1)}
    )


ENGLAND = market_calendar(market())
SCOTLAND = market_calendar(market(Nation.SCOTLAND))
NORTHERN_IRELAND = market_calendar(market(Nation.NORTHERN_IRELAND))
MIDWEEK = party_calendar(
    known_party(
        working_days=(Day.TUE, Day.WED, Day.THU),
        working_hours=WorkingHours(starts="10:00", ends="15:00"),
    ),
    PARTNER,
)


def utc(text: str) -> str:
    """
    Write an instant from a day and a time in UTC, to the minute or finer.
    """
    day, time = text.split(" ")
    return f"{day}T{time + ':00.000' if len(time) == 5 else time}Z"


# --- by hand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "since", "working_days", "ends"),
    [
        # Within a week, and over a weekend
        (ENGLAND, "2026-01-13 12:00", 2, "2026-01-15 17:00"),
        (ENGLAND, "2026-01-16 12:00", 1, "2026-01-19 17:00"),
        (ENGLAND, "2026-01-17 10:00", 1, "2026-01-19 17:00"),
        (ENGLAND, "2026-01-17 10:00", 2, "2026-01-20 17:00"),
        # No days: the hours under way, those to come, or the next day's
        (ENGLAND, "2026-01-16 07:00", 0, "2026-01-16 17:00"),
        (ENGLAND, "2026-01-16 16:59:59.999", 0, "2026-01-16 17:00"),
        (ENGLAND, "2026-01-16 17:00", 0, "2026-01-19 17:00"),
        (ENGLAND, "2026-01-17 10:00", 0, "2026-01-19 17:00"),
        # Easter: Good Friday is 3 April, Easter Monday is worked in Scotland
        (ENGLAND, "2026-04-02 12:00", 1, "2026-04-07 16:00"),
        (NORTHERN_IRELAND, "2026-04-02 12:00", 1, "2026-04-07 16:00"),
        (SCOTLAND, "2026-04-02 12:00", 1, "2026-04-06 16:00"),
        (ENGLAND, "2026-04-03 12:00", 0, "2026-04-07 16:00"),
        (ENGLAND, "2026-03-30 09:00", 10, "2026-04-15 16:00"),
        # Christmas and New Year, with the days given for those that fall on a weekend
        (ENGLAND, "2026-12-24 12:00", 1, "2026-12-29 17:00"),
        (ENGLAND, "2026-12-24 12:00", 4, "2027-01-04 17:00"),
        (SCOTLAND, "2026-12-24 12:00", 4, "2027-01-05 17:00"),
        (ENGLAND, "2025-12-31 12:00", 1, "2026-01-02 17:00"),
        (SCOTLAND, "2025-12-31 12:00", 1, "2026-01-05 17:00"),
        # Saint Patrick's Day, the Twelfth, and Saint Andrew's Day
        (ENGLAND, "2026-03-16 12:00", 1, "2026-03-17 17:00"),
        (NORTHERN_IRELAND, "2026-03-16 12:00", 1, "2026-03-18 17:00"),
        (ENGLAND, "2026-07-10 12:00", 1, "2026-07-13 16:00"),
        (NORTHERN_IRELAND, "2026-07-10 12:00", 1, "2026-07-14 16:00"),
        (SCOTLAND, "2026-11-27 12:00", 1, "2026-12-01 17:00"),
        # Clocks go on at 01:00 on Sunday 29 March and back on Sunday 25 October
        (ENGLAND, "2026-03-27 12:00", 1, "2026-03-30 16:00"),
        (ENGLAND, "2026-10-23 11:00", 1, "2026-10-26 17:00"),
        # Half past midnight on 1 July, local time
        (ENGLAND, "2026-06-30 23:30", 1, "2026-07-02 16:00"),
        # An office that is open from Tuesday to Thursday, 10:00 to 15:00
        (MIDWEEK, "2026-01-14 12:00", 2, "2026-01-20 15:00"),
        (MIDWEEK, "2026-01-15 12:00", 1, "2026-01-20 15:00"),
        (MIDWEEK, "2026-01-15 15:00", 0, "2026-01-20 15:00"),
        (MIDWEEK, "2026-04-02 12:00", 1, "2026-04-07 14:00"),
    ],
)
def test_a_window_ends_with_the_hours_of_the_nth_working_day(
    calendar: Calendar, since: str, working_days: int, ends: str
) -> None:
    assert deadline(calendar, utc(since), working_days) == utc(ends)


@pytest.mark.parametrize(
    ("after", "minutes", "expected"),
    [
        ("2026-01-13 08:59:59.999", 240, "2026-01-13 09:00"),
        ("2026-01-13 09:00", 240, "2026-01-13 13:00"),
        ("2026-01-13 12:59:59.999", 240, "2026-01-13 13:00"),
        ("2026-01-13 13:00", 240, "2026-01-14 09:00"),
        ("2026-01-16 13:00", 240, "2026-01-19 09:00"),
        ("2026-01-17 11:00", 240, "2026-01-19 09:00"),
        # There is no round at 17:00, when the day ends
        ("2026-01-13 09:00", 480, "2026-01-14 09:00"),
        ("2026-01-13 09:00", 2_400, "2026-01-14 09:00"),
        ("2026-01-13 16:45", 15, "2026-01-14 09:00"),
        # Over the clock changes, and over Easter
        ("2026-03-27 14:00", 240, "2026-03-30 08:00"),
        ("2026-10-23 14:00", 240, "2026-10-26 09:00"),
        ("2026-04-02 12:00", 240, "2026-04-07 08:00"),
    ],
)
def test_rounds_are_held_in_the_hours_of_working_days(
    after: str, minutes: int, expected: str
) -> None:
    assert next_round(ENGLAND, utc(after), minutes) == utc(expected)


def test_the_first_round_may_be_held_at_once() -> None:
    one_oclock = utc("2026-01-13 13:00")

    assert first_round(ENGLAND, one_oclock, 240) == one_oclock


def test_rounds_no_minutes_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="a minute apart"):
        next_round(ENGLAND, utc("2026-01-13 13:00"), 0)


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("2026-01-13", "09:00", "2026-01-13 09:00"),
        ("2026-07-01", "00:00", "2026-06-30 23:00"),
        ("2026-03-29", "00:59", "2026-03-29 00:59"),
        # From 01:00 to 02:00 there is no local time
        ("2026-03-29", "01:00", "2026-03-29 01:00"),
        ("2026-03-29", "01:30", "2026-03-29 01:00"),
        ("2026-03-29", "02:00", "2026-03-29 01:00"),
        ("2026-03-29", "02:01", "2026-03-29 01:01"),
        # From 01:00 to 02:00 local time comes twice
        ("2026-10-25", "00:59", "2026-10-24 23:59"),
        ("2026-10-25", "01:00", "2026-10-25 00:00"),
        ("2026-10-25", "01:59", "2026-10-25 00:59"),
        ("2026-10-25", "02:00", "2026-10-25 02:00"),
    ],
)
def test_a_local_time_is_one_instant_over_both_clock_changes(
    day: str, time: str, expected: str
) -> None:
    assert instant_at(ENGLAND, date.fromisoformat(day), time) == utc(expected)


@pytest.mark.parametrize(
    ("at", "day", "time"),
    [
        ("2026-01-13 12:00:00.001", date(2026, 1, 13), "12:00:00.001"),
        ("2026-03-29 00:59:59.999", date(2026, 3, 29), "00:59:59.999"),
        ("2026-03-29 01:00", date(2026, 3, 29), "02:00:00.000"),
        ("2026-06-30 23:00", date(2026, 7, 1), "00:00:00.000"),
        ("2026-10-25 00:59:59.999", date(2026, 10, 25), "01:59:59.999"),
        ("2026-10-25 01:00", date(2026, 10, 25), "01:00:00.000"),
        # Before the first change that is known, local time is UTC
        ("2024-07-01 12:00", date(2024, 7, 1), "12:00:00.000"),
    ],
)
def test_local_time_follows_the_rows_of_clock_changes(at: str, day: date, time: str) -> None:
    assert local(ENGLAND, utc(at)) == (day, time)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 1, 17), 0, date(2026, 1, 17)),
        (date(2026, 1, 16), 1, date(2026, 1, 19)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 4, 3), 5, date(2026, 4, 13)),
        (date(2026, 12, 24), 2, date(2026, 12, 30)),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: date, count: int, expected: date) -> None:
    assert working_day_after(ENGLAND, day, count) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-16 09:00", "2026-01-16 09:00"),
        ("2026-01-16 13:30", "2026-01-16 13:30"),
        ("2026-01-16 17:00", "2026-01-16 17:00"),
        # A day that the clock stood still is not made good by a night
        ("2026-01-16 03:00", "2026-01-16 17:00"),
        ("2026-01-15 20:00", "2026-01-16 17:00"),
        ("2026-01-16 20:00", "2026-01-19 17:00"),
        ("2026-01-17 20:00", "2026-01-19 17:00"),
        ("2026-04-03 08:00", "2026-04-07 16:00"),
    ],
)
def test_a_lengthened_window_ends_in_working_hours(at: str, expected: str) -> None:
    assert pushed_on(ENGLAND, utc(at)) == utc(expected)


# --- whose calendar ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "starts", "ends"),
    [
        (frozenset(), "09:00", "17:00"),
        (frozenset(WEEKDAYS), "09:00", "09:00"),
        (frozenset(WEEKDAYS), "22:00", "06:00"),
    ],
)
def test_a_calendar_without_working_time_is_not_made(
    days: frozenset[Day], starts: str, ends: str
) -> None:
    with pytest.raises(ValueError, match="needs a working day"):
        Calendar(days=days, holidays=frozenset(), starts=starts, ends=ends, changes=())


def test_a_party_has_its_own_nation_s_bank_holidays() -> None:
    calendar = party_calendar(known_party(nation=Nation.SCOTLAND), PARTNER)

    assert is_working_day(calendar, date(2026, 4, 6))
    assert not is_working_day(ENGLAND, date(2026, 4, 6))


def test_the_market_s_hours_stand_in_for_hours_over_midnight() -> None:
    state = known_party(working_hours=WorkingHours(starts="22:00", ends="06:00"))

    calendar = party_calendar(state, PARTNER)

    assert (calendar.starts, calendar.ends) == ("09:00", "17:00")


def test_the_market_s_week_stands_in_for_a_party_that_states_no_day() -> None:
    calendar = party_calendar(known_party(working_days=()), PARTNER)

    assert calendar.days == frozenset(WEEKDAYS)


def test_a_party_that_is_not_known_here_keeps_the_market_s_calendar() -> None:
    assert party_calendar(market(), "brightwork") == ENGLAND


def test_the_market_s_hours_are_those_of_the_policy() -> None:
    calendar = market_calendar(
        market(rules=replace(LAW, policy=Policy(day_starts="08:00", day_ends="16:30")))
    )

    assert (calendar.starts, calendar.ends) == ("08:00", "16:30")


def test_before_any_rules_time_is_utc_and_no_day_is_a_holiday() -> None:
    nothing = MarketState(code="zedford")

    assert market_calendar(nothing).changes == ()
    assert is_working_day(market_calendar(nothing), date(2026, 12, 25))
    assert local_day(nothing, utc("2026-06-30 23:30")) == "2026-06-30"


# --- laws -------------------------------------------------------------------------------

SPAN = (date(2026, 3, 16), date(2026, 11, 30))
QUARTERS = [f"{hour:02d}:{minute:02d}" for hour in range(6, 23) for minute in range(0, 60, 15)]


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    starts, ends = sorted(draw(st.sets(st.sampled_from(QUARTERS), min_size=2, max_size=2)))
    return Calendar(
        days=draw(st.frozensets(st.sampled_from(Day), min_size=1)),
        holidays=draw(st.frozensets(st.dates(*SPAN), max_size=40)),
        starts=starts,
        ends=ends,
        changes=draw(st.sampled_from([(), ENGLAND.changes])),
    )


@st.composite
def instants(draw: st.DrawFn) -> str:
    """
    Any millisecond from spring to autumn; often a minute sharp, or an hour about a change.
    """
    about = st.sampled_from(["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
    day = draw(about | st.dates(*SPAN).map(str))
    minutes = timedelta(minutes=draw(st.integers(0, 1439)))
    odd = timedelta(milliseconds=draw(st.just(0) | st.integers(-1, 59_999)))
    return later(f"{day}T00:00:00.000Z", minutes + odd)


counts = st.integers(0, 12)
apart = st.integers(15, 2_400)


@given(calendars(), instants(), counts)
def test_a_window_ends_later_than_it_starts_with_the_hours_of_a_working_day(
    calendar: Calendar, since: str, working_days: int
) -> None:
    ends = deadline(calendar, since, working_days)

    day, time = local(calendar, ends)
    assert ends > since
    assert is_working_day(calendar, day)
    assert time == f"{calendar.ends}:00.000"


@given(calendars(), st.lists(instants(), min_size=2, max_size=2), st.lists(counts, min_size=2))
def test_a_later_start_or_more_days_never_end_sooner(
    calendar: Calendar, since: list[str], working_days: list[int]
) -> None:
    (earlier, later_on), (fewer, more) = sorted(since), sorted(working_days)[:2]

    assert deadline(calendar, earlier, fewer) <= deadline(calendar, later_on, fewer)
    assert deadline(calendar, earlier, fewer) <= deadline(calendar, earlier, more)


@given(calendars(), instants(), apart)
def test_the_next_round_is_later_and_is_a_round(
    calendar: Calendar, after: str, minutes: int
) -> None:
    found = next_round(calendar, after, minutes)

    day, time = local(calendar, found)
    assert found > after
    assert first_round(calendar, found, minutes) == found
    assert is_working_day(calendar, day)
    assert calendar.starts <= time[:5] < calendar.ends


@given(calendars(), instants(), apart)
def test_no_round_lies_between_an_instant_and_the_next(
    calendar: Calendar, after: str, minutes: int
) -> None:
    found = next_round(calendar, after, minutes)
    just_before = later(found, timedelta(milliseconds=-1))

    assert next_round(calendar, max(after, just_before), minutes) == found


@given(st.dates(*SPAN), st.integers(0, 1439))
def test_a_local_time_read_back_is_the_same_but_where_a_change_skips_it(
    day: date, minute: int
) -> None:
    time = f"{minute // 60:02d}:{minute % 60:02d}"
    skipped = day == date(2026, 3, 29) and "01:00" <= time < "02:00"

    read = local(ENGLAND, instant_at(ENGLAND, day, time))

    assert read == (day, "02:00:00.000" if skipped else f"{time}:00.000")


@given(instants())
def test_an_instant_read_back_is_the_same_but_in_the_hour_that_comes_twice(at: str) -> None:
    at = at[:16] + ":00.000Z"
    day, time = local(ENGLAND, at)
    second = "2026-10-25T01:00:00.000Z" <= at < "2026-10-25T02:00:00.000Z"

    read = instant_at(ENGLAND, day, time[:5])

    assert read == (later(at, timedelta(hours=-1)) if second else at)


@given(calendars(), instants())
def test_pushing_on_is_done_once(calendar: Calendar, at: str) -> None:
    pushed = pushed_on(calendar, at)

    assert pushed >= opened_on(calendar, at) >= at
    assert f"{calendar.starts}:00.000" <= local(calendar, pushed)[1] <= f"{calendar.ends}:00.000"
    assert opened_on(calendar, pushed) == pushed
    assert is_working_day(calendar, local(calendar, pushed)[0])
    assert pushed_on(calendar, pushed) == pushed


@given(calendars(), st.dates(*SPAN))
def test_a_day_begins_at_its_midnight(calendar: Calendar, day: date) -> None:
    begins = midnight(calendar, day)

    assert local(calendar, begins) == (day, "00:00:00.000")
    assert local(calendar, later(begins, timedelta(milliseconds=-1)))[0] == day - timedelta(days=1)


# --- a slow walk, quarter by quarter ----------------------------------------------------


def walk(calendar: Calendar, after: str) -> Iterator[tuple[str, date, str]]:
    """
    Yield each quarter of an hour later than an instant, if it lies on a working day.
    """
    at = f"{after[:11]}00:00:00.000Z"
    while True:
        at = later(at, timedelta(minutes=15))
        day, time = local(calendar, at)
        named = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]
        if at > after and named in calendar.days and day not in calendar.holidays:
            yield at, day, time[:5]


def walked_deadline(calendar: Calendar, since: str, working_days: int) -> str:
    begun, _ = local(calendar, since)
    reached: list[date] = []
    for at, day, time in walk(calendar, since):
        if working_days and day == begun:
            continue
        if time == calendar.ends:
            reached.append(day)
            if len(reached) == max(working_days, 1):
                return at
    raise AssertionError


def walked_round(calendar: Calendar, after: str, minutes: int) -> str:
    minute = {time: int(time[:2]) * 60 + int(time[3:]) for time in QUARTERS}
    begins = minute[calendar.starts]
    for at, _, time in walk(calendar, after):
        if calendar.starts <= time < calendar.ends and (minute[time] - begins) % minutes == 0:
            return at
    raise AssertionError


@given(calendars(), instants(), st.integers(0, 4))
def test_deadlines_are_those_of_a_walk_along_the_clock(
    calendar: Calendar, since: str, working_days: int
) -> None:
    walked = walked_deadline(calendar, since, working_days)

    assert deadline(calendar, since, working_days) == walked


@given(calendars(), instants(), st.sampled_from([15, 30, 45, 240, 480, 2_400]))
def test_rounds_are_those_of_a_walk_along_the_clock(
    calendar: Calendar, after: str, minutes: int
) -> None:
    assert next_round(calendar, after, minutes) == walked_round(calendar, after, minutes)
