"""The clock, which everything else is given."""

from datetime import UTC
from uuid import UUID

from services import clock


def test_the_time_is_utc_in_whole_milliseconds() -> None:
    instant = clock.now()

    assert instant.tzinfo is UTC
    assert instant.microsecond % 1000 == 0


def test_what_is_measured_never_goes_back() -> None:
    first, second = clock.monotonic(), clock.monotonic()

    assert first <= second


def test_as_many_bytes_come_as_are_asked_for() -> None:
    assert len(clock.random_bytes(32)) == 32


def test_two_ids_differ_and_are_random_uuids() -> None:
    first, second = clock.new_id(), clock.new_id()

    assert first != second
    assert UUID(first).version == 4
