import sqlalchemy as sa
from alembic import op

revision = "notifier_0001"
down_revision = None
branch_labels = ("notifier",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifier_resident",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(64), nullable=True),
        sa.Column("sealed", sa.Text, nullable=True),
        sa.Column("consented", sa.Boolean, nullable=False),
        sa.Column("consent_ends", sa.String(10), nullable=True),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("assessed", sa.Integer, nullable=False),
        sa.Column("list_digest", sa.String(64), nullable=True),
        sa.Column("list_sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("resident", name="pk_notifier_resident"),
    )
    op.create_index("ix_notifier_resident_market", "notifier_resident", ["market"])
    op.create_table(
        "notifier_opportunity",
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("supplier", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("offers", sa.String(16), nullable=False),
        sa.Column("outcode", sa.String(8), nullable=False),
        sa.Column("starts_on", sa.String(10), nullable=False),
        sa.Column("closes_on", sa.String(10), nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("assessed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("opportunity", name="pk_notifier_opportunity"),
    )
    op.create_index("ix_notifier_opportunity_market", "notifier_opportunity", ["market"])
    op.create_table(
        "notifier_fit",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("as_of", sa.Integer, nullable=False),
        sa.Column("resident_version", sa.Integer, nullable=False),
        sa.Column("opportunity_version", sa.Integer, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("eligible", sa.String(7), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("resident", "opportunity", name="pk_notifier_fit"),
    )
    op.create_index("ix_notifier_fit_opportunity", "notifier_fit", ["opportunity"])
    op.create_table(
        "notifier_part",
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("as_of", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("pairs", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subject", "model", "as_of", "part", name="pk_notifier_part"),
    )
    op.create_table(
        "notifier_question",
        sa.Column("event", sa.String(48), nullable=False),
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("fact", sa.String(48), nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_notifier_question"),
    )
    op.create_index("ix_notifier_question_resident", "notifier_question", ["resident"])
    op.create_table(
        "notifier_contract",
        sa.Column("contract", sa.String(18), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("contract", name="pk_notifier_contract"),
    )
    op.create_table(
        "notifier_answer",
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("market", "sequence", name="pk_notifier_answer"),
    )
    op.create_table(
        "notifier_sent",
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("position", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "position", "kind", name="pk_notifier_sent"),
    )
    op.create_table(
        "notifier_beginning",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("horizon", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notifier_beginning"),
    )
