"""frames and notes, and lists page by page

The release before this one goes on beside it: it writes no frames, shows those it meets as any node, and refuses only to run a
project that holds one. Money that it held as uncertain for ever is looked after once more, an hour from now, when it is gone.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "e6cec0ed63dd"
down_revision: str | None = "d729d5d197ce"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEWEST = {"ix_assets_newest": "assets", "ix_takes_newest": "takes"}


def upgrade() -> None:
    # In one transaction, reading each table once: tables of the first release have thousands of rows, not millions.
    op.drop_constraint(op.f("ck_nodes_type"), "nodes", type_="check")
    op.create_check_constraint(op.f("ck_nodes_type"), "nodes", "type IN ('image', 'prompt', 'video', 'frame', 'note')")
    for name, table in NEWEST.items():
        op.create_index(name, table, ["project_id", "created_at", "id"])
    op.execute(
        """
        UPDATE jobs SET next_check_at = now() + interval '1 hour'
        WHERE next_check_at IS NULL AND finished_at IS NOT NULL AND state IN ('failed', 'cancelled')
          AND id IN (SELECT job_id FROM budget_entries GROUP BY job_id HAVING sum(uncertain_microusd) > 0)
        """
    )


def downgrade() -> None:
    for name, table in NEWEST.items():
        op.drop_index(name, table_name=table)
    op.drop_constraint(op.f("ck_nodes_type"), "nodes", type_="check")
    # Not valid: frames and notes that exist stay, and no new ones are made.
    op.create_check_constraint(op.f("ck_nodes_type"), "nodes", "type IN ('image', 'prompt', 'video')", postgresql_not_valid=True)
