"""
`foothold up`: a whole installation in one process tree.
"""

import signal
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from schemas.vocabulary import Nation
from services import clock
from services.broker import BrokerError
from services.commands.init import operator_party
from services.commands.installation import Installation, installation_options
from services.commands.running import NothingRegistered, Running

EPILOG = """\b
Examples:
  foothold up --operator teesside-foothold
  foothold up --broker kafka.example:9092
\b
Exit codes: 0 stopped as asked, 1 a worker ended too often or the broker failed, 2 wrong use.
"""


@click.command("up", epilog=EPILOG)
@click.option("--operator", metavar="SLUG", help="On an empty register: who the operator is.")
@click.option("--mailbox", default="operator@example.org", help="The operator's role mailbox.")
@click.option("--telephone", default="020 7946 0000", help="The operator's role telephone.")
@installation_options
def command(installation: Installation, operator: str | None, mailbox: str, telephone: str) -> None:
    """
    Start broker, topics and all workers, and look after them until Ctrl-C or SIGTERM.

    Without --broker it brings its own one-node Apache Kafka, which keeps everything in
    the data folder over a restart.
    """
    console = Console(stderr=True)
    party = operator and operator_party(
        operator, name=None, nation=Nation.ENGLAND, mailbox=mailbox, telephone=telephone
    )
    running = Running(installation, operator=party or None, on_progress=console.print)
    _stop_on_signals()
    began = clock.monotonic()
    try:
        with running:
            with console.status("waiting for the workers to read"):
                while not running.are_workers_there() and not running.wait(seconds=0.5):
                    pass
            if running.failure is None:
                _tell(console, running, seconds=clock.monotonic() - began)
            while not running.wait(seconds=1.0):
                pass
    except NothingRegistered:
        raise click.UsageError(
            "The register is empty. Say who operates this installation: "
            "`foothold up --operator SLUG` (or `foothold init --operator SLUG` on a named broker)."
        ) from None
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        console.print("stopped")
        return
    raise click.ClickException(running.failure or "stopped unexpectedly")


def _tell(console: Console, running: Running, *, seconds: float) -> None:
    data: Path = running.installation.data
    console.print(
        f"running after {seconds:.1f} s: broker {running.broker}, data {data}, logs "
        f"{running.installation.logs}. `foothold status` shows more; Ctrl-C stops."
    )


def _stop_on_signals() -> None:
    def stop(*_: Any) -> None:
        # Once: a second Ctrl-C must not cut short how the workers are stopped.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
