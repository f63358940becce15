"""
The log of a process: one JSON object a line on standard error, with ids and no people.

A line may hold only the fields in `FIELDS`, each of them an id, a code, a position, a
count or a time. Anything else is left out and its name is given under `withheld`, so
that a profile, a name or a note cannot reach a log by accident. The event itself is a
constant sentence of the program; whatever varies belongs in a field.
"""

import logging
import sys
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services import clock

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

_OF_THE_LINE = frozenset({"at", "level", "event", "worker"})

FIELDS: Final = _OF_THE_LINE | {
    # Where in the flow
    "topic", "topic_id", "partition", "offset", "position", "sequence", "source", "market",
    "group", "generation", "command", "port", "broker", "pid", "path",
    # Which thing, by an id that we minted or a code of the vocabulary
    "event_id", "event_type", "submission_id", "correlation_id", "party", "resident_id",
    "opportunity_id", "contract_id", "pledge_id", "position_id", "offer_id", "round_id",
    "rules_version", "state_version", "snapshot", "model", "digest", "code", "codes", "field",
    "release", "status",
    # How much and how long
    "attempt", "bytes", "count", "counts", "lag", "limit", "milliseconds", "seconds", "exit_code",
    # What failed: the class and the place of an error, never its message
    "error", "error_at", "logger", "at_line", "withheld",
}  # fmt: skip

_SCALARS = (str, int, float, bool, datetime, type(None))
_LONGEST_TEXT = 200


def configure_logs(
    level: str = "info", *, worker: str, allow: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """
    Set the log up for this process; libraries' own lines come out in the same shape.

    Args:
        level: the least severe line that is written, a key of `LEVELS`.
        worker: who writes, set on every line.
        allow: names of further fields that hold no text about a person.
        stream: where lines go; standard error if left out.

    Raises:
        KeyError: the level is unknown.
    """
    severity, output = LEVELS[level], stream or sys.stderr
    permitted = FIELDS | set(allow)
    structlog.configure(
        processors=_chain(worker=worker, permitted=permitted),
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=structlog.PrintLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Relay()], level=max(severity, logging.WARNING), force=True)


def _chain(*, worker: str, permitted: frozenset[str]) -> list[Processor]:
    def name_worker(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {"worker": worker, **line}

    def withhold(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return withhold_unlisted(line, permitted=permitted)

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _say_when,
        name_worker,
        _name_error,
        withhold,
        structlog.processors.JSONRenderer(sort_keys=True),
    ]


def withhold_unlisted(line: EventDict, *, permitted: frozenset[str] = FIELDS) -> EventDict:
    """
    Leave out of a line every field that is not permitted, and say which.

    A permitted field is left out too where its value is no scalar, tuple of scalars or
    count by name, or is a text longer than any id or code.

    Args:
        line: what is to be written, field by field.
        permitted: names of the fields that may stand.

    Returns:
        A new line, with the names of what was left out, sorted, under `withheld`.

    >>> withhold_unlisted({"event": "record applied", "offset": 7, "summary": "A person's words"})
    {'event': 'record applied', 'offset': 7, 'withheld': ['summary']}
    """
    kept = {name: value for name, value in line.items() if name in permitted and _is_plain(value)}
    missing = sorted(line.keys() - kept.keys())
    return {**kept, "withheld": missing} if missing else kept


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    if isinstance(value, dict):
        return all(isinstance(name, str) and isinstance(n, int) for name, n in value.items())
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, _SCALARS) and _is_plain(item) for item in value)
    return isinstance(value, _SCALARS)


def _say_when(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**line, "at": at}


def _name_error(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """An error's message may quote what it choked on: only its class and place are kept."""
    given = line.pop("exc_info", None)
    error = sys.exception() if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if not isinstance(error, BaseException):
        return line
    return {**line, "error": type(error).__qualname__, "error_at": _place(error.__traceback__)}


def _place(trace: TracebackType | None) -> str:
    if trace is None:
        return "unknown"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"


class _Relay(logging.Handler):
    """
    Gives a library's line to structlog by its template and place, without its arguments.

    A template such as `Heartbeat failed for group %s` tells an operator what happened;
    its arguments could be a record's bytes. A line without arguments may have been put
    together before it came here, so only its place is told.
    """

    def emit(self, record: logging.LogRecord) -> None:
        level = logging.getLevelName(record.levelno).lower()
        structlog.get_logger().log(
            LEVELS.get(level, logging.ERROR),
            str(record.msg)[:_LONGEST_TEXT] if record.args else "a library wrote a line",
            logger=record.name,
            at_line=f"{record.module}:{record.lineno}",
            exc_info=record.exc_info,
        )
