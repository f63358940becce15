"""
Snapshots of a partition of the fold: a cache, never the truth.

A file is a line with the SHA-256 of what follows, then canonical JSON. It is named by the
log's genesis, the partition and the version of the state. Any may be deleted at any time;
one that is damaged, of another log or not on this log's chain is ignored.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

from schemas.envelope import canonical
from services.transport.metrics import SNAPSHOTS_IGNORED

FORMAT = 1

log = structlog.get_logger()

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSnapshot(Generic[S]):
    """
    One market: its state, the next inbox offset, and where its last log record stands.
    """

    state: S
    inbox_next: int
    written: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Generic[S]):
    """
    One partition, after every log record below `log_next`.
    """

    genesis: str
    partition: int
    inbox_topic_id: str
    release: str
    log_next: int
    markets: Mapping[str, MarketSnapshot[S]]


class Snapshots(Generic[S]):
    """
    The snapshots in a folder.

    Args:
        folder: where they lie; made if it is not there.
        state_version: the version of the state's form and meaning.
        dump: makes plain JSON values of a state.
        load: makes a state of plain JSON values; raises `ValueError` where it cannot.
    """

    def __init__(
        self,
        folder: Path,
        *,
        state_version: int,
        dump: Callable[[S], Any],
        load: Callable[[Any], S],
    ) -> None:
        self._folder = folder
        self._state_version = state_version
        self._dump, self._load = dump, load

    def path(self, genesis: str, partition: int) -> Path:
        """
        Name the file of a partition.
        """
        return self._folder / f"{genesis}-{partition}-v{self._state_version}.snapshot"

    def write(self, snapshot: Snapshot[S]) -> Path:
        """
        Replace a partition's snapshot: whole, or not at all.
        """
        body = canonical(self._body(snapshot))
        path = self.path(snapshot.genesis, snapshot.partition)
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(self._folder)
        return path

    def read(self, genesis: str, partition: int) -> Snapshot[S] | None:
        """
        Read a partition's snapshot; nothing where there is none that can be used.
        """
        path = self.path(genesis, partition)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return self._snapshot(raw, genesis=genesis, partition=partition)
        except (ValueError, KeyError, TypeError):
            ignore("unreadable", partition=partition)
            return None

    def _body(self, snapshot: Snapshot[S]) -> dict[str, Any]:
        markets = {
            code: {
                "state": self._dump(market.state),
                "inbox_next": market.inbox_next,
                "written": market.written,
                "quarantined": market.quarantined,
            }
            for code, market in snapshot.markets.items()
        }
        head = {name: getattr(snapshot, name) for name in _HEAD}
        return {**head, "format": FORMAT, "state_version": self._state_version, "markets": markets}

    def _snapshot(self, raw: bytes, *, genesis: str, partition: int) -> Snapshot[S]:
        digest, _, body = raw.partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            raise ValueError("the snapshot's digest differs")
        told = json.loads(body)
        named = (told["format"], told["state_version"], told["genesis"], told["partition"])
        if named != (FORMAT, self._state_version, genesis, partition):
            raise ValueError("the snapshot is of another log or version")
        markets = {
            code: MarketSnapshot(**{**market, "state": self._load(market["state"])})
            for code, market in told["markets"].items()
        }
        return Snapshot(**{name: told[name] for name in _HEAD}, markets=markets)


_HEAD = ("genesis", "partition", "inbox_topic_id", "release", "log_next")


def ignore(reason: str, *, partition: int) -> None:
    """
    Tell that a snapshot is ignored, and count it by reason.
    """
    SNAPSHOTS_IGNORED.labels(reason).inc()
    log.warning("snapshot ignored", code=reason, partition=partition)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
