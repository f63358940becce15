"""
Vectors are kept only of who is in the index, whoever else writes at the same moment.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.storage import matcher_tables as tables
from services.storage.vectors import PreparedText, VectorStore
from tests.builders import resident
from tests.flow.matcher.rehearsal import Rehearsal, begun


@pytest.fixture
def zedford(tmp_path: Path) -> Rehearsal:
    return begun(tmp_path)


def prepared(subject: str, *phrases: str) -> PreparedText:
    return PreparedText(
        subject=subject,
        model="hashing-1",
        text_hash="0" * 64,
        prepared=b"numbers",
        phrases={each * 64: b"vector" for each in phrases},
    )


def test_what_was_prepared_of_somebody_erased_meanwhile_is_not_kept(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.erase("amal")
    zedford.read_log()

    VectorStore(zedford.engine).keep((prepared(amal, "a"),))

    assert zedford.rows(tables.VECTORS) == 0
    assert zedford.rows(tables.PHRASES) == 0


def test_a_phrase_goes_with_the_last_who_used_it(zedford: Rehearsal) -> None:
    amal, pia = zedford.put_forward("amal"), zedford.put_forward("pia")
    zedford.read_log()
    store = VectorStore(zedford.engine)
    store.keep((prepared(amal, "a", "b"), prepared(pia, "b", "c")))

    zedford.erase("amal")
    zedford.read_log()
    assert set(store.phrases(("a" * 64, "b" * 64, "c" * 64), model="hashing-1")) == {
        "b" * 64,
        "c" * 64,
    }

    zedford.withdraw_consent("pia")
    zedford.read_log()
    assert zedford.rows(tables.PHRASES) == 0
    assert zedford.rows(tables.VECTORS) == 0


@pytest.mark.parametrize("leave", [Rehearsal.pause, Rehearsal.withdraw_consent, Rehearsal.erase])
def test_whoever_leaves_the_index_leaves_neither_a_vector_nor_a_day(
    zedford: Rehearsal, leave: Callable[[Rehearsal, str], None]
) -> None:
    zedford.put_forward("amal")
    zedford.give_fact("amal", "cscs_card", last_day=date(2026, 12, 31))
    zedford.post()
    zedford.settle(zedford.new_process())
    held = (tables.VECTORS, tables.RULE_DAYS)
    assert [zedford.rows(table) for table in held] == [2, 1]

    leave(zedford, "amal")
    zedford.read_log()

    assert [zedford.rows(table) for table in held] == [1, 0]
    assert zedford.rows(tables.PHRASE_USES, subject=resident("amal")) == 0


def test_a_later_text_takes_the_place_of_the_former(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.read_log()
    store = VectorStore(zedford.engine)

    store.keep((prepared(amal, "a"),))
    store.keep((prepared(amal, "b"),))

    assert zedford.rows(tables.VECTORS) == 1
    assert set(store.phrases(("a" * 64, "b" * 64), model="hashing-1")) == {"b" * 64}
    assert store.prepared((amal,), model="hashing-1")[amal].text_hash == "0" * 64
    assert store.prepared((amal,), model="hashing-2") == {}
