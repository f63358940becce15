"""
Mails: which reminders are to leave as mail, and what was tried of each.

An attempt is written down before it is made, so that a process that ends within one never
makes another: a reminder stands on a queue anyway, and a second mail would be one too many.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, exists, select, update

from services.storage.database import insert_once
from services.storage.notifier_tables import MAILS, SHARED

WAITING: Final = "waiting"
TRIED: Final = "tried"
UNKNOWN: Final = "unknown"
REMINDER: Final = "ReminderGiven"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """
    A reminder as mail: to which party's office, of what, and how often it was tried.
    """

    event: str
    market: str
    sequence: int
    leaf: int
    party: str
    waiting: str
    about: str
    due: str
    reminded_at: str
    status: str
    tries: int
    at: str


class MailBook:
    """
    The notifier's memory of mails, inside one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        event: str,
        *,
        market: str,
        sequence: int,
        leaf: int,
        party: str,
        waiting: str,
        about: str,
        due: str,
        reminded_at: str,
    ) -> None:
        """
        Keep a reminder that is to leave as mail, once it stands on its party's queue.
        """
        row = {
            "event": event,
            "market": market,
            "sequence": sequence,
            "leaf": leaf,
            "party": party,
            "waiting": waiting,
            "about": about,
            "due": due,
            "reminded_at": reminded_at,
            "status": WAITING,
            "tries": 0,
            "at": reminded_at,
        }
        insert_once(self._connection, MAILS, row)

    def ready(self, *, now: str, at_most: int) -> tuple[MailRow, ...]:
        """
        Return mails that may be tried now: those whose reminder has left the outbox.
        """
        outbox = SHARED.outbox
        unsent = exists().where(
            outbox.c.market == MAILS.c.market,
            outbox.c.sequence == MAILS.c.sequence,
            outbox.c.leaf == MAILS.c.leaf,
            outbox.c.recipient == MAILS.c.party,
            outbox.c.kind == REMINDER,
        )
        query = (
            select(MAILS)
            .where(MAILS.c.status == WAITING, MAILS.c.at <= now, ~unsent)
            .order_by(MAILS.c.at, MAILS.c.event)
            .limit(at_most)
        )
        return tuple(MailRow(**row) for row in self._connection.execute(query).mappings())

    def begin(self, event: str, *, now: str) -> bool:
        """
        Note that a mail is about to be tried; whether it is this process that tries it.
        """
        waits = and_(MAILS.c.event == event, MAILS.c.status == WAITING)
        noted = self._connection.execute(
            update(MAILS).where(waits).values(status=TRIED, tries=MAILS.c.tries + 1, at=now)
        )
        return noted.rowcount == 1

    def again(self, event: str, *, at: str) -> None:
        """
        Let a mail that no server took be tried again, from an instant on.
        """
        self._set(event, status=WAITING, at=at)

    def finish(self, event: str, *, status: str) -> None:
        """
        Note that nothing more is tried of a mail, and why.
        """
        self._set(event, status=status)

    def unfinished(self, *, before: str) -> tuple[str, ...]:
        """
        Give up what was tried before an instant and never finished: its process ended within.

        Returns:
            The events of those reminders, sorted.
        """
        tried = and_(MAILS.c.status == TRIED, MAILS.c.at < before)
        events = self._connection.execute(
            select(MAILS.c.event).where(tried).order_by(MAILS.c.event)
        )
        found = tuple(events.scalars())
        self._finish_all(found)
        return found

    def get(self, event: str) -> MailRow | None:
        """
        Return a mail, or nothing where none is of that event.
        """
        query = select(MAILS).where(MAILS.c.event == event)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else MailRow(**found)

    def _finish_all(self, events: Iterable[str]) -> None:
        for event in events:
            self._set(event, status=UNKNOWN)

    def _set(self, event: str, **values: object) -> None:
        self._connection.execute(update(MAILS).where(MAILS.c.event == event).values(**values))
