"""
`foothold demo`: the story, through the real inboxes, workers and queues.
"""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import click
import platformdirs
from rich.console import Console

from services import clock
from services.broker import BrokerError
from services.commands.init import register_is_empty
from services.commands.installation import Installation
from services.commands.kafka_access import Kafka
from services.commands.running import Running
from services.demo.pages.matches import Reader
from services.demo.pages.telling import conclude, reader_of, tell
from services.demo.performance import opened, perform
from services.demo.progress import Progress
from services.demo.stage import Scene
from services.demo.story import Story
from services.topology import MARKET_INBOX

PAUSE_SECONDS = 10.0

EPILOG = """\b
Examples:
  foothold demo
  foothold demo --keep
  foothold demo --fast --json > story.json
\b
Exit codes: 0 everything that was expected arrived, 1 something did not, 2 wrong use.
"""


@click.command("demo", epilog=EPILOG)
@click.option("--keep", is_flag=True, help="Leave everything running at the end, until Ctrl-C.")
@click.option("--fast", is_flag=True, help="Without pauses for reading.")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object.")
@click.option("--broker", metavar="HOST:PORT", help="An empty Kafka broker; default: our own.")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder for the installation, which stays; default: a temporary one.",
)
def command(
    *, keep: bool, fast: bool, as_json: bool, broker: str | None, data: Path | None
) -> None:
    """
    Play the beginning of a year in an invented borough, and check that all of it arrives.

    Everything goes through the real inboxes, workers and queues of an installation of its
    own. Variables that name a broker, a database or a data folder are not heeded.
    """
    # A demo must never write into what the environment names for real work.
    os.environ.pop("FOOTHOLD_DATABASE", None)
    if broker is not None:
        _must_be_empty(broker)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    folder = _folder(data, keep=keep)
    installation = Installation(data=folder, named_broker=broker)
    forget = not keep and data is None
    try:
        held = Demo(installation, keep=keep, fast=fast, as_json=as_json).play()
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        _remove(folder, forget)
        raise click.Abort from None
    # What did not hold is left as it is: its logs tell why.
    _remove(folder, forget and held)
    raise SystemExit(0 if held else 1)


class Demo:
    """
    One call of the command.
    """

    def __init__(
        self, installation: Installation, *, keep: bool, fast: bool, as_json: bool
    ) -> None:
        self.installation, self.keep, self.as_json = installation, keep, as_json
        self.out, self.progress = Console(), Progress(Console(stderr=True))
        self.pauses = self.out.is_terminal and not fast and not as_json

    def play(self) -> bool:
        """
        Start everything, play, tell, and stop everything; return whether the story held.
        """
        reader = reader_of(f" --data {self.installation.data}" if self.keep else "")
        began = clock.monotonic()
        with self.progress, opened(self.installation, self.progress) as running:
            story, _ = perform(
                running,
                began=began,
                keep=self.keep,
                progress=self.progress,
                told=lambda scene: self._tell(scene, reader, running),
            )
            with self.progress.hidden():
                self._conclude(story)
            if self.keep:
                self._stay(running)
        return story.held

    def _tell(self, scene: Scene[Any], reader: Reader, running: Running) -> None:
        if self.as_json:
            return
        with self.progress.hidden():
            tell(self.out, scene, reader)
            if self.pauses and scene.figures is not None and scene.number != 15:
                running.wait(seconds=PAUSE_SECONDS)

    def _conclude(self, story: Story) -> None:
        if self.as_json:
            self.out.out(json.dumps(story.plain(), default=str), highlight=False)
        else:
            conclude(self.out, story, logs=str(self.installation.logs))

    def _stay(self, running: Running) -> None:
        self.progress.note(
            f"running on; broker {running.broker}, data {self.installation.data}. Ctrl-C stops."
        )
        try:
            while not running.wait(seconds=1.0):
                pass
        except KeyboardInterrupt:
            again = f"`foothold up --data {self.installation.data}` starts it again"
            self.progress.note(f"stopping; {again}")
            return
        raise click.ClickException(running.failure or "stopped unexpectedly")


def _folder(data: Path | None, *, keep: bool) -> Path:
    if data is not None:
        folder = data.expanduser().absolute()
        if folder.exists() and any(folder.iterdir()):
            raise click.UsageError(
                f"{folder} is not empty, and the story begins on an empty register. Name a new "
                "folder."
            )
        return folder
    if not keep:
        return Path(tempfile.mkdtemp(prefix="foothold-demo-"))
    homes = _numbered(platformdirs.user_data_path("foothold"))
    return next(each for each in homes if not each.exists())


def _numbered(home: Path) -> Iterator[Path]:
    yield home / "demo"
    yield from (home / f"demo-{number}" for number in count(2))


def _remove(folder: Path, forget: bool) -> None:
    if forget:
        shutil.rmtree(folder, ignore_errors=True)


def _must_be_empty(broker: str) -> None:
    with Kafka(broker) as kafka:
        if MARKET_INBOX in kafka.topic_ids() and not register_is_empty(kafka):
            raise click.UsageError(
                f"The register at {broker} is in use, and the story begins on an empty one. Leave "
                "--broker out: the demo brings a broker of its own."
            )


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
