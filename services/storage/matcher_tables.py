"""
The matcher's tables: sealed profiles and adverts, fits carried, vectors, debts.

Everything in them follows from the market's log. `touched` is the sequence of the record
that last changed a row, by which the index in memory follows. Whatever describes a person
is sealed, but for vectors, which are kept by subject and go with it.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from services.storage.database import tables
from services.storage.projections import projection_tables

METADATA = tables()
PROJECTION = projection_tables(METADATA)

MARKETS = Table(
    "market",
    METADATA,
    Column("market", String(16), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("day", String(10), nullable=False),
    Column("patches", JSON, nullable=False),
    Column("rules", JSON),
)

RESIDENTS = Table(
    "resident",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("market", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(8), nullable=False),
    Column("kind", String(64)),
    Column("sealed", Text),
    Column("consented", Boolean, nullable=False),
    Column("consent_ends", String(10)),
    Column("yes", JSON, nullable=False),
    Column("standing", Text),
    Column("standing_until", String(10)),
    Column("touched", BigInteger, nullable=False),
    Index("ix_resident_touched", "market", "touched"),
)

FACTS = Table(
    "fact",
    METADATA,
    Column("event", String(48), primary_key=True),
    Column("resident", String(40), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Index("ix_fact_resident", "resident"),
)

OPPORTUNITIES = Table(
    "opportunity",
    METADATA,
    Column("opportunity", String(40), primary_key=True),
    Column("market", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(9), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("closes_on", String(10), nullable=False),
    Column("touched", BigInteger, nullable=False),
    Index("ix_opportunity_touched", "market", "touched"),
)

CONTRACTS = Table(
    "contract",
    METADATA,
    Column("market", String(16), primary_key=True),
    Column("contract", String(18), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("ends_before", String(10), nullable=False),
    Column("fences", JSON, nullable=False),
    Column("agreed", JSON, nullable=False),
)

FITS = Table(
    "fit",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("opportunity", String(40), primary_key=True),
    Column("market", String(16), nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("score", Integer, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("touched", BigInteger, nullable=False),
    Index("ix_fit_opportunity", "opportunity"),
    Index("ix_fit_touched", "market", "touched"),
)

PARTS = Table(
    "assessed_part",
    METADATA,
    Column("subject", String(64), primary_key=True),
    Column("model", String(64), primary_key=True),
    Column("as_of", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("pairs", JSON, nullable=False),
)

DEBTS = Table(
    "debt",
    METADATA,
    Column("kind", String(5), primary_key=True),
    Column("subject", String(40), primary_key=True),
    Column("market", String(16), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Index("ix_debt_market", "market"),
)

RULE_DAYS = Table(
    "rule_day",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("market", String(16), nullable=False),
    Index("ix_rule_day_day", "market", "day"),
)

MODELS = Table(
    "model",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("model", String(64), nullable=False),
)

VECTORS = Table(
    "vector",
    METADATA,
    Column("subject", String(40), primary_key=True),
    Column("model", String(64), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("prepared", LargeBinary, nullable=False),
)

PHRASES = Table(
    "phrase",
    METADATA,
    Column("model", String(64), primary_key=True),
    Column("phrase_hash", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

PHRASE_USES = Table(
    "phrase_use",
    METADATA,
    Column("subject", String(40), primary_key=True),
    Column("phrase_hash", String(64), primary_key=True),
    Index("ix_phrase_use_phrase_hash", "phrase_hash"),
)
