"""
What the herald remembers: the accepted events of the register, and the markets to tell.

Contact data of parties stays sealed as it came.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text, select

from schemas.envelope import canonical
from services.storage.database import insert_once, tables
from services.storage.projections import ProjectionTables, projection_tables

METADATA: Final[MetaData] = tables()
SHARED: Final[ProjectionTables] = projection_tables(METADATA)

FACTS = Table(
    "herald_fact",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("appended_at", String(24), nullable=False),
    Column("facts", Text, nullable=False),
)

MARKETS = Table(
    "herald_market",
    METADATA,
    Column("market", String(16), primary_key=True),
    Column("partition", Integer, nullable=False),
)


class Announcements:
    """
    The herald's memory, inside one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(
        self, sequence: int, *, appended_at: str, facts: tuple[Mapping[str, Any], ...]
    ) -> None:
        """
        Keep the accepted events of one record of the register.
        """
        told = canonical([dict(fact) for fact in facts]).decode()
        row = {"sequence": sequence, "appended_at": appended_at, "facts": told}
        insert_once(self._connection, FACTS, row)

    def kept(self) -> tuple[tuple[int, str], ...]:
        """
        Return sequence and append time of every record kept, in order.
        """
        query = select(FACTS.c.sequence, FACTS.c.appended_at).order_by(FACTS.c.sequence)
        return tuple((row.sequence, row.appended_at) for row in self._connection.execute(query))

    def facts(self, sequence: int) -> tuple[dict[str, Any], ...]:
        """
        Return the accepted events of one record.

        Raises:
            LookupError: there is no such record.
        """
        query = select(FACTS.c.facts).where(FACTS.c.sequence == sequence)
        found = self._connection.execute(query).scalar()
        if found is None:
            raise LookupError(f"no accepted events of register record {sequence} are kept")
        return tuple(json.loads(found))

    def open_market(self, market: str, *, partition: int) -> None:
        """
        Take a market into those that are told.
        """
        insert_once(self._connection, MARKETS, {"market": market, "partition": partition})

    def markets(self) -> dict[str, int]:
        """
        Return the markets that are told, and the partition of each.
        """
        rows = self._connection.execute(select(MARKETS))
        return {row.market: row.partition for row in rows}
