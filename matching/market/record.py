"""
What the fold takes and gives: what was said, and what happened because of it.
"""

from dataclasses import dataclass
from typing import Any

from schemas.envelope import Message
from schemas.log_record import InboxPosition, Position
from schemas.vocabulary import Problem


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """
    One record of the market's inbox, read.

    `told` is the body that leaf 1 of the log record will hold; `carried` are the
    register's events where that is what was said.
    """

    message: Message
    source: Position | None
    inbox: InboxPosition
    appended_at: str
    told: dict[str, Any]
    carried: tuple[Happened, ...] = ()

    @property
    def name(self) -> str:
        """
        Return the bare name of the event that was said.
        """
        return self.message.envelope.event_name

    @property
    def data(self) -> Any:
        """
        Return the event's data.
        """
        return self.message.data

    @property
    def party(self) -> str | None:
        """
        Return the slug of the party that spoke; nothing where a worker did.
        """
        return self.message.envelope.party

    @property
    def subject(self) -> str:
        """
        Return our id of what it is about; empty where it has none.
        """
        return self.message.envelope.subject or ""

    @property
    def key(self) -> str:
        """
        Return CloudEvents' own key of a duplicate: source and id.
        """
        return f"{self.message.envelope.source} {self.message.envelope.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    An event about to hold: its data, whom it is about and whose it is, without an id yet.
    """

    data: Any
    subject: str | None = None
    party: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why what was said does not hold: every problem.
    """

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """
    What was said stands in an accepted record already.
    """

    of_sequence: int


def accepted(said: Said, *, party: str | None = None) -> Draft:
    """
    Draft the event that is just what was said.
    """
    return Draft(
        data=said.data,
        subject=said.message.envelope.subject,
        party=party or said.party,
        said="/message/data",
    )


def refused(code: str, field: str, *, rule: str | None = None, lawful: object = None) -> Refusal:
    """
    Refuse for one reason.
    """
    lawful_value = None if lawful is None else str(lawful)
    return Refusal((Problem(code=code, field=field, rule=rule, lawful_value=lawful_value),))
