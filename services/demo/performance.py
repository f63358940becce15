"""
One performance of the story on a running installation, told while it is played.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services import clock
from services.commands.init import party_of
from services.commands.installation import Installation
from services.commands.kafka_access import Kafka
from services.commands.running import Running
from services.demo import cast
from services.demo.exchange import Exchange
from services.demo.progress import Progress
from services.demo.stage import Scene, Stage
from services.demo.story import Story, play


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHouse:
    """
    What the story tells of a running installation.
    """

    running: Running

    @property
    def broker(self) -> str:
        """
        The broker's address.
        """
        return self.running.broker

    @property
    def data(self) -> Path:
        """
        The data folder.
        """
        return self.running.installation.data

    @property
    def logs(self) -> Path:
        """
        The folder of the workers' log files.
        """
        return self.running.installation.logs

    def pid_of(self, worker: str) -> int | None:
        """
        Return the process id of a worker, where it runs.
        """
        return self.running.pid_of(worker)


def opened(installation: Installation, progress: Progress) -> Running:
    """
    Return an installation whose operator is the story's, ready to be started.
    """
    return Running(installation, operator=party_of(cast.operator()), on_progress=progress.note)


def perform(
    running: Running,
    *,
    began: float,
    keep: bool,
    progress: Progress,
    told: Callable[[Scene[Any]], None],
) -> tuple[Story, Exchange]:
    """
    Play the whole story on an installation that was just started.

    Args:
        running: the installation.
        began: when it began to start, in seconds of the monotonic clock.
        keep: whether it will be left running.
        progress: where what is under way is shown.
        told: is given each scene once it was played.

    Returns:
        The story, and what was said and heard in it.
    """
    started = clock.monotonic()
    with (
        Kafka(running.broker) as kafka,
        Exchange(
            kafka,
            monotonic=clock.monotonic,
            failure=lambda: running.failure,
            report=progress.counted,
        ) as exchange,
    ):
        stage = Stage(
            house=RunningHouse(running=running),
            exchange=exchange,
            monotonic=clock.monotonic,
            began=began,
            started=started,
            keep=keep,
        )
        scenes = []
        for scene in play(stage, announce=lambda each: progress.note(each.title)):
            scenes.append(scene)
            told(scene)
        return Story(scenes=tuple(scenes)), exchange
