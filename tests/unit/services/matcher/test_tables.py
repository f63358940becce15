from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.storage.database import open_database
from services.storage.matcher_tables import METADATA


def test_the_migrations_make_the_tables_that_are_declared(tmp_path: Path) -> None:
    engine = open_database("matcher", tmp_path / "matcher.sqlite")

    with engine.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == []
