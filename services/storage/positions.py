"""
How far the forwarder has read each of its sources: only ever raised.
"""

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, String, Table, select, update

from services.storage.database import insert_once, reading


def position_tables(metadata: MetaData) -> Table:
    """
    Declare the table of positions (migrations: stream `positions`).
    """
    return Table(
        "forwarder_position",
        metadata,
        Column("topic_id", String(64), primary_key=True),
        Column("partition", Integer, primary_key=True, autoincrement=False),
        Column("next_offset", BigInteger, nullable=False),
    )


class PositionStore:
    """
    (topic id, partition) -> next offset to read.
    """

    def __init__(self, engine: Engine, table: Table) -> None:
        self._engine = engine
        self._table = table

    def next_offset(self, topic_id: str, partition: int) -> int | None:
        """
        Return the next offset to read, or nothing where nothing was read yet.
        """
        table = self._table
        query = select(table.c.next_offset).where(
            table.c.topic_id == topic_id, table.c.partition == partition
        )
        with reading(self._engine) as connection:
            found: int | None = connection.execute(query).scalar_one_or_none()
        return found

    def raise_to(self, topic_id: str, partition: int, offset: int) -> None:
        """
        Raise a position; a lower offset than the one that stands changes nothing.
        """
        table = self._table
        row = {"topic_id": topic_id, "partition": partition, "next_offset": offset}
        lower = (
            (table.c.topic_id == topic_id)
            & (table.c.partition == partition)
            & (table.c.next_offset < offset)
        )
        with self._engine.begin() as connection:
            if not insert_once(connection, table, row):
                connection.execute(update(table).where(lower).values(next_offset=offset))
