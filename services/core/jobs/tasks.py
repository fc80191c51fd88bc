"""Tasks about a job, and the spans of what they do: all belong to the trace of the click that made the job, whoever brings it forward."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from opentelemetry.trace import Span, SpanKind
from sqlalchemy.orm import Session

from services.core.jobs.model import Job
from services.core.kit.telemetry import span
from services.core.outbox.rows import add_task


def add_job_task(session: Session, job: Job, path: str, *, at: datetime | None = None) -> None:
    """Have the worker look at a job, not before `at`."""
    add_task(session, path, {"job_id": str(job.id)}, at=at, within=job.traceparent)


@contextmanager
def step_span(name: str, job_id: UUID) -> Iterator[Span]:
    """A step of a job; the task that asked for it brought the job's trace along."""
    with span(f"job.{name}", {"reelgraph.job.id": str(job_id)}) as step:
        yield step


def note_job(step: Span, job: Job) -> None:
    """What the span of a step says about its job: as it was when the step last looked."""
    step.set_attributes(
        {
            "reelgraph.job.state": job.state,
            "reelgraph.job.kind": job.kind,
            "reelgraph.job.attempt": job.attempts,
            "reelgraph.job.cost_microusd": job.cost_microusd,
            "gen_ai.request.model": job.model,
        }
    )


@contextmanager
def provider_span(operation: str, job_id: UUID, model: str) -> Iterator[Span]:
    """A call of the provider (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/); the request itself is left out."""
    attributes = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "gcp.vertex_ai",
        "gen_ai.request.model": model,
        "reelgraph.job.id": str(job_id),
    }
    with span(f"{operation} {model}", attributes, kind=SpanKind.CLIENT) as call:
        yield call
