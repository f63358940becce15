"""
What the fold's shell needs of the core, and what it keeps of each market beside the state.
"""

from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from matching.market.record import Happened, Said
from schemas.log_record import Cause
from schemas.markets import MarketOpened
from schemas.rules import RulesAdopted

MOST_QUARANTINED: Final = 3


class State(Protocol):
    """
    What the shell reads of a market's state; only the fold changes it.
    """

    @property
    def sequence(self) -> int:
        """
        The number of the market's last record.
        """

    @property
    def digest(self) -> str:
        """
        The digest of the market's last record.
        """

    @property
    def now(self) -> str:
        """
        Log time: the largest tick's.
        """

    @property
    def rules(self) -> RulesAdopted | None:
        """
        The rules that hold, if any were adopted.
        """


S = TypeVar("S", bound=State)


class Fold(Protocol[S]):
    """
    The core, as `matching.market.fold` is: deterministic, and raising only on a bug.
    """

    def empty(self, code: str) -> S:
        """
        Return the state of a market before its first record.
        """

    def decide(self, state: S, said: Said) -> tuple[Happened, ...] | None:
        """
        Decide what was said and evolve by it; nothing where it leaves no record.
        """

    def quarantine(self, state: S, said: Said) -> tuple[Happened, ...]:
        """
        Refuse a record on which `decide` raised.
        """

    def open_market(self, state: S, opened: MarketOpened) -> tuple[Happened, ...]:
        """
        Write a market's first event.
        """

    def evolve(
        self, state: S, cause: Cause, told: dict[str, Any], events: tuple[Happened, ...]
    ) -> None:
        """
        Evolve by one record of the log.
        """

    def link(self, state: S, *, sequence: int, digest: str) -> None:
        """
        Close a record.
        """


@dataclass(slots=True, kw_only=True)
class Market(Generic[S]):
    """
    One market in memory, and what of its inbox has been decided.

    `written` is where its last log record stands; `quarantined` counts its last records
    that this release refused as internal; a `broken` one cannot be built from the log.
    """

    code: str
    state: S
    inbox_next: int = 0
    written: int = -1
    quarantined: int = 0
    broken: bool = False

    @property
    def held(self) -> bool:
        """
        Whether nothing is decided for this market until another release runs.
        """
        return self.broken or self.quarantined >= MOST_QUARANTINED


@dataclass(slots=True, kw_only=True)
class Counts:
    """
    What became of every inbox record that this process took up.
    """

    logged: int = 0
    repeats: int = 0
    idle_ticks: int = 0
    strays: int = 0
    held: int = 0

    @property
    def said(self) -> int:
        """
        All that was said; each is counted under one outcome.
        """
        return self.logged + self.repeats + self.idle_ticks + self.strays + self.held
