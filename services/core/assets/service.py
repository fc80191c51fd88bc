"""Files from the upload session to the inspected picture, and addresses to read them by."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.assets.model import Asset
from services.core.assets.objects import ObjectStore
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, NotFound, TooLarge
from services.core.kit.ids import new_id
from services.core.kit.paging import LARGEST_PAGE, newest_first, older, page_not_found
from services.core.outbox.rows import add_task
from services.core.projects import events
from services.core.projects.model import Node
from services.core.projects.operations import UpdateNode, apply
from services.core.projects.pictures import picture_status
from services.core.projects.repository import get_node, get_project
from services.core.projects.status import set_status
from services.core.settings import Settings

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
LARGEST_PICTURE_BYTES = 30 * 1024 * 1024
READ_LIFETIME = timedelta(hours=1)
UPLOAD_LIFETIME = timedelta(days=1)  # as long as the quarantine bucket keeps an upload


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a person wants to upload."""

    file_name: str
    content_type: str
    size_bytes: int
    node_id: UUID | None
    consent: bool


def uploaded_object(project_id: UUID, asset_id: UUID) -> str:
    """The name of an upload in the quarantine bucket; the face function reads both ids from it."""
    return f"{project_id}/{asset_id}/original"


def start_upload(
    session: Session,
    store: ObjectStore,
    settings: Settings,
    *,
    project_id: UUID,
    user_id: UUID,
    upload: NewUpload,
    origin: str | None,
    now: datetime,
) -> tuple[Asset, str]:
    """Create the file's row and a resumable session for its bytes; the picture is inspected when they have arrived."""
    if upload.content_type not in IMAGE_TYPES:
        raise Invalid(
            "not_an_image",
            f"{upload.file_name!r} is {upload.content_type}, not a picture that can be read.",
            f"Upload one of: {', '.join(IMAGE_TYPES)}.",
        )
    if upload.size_bytes > LARGEST_PICTURE_BYTES:
        raise TooLarge(
            "file_too_large",
            f"{upload.file_name!r} has {upload.size_bytes:,} bytes; a picture may have {LARGEST_PICTURE_BYTES:,}.",
            "Save it smaller; more than 4096 px on a side are not used.",
        )
    if upload.node_id is not None and get_node(session, project_id, upload.node_id).type != "image":
        raise Invalid("not_an_image_node", "Only image nodes take pictures.", "Add an image node and upload into it.")
    asset_id = new_id()
    # Before anything is locked: nobody shall wait for Cloud Storage. A session whose row is never committed lapses by itself.
    uri = store.start_upload(
        settings.uploads_bucket,
        uploaded_object(project_id, asset_id),
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
        origin=origin,
    )
    get_project(session, project_id, lock=True)
    asset = Asset(
        id=asset_id,
        project_id=project_id,
        node_id=upload.node_id,
        kind="image",
        state="pending",
        file_name=upload.file_name,
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
        consent_at=now if upload.consent else None,
        created_by=user_id,
        created_at=now,
    )
    session.add(asset)
    session.flush()
    if upload.node_id is not None:
        change = UpdateNode(node_id=upload.node_id, config={"asset_id": str(asset.id)})
        apply(session, project_id, change, actor_id=user_id, now=now)
    return asset, uri


def resume_upload(
    session: Session, store: ObjectStore, settings: Settings, *, project_id: UUID, asset_id: UUID, origin: str | None
) -> tuple[Asset, str]:
    """A new session for a file whose first one its uploader may never have heard of; of the two, the first to be filled counts."""
    asset = get_asset(session, asset_id, project_id=project_id)
    if asset.state != "pending":
        raise Conflict(
            "upload_is_over",
            f"The upload of {asset.file_name!r} is over; the file is {asset.state}.",
            "Ask for the file by its id, or send a new Idempotency-Key to upload another one.",
            asset_id=str(asset.id),
        )
    name = uploaded_object(project_id, asset_id)
    uri = store.start_upload(settings.uploads_bucket, name, content_type=asset.content_type, size_bytes=asset.size_bytes, origin=origin)
    return asset, uri


def get_asset(session: Session, asset_id: UUID, *, project_id: UUID | None = None) -> Asset:
    """The file; NotFound also where it belongs to another project."""
    asset = session.get(Asset, asset_id)
    if asset is None or (project_id is not None and asset.project_id != project_id):
        raise NotFound("file_not_found", f"There is no file {asset_id}.", "It may have been deleted.")
    return asset


