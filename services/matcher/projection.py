"""
The matcher as a projector: log records into its tables, and nothing into an outbox.

What it says to the market is worked off beside the reading, by `agents.work_off`: it
depends on a model, and a restart with another model must be free to say something else.
"""

from services.matcher.handlers import project
from services.storage.assessments import AssessmentBook
from services.storage.projections import OutboxRow, Transaction
from services.transport.ports import Outgoing
from services.transport.records import RecordView


class Matcher:
    """
    Follows the markets' logs.
    """

    def project(self, view: RecordView, transaction: Transaction) -> None:
        """
        Take a log record into the matcher's memory.
        """
        book = AssessmentBook(transaction.connection, market=view.market, sequence=view.sequence)
        project(view.events, book=book)

    def forbidden(self, rows: tuple[OutboxRow, ...]) -> frozenset[int]:
        """
        Forbid every row: the matcher writes none.
        """
        return frozenset(row.id for row in rows)

    async def compose(self, row: OutboxRow) -> tuple[Outgoing, ...]:  # noqa: ARG002
        """
        Send nothing: there are no rows.
        """
        return ()
