"""
A projector's transaction: rows, applied positions and outbox stand or fall together.

Positions move by compare-and-set, so a second process that applies the same records
fails on its first write and changes nothing.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    select,
    update,
)

from schemas.envelope import canonical
from services.storage.database import insert_once, reading


class Overtaken(RuntimeError):
    """
    Another process has moved a position that this one was about to move.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedPartition:
    """
    How far a partition of the log has been read, and which log that was.
    """

    partition: int
    next_offset: int
    genesis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedMarket:
    """
    The last record of a market that was applied: its sequence and digest.
    """

    market: str
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """
    Something to send: which leaf of which log record it rests on, and to whom.

    `payload` holds ids, codes and numbers only; sealed text is opened when it is sent.
    `id` is set by the database and rises in the order in which rows were written.
    """

    partition: int
    market: str
    sequence: int
    leaf: int
    recipient: str
    kind: str
    appended_at: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def log_position(self) -> str:
        """
        Name the leaf as the header `log-position` does: market/sequence/leaf.
        """
        return f"{self.market}/{self.sequence}/{self.leaf}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionTables:
    """
    The tables that every projector has.
    """

    partitions: Table
    markets: Table
    outbox: Table


def projection_tables(metadata: MetaData) -> ProjectionTables:
    """
    Declare the shared tables on a projector's metadata (migrations: stream `projection`).
    """
    return ProjectionTables(
        partitions=Table(
            "applied_partition",
            metadata,
            Column("partition", Integer, primary_key=True, autoincrement=False),
            Column("next_offset", BigInteger, nullable=False),
            Column("genesis", String(64), nullable=False),
        ),
        markets=Table(
            "applied_market",
            metadata,
            Column("market", String(16), primary_key=True),
            Column("sequence", BigInteger, nullable=False),
            Column("digest", String(64), nullable=False),
        ),
        outbox=_outbox(metadata),
    )


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("partition", Integer, nullable=False),
        Column("market", String(16), nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("leaf", Integer, nullable=False),
        Column("recipient", String(64), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("appended_at", String(24), nullable=False),
        Column("payload", Text, nullable=False),
        UniqueConstraint("market", "sequence", "leaf", "recipient", "kind"),
        # Ids are never used again: a row that was sent must not lend its id to a later one.
        sqlite_autoincrement=True,
    )


class Transaction:
    """
    One open transaction of a projector; `connection` writes the worker's own tables in it.
    """

    def __init__(self, connection: Connection, tables: ProjectionTables) -> None:
        self.connection = connection
        self._tables = tables

    def applied(self, partition: int) -> AppliedPartition | None:
        """
        Return how far a partition has been applied, or nothing before its first record.
        """
        table = self._tables.partitions
        row = self.connection.execute(select(table).where(table.c.partition == partition)).first()
        return None if row is None else AppliedPartition(**row._mapping)

    def head(self, market: str) -> AppliedMarket | None:
        """
        Return the last applied record of a market, or nothing before its first.
        """
        table = self._tables.markets
        row = self.connection.execute(select(table).where(table.c.market == market)).first()
        return None if row is None else AppliedMarket(**row._mapping)

    def advance(self, to: AppliedPartition, *, was: AppliedPartition | None) -> None:
        """
        Move a partition's position, if it still stands where it stood.

        Raises:
            Overtaken: it does not.
        """
        table = self._tables.partitions
        row = {"partition": to.partition, "next_offset": to.next_offset, "genesis": to.genesis}
        if was is None:
            moved = insert_once(self.connection, table, row)
        else:
            stands = (
                (table.c.partition == to.partition)
                & (table.c.next_offset == was.next_offset)
                & (table.c.genesis == was.genesis)
            )
            moved = self._moved(table, stands, {"next_offset": to.next_offset})
        if not moved or (was is not None and was.genesis != to.genesis):
            raise Overtaken(f"partition {to.partition} was applied by another process")

    def link(self, to: AppliedMarket, *, was: AppliedMarket | None) -> None:
        """
        Move a market's head, if it still stands where it stood.

        Raises:
            Overtaken: it does not.
        """
        table = self._tables.markets
        if was is None:
            row = {"market": to.market, "sequence": to.sequence, "digest": to.digest}
            moved = insert_once(self.connection, table, row)
        else:
            stands = (
                (table.c.market == to.market)
                & (table.c.sequence == was.sequence)
                & (table.c.digest == was.digest)
            )
            moved = self._moved(table, stands, {"sequence": to.sequence, "digest": to.digest})
        if not moved:
            raise Overtaken(f"market {to.market} was applied by another process")

    def post(self, row: OutboxRow) -> None:
        """
        Put something to send into the outbox; the same leaf, recipient and kind once only.
        """
        insert_once(self.connection, self._tables.outbox, _written(row))

    def _moved(self, table: Table, stands: Any, values: Mapping[str, Any]) -> bool:
        key = next(iter(table.primary_key.columns))
        statement = update(table).where(stands).values(**values).returning(key)
        return self.connection.execute(statement).first() is not None


class ProjectionStore:
    """
    The shared part of a projector's database: transactions, positions, and what is unsent.
    """

    def __init__(self, engine: Engine, tables: ProjectionTables) -> None:
        self._engine = engine
        self._tables = tables

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """
        Open a transaction; it is committed at the end of the block, or leaves nothing.
        """
        with self._engine.begin() as connection:
            yield Transaction(connection, self._tables)

    def applied(self) -> Mapping[int, AppliedPartition]:
        """
        Return how far each partition has been applied.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(select(self._tables.partitions)).all()
        return {row.partition: AppliedPartition(**row._mapping) for row in rows}

    def heads(self) -> Mapping[str, AppliedMarket]:
        """
        Return the last applied record of each market.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(select(self._tables.markets)).all()
        return {row.market: AppliedMarket(**row._mapping) for row in rows}

    def unsent(
        self, *, after: int = 0, at_most: int = 500, partition: int | None = None
    ) -> tuple[OutboxRow, ...]:
        """
        Return rows of the outbox in the order in which they were written.

        Args:
            after: only rows whose id is larger.
            at_most: how many at most.
            partition: only rows that rest on this partition of the log.
        """
        table = self._tables.outbox
        query = select(table).where(table.c.id > after).order_by(table.c.id).limit(at_most)
        if partition is not None:
            query = query.where(table.c.partition == partition)
        with reading(self._engine) as connection:
            return tuple(_read(row) for row in connection.execute(query))

    def strike(self, ids: tuple[int, ...]) -> None:
        """
        Take rows out of the outbox: they were sent, or must not be.

        A record is applied once, so a row that was struck never comes back.
        """
        table = self._tables.outbox
        for start in range(0, len(ids), 500):
            with self._engine.begin() as connection:
                connection.execute(delete(table).where(table.c.id.in_(ids[start : start + 500])))


def _written(row: OutboxRow) -> dict[str, Any]:
    return {
        "partition": row.partition,
        "market": row.market,
        "sequence": row.sequence,
        "leaf": row.leaf,
        "recipient": row.recipient,
        "kind": row.kind,
        "appended_at": row.appended_at,
        "payload": canonical(dict(row.payload)).decode(),
    }


def _read(row: Any) -> OutboxRow:
    return OutboxRow(**{**row._mapping, "payload": json.loads(row.payload)})
