"""
Opening a database: SQLite or PostgreSQL, brought up to date, with one way of writing.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

# Which streams of migrations make a database of each kind, in the order of their need.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "keys": ("positions", "keys"),
    "herald": ("projection", "herald"),
    "matcher": ("projection", "matcher"),
    "notifier": ("projection", "notifier"),
    "auditor": ("projection", "auditor"),
}

NAMING: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

WAIT_SECONDS: Final = 30


class NewerDatabase(RuntimeError):
    """
    A newer release has changed the tables; this one must not write them.
    """


def tables() -> MetaData:
    """
    Return a fresh metadata with the naming convention, on which a kind declares its tables.
    """
    return MetaData(naming_convention=NAMING)


def open_database(kind: str, where: Path | str) -> Engine:
    """
    Open a database, make it where there is none, and bring its tables up to date.

    On PostgreSQL each kind has a schema of its own, so that one URL serves all.

    Args:
        kind: a key of `KINDS`.
        where: the file of an SQLite database, or an SQLAlchemy URL.

    Raises:
        NewerDatabase: a newer release has been here.
    """
    engine = _sqlite(where) if isinstance(where, Path) else _by_url(make_url(where), kind=kind)
    migrate(engine, kind=kind)
    return engine


def migrate(engine: Engine, *, kind: str) -> None:
    """
    Run the migrations of a kind that this database has not had, in one transaction.

    Raises:
        NewerDatabase: the database has had one that this release does not carry.
    """
    with as_file(files("services.storage") / "migrations") as folder, engine.begin() as connection:
        _one_at_a_time(connection)
        if _versions(connection) == _newest(folder, kind=kind):
            return
        # Imported here: it is heavy, and most starts find nothing to do.
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        settings = Config()
        settings.set_main_option("script_location", str(folder).replace("%", "%%"))
        settings.attributes["connection"] = connection
        # A path may hold spaces and colons, but hardly a new line.
        locations = [str(folder / stream) for stream in KINDS[kind]]
        settings.set_main_option("path_separator", "newline")
        settings.set_main_option("version_locations", "\n".join(locations).replace("%", "%%"))
        try:
            command.upgrade(settings, "heads")
        except CommandError as error:
            raise NewerDatabase(f"the database of kind {kind} is from a newer release") from error


def _versions(connection: Connection) -> set[str]:
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def _newest(folder: Path, *, kind: str) -> set[str]:
    """
    Name the newest revision of each stream: `v0002_more.py` is `<stream>_0002`.
    """
    files_of = {stream: sorted((folder / stream).glob("v*.py")) for stream in KINDS[kind]}
    return {f"{stream}_{found[-1].stem[1:5]}" for stream, found in files_of.items() if found}


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """
    Open a transaction that only reads: on SQLite it waits for no writer.
    """
    with engine.connect().execution_options(reading=True) as connection:
        yield connection


def insert_once(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """
    Insert a row unless one with its key stands there.

    Returns:
        Whether it went in; if not, the caller looks for the row that stands.
    """
    key = next(iter(table.primary_key.columns))
    insert: sqlite.Insert | postgresql.Insert
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(table)
    else:
        insert = postgresql.insert(table)
    statement = insert.values(dict(row)).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None


def leave_no_trace(engine: Engine) -> None:
    """
    Take deleted rows out of SQLite's write-ahead log, after `secure_delete` zeroed the pages.

    On PostgreSQL old row versions go with its own vacuum and WAL recycling; nothing is
    done here.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sqlite(path: Path) -> Engine:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made by us, so that no other user of the machine can read it; its log inherits this.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return _as_sqlite(
        create_engine(
            URL.create("sqlite", database=str(path)), connect_args={"timeout": WAIT_SECONDS}
        )
    )


def _by_url(url: URL, *, kind: str) -> Engine:
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("an SQLite database must be a file: memory would forget positions")
        return _sqlite(Path(url.database))
    if url.get_backend_name() != "postgresql":
        raise ValueError(f"databases are SQLite or PostgreSQL, not {url.get_backend_name()}")
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"options": f"-c search_path={kind}"},
        pool_pre_ping=True,
    )
    with engine.begin() as connection:
        _one_at_a_time(connection)
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{kind}"'))
    return engine


def _one_at_a_time(connection: Connection) -> None:
    """
    Let one process at a time change tables; SQLite's BEGIN IMMEDIATE does so by itself.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('foothold migrations'))"))


def _as_sqlite(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        # The driver would begin by itself, late and without DDL; SQLAlchemy's `begin` does.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def immediate(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
