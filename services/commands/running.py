"""
A whole installation running on this machine: broker, topics, workers, looked after.

One thread watches the workers, another makes new parties' topics when the register grows.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import click
from kafka.errors import KafkaError

from schemas.parties import PartyRegistered
from services import clock
from services.broker import Broker, BrokerError
from services.broker.minding import Minder
from services.commands.init import begin, register_is_empty
from services.commands.installation import Installation
from services.commands.kafka_access import Kafka
from services.commands.register import registered_slugs
from services.settings import Settings
from services.storage.database import open_database
from services.supervisor import GRACE_SECONDS, GaveUp, Supervisor, worker_command
from services.topology import MARKET_LOG, WORKER_NAMES, WORKERS, Kind, topic_plan
from services.transport.exit_codes import RESTART_AT_ONCE

LOOK_SECONDS = 0.25


class NothingRegistered(RuntimeError):
    """
    The register is empty and nobody said who the operator is.
    """


class Running:
    """
    Broker, topics and workers of one installation, started and stopped together.

    Args:
        installation: where data lies, and the broker where one is named.
        operator: the first party, said where the register is empty.
        on_progress: is told, in sentences, of what takes time and of workers that end.
    """

    def __init__(
        self,
        installation: Installation,
        *,
        operator: PartyRegistered | None,
        on_progress: Callable[[str], None],
    ) -> None:
        self.installation, self.operator, self.say = installation, operator, on_progress
        self.failure: str | None = None
        self._own: Broker | None = None
        self._minder: Minder | None = None
        self._supervisor: Supervisor | None = None
        self._remembered = False
        self._stopping = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()
        self.broker = ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start everything.

        Raises:
            NothingRegistered: the register is empty and there is no operator.
        """
        self.broker = self._started_broker()
        with Kafka(self.broker) as kafka:
            kafka.apply(topic_plan(()))
            self._begun(kafka)
        self._remember()
        # Workers end with this process, however it ends: none may outlive its broker.
        self._minder = Minder.start(grace_s=GRACE_SECONDS)
        self._supervisor = Supervisor(
            {name: worker_command(name, broker=self.broker) for name in WORKER_NAMES},
            logs=self.installation.logs,
            environment=os.environ | {"FOOTHOLD_DATA": str(self.installation.data)},
            monotonic=clock.monotonic,
            pause=time.sleep,
            restart_codes=RESTART_AT_ONCE,
            mind=self._minder.mind,
            forget=self._minder.forget,
        )
        self.say(f"starting {len(WORKER_NAMES)} workers: {', '.join(WORKER_NAMES)}")
        self._supervisor.start()
        # Two, since asking a broker that is away takes long, and workers are watched meanwhile.
        self._threads = tuple(
            threading.Thread(target=task, daemon=True) for task in (self._watch, self._follow)
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """
        Stop workers, then the broker if it is ours.
        """
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=2)
        if self._supervisor is not None:
            killed = self._supervisor.stop()
            if killed:
                self.say(f"killed after the grace period: {', '.join(killed)}")
        if self._minder is not None:
            self._minder.stop()
        if self._own is not None:
            self._own.stop()
        if self._remembered:
            self.installation.running.unlink(missing_ok=True)

    def wait(self, *, seconds: float) -> bool:
        """
        Wait until stopped or failed, at most so long; tell whether it is over.
        """
        return self._stopping.wait(seconds) or self.failure is not None

    def are_workers_there(self) -> bool:
        """
        Tell whether every worker has joined its group, and so reads.
        """
        groups = [worker.group for worker in WORKERS if worker.kind is not Kind.CLOCK]
        with Kafka(self.broker) as kafka:
            return all(kafka.is_joined(group) for group in groups)

    def pid_of(self, worker: str) -> int | None:
        """
        Return the process id of a worker, where it runs.
        """
        if self._supervisor is None:
            return None
        process = self._supervisor.children[worker].process
        return process.pid if process else None

    def _started_broker(self) -> str:
        if self.installation.named_broker:
            return self.installation.named_broker
        settings = Settings.read()
        self._own = Broker(
            self.installation.kafka,
            java=settings.java,
            jars=settings.kafka_jars,
            on_progress=self.say,
        )
        return self._own.start()

    def _begun(self, kafka: Kafka) -> None:
        if not register_is_empty(kafka):
            kafka.apply(topic_plan(registered_slugs(kafka)))
        elif self.operator is None:
            raise NothingRegistered
        else:
            begin(kafka, self.installation, self.operator)

    def _make_databases(self) -> None:
        """
        Bring the databases up to date once, here, and not in each worker's start.
        """
        for kind in ("keys", "herald", "matcher", "notifier"):
            where = Settings.read().database or self.installation.data / f"{kind}.sqlite"
            open_database(kind, where).dispose()

    def _remember(self) -> None:
        self.installation.data.mkdir(parents=True, exist_ok=True)
        told = json.dumps({"broker": self.broker, "pid": os.getpid()})
        self.installation.running.write_text(told, encoding="utf-8")
        self._remembered = True

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._look_after()
            except (GaveUp, BrokerError, OSError) as error:
                self.failure = str(error)
                return

    def _follow(self) -> None:
        with Kafka(self.broker) as kafka:
            topics = _Topics(kafka, say=self.say)
            while not self._stopping.wait(LOOK_SECONDS):
                topics.follow()

    def _look_after(self) -> None:
        assert self._supervisor is not None
        if self._own is not None:
            self._own.check()
        for sentence in self._supervisor.watch():
            self.say(sentence)


class _Topics:
    """
    The topics of the parties, made as the register grows; a broker that is away is waited for.
    """

    def __init__(self, kafka: Kafka, *, say: Callable[[str], None]) -> None:
        self._kafka, self._say = kafka, say
        self._seen = self._applied = -1
        self._told = False

    def follow(self) -> None:
        """
        Make what is missing, once the register's log has come to rest.
        """
        try:
            self._make()
            self._told = False
        except (KafkaError, click.ClickException) as error:
            if not self._told:
                self._say(f"topics are not looked after at present: {error}")
            self._told = True

    def _make(self) -> None:
        end = self._kafka.span(MARKET_LOG, 0)[1]
        # Parties come in bursts, and each change of inboxes starts intake anew.
        if end == self._seen and end != self._applied:
            self._kafka.apply(topic_plan(registered_slugs(self._kafka)))
            self._applied = end
        self._seen = end
