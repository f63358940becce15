"""
`foothold replay`: decide what was said again, and compare the events byte for byte.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from services.commands.exports import read_export
from services.commands.log_reading import understood
from services.transport.replaying import Outcome, Quarantined, replayed
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
    difference, with its first byte and exit code 1. A record that the service set aside as a
    failure of its own is told in capitals: where the release that did so decides it after
    all, that is a difference.
    """
    records = read_export(export)
    with understood():
        outcome = replayed(records)
    if as_json:
        click.echo(json.dumps(_plain(outcome, records=len(records))))
    elif outcome.difference is None:
        decided = outcome.same - len(outcome.quarantined)
        click.echo(f"{decided} records decided again: every byte the same{_besides(outcome)}.")
        click.echo(f"Among them: {', '.join(_counts(outcome))}.")
    else:
        click.echo(str(outcome.difference))
        click.echo(f"The {outcome.same} records before it came out the same{_besides(outcome)}.")
    if not as_json:
        for each in outcome.quarantined:
            _show(each)
    raise SystemExit(0 if outcome.difference is None else 1)


def _plain(outcome: Outcome, *, records: int) -> dict[str, Any]:
    found = outcome.difference
    return {
        "records": records,
        "same": outcome.same,
        "quarantined": [asdict(each) for each in outcome.quarantined],
        "difference": str(found or ""),
        "sequence": found.sequence if found else None,
        "decided": dict(sorted(outcome.decided.items())),
    }


def _besides(outcome: Outcome) -> str:
    count = len(outcome.quarantined)
    return f", beside {counted(count, 'record')} that the service set aside" if count else ""


def _show(found: Quarantined) -> None:
    """
    Say loudly what was set aside, and whether there is a reason for it.
    """
    here = (
        "This release fails on it too."
        if found.decides is None
        else f"This release decides it: {', '.join(found.decides) or 'it leaves no record'}. Let "
        f"release {found.release} replay this log: if it does not fail there, it was suppressed."
    )
    text = f"record {found.sequence} was set aside as a failure by release {found.release}. {here}"
    Console().print(Text.assemble(("NOT DECIDED: ", "bold red"), text), soft_wrap=True)


def _counts(outcome: Outcome) -> Iterator[str]:
    """
    Count what an outsider asks for first: rounds, proposals and refusals.
    """
    for name, thing in COUNTED:
        yield counted(outcome.decided[name], thing)
