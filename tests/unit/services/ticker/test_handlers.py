"""
When time is told, and when it waits for what parties have said.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schemas.vocabulary import Clock, instant
from services.ticker.handlers import due_ticks, must_wait
from tests.builders import opened

TEN_PAST = datetime(2026, 1, 13, 12, 13, 40, tzinfo=UTC)


def told(**said: str) -> list[tuple[str, str]]:
    markets = (
        opened("zedford", clock=Clock.REAL),
        replace(opened("harbour", clock=Clock.REAL), tick_minutes=15),
        opened("playtown", clock=Clock.SIMULATED),
    )
    return [(tick.market, tick.at) for tick in due_ticks(markets, said=said, now=TEN_PAST)]


def test_each_real_market_is_ticked_at_whole_multiples_of_its_minutes() -> None:
    assert told() == [
        ("harbour", "2026-01-13T12:00:00.000Z"),
        ("zedford", "2026-01-13T12:10:00.000Z"),
    ]


def test_a_tick_is_said_once() -> None:
    assert told(zedford="2026-01-13T12:10:00.000Z", harbour="2026-01-13T12:00:00.000Z") == []
    assert told(zedford="2026-01-13T12:05:00.000Z") != []


def test_time_waits_while_a_submission_has_waited_over_two_minutes() -> None:
    fresh, old = TEN_PAST - timedelta(minutes=2), TEN_PAST - timedelta(minutes=2, seconds=1)

    assert not must_wait(None, now=TEN_PAST)
    assert not must_wait(instant(fresh), now=TEN_PAST)
    assert must_wait(instant(old), now=TEN_PAST)
