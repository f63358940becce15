"""
Where a scene plays, and what it comes to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from services.demo.exchange import Exchange
from services.demo.expectations import Expectation

F = TypeVar("F")


class House(Protocol):
    """
    The running installation, as far as the story tells of it.
    """

    @property
    def broker(self) -> str:
        """
        The broker's address.
        """

    @property
    def data(self) -> Path:
        """
        The data folder.
        """

    @property
    def logs(self) -> Path:
        """
        The folder of the workers' log files.
        """

    def pid_of(self, worker: str) -> int | None:
        """
        Return the process id of a worker, where it runs.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    What every scene is given.

    `began` is when the installation began to start, in seconds of `monotonic`; `started`
    when its broker answered, its topics were there and its workers were set off.
    """

    house: House
    exchange: Exchange
    monotonic: Callable[[], float]
    began: float
    started: float
    keep: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[F]):
    """
    What a scene computed, and whether what was expected of it holds.
    """

    figures: F
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene(Generic[F]):
    """
    One scene of the story, played.

    `figures` are missing where it could not be played to its end.
    """

    number: int
    title: str
    when: str
    seconds: float
    figures: F | None
    expectations: tuple[Expectation, ...]

    @property
    def held(self) -> bool:
        """
        Tell whether all that was expected holds.
        """
        return all(each.held for each in self.expectations)
