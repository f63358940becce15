"""
Free ports on loopback, outside the range from which the system gives out its own.

A client that keeps calling a port in that range while its broker is down may be given
the very port for its own end and meet itself, and the broker could not come back.
"""

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

from services.broker.failure import BrokerError
from services.broker.folder import Cluster, FolderUnfit, Ports, new_cluster_id

HOST = "127.0.0.1"

_FIRST, _PAST = 20_000, 32_000


class NoFreePort(BrokerError):
    """
    Every port of the range is taken.
    """


def place_cluster(folder: Path, *, nodes: int) -> Cluster:
    """
    Find the cluster of a folder, or make a new one, and keep where it listens from now on.

    Args:
        folder: claimed by the caller.
        nodes: how many it has.

    Raises:
        FolderUnfit: the folder holds another number of nodes, or cannot be read.
        NoFreePort: too few ports are free.
    """
    kept = Cluster.read(folder)
    if kept is not None and len(kept.ports) != nodes:
        raise FolderUnfit(
            f"The broker on {folder} was made with nodes={len(kept.ports)}, and nodes={nodes} is "
            "asked for: ask for as many as it has, or name another folder."
        )
    cluster = Cluster(
        cluster_id=kept.cluster_id if kept else new_cluster_id(),
        ports=choose_ports(folder, nodes=nodes, kept=kept.ports if kept else None),
    )
    cluster.keep(folder)
    return cluster


def choose_ports(
    folder: Path, *, nodes: int, kept: tuple[Ports, ...] | None = None
) -> tuple[Ports, ...]:
    """
    Choose where each node listens: where it did before, if that is free, or else elsewhere.

    Args:
        folder: whose broker it is; brokers of different folders look in different places.
        nodes: how many.
        kept: the ports of the last run, one pair a node.

    Raises:
        NoFreePort: too few ports are free.
    """
    pairs = kept or ()
    taken = {port for pair in pairs for port in (pair.client, pair.controller)}
    fresh = (port for port in _candidates(folder) if port not in taken and is_free(port))
    if not kept:
        return tuple(Ports(client=_next(fresh), controller=_next(fresh)) for _ in range(nodes))
    return tuple(
        Ports(
            client=pair.client if is_free(pair.client) else _next(fresh),
            controller=pair.controller if is_free(pair.controller) else _next(fresh),
        )
        for pair in pairs
    )


def is_free(port: int) -> bool:
    """
    Whether a node could listen there now.
    """
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def _candidates(folder: Path) -> Iterator[int]:
    digest = hashlib.sha256(str(folder).encode()).digest()
    start = int.from_bytes(digest[:4], "big")
    return (_FIRST + (start + step) % (_PAST - _FIRST) for step in range(_PAST - _FIRST))


def _next(fresh: Iterator[int]) -> int:
    port = next(fresh, None)
    if port is None:
        raise NoFreePort(f"No port from {_FIRST} to {_PAST - 1} is free on {HOST}.")
    return port
