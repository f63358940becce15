"""
The story, played once for all acceptance tests, on an installation that stays up for them.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

# On Python 3.11 kafka-python loads its protocol by deprecated calls, once, at import.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401

from rich.console import Console

from services import clock
from services.commands.installation import Installation
from services.commands.kafka_access import Kafka
from services.demo.exchange import Exchange
from services.demo.performance import opened, perform
from services.demo.progress import Progress
from services.demo.story import Story
from tests.reliability.judging import faults_in_markets


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """
    The story as it came out, all that was said and heard in it, and where it still runs.
    """

    story: Story
    exchange: Exchange
    installation: Installation
    broker: str

    def figures(self, number: int) -> Any:
        """
        Return what a scene computed.
        """
        return next(scene.figures for scene in self.story.scenes if scene.number == number)

    def lacking(self, number: int) -> tuple[str, ...]:
        """
        Return what was expected of a scene and does not hold; a scene not played lacks itself.
        """
        scene = next((each for each in self.story.scenes if each.number == number), None)
        if scene is None:
            return (f"scene {number} was not played",)
        return tuple(f"{each.what}: {each.found}" for each in scene.expectations if not each.held)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """
    Play the story on a broker and workers of its own.
    """
    installation = Installation(data=tmp_path_factory.mktemp("story"), named_broker=None)
    progress = Progress(Console(force_terminal=False))
    began = clock.monotonic()
    with opened(installation, progress) as running:
        story, exchange = perform(
            running, began=began, keep=True, progress=progress, told=lambda _: None
        )
        yield Played(
            story=story, exchange=exchange, installation=installation, broker=running.broker
        )
        with Kafka(running.broker) as broker:
            assert faults_in_markets(broker) == {}
