"""Exports over the API: what is asked for is kept and handed to the worker, and people read how far it is and what became of it."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.core.exports.model import Export
from services.core.outbox.model import OutboxRow
from tests.services.api.world import Studio, World


@pytest.fixture
def studio(world: World) -> Studio:
    return world.studio()


@pytest.fixture
def url(studio: Studio) -> str:
    return f"/api/projects/{studio.project_id}/exports"


def tasks(world: World, path: str) -> list[str]:
    """The exports that tasks of this path are about."""
    with world.container.database.unit_of_work() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "tasks").order_by(OutboxRow.created_at)).all()
    return [row.payload["body"]["export_id"] for row in rows if row.payload["path"] == path]


def change(world: World, export_id: str | UUID, **values: Any) -> None:
    with world.container.database.unit_of_work() as session:
        session.execute(update(Export).where(Export.id == export_id).values(**values))


def test_a_film_is_kept_as_it_was_asked_for_and_handed_to_the_worker(client: TestClient, world: World, studio: Studio, url: str) -> None:
    order = {"film": {"kind": "takes", "take_ids": [str(studio.take_id)] * 2}, "resolution": "4k"}

    answer = client.post(url, json=order, headers=studio.editor.once())

    assert answer.status_code == 202, answer.text
    export = answer.json()
    assert export["take_ids"] == [str(studio.take_id)] * 2
    assert (export["resolution"], export["state"], export["progress"], export["asset"], export["download_url"]) == (
        "4k",
        "queued",
        0.0,
        None,
        None,
    )
    assert (export["user_id"], export["project_id"]) == (str(studio.editor.id), str(studio.project_id))
    assert tasks(world, "/tasks/follow-export") == [str(studio.export_id), export["id"]]


def test_repeated_under_its_key_one_film_is_made(client: TestClient, studio: Studio, url: str) -> None:
    order, headers = {"film": {"kind": "chain", "node_id": str(studio.loose_id)}, "resolution": "source"}, studio.owner.once()

    answers = [client.post(url, json=order, headers=headers).json() for _ in range(2)]

    assert answers[0]["id"] == answers[1]["id"]
    assert answers[0]["take_ids"] == [str(studio.take_id)]
    listed = client.get(url, headers=studio.viewer.headers).json()
    assert {export["id"] for export in listed} == {answers[0]["id"], str(studio.export_id)}


def test_a_film_that_is_made_comes_with_its_file(client: TestClient, world: World, studio: Studio, url: str) -> None:
    change(world, studio.export_id, state="succeeded", progress=1.0, asset_id=studio.asset_id)

    export = client.get(f"{url}/{studio.export_id}", headers=studio.viewer.headers).json()

    assert (export["state"], export["asset"]["id"]) == ("succeeded", str(studio.asset_id))
    assert export["asset"]["url"].startswith("https://storage.test/")
    assert export["download_url"].endswith("&as=ada.jpg")


def test_a_film_that_failed_says_why_and_what_to_do(client: TestClient, world: World, studio: Studio, url: str) -> None:
    change(world, studio.export_id, state="failed", cause="export_kept_failing", message="It did not work.", advice="Try again.")

    export = client.get(f"{url}/{studio.export_id}", headers=studio.viewer.headers).json()

    assert (export["cause"], export["message"], export["advice"]) == ("export_kept_failing", "It did not work.", "Try again.")


def test_a_cancelled_film_stays_cancelled_and_its_execution_is_stopped(client: TestClient, world: World, studio: Studio, url: str) -> None:
    change(world, studio.export_id, state="running", attempt=1)

    answers = [client.post(f"{url}/{studio.export_id}/cancel", headers=studio.editor.headers).json() for _ in range(2)]

    assert [answer["state"] for answer in answers] == ["cancelled", "cancelled"]
    assert tasks(world, "/tasks/stop-export") == [str(studio.export_id)]


@pytest.mark.parametrize(
    ("film", "code"),
    [
        ({"kind": "takes", "take_ids": []}, "request_invalid"),
        ({"kind": "everything"}, "request_invalid"),
        ({"kind": "chain", "node_id": "prompt_id"}, "not_a_video_node"),
        ({"kind": "chain", "node_id": "video_id"}, "nothing_to_export"),
    ],
)
def test_what_is_no_film_is_refused(client: TestClient, studio: Studio, url: str, film: dict[str, Any], code: str) -> None:
    if "node_id" in film:
        film = film | {"node_id": str(getattr(studio, film["node_id"]))}

    answer = client.post(url, json={"film": film, "resolution": "source"}, headers=studio.owner.once())

    assert answer.json()["code"] == code
