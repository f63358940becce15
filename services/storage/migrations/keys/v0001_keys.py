import sqlalchemy as sa
from alembic import op

revision = "keys_0001"
down_revision = None
branch_labels = ("keys",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "master_key",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("check", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_master_key"),
    )
    op.create_table(
        "sealing_key",
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=True),
        sa.Column("destroyed_at", sa.String(24), nullable=True),
        sa.PrimaryKeyConstraint("subject", name="pk_sealing_key"),
    )
    op.create_table(
        "resident_reference",
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("resident", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("party", "reference", name="pk_resident_reference"),
    )
    op.create_index("ix_resident_reference_resident", "resident_reference", ["resident"])
