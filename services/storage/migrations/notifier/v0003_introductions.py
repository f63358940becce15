import sqlalchemy as sa
from alembic import op

revision = "notifier_0003"
down_revision = "notifier_0002"
branch_labels = None
depends_on = None

# Registrations, challenges and introductions were not kept before: the database begins anew,
# as a lost one does, and finds in the queues what was sent.
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
    "notifier_market",
    "notifier_rule",
    "notifier_answered",
    "notifier_standing",
    "notifier_intake",
    "notifier_listed",
)


def upgrade() -> None:
    # A dependency on the shared stream would hide its revision, so its tables are looked for.
    there = sa.inspect(op.get_bind()).get_table_names()
    for table in EMPTIED:
        if table in there:
            op.execute(sa.delete(sa.table(table)))
    op.drop_table("notifier_offer")
    op.create_table(
        "notifier_offer",
        sa.Column("offer", sa.String(40), nullable=False),
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("supplier", sa.String(32), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("position", sa.String(120), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("undelivered", sa.String(48), nullable=True),
        sa.Column("introduced", sa.Boolean, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("offer", name="pk_notifier_offer"),
    )
    op.create_index("ix_notifier_offer_resident", "notifier_offer", ["resident"])
    op.create_table(
        "notifier_party",
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("party", name="pk_notifier_party"),
    )
    op.create_table(
        "notifier_challenge",
        sa.Column("challenge", sa.String(48), nullable=False),
        sa.Column("resident", sa.String(40), nullable=False),
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("opportunity", sa.String(40), nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("challenge", name="pk_notifier_challenge"),
    )
    op.create_table(
        "notifier_mail",
        sa.Column("event", sa.String(48), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("leaf", sa.Integer, nullable=False),
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("waiting", sa.String(16), nullable=False),
        sa.Column("about", sa.String(48), nullable=False),
        sa.Column("due", sa.String(24), nullable=False),
        sa.Column("reminded_at", sa.String(24), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_notifier_mail"),
    )
    op.create_index("ix_notifier_mail_status", "notifier_mail", ["status"])
