"""
The herald as a projector: register records into its outbox, rows into inbox records.
"""

from typing import Final

from services.herald.handlers import announce, message
from services.storage.announcements import Announcements
from services.storage.projections import OutboxRow, ProjectionStore, Transaction
from services.topology import MARKET_INBOX
from services.transport.inbox import entry
from services.transport.ports import Outgoing
from services.transport.records import RecordView

KIND: Final = "RegisterFacts"
WHOLE_RECORD: Final = 0


class Herald:
    """
    Carries each accepted record of the register to every market's inbox.

    Args:
        store: the herald's database.
    """

    def __init__(self, store: ProjectionStore) -> None:
        self._store = store

    def project(self, view: RecordView, transaction: Transaction) -> None:
        """
        Take a log record, and put what it owes each market into the outbox.
        """
        for carried in announce(view, Announcements(transaction.connection)):
            transaction.post(
                OutboxRow(
                    partition=view.partition,
                    market=view.market,
                    sequence=carried.register_sequence,
                    leaf=WHOLE_RECORD,
                    recipient=carried.market,
                    kind=KIND,
                    appended_at=carried.appended_at,
                )
            )

    async def compose(self, row: OutboxRow) -> tuple[Outgoing, ...]:
        """
        Write the message of a row, for the partition in which its market lives.
        """
        with self._store.begin() as transaction:
            book = Announcements(transaction.connection)
            facts, partition = book.facts(row.sequence), book.markets()[row.recipient]
        made = entry(row.recipient, message(row.sequence, facts))
        return (Outgoing(topic=MARKET_INBOX, partition=partition, entry=made),)
