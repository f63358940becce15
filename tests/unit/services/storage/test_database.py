import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text

from services.storage import announcements, keys, matcher_tables, notifications
from services.storage.database import (
    KINDS,
    NewerDatabase,
    insert_once,
    migrate,
    open_database,
    reading,
)
from services.storage.keys import KEYS


def pragma(engine: Engine, name: str) -> object:
    with reading(engine) as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar_one()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_database_can_be_made_and_made_again(kind: str, tmp_path: Path) -> None:
    engine = open_database(kind, tmp_path / "a folder%20" / f"{kind}.sqlite")

    migrate(engine, kind=kind)

    assert pragma(engine, "journal_mode") == "wal"
    assert pragma(engine, "synchronous") == 2
    assert pragma(engine, "secure_delete") == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("kind", "metadata"),
    [
        ("keys", keys.METADATA),
        ("herald", announcements.METADATA),
        ("matcher", matcher_tables.METADATA),
        ("notifier", notifications.METADATA),
    ],
)
def test_the_migrations_make_just_the_tables_that_the_code_uses(
    kind: str, metadata: MetaData, tmp_path: Path
) -> None:
    engine = open_database(kind, tmp_path / "db.sqlite")

    with engine.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []
    engine.dispose()


def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    engine = open_database("keys", tmp_path / "keys.sqlite")
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num='keys_9999' WHERE version_num LIKE 'k%'")
        )

    with pytest.raises(NewerDatabase):
        migrate(engine, kind="keys")
    engine.dispose()


def test_a_notifiers_database_of_before_reserved_positions_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "notifier.sqlite"
    engine = open_database("notifier", path)
    newer = sorted(set(inspect(engine).get_table_names()) - set(BEFORE_RESERVED_POSITIONS))
    with engine.begin() as connection:
        for table in newer:
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE notifier_fit DROP COLUMN standing"))
        connection.execute(
            text(
                "UPDATE alembic_version SET version_num='notifier_0001' WHERE version_num LIKE 'n%'"
            )
        )
        connection.execute(text("INSERT INTO notifier_beginning VALUES (1, 'some instant')"))
        connection.execute(text("INSERT INTO applied_market VALUES ('zedford', 7, 'digest')"))
    engine.dispose()

    engine = open_database("notifier", path)

    with reading(engine) as connection:
        for table in ("notifier_beginning", "applied_market"):
            assert connection.execute(text(f"SELECT * FROM {table}")).all() == []
        assert (
            compare_metadata(MigrationContext.configure(connection), notifications.METADATA) == []
        )
    engine.dispose()


BEFORE_RESERVED_POSITIONS = (
    "alembic_version",
    "applied_market",
    "applied_partition",
    "notifier_answer",
    "notifier_beginning",
    "notifier_contract",
    "notifier_fit",
    "notifier_opportunity",
    "notifier_part",
    "notifier_question",
    "notifier_resident",
    "notifier_sent",
    "outbox",
)


def test_a_notifiers_database_of_before_introductions_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "notifier.sqlite"
    engine = open_database("notifier", path)
    with engine.begin() as connection:
        for table in ("notifier_party", "notifier_challenge", "notifier_mail"):
            connection.execute(text(f"DROP TABLE {table}"))
        for column in ("undelivered", "introduced"):
            connection.execute(text(f"ALTER TABLE notifier_offer DROP COLUMN {column}"))
        connection.execute(text("ALTER TABLE notifier_offer ADD COLUMN delivered BOOLEAN"))
        connection.execute(
            text(
                "UPDATE alembic_version SET version_num='notifier_0002' WHERE version_num LIKE 'n%'"
            )
        )
        connection.execute(text("INSERT INTO notifier_beginning VALUES (1, 'some instant')"))
        connection.execute(text("INSERT INTO notifier_listed VALUES ('somebody', 'something')"))
        connection.execute(text("INSERT INTO applied_market VALUES ('zedford', 7, 'digest')"))
    engine.dispose()

    engine = open_database("notifier", path)

    with reading(engine) as connection:
        for table in ("notifier_beginning", "applied_market", "notifier_listed"):
            assert connection.execute(text(f"SELECT * FROM {table}")).all() == []
        assert (
            compare_metadata(MigrationContext.configure(connection), notifications.METADATA) == []
        )
    engine.dispose()


def test_a_row_goes_in_once(tmp_path: Path) -> None:
    engine = open_database("keys", tmp_path / "keys.sqlite")
    row = {"subject": "party:oakline", "wrapped": b"w"}

    with engine.begin() as connection:
        assert insert_once(connection, KEYS, row)
        assert not insert_once(connection, KEYS, {**row, "wrapped": b"other"})
        assert connection.execute(KEYS.select()).one().wrapped == b"w"
    engine.dispose()


def test_reading_waits_for_no_writer(tmp_path: Path) -> None:
    engine = open_database("keys", tmp_path / "keys.sqlite")

    with engine.begin() as writer:
        insert_once(writer, KEYS, {"subject": "party:oakline", "wrapped": b"w"})
        with reading(engine) as reader:
            assert reader.execute(KEYS.select()).all() == []
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://here/there"])
def test_a_database_that_would_forget_or_is_not_supported_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite"):
        open_database("keys", url)


def test_an_sqlite_url_opens_the_same_file(tmp_path: Path) -> None:
    engine = open_database("keys", f"sqlite:///{tmp_path}/keys.sqlite")

    assert pragma(engine, "journal_mode") == "wal"
    engine.dispose()


def test_the_packages_of_migrations_are_importable() -> None:
    for streams in KINDS.values():
        for stream in streams:
            assert import_module(f"services.storage.migrations.{stream}").__file__


OPEN_ALL = """
import sys
from pathlib import Path
from services.storage.database import KINDS, open_database
for kind in KINDS:
    open_database(kind, Path(sys.argv[1]) / f"{kind}.sqlite").dispose()
print("alembic" in sys.modules)
"""


def test_databases_that_are_up_to_date_are_opened_without_the_migration_tool(
    tmp_path: Path,
) -> None:
    def loads_alembic() -> str:
        run = subprocess.run(
            [sys.executable, "-c", OPEN_ALL, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    assert [loads_alembic(), loads_alembic()] == ["True", "False"]
