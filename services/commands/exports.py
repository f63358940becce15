"""
Exports of `foothold log export`, read back: every record, each linked to the one before.
"""

import json
from pathlib import Path
from typing import Any

import click

from schemas import log_record
from schemas.log_record import Genesis, LogRecord, NotALogRecord, first_previous


def read_export(export: Path) -> tuple[LogRecord, ...]:
    """
    Read a market's exported log, and check its chain from the first record to its head.

    Raises:
        click.ClickException: the file is no export.
        SystemExit: the chain breaks, which is told first.
    """
    try:
        return _records(export)
    except UnicodeDecodeError:
        raise click.ClickException(f"{export} is not text in UTF-8.") from None


def _records(export: Path) -> tuple[LogRecord, ...]:
    with export.open(encoding="utf-8") as lines:
        market, head = _named_first(export, next(lines, ""))
        found: list[LogRecord] = []
        digest = first_previous(market)
        for n, line in enumerate(lines, start=2):
            record = _record(export, n, line)
            if record.sequence != len(found) + 1 or record.previous != digest:
                click.echo(f"{export} line {n}: the chain breaks at sequence {record.sequence}")
                raise SystemExit(1)
            digest = record.digest
            found.append(record)
    if head != (found[-1].digest if found else None):
        click.echo(f"{export}: the head named in its first line is not the last record's digest")
        raise SystemExit(1)
    return tuple(found)


def _named_first(export: Path, line: str) -> tuple[str, str | None]:
    """
    Return the market that an export's first line names, and its head's digest.
    """
    try:
        first: Any = json.loads(line)
        if first["format"] == log_record.FORMAT:
            return str(first["market"]), first["head"]["digest"]
    except (ValueError, TypeError, LookupError, RecursionError):
        pass
    raise click.ClickException(
        f"{export} is not an export of a log: its first line should name format "
        f"{log_record.FORMAT}. `foothold log export MARKET` writes one."
    )


def _record(export: Path, n: int, line: str) -> LogRecord:
    try:
        record = log_record.read(line.encode())
    except NotALogRecord as error:
        raise click.ClickException(f"{export} line {n}: {error}") from error
    if isinstance(record, Genesis):
        raise click.ClickException(f"{export} line {n}: a genesis record has no place here")
    return record
