"""
`foothold codes`: every refusal code with its meaning, and every exit code.
"""

import click

from services.transport.exit_codes import EXIT_CODES
from services.wording.refusals import codes_page


@click.command("codes", epilog="Example: foothold codes --exits")
@click.option("--exits", is_flag=True, help="The exit codes of commands and workers instead.")
def command(exits: bool) -> None:
    """
    Print every refusal code, what it means and how to mend it.
    """
    if not exits:
        click.echo(codes_page())
        return
    for code in EXIT_CODES:
        click.echo(f"{code.number:4}  {code.name}: {code.meaning}")
