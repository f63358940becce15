"""
What a log record owes to whom: the rows that the outbox will hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """
    Something to tell a party, or the market's own inbox.

    `leaf` is what it rests on in the log record; `payload` holds ids, codes, figures and
    sealed text, and nothing that describes a person in clear. `about` parts several of
    one kind that rest on the same leaf.
    """

    leaf: int
    recipient: str
    kind: str
    payload: Mapping[str, Any]
    about: str = ""

    @property
    def key(self) -> str:
        """
        Return what is unique among the rows of one leaf and recipient.
        """
        return f"{self.kind}/{self.about}" if self.about else self.kind


def kind_of(key: str) -> str:
    """
    Return the event's name from a row's key.

    >>> kind_of("MatchesRanked/tees-r-aaaaaaaaaaaaaaaa"), kind_of("Receipt")
    ('MatchesRanked', 'Receipt')
    """
    return key.partition("/")[0]