def list_assets(session: Session, project_id: UUID, *, limit: int = LARGEST_PAGE, before: UUID | None = None) -> list[Asset]:
    """The files of a project, newest first; those after the file `before`, which has to be one of them."""
    place = (Asset.created_at, Asset.id)
    of_these = Asset.project_id == project_id
    last = session.execute(select(*place).where(Asset.id == before, of_these)).one_or_none() if before else None
    if before and last is None:
        raise page_not_found(before)
    query = select(Asset).where(of_these, *older(place, last))
    return list(session.scalars(query.order_by(*newest_first(place)).limit(limit)))


def show_on_nodes(session: Session, asset: Asset, *, now: datetime) -> None:
    """Bring the image nodes that show this picture in line with it and its faces, deleted ones too, for they may be restored.

    A node that shows another picture by now is left alone.
    """
    nodes = session.scalars(
        select(Node)
        .where(Node.project_id == asset.project_id, Node.type == "image", Node.config["asset_id"].astext == str(asset.id))
        .order_by(Node.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if not nodes:
        return
    session.flush()
    state, status = picture_status(session, asset.project_id, asset.id)
    for node in nodes:
        set_status(session, node, state, status, now=now)


def mark_ready(session: Session, asset: Asset, *, now: datetime) -> None:
    """Tell that a file was inspected and can be used."""
    asset.state, asset.ready_at = "ready", now
    session.flush()
    events.append(session, asset.project_id, "asset.ready", {"asset_id": str(asset.id), "kind": asset.kind}, at=now)


def reject(session: Session, asset: Asset, *, code: str, message: str, advice: str, now: datetime) -> None:
    """Tell that a file cannot be used, and why."""
    asset.state = "rejected"
    asset.problem = {"code": code, "message": message, "advice": advice}
    session.flush()
    events.append(session, asset.project_id, "asset.rejected", {"asset_id": str(asset.id), "code": code}, at=now)


def inspect_again(database: Database, store: ObjectStore, settings: Settings, asset_id: UUID) -> bool:
    """Have the face function look at an upload once more, as if it had just arrived; False where there is nothing to look at.

    For the case that the bucket's event was lost: the function and the worker both bear a repetition.
    """
    with database.unit_of_work() as session:
        asset = session.get(Asset, asset_id)
        if asset is None or asset.state != "pending":
            return False
        name = uploaded_object(asset.project_id, asset.id)
    stored = store.find(settings.uploads_bucket, name)
    if stored is None:
        return False
    body = {"bucket": stored.bucket, "name": stored.name, "generation": str(stored.generation), "size": str(stored.size_bytes)}
    headers = {
        "ce-id": f"again-{asset_id}-{stored.generation}",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{stored.bucket}",
        "ce-subject": f"objects/{stored.name}",
    }
    with database.unit_of_work() as session:
        add_task(session, "/", body, target="image_uploaded", headers=headers)
    return True


def give_up_uploads(database: Database, *, now: datetime) -> int:
    """Reject pictures whose bytes never came, so that no node says "inspecting" for ever; returns how many."""
    with database.unit_of_work() as session:
        late = session.execute(
            select(Asset.id, Asset.project_id)
            .where(Asset.state == "pending", Asset.created_at < now - UPLOAD_LIFETIME)
            .order_by(Asset.created_at)
            .limit(100)
        ).all()
    given_up = 0
    for asset_id, project_id in late:
        with database.unit_of_work() as session:
            asset = lock_pending(session, project_id, asset_id)
            if asset is None:
                continue
            reject(
                session,
                asset,
                code="upload_not_finished",
                message=f"The bytes of {asset.file_name!r} did not arrive, or could not be inspected, within a day.",
                advice="Upload it again.",
                now=now,
            )
            show_on_nodes(session, asset, now=now)
            given_up += 1
    return given_up


def lock_pending(session: Session, project_id: UUID, asset_id: UUID) -> Asset | None:
    """The file, locked after its project, while it still waits for inspection; None where it was inspected or is gone."""
    try:
        get_project(session, project_id, lock=True)
    except NotFound:
        return None
    waiting = select(Asset).where(Asset.id == asset_id, Asset.project_id == project_id, Asset.state == "pending")
    return session.scalar(waiting.with_for_update().execution_options(populate_existing=True))
