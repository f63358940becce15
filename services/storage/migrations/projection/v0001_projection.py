import sqlalchemy as sa
from alembic import op

revision = "projection_0001"
down_revision = None
branch_labels = ("projection",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applied_partition",
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("genesis", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("partition", name="pk_applied_partition"),
    )
    op.create_table(
        "applied_market",
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("market", name="pk_applied_market"),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.Integer, nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("appended_at", sa.String(24), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint(
            "market", "sequence", "leaf", "recipient", "kind", name="uq_outbox_market"
        ),
        sqlite_autoincrement=True,
    )
