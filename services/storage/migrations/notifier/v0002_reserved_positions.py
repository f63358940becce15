import sqlalchemy as sa
from alembic import op

revision = "notifier_0002"
down_revision = "notifier_0001"
branch_labels = None
depends_on = None

# Rule codes and answers were not kept before: the database begins anew, as a lost one does,
# reads the log from its beginning, and finds in the queues what was sent.
EMPTIED = (
    "applied_partition",
    "applied_market",
    "outbox",
    "notifier_resident",
    "notifier_opportunity",
    "notifier_fit",
    "notifier_part",
    "notifier_question",
    "notifier_contract",
    "notifier_answer",
    "notifier_sent",
    "notifier_beginning",
)


def upgrade() -> None:
    # A dependency on the shared stream would hide its revision, so its tables are looked for.
    there = sa.inspect(op.get_bind()).get_table_names()
    for table in EMPTIED:
        if table in there:
            op.execute(sa.delete(sa.table(table)))
    op.add_column(
        "notifier_fit",
        sa.Column("standing", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "notifier_market",
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("nation", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("clock", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("market", name="pk_notifier_market"),
    )
    op.create_table(
        "notifier_rule",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("contract", sa.String(18), nullable=False),
        sa.Column("clause", sa.String(24), nullable=False),
        sa.Column("rung", sa.Integer, nullable=False),
        sa.Column("first_day", sa.String(10), nullable=True),
        sa.Column("last_day", sa.String(10), nullable=True),
        sa.Column("unknown", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("resident", "contract", "clause", name="pk_notifier_rule"),
    )
    op.create_index("ix_notifier_rule_contract", "notifier_rule", ["contract"])
    op.create_table(
        "notifier_answered",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("resident", "opportunity", name="pk_notifier_answered"),
    )
    op.create_table(
        "notifier_standing",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("resident", name="pk_notifier_standing"),
    )
    op.create_table(
        "notifier_intake",
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("clause", sa.String(24), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("contract", sa.String(18), nullable=False),
        sa.Column("until", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("opportunity", "clause", name="pk_notifier_intake"),
    )
    op.create_index("ix_notifier_intake_market", "notifier_intake", ["market"])
    op.create_table(
        "notifier_listed",
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("resident", "opportunity", name="pk_notifier_listed"),
    )
    op.create_index("ix_notifier_listed_opportunity", "notifier_listed", ["opportunity"])
    op.create_table(
        "notifier_offer",
        sa.Column("offer", sa.String(40), nullable=False),
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("supplier", sa.String(32), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("position", sa.String(120), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("delivered", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("offer", name="pk_notifier_offer"),
    )
    op.create_index("ix_notifier_offer_resident", "notifier_offer", ["resident"])
