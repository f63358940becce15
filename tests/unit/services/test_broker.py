"""
The parts of the product's own broker, each without starting one.
"""

import hashlib
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from jgo.env import LockFile, compute_spec_hash

from services.broker import (
    Broker,
    BrokerError,
    FolderInUse,
    FolderUnfit,
    JarsDamaged,
    JarsMissing,
    JavaMissing,
)
from services.broker.folder import Claim, Cluster, Ports, new_cluster_id
from services.broker.jars import DATA, LOCK_LIST, Jar, locked_jars, own_jars, provide_jars
from services.broker.java import find_java
from services.broker.launch import environment
from services.broker.leftovers import end_leftover
from services.broker.minder import mind_nodes
from services.broker.node import Node
from services.broker.ports import choose_ports, is_free
from services.broker.probe import ask_node
from services.broker.properties import node_properties

CONTENT = b"a jar"
JAR = Jar(
    group="org.example",
    artifact="harbour",
    version="1.0",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)
PATIENCE_S = 20


def progress(_: str) -> None:
    return


# The jars


def test_every_jar_on_the_list_has_its_hash() -> None:
    jars = locked_jars()

    assert len({jar.file_name for jar in jars}) == len(jars) == 46
    assert all(len(jar.sha256) == 64 for jar in jars)


def test_the_list_was_made_from_the_specification_beside_it() -> None:
    made_from = LockFile.load(LOCK_LIST).spec_hash

    assert made_from == compute_spec_hash(DATA / "jgo.toml"), "lock the jars again"


def test_a_jar_in_the_cache_with_the_listed_hash_is_taken(tmp_path: Path) -> None:
    (tmp_path / JAR.file_name).write_bytes(CONTENT)

    assert provide_jars(tmp_path, jars=(JAR,), on_progress=progress) == (tmp_path / JAR.file_name,)


def test_a_damaged_jar_is_refused_with_both_hashes_and_the_remedy(tmp_path: Path) -> None:
    damaged = tmp_path / JAR.file_name
    damaged.write_bytes(CONTENT[:-1])

    with pytest.raises(JarsDamaged) as refused:
        provide_jars(tmp_path, jars=(JAR,), on_progress=progress)

    for told in (str(damaged), JAR.sha256, hashlib.sha256(CONTENT[:-1]).hexdigest(), "Delete"):
        assert told in str(refused.value)


def test_a_jar_that_is_not_there_is_downloaded_once(tmp_path: Path) -> None:
    said: list[str] = []

    with repository(tmp_path / "repository", CONTENT) as address:
        fetch = partial(provide_jars, tmp_path / "cache", jars=(JAR,), on_progress=said.append)
        fetch(repositories=(address,))
        (jar,) = fetch(repositories=())

    assert jar.read_bytes() == CONTENT
    assert said[0] == "Downloading 1 of the 1 jars of Apache Kafka 4.3.1"
    assert said[1].startswith("Downloaded in ")
    assert len(said) == 2


def test_a_jar_that_arrives_with_another_hash_is_not_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    with (
        repository(tmp_path / "repository", b"another jar") as address,
        pytest.raises(JarsDamaged, match="was not kept"),
    ):
        provide_jars(cache, jars=(JAR,), repositories=(address,), on_progress=progress)

    assert not tuple(cache.glob("*.jar"))


