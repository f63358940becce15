"""
`foothold replay`: decide what was said again, and compare the events byte for byte.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from schemas import codec
from services.commands.exports import read_export
from services.transport.replaying import Outcome, replayed
from services.wording.figures import counted

COUNTED = (("RoundClosed", "round"), ("SlotProposed", "proposal"), ("SubmissionRefused", "refusal"))


EPILOG = """\b
Examples:
  foothold log export teesside --out teesside.jsonl
  foothold replay teesside.jsonl
\b
Exit codes: 0 every byte the same, 1 something differs, 2 wrong use.
"""


@click.command("replay", epilog=EPILOG)
@click.argument("export", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def command(export: Path, as_json: bool) -> None:
    """
    Check an exported log: its chain links, and each decision comes out the same again.

    Every acceptance and refusal, every round with its decisions and every proposal is decided
    again from what was said. Needs no broker and no installation. Ends at the first
    difference, with its first byte and exit code 1.
    """
    records = read_export(export)
    try:
        outcome = replayed(records)
    except codec.UnknownEvent as unknown:
        raise click.ClickException(f"A newer release wrote this log: {unknown}") from unknown
    if as_json:
        click.echo(json.dumps(_plain(outcome, records=len(records))))
    elif outcome.difference is None:
        click.echo(f"{outcome.same} records decided again: every byte the same{_given(outcome)}.")
        click.echo(f"Among them: {', '.join(_counts(outcome))}.")
    else:
        click.echo(str(outcome.difference))
        click.echo(f"The {outcome.same} records before it came out the same.")
    raise SystemExit(0 if outcome.difference is None else 1)


def _plain(outcome: Outcome, *, records: int) -> dict[str, Any]:
    found = outcome.difference
    return {
        "records": records,
        "same": outcome.same,
        "quarantined": outcome.quarantined,
        "difference": str(found or ""),
        "sequence": found.sequence if found else None,
        "decided": dict(sorted(outcome.decided.items())),
    }


def _given(outcome: Outcome) -> str:
    return f", {len(outcome.quarantined)} quarantined taken as given" if outcome.quarantined else ""


def _counts(outcome: Outcome) -> Iterator[str]:
    """
    Count what an outsider asks for first: rounds, proposals and refusals.
    """
    for name, thing in COUNTED:
        yield counted(outcome.decided[name], thing)
