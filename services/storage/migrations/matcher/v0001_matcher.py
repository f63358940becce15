import sqlalchemy as sa
from alembic import op

revision = "matcher_0001"
down_revision = None
branch_labels = ("matcher",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market",
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("patches", sa.JSON, nullable=False),
        sa.Column("rules", sa.JSON),
        sa.PrimaryKeyConstraint("market", name="pk_market"),
    )
    op.create_table(
        "resident",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(64)),
        sa.Column("sealed", sa.Text),
        sa.Column("consented", sa.Boolean, nullable=False),
        sa.Column("consent_ends", sa.String(10)),
        sa.Column("yes", sa.JSON, nullable=False),
        sa.Column("standing", sa.Text),
        sa.Column("standing_until", sa.String(10)),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("resident", name="pk_resident"),
    )
    op.create_index("ix_resident_touched", "resident", ["market", "touched"])
    op.create_table(
        "fact",
        sa.Column("event", sa.String(48), nullable=False),
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_fact"),
    )
    op.create_index("ix_fact_resident", "fact", ["resident"])
    op.create_table(
        "opportunity",
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("terms", sa.JSON, nullable=False),
        sa.Column("closes_on", sa.String(10), nullable=False),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("opportunity", name="pk_opportunity"),
    )
    op.create_index("ix_opportunity_touched", "opportunity", ["market", "touched"])
    op.create_table(
        "contract",
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("contract", sa.String(18), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("ends_before", sa.String(10), nullable=False),
        sa.Column("fences", sa.JSON, nullable=False),
        sa.Column("agreed", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("market", "contract", name="pk_contract"),
    )
    op.create_table(
        "fit",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("counts", sa.Boolean, nullable=False),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("resident", "opportunity", name="pk_fit"),
    )
    op.create_index("ix_fit_opportunity", "fit", ["opportunity"])
    op.create_index("ix_fit_touched", "fit", ["market", "touched"])
    op.create_table(
        "assessed_part",
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("pairs", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("subject", "model", "as_of", "part", name="pk_assessed_part"),
    )
    op.create_table(
        "debt",
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_debt"),
    )
    op.create_index("ix_debt_market", "debt", ["market"])
    op.create_table(
        "rule_day",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("resident", "day", name="pk_rule_day"),
    )
    op.create_index("ix_rule_day_day", "rule_day", ["market", "day"])
    op.create_table(
        "model",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model"),
    )
    op.create_table(
        "vector",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("prepared", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_vector"),
    )
    op.create_table(
        "phrase",
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("phrase_hash", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("model", "phrase_hash", name="pk_phrase"),
    )
    op.create_table(
        "phrase_use",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("phrase_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("subject", "phrase_hash", name="pk_phrase_use"),
    )
    op.create_index("ix_phrase_use_phrase_hash", "phrase_use", ["phrase_hash"])