def test_without_a_network_the_ways_on_are_named(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{closed_port()}"

    with pytest.raises(JarsMissing, match=r"FOOTHOLD_KAFKA_JARS.*FOOTHOLD_BROKER"):
        provide_jars(tmp_path, jars=(JAR,), repositories=(nobody,), on_progress=progress)


def test_a_folder_without_a_kafka_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kafka_2.13-4.3.1.jar").touch()

    with pytest.raises(JarsMissing, match="without kafka-clients"):
        own_jars(tmp_path)


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@contextmanager
def repository(folder: Path, content: bytes) -> Iterator[str]:
    """A Maven repository on loopback that holds one jar."""
    place = folder / "org" / "example" / "harbour" / "1.0"
    place.mkdir(parents=True)
    (place / JAR.file_name).write_bytes(content)
    handler = partial(Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# The Java


def test_where_none_is_named_the_wheel_brings_the_java() -> None:
    java = find_java()

    assert java.executable.is_file()
    assert java.major >= 25


def test_a_named_java_home_is_taken(tmp_path: Path) -> None:
    launcher = pretended_java(tmp_path, version="17.0.15")

    java = find_java(str(tmp_path))

    assert (java.executable, java.major) == (launcher, 17)


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_402"])
def test_an_older_java_is_refused_by_its_release(tmp_path: Path, version: str) -> None:
    launcher = pretended_java(tmp_path, version=version)

    with pytest.raises(JavaMissing, match="the broker needs 17 or later"):
        find_java(str(launcher))


def test_a_name_that_is_no_java_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match="FOOTHOLD_JAVA names no Java launcher"):
        find_java(str(tmp_path / "nothing"))


def test_a_program_that_is_no_java_is_refused() -> None:
    with pytest.raises(JavaMissing, match="does not say which Java it is"):
        find_java(sys.executable)


def pretended_java(home: Path, *, version: str) -> Path:
    launcher = home / "bin" / "java"
    launcher.parent.mkdir()
    launcher.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="ascii")
    launcher.chmod(0o755)
    return launcher


def test_a_node_inherits_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTHOLD_MASTER_KEY", "secret")

    assert not any(name.startswith("FOOTHOLD_") for name in environment())


# The folder


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    claim = Claim.take(tmp_path)

    with pytest.raises(FolderInUse, match=f"Process {os.getpid()} already runs a broker on"):
        Claim.take(tmp_path)

    claim.release()
    Claim.take(tmp_path).release()


def test_a_killed_owner_holds_its_folder_no_longer(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from services.broker.folder import Claim; "
        "Claim.take(pathlib.Path(sys.argv[1])); print('taken', flush=True); sys.stdin.read()"
    )
    command = (sys.executable, "-c", program, str(tmp_path))
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"taken\n"
        with pytest.raises(FolderInUse, match=f"Process {owner.pid} "):
            Claim.take(tmp_path)
        owner.kill()

    Claim.take(tmp_path).release()


def test_what_a_restart_needs_is_read_as_it_was_kept(tmp_path: Path) -> None:
    cluster = Cluster(cluster_id=new_cluster_id(), ports=(Ports(client=20_001, controller=20_002),))

    cluster.keep(tmp_path)

    assert Cluster.read(tmp_path) == cluster


def test_a_new_folder_keeps_nothing(tmp_path: Path) -> None:
    assert Cluster.read(tmp_path) is None


@pytest.mark.parametrize("kept", ["", "[]", '{"cluster_id": "x", "ports": [{"client": 1}]}'])
def test_a_kept_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, kept: str) -> None:
    (tmp_path / "cluster.json").write_text(kept, encoding="utf-8")

    with pytest.raises(FolderUnfit, match=r"cluster\.json cannot be read"):
        Cluster.read(tmp_path)


def test_a_cluster_id_is_no_option_to_the_formatter() -> None:
    ids = {new_cluster_id() for _ in range(200)}

    assert {len(each) for each in ids} == {22}
    assert not any(each.startswith("-") for each in ids)


def test_a_folder_with_a_comma_is_refused_and_free_again(tmp_path: Path) -> None:
    folder = tmp_path / "leeds, bradford"

    with pytest.raises(FolderUnfit, match="no folder with a comma"):
        Broker(folder).start()

    Claim.take(folder).release()


def test_a_broker_has_one_node_or_three(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one node or three, not 2"):
        Broker(tmp_path, nodes=2)


def test_a_broker_that_is_not_started_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="is not started"):
        _ = Broker(tmp_path).bootstrap


# The ports


def test_ports_are_chosen_below_those_that_the_system_gives_out(tmp_path: Path) -> None:
    chosen = choose_ports(tmp_path, nodes=3)

    ports = [port for pair in chosen for port in (pair.client, pair.controller)]
    assert len(set(ports)) == 6
    assert all(20_000 <= port < 32_000 and is_free(port) for port in ports)


def test_ports_of_the_last_run_are_taken_again(tmp_path: Path) -> None:
    kept = choose_ports(tmp_path, nodes=3)

    assert choose_ports(tmp_path, nodes=3, kept=kept) == kept


