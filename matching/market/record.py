"""
What the fold takes and gives: what was said, and what happened because of it.
"""

from dataclasses import dataclass
from typing import Any

from schemas.envelope import Message
from schemas.log_record import InboxPosition, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """
    One record of the market's inbox, read.

    `told` is the body that leaf 1 of the log record will hold.
    """

    message: Message
    source: Position | None
    inbox: InboxPosition
    appended_at: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return self.message.envelope.event_name

    @property
    def party(self) -> str | None:
        return self.message.envelope.party

    @property
    def subject(self) -> str:
        return self.message.envelope.subject or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """
    One event that holds. `said` points into leaf 1 where the event's data stands there.
    """

    id: str
    name: str
    version: int
    subject: str | None
    party: str | None
    data: Any
    said: str | None = None
