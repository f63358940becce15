"""
`foothold waiting`: what waits, on whom, for how long, and how it ends by itself.
"""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from matching.market.waiting import WAITING
from services.wording.waiting import COLUMNS, rows


@click.command("waiting", epilog="Example: foothold waiting --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """
    Print what may wait, on whom, for how long, and what becomes of it if nobody acts.

    What waits on one party now is shown by `foothold today`.
    """
    if as_json:
        for waiting in WAITING:
            click.echo(json.dumps(asdict(waiting)))
        return
    waits, *others = COLUMNS
    table = Table(waits, "how", title="What waits, and on whom", show_lines=True)
    for row in rows():
        # Beside one another the events' names would be cut short on a narrow screen.
        first, *cells = row.cells
        told = (f"{name}: {cell}" for name, cell in zip(others, cells, strict=True))
        # Square brackets would be read as markup.
        table.add_row(escape(first), escape("\n".join(told)))
    Console().print(table)
