"""
One question to a node, in Kafka's own protocol: which cluster is this, and who is in it?
"""

import socket
import struct
from dataclasses import dataclass

from services.broker.ports import HOST

_METADATA, _VERSION, _CORRELATION = 3, 2, 1
# Length; api key, version, correlation id, no client id; an empty list of topics.
_QUESTION = struct.pack(">ihhihi", 14, _METADATA, _VERSION, _CORRELATION, -1, 0)
_PATIENCE_S = 2
_LONGEST_ANSWER_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What a node knows of its cluster.

    Attributes:
        cluster_id: as it was formatted.
        nodes: the numbers of those that serve.
    """

    cluster_id: str | None
    nodes: frozenset[int]


def ask_node(port: int) -> Answer | None:
    """
    Ask the node at a port of loopback for its metadata.

    Returns:
        Its answer, or none where nobody answers in two seconds, or not in the protocol.

    Sources:
        Apache Kafka protocol, Metadata (key 3) version 2.
    """
    try:
        with socket.create_connection((HOST, port), timeout=_PATIENCE_S) as connection:
            connection.sendall(_QUESTION)
            (length,) = struct.unpack(">i", _exactly(connection, 4))
            if not 0 < length <= _LONGEST_ANSWER_BYTES:  # something else listens there
                return None
            return _parse(_exactly(connection, length))
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise ConnectionResetError
        received += piece
    return received


def _parse(body: bytes) -> Answer:
    _, count = struct.unpack_from(">ii", body)
    at, nodes = 8, set[int]()
    for _ in range(count):
        (node,) = struct.unpack_from(">i", body, at)
        nodes.add(node)
        _, at = _text(body, at + 4)
        _, at = _text(body, at + 4)  # the port stands between host and rack
    cluster_id, _ = _text(body, at)
    return Answer(cluster_id=cluster_id, nodes=frozenset(nodes))


def _text(body: bytes, at: int) -> tuple[str | None, int]:
    (length,) = struct.unpack_from(">h", body, at)
    if length < 0:
        return None, at + 2
    return body[at + 2 : at + 2 + length].decode(), at + 2 + length
