"""
How a node is set up: Apache Kafka's own properties file.
"""

from pathlib import Path

from services.broker.folder import Ports
from services.broker.ports import HOST

LARGEST_MESSAGE_BYTES = 17 * 2**20


def node_properties(node: int, *, ports: tuple[Ports, ...], data: Path) -> str:
    """
    Write the properties of one node, which is broker and controller at once.

    Listeners are on loopback and ask for no password: whoever has an account on the
    machine can connect.

    Args:
        node: its number, from 1.
        ports: where each node of the cluster listens.
        data: the folder for its logs, in Kafka's sense of the word.

    Returns:
        The file's text, one property a line.
    """
    lines = {**_identity(node, ports), "log.dirs": str(data), **_replication(len(ports)), **_RULES}
    return "".join(f"{name}={_escaped(value)}\n" for name, value in lines.items())


def _identity(node: int, ports: tuple[Ports, ...]) -> dict[str, str]:
    own = ports[node - 1]
    voters = (f"{i}@{HOST}:{pair.controller}" for i, pair in enumerate(ports, start=1))
    return {
        "process.roles": "broker,controller",
        "node.id": str(node),
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"PLAINTEXT://{HOST}:{own.client},CONTROLLER://{HOST}:{own.controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{own.client}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    }


def _replication(nodes: int) -> dict[str, str]:
    copies, in_sync = str(nodes), str(nodes // 2 + 1)
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": "1",
    }


_RULES = {
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "message.max.bytes": str(LARGEST_MESSAGE_BYTES),
    "replica.fetch.max.bytes": str(LARGEST_MESSAGE_BYTES),
    # Kafka's default of 50 partitions each is slow on a laptop.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    # A dead node is noticed after 3 s, where the default is 9.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "replica.lag.time.max.ms": "5000",
}


def _escaped(value: str) -> str:
    """
    Kafka reads the file as Latin-1, with a backslash and four digits for what is not in it.
    """
    units = value.encode("utf-16-be").hex(" ", 2).split()
    return "".join(chr(int(u, 16)) if _is_plain(int(u, 16)) else f"\\u{u}" for u in units)


def _is_plain(code: int) -> bool:
    return 32 <= code < 127 and chr(code) != "\\"
