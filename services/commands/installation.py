"""
One installation: its data folder, its broker's address, and how commands find both.

`foothold up` writes the address of the broker that it brings into the data folder, so
that every other command on the same machine finds it without being told.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from services.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """
    Where an installation keeps what, and the broker it was told of.
    """

    data: Path
    named_broker: str | None

    @property
    def kafka(self) -> Path:
        """
        The folder of the broker that the product brings.
        """
        return self.data / "kafka"

    @property
    def logs(self) -> Path:
        """
        The folder of the workers' log files.
        """
        return self.data / "logs"

    @property
    def running(self) -> Path:
        """
        The file that names the broker of a running `foothold up`.
        """
        return self.data / "running.json"

    def broker(self) -> str:
        """
        Return the broker's address: the one named, or that of a running `foothold up`.

        Raises:
            click.UsageError: no broker is named and none of ours runs.
        """
        if self.named_broker:
            return self.named_broker
        try:
            return str(json.loads(self.running.read_text())["broker"])
        except (OSError, ValueError, KeyError):
            raise click.UsageError(
                "No broker is known. Start Foothold with `foothold up`, or name a broker with "
                "--broker HOST:PORT or FOOTHOLD_BROKER."
            ) from None


def find_installation(*, broker: str | None, data: Path | None) -> Installation:
    """
    Return the installation that options and environment name.

    Raises:
        click.UsageError: the environment cannot be used.
    """
    try:
        settings = Settings.read()
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return Installation(
        data=(data or settings.data).expanduser().absolute(),
        named_broker=broker or settings.broker,
    )


def installation_options(command: F) -> F:
    """
    Add `--broker` and `--data`, and pass the installation that they name.
    """

    @click.option("--broker", metavar="HOST:PORT", help="A Kafka broker; default: our own.")
    @click.option(
        "--data",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        help="The installation's folder; default: FOOTHOLD_DATA or the user's data folder.",
    )
    @functools.wraps(command)
    def wrapped(broker: str | None, data: Path | None, **given: Any) -> Any:
        return command(installation=find_installation(broker=broker, data=data), **given)

    return cast(F, wrapped)
