"""
`foothold codes`: every refusal code with its meaning, and every exit code.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from services.transport.exit_codes import EXIT_CODES
from services.wording.codes import REFUSALS
from services.wording.refusals import codes_page


@click.command("codes", epilog="Example: foothold codes --exits")
@click.option("--exits", is_flag=True, help="The exit codes of commands and workers instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(exits: bool, as_json: bool) -> None:
    """
    Print every refusal code, what it means and how to mend it.
    """
    if as_json:
        for told in _exits() if exits else _refusals():
            click.echo(json.dumps(told))
    elif exits:
        for code in EXIT_CODES:
            click.echo(f"{code.number:4}  {code.name}: {code.meaning}")
    else:
        click.echo(codes_page())


def _exits() -> Iterator[dict[str, Any]]:
    yield from (asdict(code) for code in EXIT_CODES)


def _refusals() -> Iterator[dict[str, Any]]:
    for code, wording in sorted(REFUSALS.items()):
        yield {"code": code, "why": wording.why, "mend": wording.mend}
