"""
What the handlers of intake are given: the keys, and the markets as they stood.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from schemas.markets import MarketOpened
from services.sealing import Destroyed, Key


class Keys(Protocol):
    """
    The key store, as far as intake uses it.
    """

    def key_for(self, subject: str) -> Key | Destroyed | None:
        """
        Return a subject's key, or that it is destroyed, or nothing where there never was one.
        """

    def create(self, subject: str, key: Key) -> Key | Destroyed:
        """
        Keep a key for a subject unless there is or was one; return what holds.
        """

    def resident_for(
        self, party: str, reference: str, *, market: str, draw: Callable[[], bytes]
    ) -> str:
        """
        Return the id of the resident whom a party means by a reference, minting it at first.
        """

    def resident_named(self, party: str, name: str) -> str | None:
        """
        Return the id of a party's own resident, named by our id or by its reference.
        """


class Markets(Protocol):
    """
    The register as it stood at some instant: the markets opened by then.
    """

    @property
    def markets(self) -> Mapping[str, MarketOpened]:
        """
        Return each market by its code.
        """


class Register(Protocol):
    """
    The register, read to its end before a submission is judged.
    """

    def as_of(self, appended_at: str) -> Markets:
        """
        Return what the records say that were appended at or before an instant.
        """
