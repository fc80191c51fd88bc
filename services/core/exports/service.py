"""Starting and cancelling exports, as people do."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.exports.advance import advance
from services.core.exports.model import Export
from services.core.exports.repository import count_active, get_export, list_clips, lock_export
from services.core.exports.rules import MOST_AT_ONCE, Clip, Resolution, check_film
from services.core.exports.states import ExportEvent
from services.core.jobs.model import Take
from services.core.kit.errors import Conflict, Invalid, TooManyRequests
from services.core.kit.ids import new_id
from services.core.outbox.rows import add_task
from services.core.projects.repository import get_node, get_project


def start_export(
    session: Session, *, project_id: UUID, user_id: UUID, take_ids: Sequence[UUID], resolution: Resolution, now: datetime
) -> Export:
    """Have a film made of these takes, in this order. Raises NotFound, Invalid (length, sizes), TooManyRequests."""
    get_project(session, project_id, lock=True)
    clips = [
        Clip(asset.width or 0, asset.height or 0, asset.duration_seconds or 0.0) for asset in list_clips(session, project_id, take_ids)
    ]
    check_film(clips, resolution)
    if count_active(session, project_id) >= MOST_AT_ONCE:
        raise TooManyRequests(
            "exports_at_limit",
            f"{MOST_AT_ONCE} films of this project are being made already.",
            "Wait until one is done, or cancel one.",
        )
    export = Export(
        id=new_id(),
        project_id=project_id,
        user_id=user_id,
        take_ids=list(take_ids),
        resolution=resolution,
        state="queued",
        next_check_at=now,
        created_at=now,
    )
    session.add(export)
    session.flush()
    ask_to_follow(session, export.id)
    return export


def chain_takes(session: Session, project_id: UUID, node_id: UUID) -> list[UUID]:
    """The film that a video node shows: its chosen take, which holds everything that it extends."""
    node = get_node(session, project_id, node_id)
    if node.type != "video":
        raise Invalid("not_a_video_node", f"{node.title!r} is no video node; only videos are exported.", "Choose a video node.")
    newest = select(Take.id).where(Take.node_id == node_id).order_by(Take.created_at.desc(), Take.sample).limit(1)
    take_id = node.selected_take_id or session.scalar(newest)
    if take_id is None:
        raise Conflict("nothing_to_export", f"{node.title!r} has no finished video yet.", "Run it first.")
    return [take_id]


def cancel_export(session: Session, project_id: UUID, export_id: UUID, *, now: datetime) -> Export:
    """End an export; one that has ended stays as it ended."""
    get_export(session, project_id, export_id)
    export = lock_export(session, export_id)
    if advance(session, export, ExportEvent.CANCELLED, now=now) and export.attempt:
        add_task(session, "/tasks/stop-export", {"export_id": str(export.id)})
    return export


def ask_to_follow(session: Session, export_id: UUID, *, at: datetime | None = None) -> None:
    """Have the worker look at an export, not before `at`."""
    add_task(session, "/tasks/follow-export", {"export_id": str(export_id)}, at=at)
