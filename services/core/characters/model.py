"""Tables of faces found in pictures and of the characters they belong to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class Character(Base):
    """A person in a project, known by the faces that were assigned to it."""

    __tablename__ = "characters"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    consent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When the uploader confirmed that the person agreed; a character cannot exist without it."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Face(Base):
    """One face in one picture. Biometric data: deleted with its asset, its character's deletion, or on request.

    `match_character_id` and `match_distance` are an offer ("the same person?"), `character_id` is a decision.
    """

    __tablename__ = "faces"
    __table_args__ = (UniqueConstraint("asset_id", "ordinal", name="uq_faces_asset_ordinal"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    """0 for the largest face of the picture."""
    bbox: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """x, y, width, height as fractions of the picture."""
    quality: Mapped[dict[str, Any]] = mapped_column(JSONB)
    embedder_id: Mapped[str] = mapped_column(Text)
    embedding: Mapped[list[float] | None] = mapped_column(ARRAY(DOUBLE_PRECISION))
    """None where no features could be placed: such a face can be seen, not recognised."""
    character_id: Mapped[UUID | None] = mapped_column(ForeignKey("characters.id", ondelete="SET NULL"), index=True)
    match_character_id: Mapped[UUID | None] = mapped_column(ForeignKey("characters.id", ondelete="SET NULL"))
    match_distance: Mapped[float | None]
    match_verdict: Mapped[str | None] = mapped_column(Text)
    indexed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When Qdrant took it; none means the sweep will try again."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
