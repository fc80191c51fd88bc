"""films made by a job

The release before this one goes on beside it: it knows nothing of the table, and no film is begun before the new one runs.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c41f6b8e2d97"
down_revision: str | None = "c41f9a6e2d08"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("take_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("execution", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Float(), server_default="0", nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("resolution IN ('source', '1080p', '4k')", name=op.f("ck_exports_resolution")),
        sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_exports_state")),
        sa.CheckConstraint("state <> 'succeeded' OR asset_id IS NOT NULL", name=op.f("ck_exports_succeeded_has_film")),
        sa.CheckConstraint("cardinality(take_ids) > 0", name=op.f("ck_exports_has_takes")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_exports_asset_id_assets"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_exports_project_id_projects"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exports_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_newest", "exports", ["project_id", "created_at", "id"])
    op.create_index("ix_exports_due", "exports", ["next_check_at"], postgresql_where=sa.text("next_check_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_table("exports")
