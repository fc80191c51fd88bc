"""The ledger: what was reserved, captured, released or is uncertain, entry by entry, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class BudgetEntry(Base):
    """One movement of money for one job, in millionths of a US dollar.

    The balance of a job: `reserved` is what is set aside, `captured` what was paid, `uncertain` what may have been billed.
    Each entry holds the change of each of the three, so that sums over any set of entries are the state of that set.
    """

    __tablename__ = "budget_entries"
    __table_args__ = (
        UniqueConstraint("job_id", "reason", "sequence", name="uq_budget_entries_once"),
        CheckConstraint("reason IN ('reserve', 'capture', 'release', 'hold')", name="reason"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int]
    """Counts the entries of one reason for one job from 0, so that a repeated step cannot move money twice."""
    reserved_microusd: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    captured_microusd: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    uncertain_microusd: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
