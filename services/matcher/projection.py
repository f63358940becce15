"""
The matcher as a projector: log records into its tables, and nothing into an outbox.

What it says to the market is worked off beside the reading, by `agents.work_off`: it
depends on a model, and a restart with another model must be free to say something else.
"""

from typing import Protocol

from services.matcher.handlers import project
from services.storage.assessments import AssessmentBook
from services.storage.projections import OutboxRow, Transaction
from services.transport.ports import Outgoing
from services.transport.records import RecordView


class Ring(Protocol):
    """
    Wakes the worker of debts.
    """

    def __call__(self, *, wipe: bool) -> None:
        """
        Ring once.
        """


# A day that begins ends consents.
LEAVING = frozenset(
    {"ResidentErased", "ResidentClosed", "ResidentPaused", "ConsentWithdrawn", "DayBegan"}
)


class Matcher:
    """
    Follows the markets' logs.

    Args:
        ring: wakes the worker of debts; `wipe` where somebody may have left. The transaction is
            committed before the event loop turns to that worker.
    """

    def __init__(self, *, ring: Ring) -> None:
        self._ring = ring

    def project(self, view: RecordView, transaction: Transaction) -> None:
        """
        Take a log record into the matcher's memory.
        """
        book = AssessmentBook(transaction.connection, market=view.market, sequence=view.sequence)
        project(view.events, book=book)
        self._ring(wipe=any(event.name in LEAVING for event in view.events))

    async def compose(self, row: OutboxRow) -> tuple[Outgoing, ...]:  # noqa: ARG002
        """
        Send nothing: there are no rows.
        """
        return ()
