"""
A new database of the notifier: what its predecessor sent is found in the queues themselves.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from schemas.vocabulary import Instant, later
from services.notifier.projection import key_of
from services.storage.notifications import NotificationBook
from services.storage.projections import ProjectionStore
from services.topology import PARTY_DAYS, party_of, party_queue
from services.transport.ports import RecordLog

# A queue keeps its records for so long: whether something older was sent cannot be known.
KEPT: Final = timedelta(days=PARTY_DAYS)


async def begin(store: ProjectionStore, log: RecordLog, *, now: Instant) -> int:
    """
    Prepare a new database, before it applies its first record; another one is left as it is.

    Args:
        store: the notifier's database.
        log: where the parties' queues are read.
        now: the time of day, from which the days count that a queue keeps.

    Returns:
        How many messages were found that an earlier database had sent.
    """
    with store.begin() as transaction:
        if NotificationBook(transaction.connection).horizon() is not None:
            return 0
    found = [sent async for sent in _sent(log)]
    with store.begin() as transaction:
        book = NotificationBook(transaction.connection)
        for recipient, position, kind in found:
            book.mark_sent(recipient, position=position, kind=kind)
        book.begin(horizon=later(now, -KEPT))
    return len(found)


async def _sent(log: RecordLog) -> AsyncIterator[tuple[str, str, str]]:
    for topic in sorted(await log.topics()):
        party = party_of(topic)
        if party is None or topic != party_queue(party):
            continue
        offset, end = await log.span(topic, 0)
        while offset < end:
            read = await log.read(topic, 0, offset)
            for record in read.records:
                key = key_of(record)
                if key is not None:
                    yield party, *key
            offset = read.next_offset
