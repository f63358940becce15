"""
The matcher's place in the transport: one projector over the log, and its worker beside it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from services.matcher.debts import Assessor
from services.matcher.index import Model
from services.matcher.loading import digest, loader
from services.matcher.opening import Keys
from services.matcher.projection import Matcher
from services.matcher.working import Bell, work_off
from services.settings import Settings
from services.storage.database import open_database
from services.storage.debts import DebtStore
from services.storage.keys import master_key, open_keys
from services.storage.matcher_tables import PROJECTION
from services.storage.projections import Overtaken, ProjectionStore, Transaction
from services.storage.vectors import VectorStore
from services.topology import MARKET_LOG
from services.transport.ports import RecordLog
from services.transport.projector import Projector
from services.transport.worker import Desk, Work, run_worker

NAME = "matcher"
GROUP = "foothold.matcher"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatcherAgents:
    """
    What runs in the matcher's process: the projector, and what works its debts off.
    """

    projector: Projector[Transaction]
    store: ProjectionStore
    assessor: Assessor
    bell: Bell
    record_log: RecordLog

    async def work_off(self, stop: asyncio.Event) -> None:
        """
        Work debts off beside the projector, until asked to stop.

        Raises:
            AppendFailed: the process must end; nothing is lost by it.
        """
        await work_off(
            self.assessor, self.record_log, applied=self.store, bell=self.bell, stop=stop
        )


def agents(
    record_log: RecordLog, *, where: Path | str, keys: Keys, model: str, load: Callable[[], Model]
) -> MatcherAgents:
    """
    Open the matcher's database and put its process together.

    Another model than the one before owes every fit anew, here and before it is loaded.

    Args:
        record_log: the topics.
        where: the file of an SQLite database, or a URL.
        keys: the key store, for reading.
        model: the digest of the model.
        load: loads it, on its first use.
    """
    engine = open_database(NAME, where)
    store, debts, bell = ProjectionStore(engine, PROJECTION), DebtStore(engine), Bell()
    debts.adopt_model(model)
    projector = Projector(
        record_log,
        topic=MARKET_LOG,
        store=store,
        projection=Matcher(ring=bell.ring),
        overtaken=Overtaken,
    )
    assessor = Assessor(debts=debts, vectors=VectorStore(engine), keys=keys, load=load)
    return MatcherAgents(
        projector=projector, store=store, assessor=assessor, bell=bell, record_log=record_log
    )


def packaged_agents(
    record_log: RecordLog, *, where: Path | str, keys: Keys, encoder: str | None = None
) -> MatcherAgents:
    """
    Put the matcher's process together with a described encoder.

    Args:
        record_log: the topics.
        where: the file of an SQLite database, or a URL.
        keys: the key store, for reading.
        encoder: the name of an encoder or a file that describes one; the default if left out.

    Raises:
        EncoderUnknown: there is no such encoder.
    """
    return agents(record_log, where=where, keys=keys, model=digest(encoder), load=loader(encoder))


def run(*, broker: str, data: Path) -> NoReturn:
    """
    Run the matcher's process until it is asked to stop or must end, and end with its code.

    Its memory of a market's residents is whole, so one process takes all partitions.

    Args:
        broker: `host:port` of the brokers.
        data: the installation's folder.
    """
    settings = Settings.read()
    given = settings.master_key.get_secret_value() if settings.master_key else None
    keys, _ = open_keys(
        settings.database or data / "keys.sqlite", master=master_key(data, given=given)
    )
    where = settings.database or data / "matcher.sqlite"

    async def make(desk: Desk) -> Work:
        ours = packaged_agents(desk.record_log, where=where, keys=keys)
        ours.projector.reach = desk.reach
        return Work(
            topics=(MARKET_LOG,),
            reader=ours.projector,
            whole=True,
            beside=(lambda: ours.work_off(desk.stopping),),
        )

    run_worker(NAME, group=GROUP, bootstrap=broker, make=make)
