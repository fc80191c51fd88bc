"""/api/files: upload sessions, files, and addresses to read them by."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from services.api.answers import AssetAnswer
from services.api.dependencies import TheContainer, UnitOfWork
from services.api.idempotency import Idempotent
from services.api.paging import Before, Limit
from services.api.visibility import CallerId, authorize_thing
from services.core.accounts.authorization import Action, authorize
from services.core.assets.model import Asset
from services.core.assets.service import READ_LIFETIME, NewUpload, list_assets, resume_upload, start_upload
from services.core.kit.errors import Conflict, NotFound
from services.core.kit.paging import LARGEST_PAGE

router = APIRouter(prefix="/api/files", tags=["files"])


class UploadOrder(BaseModel):
    """A picture to upload."""

    model_config = ConfigDict(extra="forbid")
    project_id: UUID
    node_id: UUID | None = Field(default=None, description="The image node that shall show it.")
    file_name: str = Field(min_length=1, max_length=255)
    content_type: str = Field(max_length=100)
    size_bytes: int = Field(gt=0)
    consent: bool = Field(
        default=False,
        description="The people in the picture agree to face analysis. Without it the picture is only a picture.",
    )


class UploadAnswer(BaseModel):
    """Where to PUT the bytes: a Cloud Storage resumable session, good for this one file. Keep it secret."""

    asset: AssetAnswer
    upload_url: str


class _KeptAsset(BaseModel):
    id: UUID


class _KeptUpload(BaseModel):
    """What is kept of an answer for its repetition: not the session's address, by which anybody could write the file."""

    asset: _KeptAsset


def _authorized(session: Session, user_id: UUID, asset_id: UUID, action: Action) -> Asset:
    asset = session.get(Asset, asset_id)
    missing = NotFound("file_not_found", f"There is no file {asset_id}.", "It may have been deleted.")
    authorize_thing(session, user_id, asset.project_id if asset else None, action, missing)
    assert asset is not None
    return asset


@router.post("/uploads", status_code=201, response_model=UploadAnswer)
def start_file_upload(
    order: UploadOrder,
    user_id: CallerId,
    session: UnitOfWork,
    container: TheContainer,
    once: Idempotent,
    origin: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Start an upload: PUT the bytes to `upload_url`, whole or in chunks; the picture is inspected as soon as they are there.

    Repeated under its key it answers the same file with another address: the bytes may be sent to either, once.
    """
    authorize(session, user_id, order.project_id, Action.UPLOAD_FILE)
    upload = NewUpload(order.file_name, order.content_type, order.size_bytes, order.node_id, order.consent)

    def answer(asset: Asset, url: str) -> UploadAnswer:
        return UploadAnswer(asset=AssetAnswer.of(asset, container.store), upload_url=url)

    def work() -> tuple[UploadAnswer, _KeptUpload]:
        asset, url = start_upload(
            session,
            container.store,
            container.settings,
            project_id=order.project_id,
            user_id=user_id,
            upload=upload,
            origin=origin,
            now=container.clock(),
        )
        return answer(asset, url), _KeptUpload(asset=_KeptAsset(id=asset.id))

    def again(kept: str) -> UploadAnswer:
        asset_id = _KeptUpload.model_validate_json(kept).asset.id
        project_id = order.project_id
        return answer(*resume_upload(session, container.store, container.settings, project_id=project_id, asset_id=asset_id, origin=origin))

    return once.answer_with_secret(201, work, again)


@router.get("")
def list_files(
    project_id: UUID,
    user_id: CallerId,
    session: UnitOfWork,
    container: TheContainer,
    limit: Limit = LARGEST_PAGE,
    before: Before = None,
) -> list[AssetAnswer]:
    """The files of a project, newest first, page by page."""
    authorize(session, user_id, project_id, Action.VIEW_PROJECT)
    return [AssetAnswer.of(asset, container.store) for asset in list_assets(session, project_id, limit=limit, before=before)]


@router.get("/{asset_id}")
def get_file(asset_id: UUID, user_id: CallerId, session: UnitOfWork, container: TheContainer) -> AssetAnswer:
    """A file, with fresh addresses to read it by."""
    return AssetAnswer.of(_authorized(session, user_id, asset_id, Action.VIEW_PROJECT), container.store)


@router.get("/{asset_id}/content", status_code=307, response_class=RedirectResponse)
def download_file(
    asset_id: UUID, user_id: CallerId, session: UnitOfWork, container: TheContainer, download: bool = False
) -> RedirectResponse:
    """Redirect to the bytes, which Cloud Storage serves, ranges included; `download=true` names the file."""
    asset = _authorized(session, user_id, asset_id, Action.VIEW_PROJECT)
    if asset.state != "ready" or asset.bucket is None or asset.object_name is None:
        raise Conflict("file_not_ready", f"The file {asset_id} is {asset.state}.", "Wait until it was inspected.")
    url = container.store.signed_url(
        asset.bucket, asset.object_name, lifetime=READ_LIFETIME, file_name=asset.file_name if download else None
    )
    return RedirectResponse(url, status_code=307)
