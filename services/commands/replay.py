"""
`foothold replay`: decide what was said again, and compare the events byte for byte.
"""

import json
from pathlib import Path

import click

from schemas import codec
from services.commands.exports import read_export
from services.transport.replaying import Difference, replayed


@click.command("replay", epilog="Example: foothold replay teesside.jsonl")
@click.argument("export", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def command(export: Path, as_json: bool) -> None:
    """
    Check an exported log: its chain links, and each decision comes out the same again.

    Exit code 1 with the first difference.
    """
    records = read_export(export)
    try:
        outcome = replayed(records)
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
