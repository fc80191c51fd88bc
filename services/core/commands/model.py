"""Table of the commands that were answered."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class AnsweredCommand(Base):
    """A command and its answer, for as long as the project exists: the same command again gets the same answer."""

    __tablename__ = "commands"
    __table_args__ = (ForeignKeyConstraint(["project_id", "rev"], ["project_events.project_id", "project_events.rev"], ondelete="CASCADE"),)

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """Chosen by the sender."""
    digest: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was asked for: tells a repetition from another command under the same id."""
    rev: Mapped[int] = mapped_column(BigInteger)
    """The entry of the project's log that is the answer: `command.accepted` or `command.refused`."""
