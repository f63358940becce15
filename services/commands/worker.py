"""
`foothold worker NAME`: one worker process, as in production.
"""

import click

from services import logs
from services.commands.installation import Installation, installation_options
from services.settings import Settings
from services.topology import WORKER_NAMES


@click.command("worker", epilog="Example: foothold worker matcher --broker localhost:9092")
@click.argument("name", type=click.Choice(WORKER_NAMES))
@installation_options
def command(installation: Installation, name: str) -> None:
    """
    Run one worker until it is stopped; anything unexpected ends it with a code of its own.
    """
    settings = Settings.read()
    logs.configure_logs(settings.log_level, worker=name)
    # Imported here: Faust and the stores are heavy, and `--help` needs neither.
    from services.commands.wiring import run

    run(name, installation, settings)
