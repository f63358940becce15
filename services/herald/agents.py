"""
The herald's place in the transport: one projector over the partition of the register.
"""

from pathlib import Path

from services.herald.projection import Herald
from services.storage.announcements import SHARED
from services.storage.database import open_database
from services.storage.projections import Overtaken, ProjectionStore, Transaction
from services.topology import MARKET_LOG
from services.transport.ports import RecordLog
from services.transport.projector import Projector

NAME = "herald"
# The register lives in the first partition, and nothing else concerns the herald.
PARTITIONS = (0,)


def projector(record_log: RecordLog, *, where: Path | str) -> Projector[Transaction]:
    """
    Open the herald's database and return its projector, before its partition is prepared.

    Args:
        record_log: the topics.
        where: the file of an SQLite database, or a URL.
    """
    store = ProjectionStore(open_database(NAME, where), SHARED)
    return Projector(
        record_log, topic=MARKET_LOG, store=store, projection=Herald(store), overtaken=Overtaken
    )
