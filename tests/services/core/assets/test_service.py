"""Files from the upload order to the picture on its node, also when the bytes, or the news of them, never come."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests

from services.core.assets import service as assets
from services.core.assets.model import Asset
from services.core.assets.objects import ObjectStore
from services.core.assets.service import IMAGE_TYPES, LARGEST_PICTURE_BYTES, UPLOAD_LIFETIME, NewUpload
from services.core.kit.database import Database
from services.core.kit.errors import Invalid, NotFound, Problem, TooLarge
from services.core.kit.ids import new_id
from services.core.projects.operations import DeleteNode, RestoreNode, UpdateNode
from services.core.settings import Settings
from tests.services.core.projects.canvas import START, Canvas, clear_outbox, outbox

PICTURE = b"\xff\xd8 not much of a picture"
ORDER = NewUpload("ada.jpg", "image/jpeg", len(PICTURE), None, consent=True)


@pytest.fixture
def order(canvas: Canvas, store: ObjectStore, settings: Settings) -> Any:
    """Orders an upload; returns the file and where its bytes go."""

    def start(node_id: UUID | None = None, **changes: Any) -> tuple[Asset, str]:
        with canvas.database.unit_of_work() as session:
            return assets.start_upload(
                session,
                store,
                settings,
                project_id=canvas.project_id,
                user_id=canvas.owner_id,
                upload=replace(ORDER, node_id=node_id, **changes),
                origin=None,
                now=START,
            )

    return start


def make_ready(session: Any, asset: Asset) -> None:
    """What the worker does when the face function has inspected a picture."""
    asset.bucket, asset.object_name, asset.sha256 = "media", "p/a/image.jpg", "0" * 64
    assets.mark_ready(session, asset, now=START)
    assets.show_on_nodes(session, asset, now=START)


def inspect(canvas: Canvas, asset_id: UUID, *, good: bool = True) -> None:
    with canvas.database.unit_of_work() as session:
        asset = session.get_one(Asset, asset_id)
        if good:
            make_ready(session, asset)
        else:
            assets.reject(session, asset, code="not_an_image", message="It is a text.", advice="Upload a photo.", now=START)
            assets.show_on_nodes(session, asset, now=START)


def test_an_ordered_upload_waits_for_its_bytes_and_takes_them(order: Any, canvas: Canvas, store: ObjectStore, settings: Settings) -> None:
    asset, uri = order()

    assert requests.put(uri, data=PICTURE, timeout=10).status_code == 200

    assert (asset.state, asset.kind, asset.consent_at, asset.created_by) == ("pending", "image", START, canvas.owner_id)
    stored = store.find(settings.uploads_bucket, f"{canvas.project_id}/{asset.id}/original")
    assert stored is not None
    assert stored.size_bytes == len(PICTURE)
    with canvas.database.unit_of_work() as session:
        assert [known.id for known in assets.list_assets(session, canvas.project_id)] == [asset.id]
        assert assets.get_asset(session, asset.id).file_name == "ada.jpg"


def test_uploads_at_the_same_moment_do_not_block_each_other(order: Any, canvas: Canvas) -> None:
    nodes = [canvas.node("image") for _ in range(8)]

    with ThreadPoolExecutor(8) as threads:
        ordered = list(threads.map(order, nodes))

    assert [canvas.row(node_id).config["asset_id"] for node_id in nodes] == [str(asset.id) for asset, _ in ordered]


def test_consent_that_was_not_given_is_not_recorded(order: Any) -> None:
    assert order(consent=False)[0].consent_at is None


@pytest.mark.parametrize(
    ("changes", "problem", "code"),
    [
        ({"content_type": "video/mp4"}, Invalid, "not_an_image"),
        ({"content_type": "image/svg+xml"}, Invalid, "not_an_image"),
        ({"size_bytes": LARGEST_PICTURE_BYTES + 1}, TooLarge, "file_too_large"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(
    order: Any, canvas: Canvas, changes: dict[str, Any], problem: type[Problem], code: str
) -> None:
    with pytest.raises(problem) as refused:
        order(**changes)

    assert refused.value.code == code
    with canvas.database.unit_of_work() as session:
        assert assets.list_assets(session, canvas.project_id) == []


@pytest.mark.parametrize("content_type", IMAGE_TYPES)
def test_every_kind_of_photo_and_the_largest_is_taken(order: Any, content_type: str) -> None:
    assert order(content_type=content_type, size_bytes=LARGEST_PICTURE_BYTES)[0].state == "pending"


def test_a_picture_goes_only_into_an_image_node_of_its_project(order: Any, canvas: Canvas, elsewhere: Canvas) -> None:
    with pytest.raises(Invalid, match="Only image nodes take pictures"):
        order(canvas.node("video"))
    for node_id in (elsewhere.node("image"), new_id()):
        with pytest.raises(NotFound, match="There is no node"):
            order(node_id)

    with canvas.database.unit_of_work() as session:
        assert assets.list_assets(session, canvas.project_id) == []


@pytest.mark.parametrize(("good", "state"), [(True, "succeeded"), (False, "failed")])
def test_a_node_shows_its_picture_from_the_order_to_the_end_of_its_inspection(order: Any, canvas: Canvas, good: bool, state: str) -> None:
    node_id = canvas.node("image")
    asset, _ = order(node_id)
    pending = canvas.row(node_id)

    inspect(canvas, asset.id, good=good)
    inspected = canvas.row(node_id)

    assert pending.config == {"asset_id": str(asset.id)}
    assert (pending.state, pending.status) == ("running", {"asset_id": str(asset.id), "stage": "inspecting"})
    reason = {"cause": "not_an_image", "code": "not_an_image", "message": "It is a text.", "advice": "Upload a photo."}
    assert (inspected.state, inspected.status) == (state, {"asset_id": str(asset.id), **({} if good else reason)})
    told = [event.type for event in canvas.events()]
    assert told == ["node.created", "node.status", "node.updated", "asset.ready" if good else "asset.rejected", "node.status"]


def test_a_node_that_shows_another_picture_by_now_is_left_alone(order: Any, canvas: Canvas) -> None:
    node_id = canvas.node("image")
    first, _ = order(node_id)
    second, _ = order(node_id)

    inspect(canvas, first.id)
    assert canvas.row(node_id).status == {"asset_id": str(second.id), "stage": "inspecting"}

    canvas.apply(UpdateNode(node_id=node_id, config={"asset_id": str(first.id)}))
    inspect(canvas, second.id, good=False)
    node = canvas.row(node_id)
    assert (node.state, node.status) == ("succeeded", {"asset_id": str(first.id)})


def test_every_node_that_shows_a_picture_follows_it_also_one_that_was_deleted(order: Any, canvas: Canvas) -> None:
    first, copy = canvas.node("image"), canvas.node("image")
    asset, _ = order(first)
    canvas.apply(UpdateNode(node_id=copy, config={"asset_id": str(asset.id)}))
    canvas.apply(DeleteNode(node_id=first))

    inspect(canvas, asset.id)
    canvas.apply(RestoreNode(node_id=first))

    assert [canvas.row(node_id).state for node_id in (first, copy)] == ["succeeded", "succeeded"]


def test_a_file_of_another_project_is_not_found(canvas: Canvas, elsewhere: Canvas) -> None:
    theirs = elsewhere.picture()
    with canvas.database.unit_of_work() as session:
        for asset_id, project_id in ((theirs, canvas.project_id), (new_id(), None)):
            with pytest.raises(NotFound, match="There is no file"):
                assets.get_asset(session, asset_id, project_id=project_id)
        assert assets.get_asset(session, theirs, project_id=elsewhere.project_id).id == theirs


def test_a_picture_whose_event_was_lost_is_inspected_when_asked_again(
    order: Any, canvas: Canvas, store: ObjectStore, settings: Settings
) -> None:
    asset, uri = order()
    requests.put(uri, data=PICTURE, timeout=10).raise_for_status()
    clear_outbox(canvas.database)

    assert assets.inspect_again(canvas.database, store, settings, asset.id) is True

    name = f"{canvas.project_id}/{asset.id}/original"
    stored = store.find(settings.uploads_bucket, name)
    assert stored is not None
    (task,) = outbox(canvas.database, "tasks")
    assert (task["target"], task["path"], task["at"]) == ("image_uploaded", "/", None)
    assert task["body"] == {
        "bucket": settings.uploads_bucket,
        "name": name,
        "generation": str(stored.generation),
        "size": str(len(PICTURE)),
    }
    assert task["headers"] == {
        "ce-id": f"again-{asset.id}-{stored.generation}",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{settings.uploads_bucket}",
        "ce-subject": f"objects/{name}",
    }


def test_where_there_is_nothing_to_inspect_nobody_is_asked(
    order: Any, canvas: Canvas, store: ObjectStore, settings: Settings, database: Database
) -> None:
    without_bytes, _ = order()
    inspected, uri = order()
    requests.put(uri, data=PICTURE, timeout=10).raise_for_status()
    inspect(canvas, inspected.id)
    clear_outbox(database)

    for asset_id in (without_bytes.id, inspected.id, new_id()):
        assert assets.inspect_again(database, store, settings, asset_id) is False

    assert outbox(database, "tasks") == []


def test_bytes_that_never_came_are_given_up_after_a_day(order: Any, canvas: Canvas, elsewhere: Canvas, database: Database) -> None:
    node_id = canvas.node("image")
    late, _ = order(node_id)
    inspected, _ = order()
    inspect(canvas, inspected.id)
    theirs = elsewhere.picture("pending")
    day_over = START + UPLOAD_LIFETIME

    assert assets.give_up_uploads(database, now=day_over) == 0
    assert assets.give_up_uploads(database, now=day_over + timedelta(seconds=1)) == 2
    assert assets.give_up_uploads(database, now=day_over + timedelta(seconds=1)) == 0

    with database.unit_of_work() as session:
        given_up = assets.get_asset(session, late.id)
        assert given_up.state == "rejected"
        assert given_up.problem is not None
        assert given_up.problem["code"] == "upload_not_finished"
        assert assets.get_asset(session, inspected.id).state == "ready"
        assert assets.get_asset(session, theirs).state == "rejected"
    node = canvas.row(node_id)
    assert (node.state, node.status["cause"]) == ("failed", "upload_not_finished")


def test_a_refused_order_leaves_nothing_on_the_node(order: Any, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    node_id = canvas.node("image")
    before = canvas.shown()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/does/not/exist.json")

    with pytest.raises(Exception, match="not found"):
        order(node_id)

    assert canvas.shown() == before
