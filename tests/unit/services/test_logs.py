"""A log line holds ids and codes, and nothing that somebody said about a person."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.logs import LEVELS, configure_logs, withhold_unlisted

PROFILE = "Amal kept the stockroom of her aunt's shop and would like to learn joinery"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logs("info", worker="matcher", stream=stream)
    yield stream
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_one_object_with_time_level_and_worker(log: io.StringIO) -> None:
    structlog.get_logger().info("record applied", market="tyne", sequence=7)

    (line,) = lines(log)
    assert line["at"].endswith("Z")
    assert len(line.pop("at")) == len("2026-01-31T09:00:00.000Z")
    assert line == {
        "event": "record applied",
        "level": "info",
        "market": "tyne",
        "sequence": 7,
        "worker": "matcher",
    }


def test_a_field_that_nobody_listed_is_withheld_by_name(log: io.StringIO) -> None:
    structlog.get_logger().warning("fit computed", resident_id="tyne-r-a", summary=PROFILE)

    (line,) = lines(log)
    assert line["withheld"] == ["summary"]
    assert PROFILE not in log.getvalue()


def test_text_longer_than_any_id_is_withheld_from_a_listed_field(log: io.StringIO) -> None:
    structlog.get_logger().info("fit computed", code=PROFILE * 4)

    assert lines(log)[0]["withheld"] == ["code"]
    assert "Amal" not in log.getvalue()


def test_an_event_cannot_smuggle_a_mapping_of_text(log: io.StringIO) -> None:
    structlog.get_logger().info("fits", counts={"tyne": 3}, codes=("met", "unknown"))
    structlog.get_logger().info("fits", counts={"note": PROFILE})

    listed, smuggled = lines(log)
    assert listed["counts"] == {"tyne": 3}
    assert listed["codes"] == ["met", "unknown"]
    assert smuggled["withheld"] == ["counts"]


def test_an_error_is_told_by_class_and_place_and_not_by_its_message(log: io.StringIO) -> None:
    try:
        raise ValueError(PROFILE)
    except ValueError:
        structlog.get_logger().exception("record quarantined", offset=3)

    (line,) = lines(log)
    assert line["error"] == "ValueError"
    assert line["error_at"].startswith(__name__)
    assert "Amal" not in log.getvalue()


def test_a_librarys_line_keeps_its_template_and_loses_its_arguments(log: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").warning("Dropped record %s", PROFILE)

    (line,) = lines(log)
    assert line["event"] == "Dropped record %s"
    assert line["logger"] == "aiokafka.consumer"
    assert "Amal" not in log.getvalue()


def test_a_librarys_line_without_arguments_is_told_by_its_place(log: io.StringIO) -> None:
    logging.getLogger("mode").error(f"Crashed on {PROFILE}")

    (line,) = lines(log)
    assert line["event"] == "a library wrote a line"
    assert line["at_line"].startswith("test_logs:")
    assert "Amal" not in log.getvalue()


def test_what_is_bound_to_a_context_stands_on_each_of_its_lines(log: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="tyne-7-0"):
        structlog.get_logger().info("record applied")

    assert lines(log)[0]["correlation_id"] == "tyne-7-0"


def test_lines_below_the_level_are_not_written(log: io.StringIO) -> None:
    structlog.get_logger().debug("woken")

    assert lines(log) == []


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError, match="chatty"):
        configure_logs("chatty", worker="matcher")


def test_levels_are_those_that_settings_take() -> None:
    assert tuple(LEVELS) == ("debug", "info", "warning", "error")


def test_a_worker_may_list_further_fields() -> None:
    line = withhold_unlisted({"event": "swept", "rung": 2}, permitted=frozenset({"event", "rung"}))

    assert line == {"event": "swept", "rung": 2}
