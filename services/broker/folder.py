"""
The folder of a broker: who owns it, and what a restart must find again.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from services.broker.failure import BrokerError
from services.clock import random_bytes


class FolderInUse(BrokerError):
    """
    Another process runs a broker on the folder.
    """


class FolderUnfit(BrokerError):
    """
    The folder holds something that this broker cannot go on with.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    Sole ownership of a folder, which the system ends with the process, however that ends.
    """

    descriptor: int

    @classmethod
    def take(cls, folder: Path) -> Self:
        """
        Claim a folder, making it where it does not exist, for this user's eyes only.

        Raises:
            FolderInUse: a living process holds it; the sentence says which.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _in_use(folder, descriptor) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor=descriptor)

    def release(self) -> None:
        """
        Let others claim the folder.
        """
        os.close(self.descriptor)


def _in_use(folder: Path, descriptor: int) -> FolderInUse:
    owner = os.pread(descriptor, 20, 0).decode().strip() or "that is just starting"
    os.close(descriptor)
    return FolderInUse(
        f"Process {owner} already runs a broker on {folder}: end it first, use the broker "
        "that it runs (FOOTHOLD_BROKER), or name another folder."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    Where one node listens on loopback.

    Attributes:
        client: for producers, consumers and the other nodes.
        controller: for the quorum.
    """

    client: int
    controller: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """
    What stays the same over restarts.

    Attributes:
        cluster_id: 16 bytes as base64url without padding, the same on all nodes.
        ports: one pair a node; node 1 is the first.
    """

    cluster_id: str
    ports: tuple[Ports, ...]

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """
        Read what was kept; none means that the folder is new.

        Raises:
            FolderUnfit: the file is there and cannot be read.
        """
        path = folder / "cluster.json"
        if not path.exists():
            return None
        try:
            kept = json.loads(path.read_bytes())
            ports = tuple(Ports(**pair) for pair in kept["ports"])
            return cls(cluster_id=kept["cluster_id"], ports=ports)
        except (ValueError, KeyError, TypeError) as wrong:
            raise FolderUnfit(
                f"{path} cannot be read ({wrong}). Bring it back from a copy, or name another "
                "folder for a new broker."
            ) from wrong

    def keep(self, folder: Path) -> None:
        """
        Write it whole or not at all.
        """
        ports = [{"client": pair.client, "controller": pair.controller} for pair in self.ports]
        draft = folder / "cluster.json.draft"
        draft.write_text(
            json.dumps({"cluster_id": self.cluster_id, "ports": ports}, indent=2), encoding="utf-8"
        )
        draft.replace(folder / "cluster.json")


@contextmanager
def sole_writer(cache: Path) -> Iterator[None]:
    """
    Wait until no other process fills a cache folder, which is made where it does not exist.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def new_cluster_id() -> str:
    """
    Make a cluster id that does not begin with a dash, which the formatter takes for an option.
    """
    first, *rest = random_bytes(16)
    return base64.urlsafe_b64encode(bytes((first & 0x7F, *rest))).decode().rstrip("=")
