"""
The market's place in the transport: the fold over the partitions of the market's inbox.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matching.market import fold
from matching.market.state import STATE_VERSION, MarketState
from schemas import codec
from schemas.log_record import SALT_BYTES
from services.transport.core import Fold
from services.transport.fold import Folds, Lookup, PartitionFold
from services.transport.ports import RecordLog
from services.transport.records import Salts
from services.transport.snapshots import Snapshots

NAME = "market"


def folds(
    record_log: RecordLog,
    *,
    snapshots: Path,
    salting: Callable[[str], bytes],
    release: str,
    new_id: Callable[[], str],
    lookup: Lookup,
) -> Folds[MarketState]:
    """
    Return the folds of the partitions, made as they come.

    Args:
        record_log: the topics.
        snapshots: the folder of their cache.
        salting: gives a market's own key, of which the salts of its leaves are made.
        release: names this release in each record's cause.
        new_id: draws the id of a log's partition, once.
        lookup: looks a market up in the register.
    """
    core: Fold[MarketState] = fold
    kept = Snapshots(snapshots, state_version=STATE_VERSION, dump=dumped, load=loaded)

    def make(partition: int) -> PartitionFold[MarketState]:
        return PartitionFold(
            partition,
            record_log=record_log,
            fold=core,
            salts=salts_from(salting),
            release=release,
            new_id=new_id,
            lookup=lookup,
            snapshots=kept,
        )

    return Folds(make)


def salts_from(salting: Callable[[str], bytes]) -> Salts:
    """
    Make the salts of a market's leaves from its key: the same for the same leaf, always.
    """

    def salt(market: str, sequence: int, leaf: int) -> bytes:
        told = f"{sequence}/{leaf}".encode()
        return hmac.new(salting(market), told, hashlib.sha256).digest()[:SALT_BYTES]

    return salt


def dumped(state: MarketState) -> Any:
    """
    Return a market's state as plain JSON values.
    """
    return codec.adapter(MarketState).dump_python(state, mode="json")


def loaded(told: Any) -> MarketState:
    """
    Read a market's state back.

    Raises:
        ValueError: it is of another form.
    """
    state: MarketState = codec.adapter(MarketState).validate_json(json.dumps(told))
    return state