def test_only_the_port_that_was_taken_meanwhile_is_changed(tmp_path: Path) -> None:
    kept = choose_ports(tmp_path, nodes=3)

    with socket.create_server(("127.0.0.1", kept[1].client)):
        chosen = choose_ports(tmp_path, nodes=3, kept=kept)

    assert (chosen[0], chosen[2]) == (kept[0], kept[2])
    assert chosen[1].controller == kept[1].controller
    assert chosen[1].client not in {port for k in kept for port in (k.client, k.controller)}


# The properties


def test_one_node_keeps_one_copy_and_three_keep_three(tmp_path: Path) -> None:
    alone, first = (settings(nodes=n, data=tmp_path) for n in (1, 3))

    for name in ("default.replication.factor", "offsets.topic.replication.factor"):
        assert (alone[name], first[name]) == ("1", "3")
    for name in ("min.insync.replicas", "transaction.state.log.min.isr"):
        assert (alone[name], first[name]) == ("1", "2")
    assert first["controller.quorum.voters"].count("@127.0.0.1:") == 3


def test_nodes_listen_on_loopback_alone(tmp_path: Path) -> None:
    listeners = settings(nodes=1, data=tmp_path)["listeners"]

    assert all("//127.0.0.1:" in listener for listener in listeners.split(","))


def test_a_folder_name_beyond_latin_letters_reaches_kafka_unharmed() -> None:
    data = settings(nodes=1, data=Path("/srv/Łódź"))["log.dirs"]

    assert data == r"/srv/\u0141\u00f3d\u017a"


def settings(*, nodes: int, data: Path) -> dict[str, str]:
    ports = tuple(Ports(client=20_000 + n, controller=21_000 + n) for n in range(nodes))
    lines = node_properties(1, ports=ports, data=data).splitlines()
    return dict(line.split("=", 1) for line in lines)


# The nodes


def test_nobody_at_a_port_is_no_answer() -> None:
    assert ask_node(closed_port()) is None


def test_something_else_at_a_port_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet_in_another_protocol, args=(server,))
        thread.start()

        assert ask_node(server.getsockname()[1]) is None
        thread.join()


def greet_in_another_protocol(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.recv(64)


def test_a_failure_tells_the_last_error_of_this_run_and_names_the_log(tmp_path: Path) -> None:
    log = tmp_path / "node-1.log"
    log.write_text(
        "ERROR Shutting down\njava.net.BindException: Address already in use.\n\tat Kafka.main\n",
        encoding="utf-8",
    )
    node = Node(number=1, home=tmp_path, log=log, port=closed_port())

    told = str(node.failure("ended with code 1 before it answered"))

    assert told == (
        "Node 1 of Apache Kafka ended with code 1 before it answered: "
        f"java.net.BindException: Address already in use. Its log is {log}"
    )


def test_the_minder_ends_what_is_minded_when_its_input_ends() -> None:
    with waiting_process("left") as left, waiting_process("ended") as ended:
        mind_nodes((f"+{left.pid}\n", f"+{ended.pid}\n", f"-{ended.pid}\n"), grace_s=0)

        assert left.wait(PATIENCE_S) in {-signal.SIGTERM, -signal.SIGKILL}
        assert ended.poll() is None
        ended.kill()


def test_a_leftover_is_known_by_its_number_and_its_properties(tmp_path: Path) -> None:
    pid_file, properties = tmp_path / "pid", tmp_path / "node.properties"
    with waiting_process(str(properties)) as node:
        pid_file.write_text(f"{node.pid}\n", encoding="ascii")

        assert end_leftover(pid_file, properties=properties, grace_s=PATIENCE_S)
        assert node.wait(PATIENCE_S) == -signal.SIGTERM


def test_another_process_with_a_leftovers_number_is_let_be(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with waiting_process("somebody else's") as other:
        pid_file.write_text(f"{other.pid}\n", encoding="ascii")

        assert not end_leftover(pid_file, properties=tmp_path / "node.properties", grace_s=1)
        assert other.poll() is None
        other.kill()


@contextmanager
def waiting_process(argument: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for input, with an argument to be known by."""
    program = "import sys; print('up', flush=True); sys.stdin.read()"
    command = (sys.executable, "-I", "-S", "-c", program, argument)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        yield process
