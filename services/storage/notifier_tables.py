"""
The tables of the notifier's database.

Profiles and adverts stand in them sealed; the rest is ids, codes, dates and figures.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text, false

from services.storage.database import tables
from services.storage.projections import ProjectionTables, projection_tables

METADATA: Final[MetaData] = tables()
SHARED: Final[ProjectionTables] = projection_tables(METADATA)

RESIDENTS = Table(
    "notifier_resident",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("market", String(16), nullable=False, index=True),
    Column("party", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(8), nullable=False),
    Column("kind", String(64)),
    Column("sealed", Text),
    Column("consented", Boolean, nullable=False),
    Column("consent_ends", String(10)),
    Column("changed", Integer, nullable=False),
    Column("assessed", Integer, nullable=False),
    Column("list_digest", String(64)),
    Column("list_sequence", Integer, nullable=False),
)

OPPORTUNITIES = Table(
    "notifier_opportunity",
    METADATA,
    Column("opportunity", String(40), primary_key=True),
    Column("market", String(16), nullable=False, index=True),
    Column("supplier", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(9), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("offers", String(16), nullable=False),
    Column("outcode", String(8), nullable=False),
    Column("starts_on", String(10), nullable=False),
    Column("closes_on", String(10), nullable=False),
    Column("changed", Integer, nullable=False),
    Column("assessed", Integer, nullable=False),
)

FITS = Table(
    "notifier_fit",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("opportunity", String(40), primary_key=True, index=True),
    Column("as_of", Integer, nullable=False),
    Column("resident_version", Integer, nullable=False),
    Column("opportunity_version", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("eligible", String(7), nullable=False),
    Column("why", Text, nullable=False),
    Column("standing", Boolean, nullable=False, server_default=false()),
)

PARTS = Table(
    "notifier_part",
    METADATA,
    Column("subject", String(64), primary_key=True),
    Column("model", String(64), primary_key=True),
    Column("as_of", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("pairs", Text, nullable=False),
)

QUESTIONS = Table(
    "notifier_question",
    METADATA,
    Column("event", String(48), primary_key=True),
    Column("resident", String(40), nullable=False, index=True),
    Column("fact", String(48), nullable=False),
)

CONTRACTS = Table(
    "notifier_contract",
    METADATA,
    Column("contract", String(18), primary_key=True),
    Column("version", Integer, nullable=False),
)

ANSWERS = Table(
    "notifier_answer",
    METADATA,
    Column("market", String(16), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("receipt", Text, nullable=False),
)

SENT = Table(
    "notifier_sent",
    METADATA,
    Column("recipient", String(64), primary_key=True),
    Column("position", String(64), primary_key=True),
    Column("kind", String(64), primary_key=True),
)

BEGINNING = Table(
    "notifier_beginning",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("horizon", String(24), nullable=False),
)

# What reserved positions need: a market's local time, rule codes, answers, intakes and offers.

MARKETS = Table(
    "notifier_market",
    METADATA,
    Column("market", String(16), primary_key=True),
    Column("nation", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("clock", Text, nullable=False),
)

RULES = Table(
    "notifier_rule",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("contract", String(18), primary_key=True, index=True),
    Column("clause", String(24), primary_key=True),
    Column("rung", Integer, nullable=False),
    Column("first_day", String(10)),
    Column("last_day", String(10)),
    # Codes of facts, parted by spaces.
    Column("unknown", Text, nullable=False),
)

ANSWERED = Table(
    "notifier_answered",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("opportunity", String(40), primary_key=True),
)

STANDING = Table(
    "notifier_standing",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("until", String(10), nullable=False),
    Column("since", Integer, nullable=False),
)

INTAKES = Table(
    "notifier_intake",
    METADATA,
    Column("opportunity", String(40), primary_key=True),
    Column("clause", String(24), primary_key=True),
    Column("market", String(16), nullable=False, index=True),
    Column("contract", String(18), nullable=False),
    Column("until", String(24), nullable=False),
)

LISTED = Table(
    "notifier_listed",
    METADATA,
    Column("resident", String(40), primary_key=True),
    Column("opportunity", String(40), primary_key=True, index=True),
)

OFFERS = Table(
    "notifier_offer",
    METADATA,
    Column("offer", String(40), primary_key=True),
    Column("resident", String(40), nullable=False, index=True),
    Column("party", String(32), nullable=False),
    Column("supplier", String(32), nullable=False),
    Column("opportunity", String(40), nullable=False),
    Column("position", String(120)),
    Column("status", String(10), nullable=False),
    # The event of which the market waits to hear that it was delivered.
    Column("undelivered", String(48)),
    Column("introduced", Boolean, nullable=False),
    # The record of its market that opened the window that runs on it.
    Column("since", Integer, nullable=False),
)

# What introductions need: how each office is reached, and whose challenge is decided.

PARTIES = Table(
    "notifier_party",
    METADATA,
    Column("party", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
)

CHALLENGES = Table(
    "notifier_challenge",
    METADATA,
    Column("challenge", String(48), primary_key=True),
    Column("resident", String(40), nullable=False),
    Column("party", String(32), nullable=False),
    Column("opportunity", String(40), nullable=False),
    Column("open", Boolean, nullable=False),
)

# One row a reminder that is to leave as mail, too: what was tried is written down before.

MAILS = Table(
    "notifier_mail",
    METADATA,
    Column("event", String(48), primary_key=True),
    Column("market", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("leaf", Integer, nullable=False),
    Column("party", String(32), nullable=False),
    Column("waiting", String(16), nullable=False),
    Column("about", String(48), nullable=False),
    Column("due", String(24), nullable=False),
    Column("reminded_at", String(24), nullable=False),
    Column("status", String(8), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    # When it was tried last, or may be tried again.
    Column("at", String(24), nullable=False),
)
