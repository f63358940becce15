import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import update

from services.sealing import Key
from services.storage.database import open_database
from services.storage.keys import KEYS, KeyStore, WrongMasterKey, master_key, open_keys

MASTER = bytes(range(32))
AMAL, BERYL = "tees-r-amalamalamalamal", "tees-r-berylberylberylb"
NOON = "2026-01-13T12:00:00.000Z"


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_neither_a_reference_nor_a_key_stands_in_the_store_in_clear(tmp_path: Path) -> None:
    store, _ = open_keys(tmp_path / "keys.sqlite", master=MASTER)
    amal = store.resident_for("tansy", "CANARY-REF-17", market="tees", draw=lambda: bytes(10))
    store.create(amal, Key(b"canary key of thirty-two bytes!!"))

    found = all_bytes(tmp_path)

    assert amal.encode() in found
    assert b"CANARY-REF-17" not in found
    assert b"canary key" not in found
    store.close()


def test_no_byte_of_a_destroyed_key_is_left_in_any_file(tmp_path: Path) -> None:
    engine = open_database("keys", tmp_path / "keys.sqlite")
    store = KeyStore(engine, master=MASTER)
    store.create(AMAL, Key(b"a" * 32))
    with engine.begin() as connection:
        wrapped: bytes = connection.execute(KEYS.select()).one().wrapped
    assert wrapped in all_bytes(tmp_path)

    store.destroy(AMAL, at=NOON)

    assert wrapped not in all_bytes(tmp_path)
    store.close()


def test_a_store_is_not_opened_under_another_master_key(tmp_path: Path) -> None:
    store, _ = open_keys(tmp_path / "keys.sqlite", master=MASTER)
    store.close()

    with pytest.raises(WrongMasterKey):
        open_keys(tmp_path / "keys.sqlite", master=bytes(32))


def test_a_key_moved_to_another_subject_does_not_unwrap(tmp_path: Path) -> None:
    engine = open_database("keys", tmp_path / "keys.sqlite")
    store = KeyStore(engine, master=MASTER)
    store.create(AMAL, Key(b"a" * 32))
    with engine.begin() as connection:
        connection.execute(update(KEYS).values(subject=BERYL))

    with pytest.raises(WrongMasterKey):
        store.key_for(BERYL)
    store.close()


def test_a_master_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    made = master_key(tmp_path / "data")

    assert len(made) == 32
    assert master_key(tmp_path / "data") == made
    assert os.listdir(tmp_path / "data") == ["master.key"]
    assert stat.S_IMODE((tmp_path / "data" / "master.key").stat().st_mode) == 0o600


def test_a_given_master_key_is_taken_and_none_is_made(tmp_path: Path) -> None:
    assert master_key(tmp_path, given=MASTER) == MASTER
    assert not list(tmp_path.iterdir())


def test_a_broken_master_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("not a key")

    with pytest.raises(WrongMasterKey):
        master_key(tmp_path)


def test_the_store_s_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    store, _ = open_keys(tmp_path / "keys.sqlite", master=MASTER)
    store.create(AMAL, Key(b"a" * 32))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert modes == {0o600}
    store.close()
