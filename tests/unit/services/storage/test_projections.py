from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.storage.database import open_database, tables
from services.storage.projections import (
    AppliedMarket,
    AppliedPartition,
    OutboxRow,
    Overtaken,
    ProjectionStore,
    projection_tables,
)

NOON = "2026-01-13T12:00:00.000Z"
START = AppliedPartition(partition=3, next_offset=1, genesis="g")
NEXT = AppliedPartition(partition=3, next_offset=2, genesis="g")
OPENED = AppliedMarket(market="tees", sequence=1, digest="a" * 64)
SECOND = AppliedMarket(market="tees", sequence=2, digest="b" * 64)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectionStore]:
    engine = open_database("herald", tmp_path / "herald.sqlite")
    yield ProjectionStore(engine, projection_tables(tables()))
    engine.dispose()


def letter(leaf: int = 2, recipient: str = "oakline") -> OutboxRow:
    return OutboxRow(
        partition=3,
        market="tees",
        sequence=1,
        leaf=leaf,
        recipient=recipient,
        kind="receipt",
        appended_at=NOON,
        payload={"ids": ["tees-o-aaaaaaaaaaaaaaaa"]},
    )


def test_positions_and_outbox_are_kept_together(store: ProjectionStore) -> None:
    with store.begin() as transaction:
        assert transaction.applied(3) is None
        assert transaction.head("tees") is None
        transaction.advance(START, was=None)
        transaction.link(OPENED, was=None)
        transaction.post(letter())

    assert store.applied() == {3: START}
    assert store.heads() == {"tees": OPENED}
    (row,) = store.unsent()
    assert (row.log_position, row.payload) == ("tees/1/2", letter().payload)


def test_a_projection_that_fails_leaves_nothing(store: ProjectionStore) -> None:
    def project() -> None:
        with store.begin() as transaction:
            transaction.advance(START, was=None)
            transaction.post(letter())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        project()

    assert store.applied() == {}
    assert store.unsent() == ()


def test_positions_move_on_from_where_they_stand(store: ProjectionStore) -> None:
    with store.begin() as transaction:
        transaction.advance(START, was=None)
        transaction.link(OPENED, was=None)
    with store.begin() as transaction:
        transaction.advance(NEXT, was=transaction.applied(3))
        transaction.link(SECOND, was=transaction.head("tees"))

    assert store.applied() == {3: NEXT}
    assert store.heads() == {"tees": SECOND}


@pytest.mark.parametrize("was", [None, NEXT, replace(START, genesis="h")])
def test_who_was_overtaken_changes_nothing(
    was: AppliedPartition | None, store: ProjectionStore
) -> None:
    with store.begin() as transaction:
        transaction.advance(START, was=None)

    def project() -> None:
        with store.begin() as transaction:
            transaction.post(letter())
            transaction.advance(replace(NEXT, next_offset=9), was=was)

    with pytest.raises(Overtaken):
        project()

    assert store.applied() == {3: START}
    assert store.unsent() == ()


@pytest.mark.parametrize("was", [None, SECOND, replace(OPENED, digest="c")])
def test_a_rival_s_record_does_not_link(was: AppliedMarket | None, store: ProjectionStore) -> None:
    with store.begin() as transaction:
        transaction.link(OPENED, was=None)

    with pytest.raises(Overtaken), store.begin() as transaction:
        transaction.link(SECOND, was=was)

    assert store.heads() == {"tees": OPENED}


def test_the_same_leaf_is_told_to_a_recipient_once(store: ProjectionStore) -> None:
    with store.begin() as transaction:
        for row in (letter(), letter(), letter(recipient="tansy"), letter(leaf=3)):
            transaction.post(row)

    assert [(row.recipient, row.leaf) for row in store.unsent()] == [
        ("oakline", 2),
        ("tansy", 2),
        ("oakline", 3),
    ]


def test_what_was_sent_is_struck_and_its_number_is_not_used_again(store: ProjectionStore) -> None:
    with store.begin() as transaction:
        transaction.post(letter(leaf=2))
        transaction.post(letter(leaf=3))
    first, second = store.unsent()

    store.strike((first.id, second.id))
    with store.begin() as transaction:
        transaction.post(letter(leaf=4))

    (third,) = store.unsent()
    assert third.id > second.id
    assert store.unsent(after=third.id) == ()
    assert store.unsent(partition=4) == ()
