"""Rows of exports: `get_` raises NotFound, `list_` returns all."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.assets.model import Asset
from services.core.exports.model import Export
from services.core.exports.states import ACTIVE_STATES
from services.core.jobs.model import Take
from services.core.kit.errors import NotFound
from services.core.kit.paging import newest_first
from services.core.projects.repository import get_project


def get_export(session: Session, project_id: UUID, export_id: UUID) -> Export:
    """The export, unlocked: for reading."""
    export = session.get(Export, export_id)
    if export is None or export.project_id != project_id:
        raise _export_not_found(export_id)
    return export


def lock_export(session: Session, export_id: UUID) -> Export:
    """The export for a change, after its project: whoever changes anything of a project locks in this order."""
    project_id = session.scalar(select(Export.project_id).where(Export.id == export_id))
    if project_id is None:
        raise _export_not_found(export_id)
    get_project(session, project_id, lock=True)
    return session.scalars(select(Export).where(Export.id == export_id).with_for_update().execution_options(populate_existing=True)).one()


def list_exports(session: Session, project_id: UUID, limit: int = 20) -> list[Export]:
    """The latest exports of a project, newest first."""
    query = select(Export).where(Export.project_id == project_id).order_by(*newest_first((Export.created_at, Export.id))).limit(limit)
    return list(session.scalars(query))


def count_active(session: Session, project_id: UUID) -> int:
    """How many exports of a project are under way."""
    query = select(func.count()).where(Export.project_id == project_id, Export.state.in_(ACTIVE_STATES))
    return session.scalar(query) or 0


def list_clips(session: Session, project_id: UUID, take_ids: Sequence[UUID]) -> list[Asset]:
    """The videos of takes, in the order given. Raises NotFound for a take that is not of this project."""
    query = select(Take.id, Asset).join(Asset, Asset.id == Take.asset_id).where(Take.project_id == project_id, Take.id.in_(set(take_ids)))
    found = {take_id: asset for take_id, asset in session.execute(query)}
    for take_id in take_ids:
        if take_id not in found:
            raise NotFound("take_not_found", f"There is no take {take_id} in this project.", "Reload the canvas and choose again.")
    return [found[take_id] for take_id in take_ids]


def _export_not_found(export_id: UUID) -> NotFound:
    return NotFound("export_not_found", f"There is no export {export_id}.", "List the project's exports to find its id.")
