"""
Exit codes: each is documented, and each error of the transport has one.
"""

import re

import pytest

from schemas import codec
from services.transport import exit_codes
from services.transport.exit_codes import EXIT_CODES, RESTART_AT_ONCE, ExitCode
from services.transport.ports import AppendFailed, BrokerLost, OffsetGone, TopicMissing
from services.transport.records import UnknownFormat
from services.transport.worker import code_of


def test_every_exit_code_is_listed_once_with_a_meaning() -> None:
    named = [each for each in vars(exit_codes).values() if isinstance(each, ExitCode)]

    assert sorted(named, key=lambda code: code.number) == list(EXIT_CODES)
    assert len({code.number for code in EXIT_CODES}) == len(EXIT_CODES)
    assert all(re.fullmatch(r"[a-z_]+", code.name) and code.meaning for code in EXIT_CODES)


def test_no_exit_code_looks_like_a_signal_or_a_shells_own() -> None:
    assert all(code.number < 126 for code in EXIT_CODES)


def test_only_what_a_new_start_mends_is_restarted_at_once() -> None:
    at_once = {code.name for code in EXIT_CODES if code.number in RESTART_AT_ONCE}

    assert at_once == {"race_lost", "topic_recreated", "inboxes_changed", "overtaken"}


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (codec.UnknownEvent(), "unknown_event"),
        (UnknownFormat(), "unknown_event"),
        (AppendFailed(), "append_failed"),
        (BrokerLost(), "broker_lost"),
        (TopicMissing(), "topic_missing"),
        (OffsetGone(), "topic_recreated"),
        (ZeroDivisionError(), "unexpected"),
    ],
)
def test_each_error_ends_the_process_with_its_own_code(error: Exception, name: str) -> None:
    assert code_of(error).name == name
