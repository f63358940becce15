"""
The story: its scenes in order, each played and judged.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from services.demo.expectations import Expectation, NotArrived
from services.demo.scenes import (
    broken,
    contract,
    matches,
    onward,
    postings,
    rounds,
    sides,
    start,
    why_not,
)
from services.demo.stage import Outcome, Scene, Stage

Play = Callable[[Stage], Outcome[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """
    One scene as it is announced, before it is played.
    """

    number: int
    title: str
    when: str
    play: Play


PROGRAMME = (
    Programme(number=1, title="Broker, topics and workers start", when="", play=start.play),
    Programme(number=2, title="A contract and its pledge", when="6 January", play=contract.play),
    Programme(number=3, title="Vacancies are posted", when="13 January", play=postings.play),
    Programme(number=4, title="Forty broken messages", when="13 January", play=broken.play),
    Programme(number=5, title="What needs you today", when="15 January", play=matches.play),
    Programme(number=6, title="Rounds", when="20 January", play=rounds.play),
    Programme(number=7, title="Seen from both sides", when="20 January", play=sides.play),
    Programme(number=8, title="Why not me?", when="27 January", play=why_not.play),
    Programme(number=15, title="How to go on", when="", play=onward.play),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """
    All scenes that were played.
    """

    scenes: tuple[Scene[Any], ...]

    @property
    def failed(self) -> tuple[tuple[Scene[Any], Expectation], ...]:
        """
        What was expected and does not hold, with its scene.
        """
        return tuple(
            (scene, each) for scene in self.scenes for each in scene.expectations if not each.held
        )

    @property
    def held(self) -> bool:
        """
        Tell whether every scene was played and all that was expected holds.
        """
        return len(self.scenes) == len(PROGRAMME) and not self.failed

    def plain(self) -> dict[str, Any]:
        """
        Return the story as plain values: all figures, all expectations.
        """
        return {
            "held": self.held,
            "seconds": round(sum(scene.seconds for scene in self.scenes), 1),
            "scenes": [asdict(scene) | {"held": scene.held} for scene in self.scenes],
        }


def play(stage: Stage, *, announce: Callable[[Programme], None]) -> Iterator[Scene[Any]]:
    """
    Play scene after scene; the first that cannot be played to its end is the last.

    Args:
        stage: where they play.
        announce: is told of each scene before it is played.
    """
    for programme in PROGRAMME:
        announce(programme)
        scene = played(programme, stage)
        yield scene
        if scene.figures is None:
            return


def played(programme: Programme, stage: Stage) -> Scene[Any]:
    """
    Play one scene. The first counts from when the installation began to start.
    """
    began = stage.began if programme.number == 1 else stage.monotonic()
    outcome = _outcome(programme, stage)
    return Scene(
        number=programme.number,
        title=programme.title,
        when=programme.when,
        seconds=round(stage.monotonic() - began, 1),
        figures=outcome.figures,
        expectations=outcome.expectations,
    )


def _outcome(programme: Programme, stage: Stage) -> Outcome[Any]:
    try:
        return programme.play(stage)
    except NotArrived as missing:
        lacking = Expectation(what="everything arrives in time", held=False, found=str(missing))
        return Outcome(figures=None, expectations=(lacking,))
