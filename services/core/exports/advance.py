"""The only place that changes an export's state: the table decides, and everybody concerned is told.

Call with the export locked (repository.lock_export). Everything happens in the caller's transaction.
"""

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.core.exports.model import Export
from services.core.exports.states import ACTIVE_STATES, ExportEvent, ExportState, transition
from services.core.projects import events

log = structlog.get_logger()


def advance(session: Session, export: Export, event: ExportEvent, *, now: datetime, **changes: Any) -> bool:
    """Apply `event` with column `changes`; False, and nothing else, where the table says it means nothing in this state.

    `export` is up to date afterwards.
    """
    before = ExportState(export.state)
    to = transition(before, event)
    if to is None:
        return False
    values: dict[str, Any] = {"state": to.value, "version": export.version + 1, "lease_until": None}
    if to not in ACTIVE_STATES:
        values |= {"finished_at": now, "next_check_at": None}
    moved = session.execute(
        update(Export).where(Export.id == export.id, Export.version == export.version).values(**(values | changes)).returning(Export.id)
    ).scalar()
    if moved is None:
        raise RuntimeError(f"export {export.id} was changed while it was locked: lock_export was not called")
    session.refresh(export)
    log.info("export.moved", export_id=str(export.id), export_event=event.value, to_state=to.value, attempt=export.attempt)
    if to not in ACTIVE_STATES:
        events.append(session, export.project_id, f"export.{to.value}", export_facts(export), at=now)
    elif event is ExportEvent.ATTEMPT_BEGAN and export.attempt == 1:
        events.append(session, export.project_id, "export.started", export_facts(export), at=now, actor_id=export.user_id)
    return True


def export_facts(export: Export) -> dict[str, Any]:
    """An export for the log and for integrations: ids, states and reasons; never addresses of media."""
    return {
        "export_id": str(export.id),
        "state": export.state,
        "resolution": export.resolution,
        "takes": len(export.take_ids),
        "attempt": export.attempt,
        "asset_id": str(export.asset_id) if export.asset_id else None,
        "cause": export.cause,
        "message": export.message,
        "advice": export.advice,
    }
