"""
What every key store, store of positions and store of projections does, whatever it is made of.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.sealing import Destroyed, Key
from services.storage.database import open_database, tables
from services.storage.keys import KeyStore, open_keys
from services.storage.projections import ProjectionStore as SqlProjectionStore
from services.storage.projections import projection_tables
from services.transport.ports import MarketApplied, PartitionApplied, PositionStore, ProjectionStore
from tests.fakes import MemoryPositions, MemoryProjectionStore
from tests.keys_in_memory import KeysInMemory

MASTER = bytes(range(32))
FIRST, SECOND = Key(b"a" * 32), Key(b"b" * 32)
AMAL = "tees-r-amalamalamalamal"
NOON, LATER = "2026-01-13T12:00:00.000Z", "2026-02-13T12:00:00.000Z"

Stores = KeyStore | KeysInMemory


@pytest.fixture(params=["in memory", "on SQLite"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "in memory":
        yield KeysInMemory()
        return
    store, _ = open_keys(tmp_path / "keys.sqlite", master=MASTER)
    yield store
    store.close()


@pytest.fixture(params=["in memory", "on SQLite"])
def positions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PositionStore]:
    if request.param == "in memory":
        yield MemoryPositions()
        return
    keys, store = open_keys(tmp_path / "keys.sqlite", master=MASTER)
    yield store
    keys.close()


@pytest.fixture(params=["in memory", "on SQLite"])
def projections(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProjectionStore[Any]]:
    if request.param == "in memory":
        yield MemoryProjectionStore()
        return
    engine = open_database("auditor", tmp_path / "auditor.sqlite")
    yield SqlProjectionStore(engine, projection_tables(tables()))
    engine.dispose()


def drawing() -> Callable[[], bytes]:
    numbers = count(1)
    return lambda: next(numbers).to_bytes(10)


def test_a_subject_without_a_key_has_none(keys: Stores) -> None:
    assert keys.key_for(AMAL) is None


def test_the_first_key_of_a_subject_stands(keys: Stores) -> None:
    assert keys.create(AMAL, FIRST) == FIRST
    assert keys.create(AMAL, SECOND) == FIRST
    assert keys.key_for(AMAL) == FIRST


def test_a_destroyed_id_never_gets_a_key_again(keys: Stores) -> None:
    keys.create(AMAL, FIRST)

    assert keys.destroy(AMAL, at=NOON) == Destroyed(NOON)

    assert keys.create(AMAL, SECOND) == Destroyed(NOON)
    assert keys.key_for(AMAL) == Destroyed(NOON)


def test_a_key_is_destroyed_once_and_the_first_day_counts(keys: Stores) -> None:
    keys.create(AMAL, FIRST)
    keys.destroy(AMAL, at=NOON)

    assert keys.destroy(AMAL, at=LATER) == Destroyed(NOON)


def test_an_id_is_destroyed_even_where_its_key_never_came(keys: Stores) -> None:
    keys.destroy(AMAL, at=NOON)

    assert keys.create(AMAL, FIRST) == Destroyed(NOON)


def test_a_reference_keeps_its_resident_and_belongs_to_one_party(keys: Stores) -> None:
    draw = drawing()
    amal = keys.resident_for("tansy", "T-17", market="tees", draw=draw)

    assert keys.resident_for("tansy", "T-17", market="leeds", draw=draw) == amal
    assert keys.resident_for("sedge", "T-17", market="tees", draw=draw) != amal
    assert amal.startswith("tees-r-")


def test_a_resident_is_found_by_reference_and_by_id_by_its_own_party_only(keys: Stores) -> None:
    amal = keys.resident_for("tansy", "T-17", market="tees", draw=drawing())

    assert keys.resident_named("tansy", "T-17") == amal
    assert keys.resident_named("tansy", amal) == amal
    assert keys.resident_named("sedge", "T-17") is None
    assert keys.resident_named("sedge", amal) is None
    assert keys.resident_named("tansy", "T-18") is None


def test_after_the_days_are_over_a_person_may_return_as_a_stranger(keys: Stores) -> None:
    draw = drawing()
    amal = keys.resident_for("tansy", "T-17", market="tees", draw=draw)
    keys.create(amal, FIRST)
    keys.destroy(amal, at=NOON)

    assert keys.forget_destroyed(NOON) == 0
    assert keys.resident_named("tansy", "T-17") == amal
    assert keys.forget_destroyed(LATER) == 1

    assert keys.resident_named("tansy", "T-17") is None
    assert keys.resident_for("tansy", "T-17", market="tees", draw=draw) != amal


def test_who_lives_on_is_not_forgotten(keys: Stores) -> None:
    amal = keys.resident_for("tansy", "T-17", market="tees", draw=drawing())
    keys.create(amal, FIRST)

    assert keys.forget_destroyed(LATER) == 0
    assert keys.key_for(amal) == FIRST


def test_a_position_is_only_ever_raised(positions: PositionStore) -> None:
    assert positions.next_offset("topic-a", 0) is None

    for offset in (5, 3, 9, 9, 0):
        positions.raise_to("topic-a", 0, offset)

    assert positions.next_offset("topic-a", 0) == 9
    assert positions.next_offset("topic-a", 1) is None
    assert positions.next_offset("topic-b", 0) is None


BEGUN = PartitionApplied(partition=3, next_offset=1, genesis="g")
NEXT = PartitionApplied(partition=3, next_offset=2, genesis="g")
OPENED = MarketApplied(market="tees", sequence=1, digest="a" * 64)
TICKED = MarketApplied(market="tees", sequence=2, digest="b" * 64)


def test_positions_of_a_projection_move_on_from_where_they_stand(
    projections: ProjectionStore[Any],
) -> None:
    with projections.begin() as transaction:
        transaction.advance(BEGUN, was=None)
        transaction.link(OPENED, was=None)
    with projections.begin() as transaction:
        transaction.advance(NEXT, was=projections.applied()[3])
        transaction.link(TICKED, was=projections.heads()["tees"])

    applied, head = projections.applied()[3], projections.heads()["tees"]
    assert (applied.partition, applied.next_offset, applied.genesis) == (3, 2, "g")
    assert (head.market, head.sequence, head.digest) == ("tees", 2, "b" * 64)


@pytest.mark.parametrize("was", [None, NEXT])
def test_a_projection_that_was_overtaken_changes_nothing(
    was: PartitionApplied | None, projections: ProjectionStore[Any]
) -> None:
    with projections.begin() as transaction:
        transaction.advance(BEGUN, was=None)

    def overtaken() -> None:
        with projections.begin() as transaction:
            transaction.link(OPENED, was=None)
            transaction.advance(replace(NEXT, next_offset=9), was=was)

    with pytest.raises(RuntimeError, match="partition 3"):
        overtaken()

    assert projections.applied()[3].next_offset == 1
    assert projections.heads() == {}
