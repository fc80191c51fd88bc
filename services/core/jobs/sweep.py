"""What Cloud Scheduler starts each minute: everything that is due and that nobody is at. The net under all other paths."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from services.core.jobs.admission import admit
from services.core.jobs.model import Job
from services.core.jobs.reports import report_waiting
from services.core.jobs.states import JobState
from services.core.jobs.tasks import add_job_task
from services.core.jobs.tools import Tools
from services.core.kit.database import Database
from services.core.outbox.rows import add_live_node
from services.core.projects.model import Node

log = structlog.get_logger()

OVERDUE = timedelta(seconds=5)  # by then the job's own task should have come
BATCH = 500

PATH_OF_STATE = {
    JobState.QUEUED: "/tasks/submit",
    JobState.SUBMITTED: "/tasks/check",
    JobState.POLLING: "/tasks/poll",
    JobState.SETTLING: "/tasks/settle",
    # Ended, with an output perhaps still to come: a late look.
    JobState.SUCCEEDED: "/tasks/check",
    JobState.FAILED: "/tasks/check",
    JobState.CANCELLED: "/tasks/check",
}


def sweep_jobs(tools: Tools) -> dict[str, int]:
    """Give a task to each job that is due and overdue, admit what waits, drop live documents whose time is over."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        report_waiting(session, now)
    return {
        "rearmed": _rearm(tools.database, now),
        "admitted": _admit(tools.database, now),
        "live_ended": _end_live(tools.database, now),
    }


def _rearm(database: Database, now: datetime) -> int:
    with database.unit_of_work() as session:
        jobs = session.scalars(
            select(Job).where(Job.next_check_at < now - OVERDUE).order_by(Job.next_check_at).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        for job in jobs:
            if job.state == JobState.QUEUED and job.admitted_at is None:
                job.next_check_at = None
            elif (path := PATH_OF_STATE.get(JobState(job.state))) is not None:
                add_job_task(session, job, path)
    if jobs:
        log.info("sweep.rearmed", jobs=len(jobs))
    return len(jobs)


def _admit(database: Database, now: datetime) -> int:
    with database.unit_of_work() as session:
        models = session.scalars(select(Job.model).where(Job.state == JobState.QUEUED).distinct()).all()
        return sum(admit(session, model, now=now) for model in sorted(models))


def _end_live(database: Database, now: datetime) -> int:
    with database.unit_of_work() as session:
        nodes = session.scalars(
            select(Node).where(Node.live_until < now, Node.state != "running").limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        for node in nodes:
            # The row says "not live" from now on; the dispatcher deletes the document that it reads so of.
            node.live_until = None
            add_live_node(session, node.id)
    return len(nodes)


def run_all(parts: Mapping[str, Callable[[], object]]) -> dict[str, object]:
    """Run every part; log one that fails and go on. Raises the first failure at the end, so that the caller is told."""
    results: dict[str, object] = {}
    failed: Exception | None = None
    for name, part in parts.items():
        try:
            results[name] = part()
        except Exception as error:
            log.exception("sweep.part_failed", part=name)
            failed = failed or error
    if failed is not None:
        raise failed
    return results
