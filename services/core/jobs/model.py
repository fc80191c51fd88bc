"""Tables of runs, jobs, their attempts at the provider, their transitions, and the takes they made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.jobs.states import ACTIVE_STATES, JobState
from services.core.kit.database import Base
from services.core.kit.telemetry import current_traceparent


def _sql_list(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class Run(Base):
    """One press of a run button: a frozen copy of the graph and the jobs that came of it."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("scope IN ('node', 'from', 'all')", name="scope"),
        CheckConstraint("state IN ('running', 'succeeded', 'failed', 'cancelled')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    scope: Mapped[str] = mapped_column(Text)
    node_id: Mapped[UUID | None]
    forced: Mapped[bool] = mapped_column(default=False)
    command_id: Mapped[str | None] = mapped_column(Text)
    """The sender's id of the command that started it; none where a person did."""
    graph: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="running", server_default="running")
    estimate_microusd: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RunStep(Base):
    """What a run needs done for one clip of one node: a job of its own or of an earlier run, or a take that exists already."""

    __tablename__ = "run_steps"
    __table_args__ = (CheckConstraint("job_id IS NOT NULL OR take_id IS NOT NULL", name="has_work_or_result"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[UUID]
    hop: Mapped[int]
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    take_id: Mapped[UUID | None] = mapped_column(ForeignKey("takes.id", ondelete="CASCADE"))


class Job(Base):
    """One piece of paid work: at most one submit that the provider may bill for is ever under way for it."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"state IN ({_sql_list([state.value for state in JobState])})", name="state"),
        CheckConstraint("kind IN ('generate', 'extend', 'enhance')", name="kind"),
        CheckConstraint("state <> 'polling' OR operation_name IS NOT NULL", name="polling_has_operation"),
        CheckConstraint("state <> 'submitted' OR (attempt_id IS NOT NULL AND lease_until IS NOT NULL)", name="submitted_has_intent"),
        # Two clicks, two tabs, two runs: the second attaches to the first instead of paying again.
        Index(
            "uq_jobs_active_work",
            "node_id",
            "cache_key",
            unique=True,
            postgresql_where=text(f"state IN ({_sql_list(sorted(ACTIVE_STATES))}) AND cache_key IS NOT NULL"),
        ),
        Index("ix_jobs_queued", "model", "queued_at", postgresql_where=text("state = 'queued' AND admitted_at IS NULL")),
        Index("ix_jobs_due", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    node_id: Mapped[UUID] = mapped_column(ForeignKey("nodes.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(Text)
    hop: Mapped[int] = mapped_column(default=0)
    """0 for the first clip of a node, n for its n-th extension."""
    hops: Mapped[int] = mapped_column(default=0)
    """How many extensions the node asked for when the run began, for progress."""
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    model: Mapped[str] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The frozen request (video.request, or a prompt to enhance); what it extends is named by the two columns below."""
    depends_on_job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    """The job whose take this one extends; while it is under way this job waits."""
    parent_take_id: Mapped[UUID | None]
    """The take to extend, once known. No foreign key: takes name their job already, and a cycle helps nobody."""
    cache_key: Mapped[str | None] = mapped_column(Text)
    """Digest of everything that decides the result; none while an input is still unknown."""
    retry_of_id: Mapped[UUID | None]
    forced: Mapped[bool] = mapped_column(default=False)
    cost_microusd: Mapped[int] = mapped_column(BigInteger)
    """What all samples cost if all are delivered."""

    attempt_id: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(default=0)
    safety_retries: Mapped[int] = mapped_column(default=0)
    operation_name: Mapped[str | None] = mapped_column(Text)
    tail: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What was sent of the video that is extended: bucket, object_name, sha256, frames."""
    outputs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    """Objects the provider wrote, as known so far: bucket, name, attempt_id, sample."""
    settle_attempts: Mapped[int] = mapped_column(default=0)

    queued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    admitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """A worker is on it until then; after that another may take it over."""
    next_check_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When to look at it next, whatever its state; the sweep makes sure somebody does."""
    deadline_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_requested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    cause: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str | None] = mapped_column(Text)
    advice: Mapped[str | None] = mapped_column(Text)
    can_retry: Mapped[bool] = mapped_column(default=False)
    polls: Mapped[int] = mapped_column(default=0)
    traceparent: Mapped[str | None] = mapped_column(Text, default=current_traceparent)
    """The span in which it was made: what happens to it later goes on with that trace."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class JobAttempt(Base):
    """The intent row: written before the provider is called, so that no submit can happen unseen."""

    __tablename__ = "job_attempts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    output_prefix: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)
    """What became of the call: accepted, not_sent, rejected, unknown."""
    operation_name: Mapped[str | None] = mapped_column(Text)


class JobTransition(Base):
    """Every change of a job's state, append-only."""

    __tablename__ = "job_transitions"
    __table_args__ = (UniqueConstraint("job_id", "version", name="uq_job_transitions_version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(Text)
    from_state: Mapped[str | None] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Take(Base):
    """A result of a node: a finished video, with all that is needed to make it again."""

    __tablename__ = "takes"
    __table_args__ = (
        UniqueConstraint("job_id", "attempt_id", "sample", name="uq_takes_job_attempt_sample"),
        Index("ix_takes_newest", "project_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    node_id: Mapped[UUID] = mapped_column(ForeignKey("nodes.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    attempt_id: Mapped[UUID]
    sample: Mapped[int]
    hop: Mapped[int]
    """How many extensions the whole video holds, over all nodes of its chain."""
    parent_take_id: Mapped[UUID | None] = mapped_column(ForeignKey("takes.id", ondelete="SET NULL"))
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    cache_key: Mapped[str | None] = mapped_column(Text, index=True)
    cost_microusd: Mapped[int] = mapped_column(BigInteger)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
