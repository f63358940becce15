import sqlalchemy as sa
from alembic import op

revision = "positions_0001"
down_revision = None
branch_labels = ("positions",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forwarder_position",
        sa.Column("topic_id", sa.String(64), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", name="pk_forwarder_position"),
    )
