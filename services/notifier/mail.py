"""
Reminders as mail: to the party's office, once each, when they stand on its queue.

Mail holds nothing up. What a server refuses is tried again, so often, while the reminder is
not a day old; what may have been taken is not, whatever ended the attempt.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from schemas.vocabulary import instant, later
from services.notifier.letters import Keys, office_of
from services.notifier.slots import still_waits
from services.notifier.timetables import calendar_of
from services.storage.notifications import NotificationBook
from services.storage.projections import ProjectionStore
from services.transport import metrics
from services.transport.smtp import Handed
from services.wording.mails import body_of, subject_of
from services.wording.terms import moment_in_words

if TYPE_CHECKING:
    from services.storage.mails import MailRow

log = structlog.get_logger()

TOO_OLD: Final = timedelta(days=1)
# After each refusal; when these are used up, nothing more is tried.
PAUSES: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240))
# Longer than any one attempt takes, so what is older was cut short.
LONGEST_ATTEMPT: Final = timedelta(minutes=5)
AT_ONCE: Final = 20
TURN_SECONDS: Final = 5.0


class Server(Protocol):
    """
    What takes a mail; it may wait, and is called in a thread.
    """

    def send(self, message: EmailMessage) -> Handed:
        """
        Hand one mail over, and say what became of it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """
    Sends reminders as mail.

    Attributes:
        store: the notifier's database.
        keys: the key store, under which offices' addresses are sealed.
        server: what takes them.
        sender: the address that they come from.
        now: reads the time of day.
    """

    store: ProjectionStore
    keys: Keys
    server: Server
    sender: str
    now: Callable[[], datetime]

    async def send_for_ever(self) -> None:
        """
        Send what is ready, for ever.
        """
        while True:
            if not await self.send():
                await asyncio.sleep(TURN_SECONDS)

    async def send(self) -> int:
        """
        Send what is ready now, and return how many mails were tried.
        """
        self._give_up()
        with self.store.begin() as transaction:
            book = NotificationBook(transaction.connection)
            ready = book.mails.ready(now=instant(self.now()), at_most=AT_ONCE)
        tried = 0
        for row in ready:
            message = self._begin(row)
            if message is not None:
                tried += 1
                self._finish(row, await asyncio.to_thread(self.server.send, message))
        return tried

    def _give_up(self) -> None:
        before = later(instant(self.now()), -LONGEST_ATTEMPT)
        with self.store.begin() as transaction:
            unknown = NotificationBook(transaction.connection).mails.unfinished(before=before)
        for event in unknown:
            log.warning("a mail was cut short and is not sent again", reminder=event)
            metrics.MAILS.labels(Handed.UNKNOWN).inc()

    def _begin(self, row: "MailRow") -> EmailMessage | None:
        """
        Write an attempt down, and only then the mail; none where it is not to be sent.
        """
        now = instant(self.now())
        with self.store.begin() as transaction:
            book = NotificationBook(transaction.connection)
            useless = self._useless(row, book, now=now)
            message = None if useless else self._message(row, book)
            if message is None:
                book.mails.finish(row.event, status=useless or "failed")
                metrics.MAILS.labels(useless or "failed").inc()
                return None
            return message if book.mails.begin(row.event, now=now) else None

    def _useless(self, row: "MailRow", book: NotificationBook, *, now: str) -> str | None:
        if row.reminded_at < later(now, -TOO_OLD):
            return "late"
        waits = still_waits(row.waiting, row.about, book, reminded=row.sequence)
        return None if waits else "idle"

    def _message(self, row: "MailRow", book: NotificationBook) -> EmailMessage | None:
        office = office_of(row.party, book, self.keys)
        to = None if office is None else _address(office["role_mailbox"])
        if to is None:
            log.error("a reminder is for an office that no mail reaches", reminder=row.event)
            return None
        due = moment_in_words(calendar_of(row.market, book), row.due)
        message = EmailMessage()
        message["From"], message["To"] = self.sender, to
        message["Subject"] = subject_of(due)
        message["Date"] = format_datetime(self.now())
        message["Message-ID"] = f"<{row.event}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body_of(row.waiting, due=due, party=row.party))
        return message

    def _finish(self, row: "MailRow", handed: Handed) -> None:
        status = handed.value
        with self.store.begin() as transaction:
            mails = NotificationBook(transaction.connection).mails
            if handed is not Handed.REFUSED:
                mails.finish(row.event, status=status)
            elif row.tries < len(PAUSES):
                mails.again(row.event, at=later(instant(self.now()), PAUSES[row.tries]))
            else:
                status = "failed"
                mails.finish(row.event, status=status)
        metrics.MAILS.labels(status).inc()
        if handed is not Handed.SENT:
            log.warning("a reminder did not leave as mail", reminder=row.event, outcome=status)


def _address(mailbox: str) -> Address | None:
    """
    Return a mailbox as an address; nothing where it is none that every server takes.
    """
    try:
        return Address(addr_spec=mailbox) if mailbox.isascii() else None
    except (ValueError, HeaderParseError):
        return None
