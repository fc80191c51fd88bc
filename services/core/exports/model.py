"""The table of exports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Text, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class Export(Base):
    """One film that somebody asked for."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("resolution IN ('source', '1080p', '4k')", name="resolution"),
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"),
        CheckConstraint("state <> 'succeeded' OR asset_id IS NOT NULL", name="succeeded_has_film"),
        CheckConstraint("cardinality(take_ids) > 0", name="has_takes"),
        Index("ix_exports_newest", "project_id", "created_at", "id"),
        Index("ix_exports_due", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    take_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """In the order of the film; a take may come more than once."""
    resolution: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")

    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    attempt_began_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    execution: Mapped[str | None] = mapped_column(Text)
    """The short name of the Cloud Run execution that works, or is to work, at this attempt; none while it is unknown."""
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """The execution works at it until then, and renews the lease while it does."""
    progress: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """0 to 1, of this attempt."""
    next_check_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When to look at it next; the sweep makes sure somebody does."""

    cause: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str | None] = mapped_column(Text)
    advice: Mapped[str | None] = mapped_column(Text)
    asset_id: Mapped[UUID | None] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
