"""
Issuing again, from the log, what a party has been sent: its queue keeps it only for days.
"""

from pathlib import Path

from schemas.vocabulary import Instant
from services.notifier.handlers import notify
from services.notifier.letters import Keys
from services.notifier.projection import Notifier, row_of
from services.storage.database import open_database
from services.storage.notifications import NotificationBook
from services.storage.notifier_tables import SHARED
from services.storage.projections import OutboxRow, ProjectionStore
from services.topology import MARKET_LOG, party_queue
from services.transport.chain import Chain
from services.transport.ports import Outgoing, RecordLog
from services.transport.records import RecordView


async def reissue(
    log: RecordLog, *, party: str, since: Instant, keys: Keys, scratch: Path
) -> tuple[Outgoing, ...]:
    """
    Make again what the log owes a party, with the very ids that it had at first.

    What the log has forbidden since is left out: a list of somebody who has withdrawn, an
    opportunity that was taken back. Whoever was erased is not told of again.

    Args:
        log: where the market's log is read, from its beginning.
        party: the party's slug.
        since: only what rests on records appended at this instant or later.
        keys: the key store, which is only read.
        scratch: an empty file's path, for a database that the caller deletes.

    Returns:
        Messages for the party's queue, in the order of the log of each partition.
    """
    store = ProjectionStore(open_database("notifier", scratch), SHARED)
    owed: list[OutboxRow] = []
    for partition in range(await log.partitions(MARKET_LOG)):
        owed += await _owed(log, partition, store, party=party, since=since)
    notifier = Notifier(store, keys=keys)
    made = [await notifier.compose(row) for row in notifier.allowed(owed)]
    # That an offer was delivered is said by who delivers it, not by who issues it again.
    return tuple(each for outgoing in made for each in outgoing if each.topic == party_queue(party))


async def _owed(
    log: RecordLog, partition: int, store: ProjectionStore, *, party: str, since: Instant
) -> list[OutboxRow]:
    chain = Chain()
    offset, end = await log.span(MARKET_LOG, partition)
    found: list[OutboxRow] = []
    while offset < end:
        read = await log.read(MARKET_LOG, partition, offset)
        views = (chain.take(record) for record in read.records)
        found += _rows([view for view in views if view is not None], store)
        offset = read.next_offset
    return [row for row in found if row.recipient == party and row.appended_at >= since]


def _rows(views: list[RecordView], store: ProjectionStore) -> list[OutboxRow]:
    with store.begin() as transaction:
        book = NotificationBook(transaction.connection)
        return [row_of(owed, view) for view in views for owed in notify(view, book)]
