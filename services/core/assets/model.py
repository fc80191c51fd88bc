"""The table of files: one row for each picture or video we keep, with the objects made from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class Asset(Base):
    """A file. `pending` until it was inspected; then `ready` with its object, or `rejected` with a problem.

    Objects are named in the bucket `bucket`: the file itself, a 320 px thumbnail and, for videos, a poster.
    """

    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'video')", name="kind"),
        CheckConstraint("state IN ('pending', 'ready', 'rejected')", name="state"),
        CheckConstraint("state <> 'ready' OR (object_name IS NOT NULL AND sha256 IS NOT NULL)", name="ready_has_object"),
        Index("ix_assets_newest", "project_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    node_id: Mapped[UUID | None] = mapped_column(ForeignKey("nodes.id", ondelete="SET NULL"), index=True)
    """The image node that shows this picture, where there is one."""
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="pending", server_default="pending")
    file_name: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    bucket: Mapped[str | None] = mapped_column(Text)
    object_name: Mapped[str | None] = mapped_column(Text)
    thumbnail_object: Mapped[str | None] = mapped_column(Text)
    poster_object: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(Text)
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_seconds: Mapped[float | None]
    frames: Mapped[int | None]
    has_audio: Mapped[bool | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Why it was rejected, or what keeps its face from becoming a character: code, message, advice."""
    consent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the uploader confirmed that the people in the picture agreed to face analysis; none: no analysis is kept."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ready_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
