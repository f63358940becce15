import sqlalchemy as sa
from alembic import op

revision = "herald_0001"
down_revision = None
branch_labels = ("herald",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "herald_fact",
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("appended_at", sa.String(24), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_herald_fact"),
    )
    op.create_table(
        "herald_market",
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("market", name="pk_herald_market"),
    )
