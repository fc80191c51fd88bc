"""What a node shows, worked out from its jobs. Pure, so that every state of a node can be tested without a job running."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.core.jobs.states import JobState
from services.core.projects.status import NodeState

_RUNNING = {JobState.SUBMITTED: "sending", JobState.POLLING: "rendering", JobState.SETTLING: "finishing"}
# When a node's jobs are all over, the worst end is what a person has to see; success is all of them succeeding.
_ENDS = (JobState.FAILED, JobState.BLOCKED, JobState.CANCELLED, JobState.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class JobView:
    """The part of a job that a node's status depends on."""

    id: UUID
    kind: str
    state: JobState
    hop: int
    hops: int
    submitted_at: datetime | None
    finished_at: datetime | None
    expected_seconds: int
    cause: str | None
    category: str | None
    message: str | None
    advice: str | None
    can_retry: bool


def node_status(jobs: Sequence[JobView]) -> tuple[NodeState, dict[str, Any]]:
    """State and status of a node from the jobs of its latest run, without those a retry replaced. Idle without jobs."""
    for job in jobs:
        if job.state in _RUNNING:
            stage = "enhancing" if job.kind == "enhance" else _RUNNING[job.state]
            started = job.submitted_at.isoformat() if job.submitted_at else None
            return "running", _progress(job) | {"stage": stage, "started_at": started, "expected_seconds": job.expected_seconds}
    for job in jobs:
        if job.state is JobState.QUEUED:
            return "queued", _progress(job)
    for job in jobs:
        if job.state is JobState.WAITING:
            return "waiting", _progress(job)
    for end in _ENDS:
        ended = [job for job in jobs if job.state is end]
        if ended:
            # Of a chain that broke, where it broke; of one that is whole, its end.
            return _ended(max(ended, key=lambda job: job.hop) if end is JobState.SUCCEEDED else ended[0])
    return "idle", {}


def _progress(job: JobView) -> dict[str, Any]:
    return {"job_id": str(job.id), "hop": job.hop, "hops": job.hops}


def _ended(job: JobView) -> tuple[NodeState, dict[str, Any]]:
    status = _progress(job)
    if job.submitted_at and job.finished_at:
        status["seconds"] = round((job.finished_at - job.submitted_at).total_seconds(), 1)
    if job.state is JobState.SUCCEEDED:
        return "succeeded", status
    reason = {"cause": job.cause, "category": job.category, "message": job.message, "advice": job.advice, "can_retry": job.can_retry}
    status |= {name: value for name, value in reason.items() if value is not None}
    match job.state:
        case JobState.FAILED:
            return "failed", status
        case JobState.BLOCKED:
            return "blocked", status
        case _:
            return "cancelled", status
