"""
The product's own broker comes, stays, goes and comes back, as a real Apache Kafka does.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
from aiokafka import AIOKafkaProducer
from kafka import (
    KafkaAdminClient,
    KafkaConsumer,
    TopicPartition,
)
from platformdirs import user_cache_path

from services.broker import Broker, FolderInUse, FolderUnfit, JarsDamaged, NodeFailed
from services.broker.jars import KAFKA_VERSION, locked_jars

pytestmark = pytest.mark.kafka

LARGEST_RECORD = 16 * 2**20
PATIENCE_S = 30


def create(bootstrap: str, topic: str, *, copies: int = 1) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": copies}})


def write(bootstrap: str, topic: str, *values: bytes) -> None:
    async def send_each() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=True,
            max_request_size=LARGEST_RECORD + 1024,
            request_timeout_ms=5000,
        )
        async with producer:
            for value in values:
                await producer.send_and_wait(topic, value)

    asyncio.run(asyncio.wait_for(send_each(), PATIENCE_S))


def read(bootstrap: str, topic: str) -> tuple[bytes, ...]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    with closing(consumer):
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        return tuple(next(consumer).value for _ in range(end))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A name that neither Latin-1 nor a shell takes without care."""
    return tmp_path / "Łódź broker"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("three"), nodes=3) as broker:
        yield broker


def test_what_is_written_to_the_broker_is_read_from_it(broker: str) -> None:
    create(broker, "postings")

    write(broker, "postings", b"retrofit trainee", b"kitchen porter")

    assert read(broker, "postings") == (b"retrofit trainee", b"kitchen porter")


def test_a_record_of_sixteen_mebibytes_passes(broker: str) -> None:
    create(broker, "bundles")

    write(broker, "bundles", b"\0" * LARGEST_RECORD)

    (record,) = read(broker, "bundles")
    assert len(record) == LARGEST_RECORD


def test_a_topic_that_nobody_created_does_not_come_about(broker: str) -> None:
    with closing(KafkaConsumer(bootstrap_servers=broker)) as consumer:
        consumer.partitions_for_topic("mistyped")

        assert "mistyped" not in consumer.topics()


def test_a_restart_finds_its_records_at_the_same_address(folder: Path) -> None:
    with Broker(folder) as before:
        address = before.bootstrap
        create(address, "postings")
        write(address, "postings", b"retrofit trainee")

    with Broker(folder) as after:
        assert after.bootstrap == address
        assert read(address, "postings") == (b"retrofit trainee",)


def test_a_killed_node_comes_back_with_what_it_acknowledged(folder: Path) -> None:
    with Broker(folder) as broker:
        create(broker.bootstrap, "postings")
        write(broker.bootstrap, "postings", b"retrofit trainee")

        broker.kill_node(1)
        broker.restart_node(1)

        assert read(broker.bootstrap, "postings") == (b"retrofit trainee",)


def test_a_node_that_ended_by_itself_is_noticed_and_started_again(folder: Path) -> None:
    with Broker(folder) as broker:
        broker.check()
        pid = int((folder / "node-1" / "pid").read_text(encoding="ascii"))

        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

        with pytest.raises(NodeFailed, match="Node 1 of Apache Kafka ended with code -9"):
            broker.check()
        broker.restart_node(1)
        broker.check()


def test_a_second_broker_on_one_folder_is_refused_and_the_first_goes_on(folder: Path) -> None:
    with Broker(folder) as first:
        create(first.bootstrap, "postings")

        with pytest.raises(FolderInUse, match=f"Process {os.getpid()} already runs a broker"):
            Broker(folder).start()

        write(first.bootstrap, "postings", b"kitchen porter")


def test_nodes_end_with_their_launcher_though_it_was_killed(folder: Path) -> None:
    launcher = Launcher.of(folder)
    with socket.create_connection(("127.0.0.1", launcher.port), timeout=PATIENCE_S) as connection:
        launcher.kill()

        assert connection.recv(1) == b"", "the node lives on"


