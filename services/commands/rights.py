"""
`foothold rights`: who may say what about whom.
"""

import json

import click
from rich.console import Console
from rich.table import Table

from matching.market.rights import RIGHTS, WORKER_RIGHTS


@click.command("rights", epilog="Example: foothold rights --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """
    Print the table of who may say which event about what.
    """
    if as_json:
        for right in RIGHTS:
            click.echo(
                json.dumps({"event": right.event, "role": right.role, "relation": right.relation})
            )
        return
    table = Table("event", "role", "about", title="What parties may say")
    for right in RIGHTS:
        table.add_row(right.event, right.role.value, right.relation.value)
    ours = Table("event", "worker", title="What our own workers say")
    for row in WORKER_RIGHTS:
        ours.add_row(row.event, row.worker)
    Console().print(table, ours)
