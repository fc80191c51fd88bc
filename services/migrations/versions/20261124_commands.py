"""commands from outside

The release before this one goes on beside it: it neither reads nor writes what is added, and no project accepts commands yet.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a7c0d3e41b52"
down_revision: str | None = "e6cec0ed63dd"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("accepts_commands", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("runs", sa.Column("command_id", sa.Text(), nullable=True))
    op.create_table(
        "commands",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "rev"],
            ["project_events.project_id", "project_events.rev"],
            name=op.f("fk_commands_project_id_project_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_commands")),
    )


def downgrade() -> None:
    op.drop_table("commands")
    op.drop_column("runs", "command_id")
    op.drop_column("projects", "accepts_commands")
