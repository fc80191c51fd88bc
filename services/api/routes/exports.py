"""/api/projects/{id}/exports: films of takes, made by a job and downloaded as one MP4."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from services.api.answers import AssetAnswer
from services.api.dependencies import TheContainer, UnitOfWork, member
from services.api.idempotency import Idempotent
from services.core.accounts.authorization import Action, Membership
from services.core.assets.model import Asset
from services.core.assets.objects import ObjectStore
from services.core.assets.service import READ_LIFETIME
from services.core.exports.model import Export
from services.core.exports.repository import get_export, list_exports
from services.core.exports.rules import MOST_CLIPS, Resolution
from services.core.exports.service import cancel_export, chain_takes, start_export

router = APIRouter(prefix="/api/projects/{project_id}/exports", tags=["exports"])

Viewer = Annotated[Membership, member(Action.VIEW_PROJECT)]
Exporter = Annotated[Membership, member(Action.EXPORT_FILM)]


class TakesFilm(BaseModel):
    """Takes of the project, one after the other."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["takes"]
    take_ids: list[UUID] = Field(min_length=1, max_length=MOST_CLIPS)


class ChainFilm(BaseModel):
    """What a video node shows: the chain of everything that it extends."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["chain"]
    node_id: UUID


class NewExport(BaseModel):
    """A film to make. `source` keeps the size, which all clips must share; the others scale and, where shapes differ, put on black."""

    model_config = ConfigDict(extra="forbid")
    film: Annotated[TakesFilm | ChainFilm, Field(discriminator="kind")]
    resolution: Resolution


class ExportAnswer(BaseModel):
    """A film, or how far it is."""

    id: UUID
    project_id: UUID
    user_id: UUID
    take_ids: list[UUID]
    resolution: Resolution
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    progress: float = Field(description="0 to 1, of the present attempt.")
    attempt: int
    cause: str | None
    message: str | None
    advice: str | None
    asset: AssetAnswer | None = Field(description="The film, once it is made.")
    download_url: str | None = Field(description="Saves the film under its name; signed for one hour and a secret.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, export: Export, session: Session, store: ObjectStore) -> "ExportAnswer":
        """The answer for `export`."""
        asset = session.get_one(Asset, export.asset_id) if export.asset_id else None
        film = {
            "asset": AssetAnswer.of(asset, store) if asset else None,
            "download_url": _download(asset, store) if asset else None,
        }
        return cls.model_validate({name: getattr(export, name) for name in cls.model_fields if name not in film} | film)


def _download(asset: Asset, store: ObjectStore) -> str:
    assert asset.bucket and asset.object_name, "a constraint of the table: what is ready has an object"
    return store.signed_url(asset.bucket, asset.object_name, lifetime=READ_LIFETIME, file_name=asset.file_name)


@router.post("", status_code=202, response_model=ExportAnswer)
def start_project_export(
    order: NewExport, membership: Exporter, session: UnitOfWork, container: TheContainer, once: Idempotent
) -> Response:
    """Have a film made of finished videos: one MP4 with sound, of at most ten minutes. It spends nothing of the project's limit."""
    project_id = membership.project_id

    def work() -> ExportAnswer:
        film = order.film
        export = start_export(
            session,
            project_id=project_id,
            user_id=membership.user_id,
            take_ids=film.take_ids if isinstance(film, TakesFilm) else chain_takes(session, project_id, film.node_id),
            resolution=order.resolution,
            now=container.clock(),
        )
        return ExportAnswer.of(export, session, container.store)

    return once.answer(202, work)


@router.get("")
def list_project_exports(membership: Viewer, session: UnitOfWork, container: TheContainer) -> list[ExportAnswer]:
    """The latest exports, newest first."""
    return [ExportAnswer.of(export, session, container.store) for export in list_exports(session, membership.project_id)]


@router.get("/{export_id}")
def get_project_export(export_id: UUID, membership: Viewer, session: UnitOfWork, container: TheContainer) -> ExportAnswer:
    """One export, as it is now."""
    return ExportAnswer.of(get_export(session, membership.project_id, export_id), session, container.store)


@router.post("/{export_id}/cancel")
def cancel_project_export(export_id: UUID, membership: Exporter, session: UnitOfWork, container: TheContainer) -> ExportAnswer:
    """Stop an export; one that has ended stays as it ended."""
    export = cancel_export(session, membership.project_id, export_id, now=container.clock())
    return ExportAnswer.of(export, session, container.store)
