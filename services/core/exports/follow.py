"""What the worker does for an export: start an execution, follow it to its end, start another where it died, stop it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

import structlog
from sqlalchemy import select, update

from services.core.exports.advance import advance
from services.core.exports.executions import ExecutionsUnavailable, NotStarted
from services.core.exports.model import Export
from services.core.exports.repository import lock_export
from services.core.exports.rules import ATTEMPTS, LOOK_INTERVAL, START_PATIENCE, START_TIMEOUT, retry_delay
from services.core.exports.service import ask_to_follow
from services.core.exports.states import ACTIVE_STATES, ExportEvent, ExportState
from services.core.exports.tools import ExportTools
from services.core.jobs.cadence import is_due

log = structlog.get_logger()

OVERDUE = timedelta(seconds=5)  # by then the export's own task should have come
BATCH = 100


@dataclass(frozen=True)
class _Begin:
    """An attempt was committed, and its execution is to be started."""

    attempt: int


@dataclass(frozen=True)
class _Look:
    """An attempt is under way."""

    attempt: int
    execution: str | None
    is_patience_over: bool


def follow(tools: ExportTools, export_id: UUID) -> None:
    """Do what is due for an export, and arrange the next look; nothing where nothing is due, as for a task that comes twice."""
    match _claim(tools, export_id):
        case None:
            return
        case _Begin(attempt):
            _begin(tools, export_id, attempt)
        case _Look() as look:
            _look(tools, export_id, look)
        case other:
            assert_never(other)


def stop(tools: ExportTools, export_id: UUID) -> None:
    """End the execution of a cancelled export. Raises ExecutionsUnavailable, so that the task comes again."""
    with tools.database.unit_of_work() as session:
        export = lock_export(session, export_id)
        attempt, execution, state = export.attempt, export.execution, export.state
    if state == ExportState.CANCELLED and (name := execution or tools.executions.find(export_id, attempt)):
        tools.executions.cancel(name)


def sweep_exports(tools: ExportTools) -> int:
    """Give a task to each export that is due and overdue; returns how many."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        due = select(Export.id).where(Export.next_check_at < now - OVERDUE).order_by(Export.next_check_at).limit(BATCH)
        overdue = session.scalars(due).all()
        for export_id in overdue:
            ask_to_follow(session, export_id)
    return len(overdue)


def _claim(tools: ExportTools, export_id: UUID) -> _Begin | _Look | None:
    """What is due. The next look is arranged before anything is done: whoever comes meanwhile finds nothing due."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        export = lock_export(session, export_id)
        if export.state not in ACTIVE_STATES or not is_due(export.next_check_at, now):
            return None
        if export.state == ExportState.QUEUED:
            next_look = now + START_TIMEOUT + LOOK_INTERVAL
            begun = {"attempt": export.attempt + 1, "attempt_began_at": now, "started_at": export.started_at or now}
            advance(session, export, ExportEvent.ATTEMPT_BEGAN, now=now, execution=None, progress=0.0, next_check_at=next_look, **begun)
            ask_to_follow(session, export_id, at=next_look)
            return _Begin(export.attempt)
        assert export.attempt_began_at is not None
        export.next_check_at = now + LOOK_INTERVAL
        ask_to_follow(session, export_id, at=export.next_check_at)
        return _Look(export.attempt, export.execution, is_patience_over=now >= export.attempt_began_at + START_PATIENCE)


def _begin(tools: ExportTools, export_id: UUID, attempt: int) -> None:
    try:
        name = tools.executions.start(export_id, attempt, timeout=START_TIMEOUT)
    except NotStarted as refusal:
        log.exception("export.not_started", export_id=str(export_id), attempt=attempt, reason=str(refusal))
        _lose(tools, export_id, attempt)
    except ExecutionsUnavailable as failure:
        # It may have been started all the same: look for it, and do not start a second one blindly.
        log.warning("export.start_unanswered", export_id=str(export_id), attempt=attempt, reason=str(failure))
    else:
        _note(tools, export_id, attempt, name, next_look=tools.clock() + LOOK_INTERVAL)


def _look(tools: ExportTools, export_id: UUID, look: _Look) -> None:
    try:
        name = look.execution or tools.executions.find(export_id, look.attempt)
        is_over = look.is_patience_over if name is None else tools.executions.has_ended(name)
    except ExecutionsUnavailable as failure:
        log.warning("export.look_unanswered", export_id=str(export_id), attempt=look.attempt, reason=str(failure))
        return
    if is_over:
        _lose(tools, export_id, look.attempt)
    elif look.execution is None and name is not None:
        _note(tools, export_id, look.attempt, name)


def _note(tools: ExportTools, export_id: UUID, attempt: int, name: str, *, next_look: datetime | None = None) -> None:
    """Keep the name of an execution, unless it has noted itself, which says more: it works."""
    this = (Export.id == export_id, Export.attempt == attempt, Export.state == ExportState.RUNNING)
    with tools.database.unit_of_work() as session:
        session.execute(update(Export).where(*this, Export.execution.is_(None)).values(execution=name))
        if next_look is not None:
            session.execute(update(Export).where(*this).values(next_check_at=next_look))
            ask_to_follow(session, export_id, at=next_look)


def _lose(tools: ExportTools, export_id: UUID, attempt: int) -> None:
    """The attempt ended without a film: begin another, or give up. Nothing where the film was finished meanwhile."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        export = lock_export(session, export_id)
        if export.attempt != attempt:
            return
        if attempt < ATTEMPTS:
            again_at = now + retry_delay(attempt)
            if advance(session, export, ExportEvent.ATTEMPT_LOST, now=now, next_check_at=again_at):
                ask_to_follow(session, export_id, at=again_at)
            return
        reason = {
            "cause": "export_kept_failing",
            "message": f"The film could not be made in {ATTEMPTS} attempts.",
            "advice": "Export it again; where that fails too, try a smaller size, or tell whoever runs this service the export's id.",
        }
        advance(session, export, ExportEvent.GIVEN_UP, now=now, **reason)
