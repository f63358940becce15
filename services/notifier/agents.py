"""
The notifier's place in the transport: one projector over all partitions of the log.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from schemas.vocabulary import Instant
from services.notifier.letters import Keys
from services.notifier.mail import Post, Server
from services.notifier.projection import Notifier
from services.notifier.rebuilding import begin
from services.storage.database import open_database
from services.storage.notifier_tables import SHARED
from services.storage.projections import Overtaken, ProjectionStore, Transaction
from services.topology import MARKET_LOG
from services.transport.ports import RecordLog
from services.transport.projector import Projector

NAME = "notifier"


async def projector(
    record_log: RecordLog, *, where: Path | str, keys: Keys, now: Instant, mails: bool = False
) -> Projector[Transaction]:
    """
    Open the notifier's database and return its projector, before any partition is prepared.

    A new database is told what the parties' queues hold already; before a batch is sent the
    log is read to its end, and what it forbids is dropped.

    Args:
        record_log: the topics.
        where: the file of an SQLite database, or a URL.
        keys: the key store, of which the notifier reads and destroys keys.
        now: the time of day, by which a new database leaves out what is older than a queue.
        mails: whether reminders are to leave as mail, too.
    """
    store = ProjectionStore(open_database(NAME, where), SHARED)
    await begin(store, record_log, now=now)
    notifier = Notifier(store, keys=keys, mails=mails)
    return Projector(
        record_log,
        topic=MARKET_LOG,
        store=store,
        projection=notifier,
        overtaken=Overtaken,
        read_to_end_before_send=True,
        before_send=notifier.allowed,
    )


def post(
    *, where: Path | str, keys: Keys, server: Server, sender: str, now: Callable[[], datetime]
) -> Post:
    """
    Open the notifier's database for the post, beside the projector.

    Args:
        where: the file of an SQLite database, or a URL.
        keys: the key store, of which the post reads the keys of parties.
        server: what takes the mails.
        sender: the address that they come from.
        now: reads the time of day.
    """
    store = ProjectionStore(open_database(NAME, where), SHARED)
    return Post(store=store, keys=keys, server=server, sender=sender, now=now)
