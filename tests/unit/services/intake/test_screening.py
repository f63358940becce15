from datetime import date

import pytest

from schemas.envelope import Envelope, Message
from schemas.residents import ResidentRegistered
from services.intake.screening import age_problems, said_at
from tests.submissions import NOON, REHEARSAL, ZEDFORD


def said(time: str | None, *, born: date = date(1999, 5, 4)) -> Message:
    return Message(
        envelope=Envelope(
            id="s-1",
            source="/party/northfield",
            type="foothold.ResidentRegistered.v1",
            time=time,
        ),
        data=ResidentRegistered(reference="N-17", birth_date=born, outcode="ZZ1"),
    )


def codes(message: Message, *, at: str = NOON, simulated: bool = False) -> list[str]:
    market = REHEARSAL if simulated else ZEDFORD
    return [problem.code for problem in age_problems(message, appended_at=at, market=market)]


@pytest.mark.parametrize(
    ("born", "time", "refused"),
    [
        (date(2008, 1, 14), "2026-01-13T23:59:59Z", True),
        (date(2008, 1, 14), "2026-01-14T00:00:00Z", False),
        (date(2008, 1, 14), "2026-01-14T00:30:00+01:00", True),
        (date(2008, 2, 29), "2026-02-28T12:00:00Z", True),
        (date(2008, 2, 29), "2026-03-01T00:00:00Z", False),
        (date(2027, 1, 1), "2026-01-13T12:00:00Z", True),
    ],
)
def test_under_18s_are_refused_until_the_exact_day(born: date, time: str, refused: bool) -> None:
    assert codes(said(time, born=born), at="2026-03-02T00:00:00.000Z") == ["under_18"] * refused


def test_the_refusal_of_an_under_18_does_not_tell_the_birthday() -> None:
    (problem,) = age_problems(
        said("2026-01-13T11:00:00Z", born=date(2012, 3, 4)), appended_at=NOON, market=ZEDFORD
    )

    assert (problem.field, problem.lawful_value, problem.rule) == ("/data/birth_date", None, None)


def test_a_registration_without_a_time_is_refused() -> None:
    assert codes(said(None)) == ["time_missing"]


@pytest.mark.parametrize(
    ("time", "refused"),
    [
        ("2026-01-13T12:02:00Z", False),
        ("2026-01-13T12:02:00.001Z", True),
        ("2026-01-13T13:02:00+01:00", False),
        ("2025-01-13T12:00:00Z", False),
    ],
)
def test_a_time_over_two_minutes_ahead_is_refused(time: str, refused: bool) -> None:
    assert codes(said(time)) == ["time_ahead"] * refused


def test_a_simulated_market_has_a_time_of_its_own() -> None:
    assert codes(said("2031-01-13T12:00:00Z"), simulated=True) == []
    assert codes(said("2031-01-13T12:00:00Z", born=date(2014, 1, 1)), simulated=True) == [
        "under_18"
    ]


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-13",
        "2026-01-13T12:00:00",
        "2026-01-13 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-01-13T12:00:00+99:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "20260113T120000Z",
        "yesterday",
        "",
    ],
)
def test_a_time_that_is_no_rfc_3339_time_is_none(time: str) -> None:
    assert said_at(time) is None
