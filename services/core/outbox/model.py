"""The outbox table: effects that a committed change still has to have on the world outside Postgres."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class OutboxRow(Base):
    """One effect. The row is deleted when it was delivered; what is here is undelivered.

    `claimed_until` is a lease: whoever holds it is delivering; after it passed anybody may try again.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("destination IN ('tasks', 'events', 'live')", name="destination"),
        Index("ix_outbox_due", "not_before"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    not_before: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    claimed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)