def test_a_node_that_outlived_its_launcher_and_minder_is_ended_by_the_next_start(
    folder: Path,
) -> None:
    launcher = Launcher.of(folder)
    os.kill(launcher.minder, signal.SIGKILL)
    launcher.kill()
    said: list[str] = []

    with Broker(folder, on_progress=said.append) as broker:
        assert broker.bootstrap == f"127.0.0.1:{launcher.port}"

    assert "Ended node-1, which a former start had left running" in said


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """A process of its own that started a broker and waits to be killed."""

    process: subprocess.Popen[str]
    port: int
    minder: int

    @classmethod
    def of(cls, folder: Path) -> Self:
        program = (
            "import sys, pathlib, services.broker as b; "
            "broker = b.Broker(pathlib.Path(sys.argv[1])); "
            "print(broker.start(), broker._minder.process.pid, flush=True); sys.stdin.read()"
        )
        process = subprocess.Popen(
            (sys.executable, "-c", program, str(folder)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert process.stdout
        address, minder = process.stdout.readline().split()
        return cls(process=process, port=int(address.rpartition(":")[2]), minder=int(minder))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_a_damaged_jar_is_refused_by_name_and_the_folder_is_free_again(
    folder: Path, tmp_path: Path
) -> None:
    cache = cache_with_one_damaged_jar(tmp_path / "jars")

    with pytest.raises(JarsDamaged, match="Delete this file") as refused:
        Broker(folder, jar_cache=cache).start()

    assert str(cache / locked_jars()[0].file_name) in str(refused.value)
    with Broker(folder) as mended:
        create(mended.bootstrap, "postings")


def cache_with_one_damaged_jar(cache: Path) -> Path:
    cache.mkdir()
    good = user_cache_path("foothold") / "kafka" / KAFKA_VERSION
    damaged, *others = locked_jars()
    for jar in others:
        (cache / jar.file_name).symlink_to(good / jar.file_name)
    (cache / damaged.file_name).write_bytes(b"not what was locked")
    return cache


def test_a_node_that_fails_to_start_leaves_no_process_and_names_its_log(folder: Path) -> None:
    with Broker(folder) as broker:
        port = int(broker.bootstrap.rpartition(":")[2])
    (folder / "node-1" / "data" / "meta.properties").unlink()
    half = Broker(folder)

    with pytest.raises(NodeFailed, match="Node 1 of Apache Kafka ended with code 1") as failed:
        half.start()

    (log,) = half.log_files
    assert str(log) in str(failed.value)
    assert "meta.properties" in log.read_text(encoding="utf-8")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_format_that_was_cut_off_is_done_again(folder: Path) -> None:
    unfinished = folder / "node-1" / "forming"
    unfinished.mkdir(parents=True)
    (unfinished / "meta.properties").write_text("version=1\n", encoding="ascii")

    with Broker(folder) as broker:
        create(broker.bootstrap, "postings")

    assert not unfinished.exists()


def test_a_node_whose_port_was_taken_meanwhile_moves_with_its_records(folder: Path) -> None:
    with Broker(folder) as before:
        create(before.bootstrap, "postings")
        write(before.bootstrap, "postings", b"retrofit trainee")
        address = before.bootstrap
    host, _, port = address.rpartition(":")

    with socket.create_server((host, int(port))), Broker(folder) as after:
        assert after.bootstrap != address
        assert read(after.bootstrap, "postings") == (b"retrofit trainee",)


def test_a_folder_of_one_node_is_not_opened_with_three(folder: Path) -> None:
    with Broker(folder):
        pass

    with pytest.raises(FolderUnfit, match="made with nodes=1, and nodes=3 is asked for"):
        Broker(folder, nodes=3).start()


@pytest.mark.slow
def test_three_nodes_form_one_cluster(three: Broker) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=three.bootstrap)) as admin:
        members = {node["broker_id"] for node in admin.describe_cluster()["brokers"]}

    assert members == {1, 2, 3}


@pytest.mark.slow
def test_three_nodes_go_on_without_a_killed_one_and_take_it_back(three: Broker) -> None:
    create(three.bootstrap, "postings", copies=3)
    write(three.bootstrap, "postings", b"retrofit trainee")

    three.kill_node(2)
    write(three.bootstrap, "postings", b"kitchen porter")
    three.restart_node(2)

    assert read(three.bootstrap, "postings") == (b"retrofit trainee", b"kitchen porter")


@pytest.mark.slow
def test_three_nodes_go_on_while_one_stands_still(three: Broker) -> None:
    create(three.bootstrap, "answers", copies=3)
    others, _, _ = three.bootstrap.rpartition(",")

    three.pause_node(3)
    write(others, "answers", b"yes")
    three.resume_node(3)

    assert read(three.bootstrap, "answers") == (b"yes",)
