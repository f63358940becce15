"""
Wiring: each worker's parts put together from an installation's folder and settings.

The only place where stores, keys, handlers and transport meet.
"""

import asyncio
from pathlib import Path
from typing import NoReturn

from kafka import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError

from schemas.markets import MarketOpened
from schemas.vocabulary import instant
from services import clock
from services.commands.installation import Installation
from services.release import release
from services.sealing import derive
from services.settings import Settings
from services.storage.keys import KeyStore, master_key, open_keys
from services.topology import MARKET_INBOX, MARKET_LOG, WORKERS
from services.transport.forwarder import inboxes_to_come, party_inboxes
from services.transport.ports import Place, RecordLog, TopicMissing
from services.transport.register import RegisterReader
from services.transport.smtp import MailServer
from services.transport.worker import Beside, Desk, Work, run_worker


def run(name: str, installation: Installation, settings: Settings) -> NoReturn:
    """
    Run one worker of an installation until it ends.
    """
    (worker,) = (each for each in WORKERS if each.name == name)
    parts, port = Parts(installation, settings), settings.metrics_port
    folder = installation.data / "faust" / name
    folder.mkdir(parents=True, exist_ok=True)
    run_worker(
        name,
        group=worker.group,
        bootstrap=installation.broker(),
        make=getattr(parts, name),
        folder=folder,
        metrics_port=port and port + WORKERS.index(worker),
    )


class Parts:
    """
    The parts of each worker, by its name; a process imports only what its own worker needs.
    """

    def __init__(self, installation: Installation, settings: Settings) -> None:
        self._data, self._database = installation.data, settings.database
        self._settings = settings
        self._bootstrap = installation.broker()
        given = settings.master_key.get_secret_value() if settings.master_key else None
        self._master = master_key(installation.data, given=given)

    async def intake(self, desk: Desk) -> Work:
        """
        Read every party's inbox.
        """
        from services.intake import agents

        forwarder = agents.forwarder(
            desk.record_log, where=self._where("keys"), master=self._master
        )
        taken = await party_inboxes(desk.record_log)

        return Work(
            topics=sorted(taken),
            reader=forwarder,
            others=inboxes_to_come(desk.record_log, taken),
            beside=(lambda: forwarder.forget_for_ever(clock.now),),
        )

    async def market(self, desk: Desk) -> Work:
        """
        Decide what was said, market by market.
        """
        from services.market import agents

        register = RegisterReader(await desk.another_log())
        folds = agents.folds(
            desk.record_log,
            snapshots=self._data / "snapshots",
            salting=lambda market: derive(self._master, "salt", market),
            release=release(),
            new_id=clock.new_id,
            lookup=register.market,
        )
        return Work(topics=(MARKET_INBOX,), reader=folds, close=folds.snapshot)

    async def herald(self, desk: Desk) -> Work:
        """
        Carry the register's facts to every market.
        """
        from services.herald import agents

        projector = agents.projector(desk.record_log, where=self._where("herald"))
        projector.reach = desk.reach
        return Work(
            topics=(MARKET_LOG,),
            reader=projector,
            only=frozenset(agents.PARTITIONS),
            whole=self._database is None,
            beside=(projector.relay,),
        )

    async def matcher(self, desk: Desk) -> Work:
        """
        Assess fits and rules.
        """
        from services.matcher import agents

        parts = agents.packaged_agents(
            desk.record_log, where=self._where("matcher"), keys=self._keys()
        )
        parts.projector.reach = desk.reach
        return Work(
            topics=(MARKET_LOG,),
            reader=parts.projector,
            whole=self._database is None,
            beside=(parts.projector.relay, lambda: parts.work_off(desk.stopping)),
        )

    async def notifier(self, desk: Desk) -> Work:
        """
        Write the parties' queues and, where a server is set, mail.
        """
        from services.notifier import agents

        where, keys, sender = self._where("notifier"), self._keys(), self._settings.smtp_from
        server = mail_server(self._settings)
        projector = await agents.projector(
            desk.record_log,
            where=where,
            keys=keys,
            now=instant(clock.now()),
            mails=server is not None,
        )
        projector.reach = desk.reach
        beside: tuple[Beside, ...] = (projector.relay,)
        if server is not None and sender is not None:
            post = agents.post(where=where, keys=keys, server=server, sender=sender, now=clock.now)
            beside += (post.send_for_ever,)
        return Work(
            topics=(MARKET_LOG,),
            reader=projector,
            whole=self._database is None,
            beside=beside,
        )

    async def ticker(self, desk: Desk) -> Work:
        """
        Say what time it is.
        """
        from services.ticker import agents

        register = RegisterReader(await desk.another_log())
        waiting = _Waiting(desk.record_log, self._bootstrap)

        async def markets() -> tuple[MarketOpened, ...]:
            await register.catch_up()
            return tuple(register.current.markets.values())

        async def tick() -> None:
            await agents.tick_for_ever(
                desk.record_log, markets=markets, oldest_waiting=waiting.oldest, now=clock.now
            )

        return Work(beside=(tick,))

    def _where(self, kind: str) -> Path | str:
        return self._database or self._data / f"{kind}.sqlite"

    def _keys(self) -> KeyStore:
        return open_keys(self._where("keys"), master=self._master)[0]


def mail_server(settings: Settings) -> MailServer | None:
    """
    Return the server by which reminders leave as mail; nothing where none is set.
    """
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
    )


class _Waiting:
    """
    What waits for intake, by what its group says it has come to.
    """

    def __init__(self, record_log: RecordLog, bootstrap: str) -> None:
        self._log, self._bootstrap = record_log, bootstrap.split(",")
        (self._group,) = (worker.group for worker in WORKERS if worker.name == "intake")

    async def oldest(self) -> str | None:
        """
        Return when the oldest record that intake has not forwarded was appended.
        """
        committed = await asyncio.to_thread(self._committed)
        found = []
        for topic in sorted(await party_inboxes(self._log)):
            place = Place(topic, 0)
            try:
                first, end = await self._log.span(*place)
                taken = max(first, committed.get(place, first))
                if taken < end:
                    read = await self._log.read(*place, taken, at_most=1)
                    found += [record.appended_at for record in read.records]
            except TopicMissing:
                continue
        return min(found, default=None)

    def _committed(self) -> dict[Place, int]:
        client = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            offsets = client.list_group_offsets({self._group: None}).get(self._group, {})
        except CoordinatorNotAvailableError:
            # No group has ever met on this broker.
            offsets = {}
        finally:
            client.close()
        return {Place(at.topic, at.partition): found.offset for at, found in offsets.items()}
