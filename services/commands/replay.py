"""
`foothold replay`: decide what was said again, and compare the events byte for byte.
"""

import json
from pathlib import Path
from typing import Any

import click

from schemas import codec, log_record
from schemas.log_record import Genesis, LogRecord, NotALogRecord, first_previous
from services.transport.replaying import Difference, replayed


@click.command("replay", epilog="Example: foothold replay teesside.jsonl")
@click.argument("export", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def command(export: Path, as_json: bool) -> None:
    """
    Check an exported log: its chain links, and each decision comes out the same again.

    Exit code 1 with the first difference.
    """
    try:
        records = _records(export)
        outcome = replayed(records)
    except UnicodeDecodeError:
        raise click.ClickException(f"{export} is not text in UTF-8.") from None
    except codec.UnknownEvent as unknown:
        raise click.ClickException(f"A newer release wrote this log: {unknown}") from unknown
    if as_json:
        told = {"records": len(records), "same": outcome.same, "quarantined": outcome.quarantined}
        click.echo(json.dumps(told | {"difference": str(outcome.difference or "")}))
    elif outcome.difference is None:
        taken = (
            f", {len(outcome.quarantined)} quarantined taken as given"
            if outcome.quarantined
            else ""
        )
        click.echo(f"{outcome.same} records decided again: every byte the same{taken}.")
    if isinstance(outcome.difference, Difference):
        if not as_json:
            click.echo(str(outcome.difference))
        raise SystemExit(1)


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
