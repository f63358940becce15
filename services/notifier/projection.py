"""
The notifier as a projector: log records into its tables and outbox, rows into letters.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from schemas.envelope import CONTENT_TYPE
from schemas.vocabulary import later
from services.notifier.handlers import MARKET, is_forbidden, notify
from services.notifier.letters import Keys, Letter, delivered, letter
from services.notifier.owed import Owed, kind_of
from services.notifier.slots import DELIVERED, REMINDER
from services.sealing import DAYS_KEPT
from services.storage.notifications import NotificationBook
from services.storage.projections import OutboxRow, ProjectionStore, Transaction
from services.topology import MARKET_INBOX, party_queue
from services.transport.ports import Entry, Headers, Outgoing, Record
from services.transport.records import RecordView

TYPE: Final = "foothold-type"
POSITION: Final = "log-position"
ABOUT: Final = "foothold-about"
REFERENCE: Final = "foothold-reference"
TITLE: Final = "foothold-title"

# Of these one record may owe a party several, told apart by what they are about.
SEVERAL: Final = frozenset({"MatchesRanked", "IntakeListed"})


class Notifier:
    """
    Tells each party what concerns it.

    Args:
        store: the notifier's database.
        keys: the key store, of which it reads keys and destroys those of the erased.
        mails: whether reminders are to leave as mail, too.
    """

    def __init__(self, store: ProjectionStore, *, keys: Keys, mails: bool = False) -> None:
        self._store = store
        self._keys = keys
        self._mails = mails

    def project(self, view: RecordView, transaction: Transaction) -> None:
        """
        Take a log record, and put what it owes into the outbox.

        What an earlier database has sent, or is older than a queue keeps, is not owed again;
        a key that is to be destroyed is, since that changes nothing the second time. Of a
        proposal or an offer that was sent it is owed to say so, in case that was not said.
        """
        book = NotificationBook(transaction.connection)
        horizon = book.horizon()
        for owed in notify(view, book):
            row = row_of(owed, view)
            if owed.recipient == MARKET or not _is_over(row, book, horizon):
                transaction.post(row)
                if self._mails and owed.kind == REMINDER:
                    _mail(row, book)
            elif owed.kind in DELIVERED and _was_sent(row, book):
                transaction.post(_delivery(row))
        if any(event.name == "DayBegan" for event in view.events):
            self._keys.forget_destroyed(later(view.appended_at, -timedelta(days=DAYS_KEPT)))

    def allowed(self, rows: Sequence[OutboxRow]) -> tuple[OutboxRow, ...]:
        """
        Return the rows of a batch that the log, applied to its end, does not forbid.
        """
        with self._store.begin() as transaction:
            book = NotificationBook(transaction.connection)
            return tuple(row for row in rows if not is_forbidden(row, book))

    async def compose(self, row: OutboxRow) -> tuple[Outgoing, ...]:
        """
        Write the message of a row; none where there is nothing left to tell.

        A proposal or an offer is followed by saying that it was delivered, until the log has
        that.
        """
        with self._store.begin() as transaction:
            book = NotificationBook(transaction.connection)
            made = letter(row, book, self._keys)
            if made is None:
                return ()
            told = outgoing(row, made)
            offer = book.offers.get(row.payload["data"]["offer"]) if _is_offer(row) else None
        if offer is None or not offer.awaits_delivery(row.payload["id"]):
            return (told,)
        said = delivered(offer.offer, event=row.payload["id"])
        return told, outgoing(_delivery(row), said)


def row_of(owed: Owed, view: RecordView) -> OutboxRow:
    """
    Return the outbox row of something owed.
    """
    return OutboxRow(
        partition=view.partition,
        market=view.market,
        sequence=view.sequence,
        leaf=owed.leaf,
        recipient=owed.recipient,
        kind=owed.key,
        appended_at=view.appended_at,
        payload=owed.payload,
    )


def _is_over(row: OutboxRow, book: NotificationBook, horizon: str | None) -> bool:
    if horizon is None or row.appended_at < horizon:
        return horizon is not None
    return _was_sent(row, book)


def _was_sent(row: OutboxRow, book: NotificationBook) -> bool:
    return book.was_sent(row.recipient, position=row.log_position, kind=row.kind)


def _is_offer(row: OutboxRow) -> bool:
    return kind_of(row.kind) in DELIVERED


def _mail(row: OutboxRow, book: NotificationBook) -> None:
    told = row.payload["data"]
    book.mails.add(
        row.payload["id"],
        market=row.market,
        sequence=row.sequence,
        leaf=row.leaf,
        party=row.recipient,
        waiting=told["waiting"],
        about=told["about"],
        due=told["due"],
        reminded_at=row.appended_at,
    )


def _delivery(row: OutboxRow) -> OutboxRow:
    payload = {"offer": row.payload["data"]["offer"], "event": row.payload["id"]}
    return replace(row, recipient=MARKET, kind="OfferDelivered", payload=payload)


def outgoing(row: OutboxRow, made: Letter) -> Outgoing:
    """
    Address a letter: to a party's queue, or to the market's own inbox.
    """
    headers: Headers = (("content-type", CONTENT_TYPE.encode()),)
    if row.recipient == MARKET:
        entry = Entry(key=row.market.encode(), value=made.value, headers=headers)
        return Outgoing(topic=MARKET_INBOX, partition=row.partition, entry=entry)
    headers += ((TYPE, made.kind.encode()), (POSITION, row.log_position.encode()))
    names = ((ABOUT, made.about), (REFERENCE, made.reference), (TITLE, made.title))
    headers += tuple((name, told.encode()) for name, told in names if told)
    entry = Entry(key=row.market.encode(), value=made.value, headers=headers)
    return Outgoing(topic=party_queue(row.recipient), partition=0, entry=entry)


def key_of(record: Record) -> tuple[str, str] | None:
    """
    Return log position and row key of a queue's record, or nothing where it is not ours.

    >>> from services.transport.ports import Record
    >>> key_of(Record(topic="party.oakline.queue.v1", partition=0, offset=0, appended_at="",
    ...     key=b"tees", value=b"", headers=(("foothold-type", b"MatchesRanked"),
    ...     ("log-position", b"tees/7/0"), ("foothold-about", b"tees-r-a"))))
    ('tees/7/0', 'MatchesRanked/tees-r-a')
    """
    kind, position = record.header(TYPE), record.header(POSITION)
    if kind is None or position is None:
        return None
    about = record.header(ABOUT) or b""
    owed = Owed(leaf=0, recipient="", kind=kind.decode(), payload={}, about=about.decode())
    return position.decode(), owed.key if owed.kind in SEVERAL else owed.kind
