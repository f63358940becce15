"""
The key store: who a reference means, under which key they are sealed, and what is destroyed.

intake creates, matcher and notifier read, notifier destroys. A row once written is never
written over, but by its destruction.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    select,
    update,
)

from schemas.envelope import canonical, resident_id
from services import clock
from services.sealing import KEY_BYTES, Destroyed, Key, derive
from services.storage.database import insert_once, leave_no_trace, open_database, reading, tables
from services.storage.positions import PositionStore, position_tables

MASTER_KEY_FILE: Final = "master.key"

METADATA: Final = tables()
POSITIONS: Final = position_tables(METADATA)


def _key_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    return (
        Table(
            "master_key",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("check", String(64), nullable=False),
        ),
        Table(
            "sealing_key",
            metadata,
            Column("subject", String(64), primary_key=True),
            Column("wrapped", LargeBinary, nullable=True),
            Column("destroyed_at", String(24), nullable=True),
        ),
        Table(
            "resident_reference",
            metadata,
            Column("party", String(32), primary_key=True),
            Column("reference", String(64), primary_key=True),
            Column("resident", String(64), nullable=False, index=True),
        ),
    )


MASTER, KEYS, REFERENCES = _key_tables(METADATA)


class WrongMasterKey(RuntimeError):
    """
    The store was written under another master key, or a key in it was tampered with.
    """


def master_key(folder: Path, *, given: bytes | None = None) -> bytes:
    """
    Return the master key: the one given, else the one in the data folder, made if absent.

    Args:
        folder: the data folder; the file `master.key` in it is readable by its owner only.
        given: 32 bytes from the settings.

    Raises:
        WrongMasterKey: the file holds no key.
    """
    if given is not None:
        return given
    path = folder / MASTER_KEY_FILE
    if not path.exists():
        _write_secret(path, base64.b64encode(clock.random_bytes(KEY_BYTES)) + b"\n")
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise WrongMasterKey(f"{path} does not hold {KEY_BYTES} bytes in base64")
    return key


def _write_secret(path: Path, secret: bytes) -> None:
    """
    Write a file whole or not at all; where another process was first, its file stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{clock.new_id()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


class KeyStore:
    """
    Keys by subject: our id of a resident or an opportunity, or `party:` with a slug.
    """

    def __init__(self, engine: Engine, *, master: bytes) -> None:
        """
        Raises:
            WrongMasterKey: the store was begun under another master key.
        """
        self._engine = engine
        self._master = master
        check = derive(master, "check").hex()
        with engine.begin() as connection:
            insert_once(connection, MASTER, {"id": 1, "check": check})
            stands = connection.execute(select(MASTER.c.check)).scalar_one()
        if stands != check:
            raise WrongMasterKey("the key store was begun under another master key")

    def close(self) -> None:
        """
        Close the database, the store of positions in it too.
        """
        self._engine.dispose()

    def key_for(self, subject: str) -> Key | Destroyed | None:
        """
        Return a subject's key, or that it is destroyed, or nothing where there never was one.
        """
        with reading(self._engine) as connection:
            return self._found(connection, subject)

    def create(self, subject: str, key: Key) -> Key | Destroyed:
        """
        Keep a key for a subject, unless there is or was one.

        Returns:
            What holds from now on: this key, the one that stood, or that it is destroyed.
        """
        with self._engine.begin() as connection:
            wrapped = aes_key_wrap(self._wrapping(subject), key.secret)
            insert_once(connection, KEYS, {"subject": subject, "wrapped": wrapped})
            found = self._found(connection, subject)
        assert found is not None
        return found

    def destroy(self, subject: str, *, at: str) -> Destroyed:
        """
        Destroy a subject's key for good; there need not be one.

        Args:
            subject: our id.
            at: when it was asked, an instant: what was said before is known by it later.

        Returns:
            When it was destroyed first.
        """
        with self._engine.begin() as connection:
            insert_once(connection, KEYS, {"subject": subject, "destroyed_at": at})
            live = (KEYS.c.subject == subject) & KEYS.c.wrapped.is_not(None)
            connection.execute(update(KEYS).where(live).values(wrapped=None, destroyed_at=at))
            found = self._found(connection, subject)
        leave_no_trace(self._engine)
        assert isinstance(found, Destroyed)
        return found

    def forget_destroyed(self, before: str) -> int:
        """
        Drop what was destroyed before an instant, and the references to it.

        Returns:
            How many subjects were forgotten.
        """
        gone = KEYS.c.wrapped.is_(None) & (KEYS.c.destroyed_at < before)
        with self._engine.begin() as connection:
            subjects = select(KEYS.c.subject).where(gone)
            connection.execute(delete(REFERENCES).where(REFERENCES.c.resident.in_(subjects)))
            forgotten = connection.execute(delete(KEYS).where(gone).returning(KEYS.c.subject)).all()
        if forgotten:
            leave_no_trace(self._engine)
        return len(forgotten)

    def resident_for(
        self, party: str, reference: str, *, market: str, draw: Callable[[], bytes]
    ) -> str:
        """
        Return the id of the resident whom a party means by a reference, minting it at first.

        Args:
            party: the slug of the partner.
            reference: the partner's own; only its keyed digest is kept.
            market: code of the market in which a new id is minted.
            draw: makes ten random bytes.
        """
        row = {"party": party, "reference": self._digest(party, reference)}
        with self._engine.begin() as connection:
            found = self._resident(connection, row)
            if found is None:
                found = resident_id(market, draw())
                insert_once(connection, REFERENCES, {**row, "resident": found})
                found = self._resident(connection, row)
        assert found is not None
        return found

    def resident_named(self, party: str, name: str) -> str | None:
        """
        Return the id of a party's own resident, named by our id or by its reference.

        What is another party's is as unknown as what does not exist.
        """
        own = (REFERENCES.c.party == party) & (REFERENCES.c.resident == name)
        query = select(REFERENCES.c.resident).where(own).limit(1)
        with reading(self._engine) as connection:
            by_id: str | None = connection.execute(query).scalar_one_or_none()
            row = {"party": party, "reference": self._digest(party, name)}
            return by_id or self._resident(connection, row)

    def _found(self, connection: Connection, subject: str) -> Key | Destroyed | None:
        row = connection.execute(select(KEYS).where(KEYS.c.subject == subject)).first()
        if row is None:
            return None
        if row.wrapped is None:
            return Destroyed(row.destroyed_at)
        try:
            return Key(aes_key_unwrap(self._wrapping(subject), row.wrapped))
        except InvalidUnwrap:
            raise WrongMasterKey("a key in the store does not unwrap") from None

    def _resident(self, connection: Connection, row: dict[str, str]) -> str | None:
        same = (REFERENCES.c.party == row["party"]) & (REFERENCES.c.reference == row["reference"])
        query = select(REFERENCES.c.resident).where(same)
        found: str | None = connection.execute(query).scalar_one_or_none()
        return found

    def _wrapping(self, subject: str) -> bytes:
        # One wrapping key a subject: a row moved to another subject does not unwrap.
        return derive(self._master, "wrap", subject)

    def _digest(self, party: str, reference: str) -> str:
        secret = derive(self._master, "reference")
        return hmac.new(secret, canonical([party, reference]), hashlib.sha256).hexdigest()


def open_keys(where: Path | str, *, master: bytes) -> tuple[KeyStore, PositionStore]:
    """
    Open the database that holds the keys and the forwarder's positions.
    """
    engine = open_database("keys", where)
    return KeyStore(engine, master=master), PositionStore(engine, POSITIONS)
