"""Every POST that starts work needs a key, and however often it is sent, the work is started and paid once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from services.core.assets.model import Asset
from services.core.budgets.model import BudgetEntry
from services.core.jobs.model import Job, Run
from services.core.outbox.model import OutboxRow
from services.core.projects.model import ProjectEvent
from tests.services.api.world import Studio, World

Order = tuple[str, Any]

STARTING: dict[str, Callable[[Studio], Order]] = {
    "run": lambda s: (f"/api/projects/{s.project_id}/runs", {"scope": "node", "node_id": str(s.loose_id)}),
    "generate": lambda s: ("/api/ai/generate-video", {"project_id": str(s.project_id), "node_id": str(s.loose_id)}),
    "extend": lambda s: ("/api/ai/extend-video", {"project_id": str(s.project_id), "node_id": str(s.loose_id), "hops": [{}, {}]}),
    "enhance": lambda s: ("/api/ai/enhance-prompt", {"project_id": str(s.project_id), "node_id": str(s.prompt_id)}),
    "retry": lambda s: (f"/api/jobs/{s.failed_job_id}/retry", None),
    "upload": lambda s: (
        "/api/files/uploads",
        {"project_id": str(s.project_id), "file_name": "a.png", "content_type": "image/png", "size_bytes": 10},
    ),
}
KINDS = sorted(STARTING)


def without_secrets(answer: Any) -> dict[str, Any]:
    """An answer without what is not kept for its repetition: the address of an upload is a new one each time."""
    return {name: value for name, value in answer.json().items() if name != "upload_url"}


def counts(world: World) -> dict[str, int]:
    """How much of everything there is."""
    with world.container.database.unit_of_work() as session:
        tables = (Job, Run, Asset, BudgetEntry, ProjectEvent, OutboxRow)
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.mark.parametrize("kind", KINDS)
def test_work_without_a_key_is_not_started(client: TestClient, world: World, kind: str) -> None:
    studio = world.studio()
    path, body = STARTING[kind](studio)
    before = counts(world)

    answer = client.post(path, json=body, headers=studio.editor.headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_missing")
    assert counts(world) == before


@pytest.mark.parametrize("kind", KINDS)
def test_work_that_is_ordered_again_is_answered_again_and_started_once(client: TestClient, world: World, kind: str) -> None:
    studio = world.studio()
    path, body = STARTING[kind](studio)
    before, headers = counts(world), studio.editor.once()

    first = client.post(path, json=body, headers=headers)
    started = counts(world)
    second = client.post(path, json=body, headers=headers)

    assert first.status_code in {201, 202}, first.text
    assert started != before
    assert (second.status_code, without_secrets(second)) == (first.status_code, without_secrets(first))
    assert second.headers["idempotency-replayed"] == "true"
    assert counts(world) == started


@pytest.mark.parametrize("kind", KINDS)
def test_work_that_is_ordered_twice_at_once_is_started_once(client: TestClient, world: World, kind: str) -> None:
    studio = world.studio()
    path, body = STARTING[kind](studio)
    headers, together = studio.editor.once(), Barrier(2)
    before = counts(world)

    def send(_: int) -> Any:
        together.wait(10)
        return client.post(path, json=body, headers=headers)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(send, range(2))

    assert {first.status_code, second.status_code} <= {201, 202}
    assert without_secrets(first) == without_secrets(second)
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in (first, second)) == ["", "true"]
    assert counts(world)["jobs"] - before["jobs"] == {"extend": 3, "upload": 0}.get(kind, 1)
    assert counts(world)["assets"] - before["assets"] == (1 if kind == "upload" else 0)


@pytest.mark.parametrize("kind", ["run", "generate", "enhance"])
def test_the_same_work_under_another_key_attaches_to_what_is_under_way(client: TestClient, world: World, kind: str) -> None:
    studio = world.studio()
    path, body = STARTING[kind](studio)
    together = Barrier(2)

    def send(_: int) -> Any:
        headers = studio.editor.once()
        together.wait(10)
        return client.post(path, json=body, headers=headers)

    before = counts(world)
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(send, range(2))

    assert {first.status_code, second.status_code} == {202}, (first.text, second.text)
    assert counts(world)["jobs"] - before["jobs"] == 1
    assert counts(world)["budget_entries"] - before["budget_entries"] == 1
    if kind == "enhance":
        assert first.json()["id"] == second.json()["id"]
    else:
        assert first.json()["id"] != second.json()["id"]
        assert first.json()["steps"] == second.json()["steps"]


def test_a_removed_member_cannot_replay_what_they_started(client: TestClient, world: World) -> None:
    studio = world.studio()
    path, body = STARTING["run"](studio)
    headers = studio.editor.once()
    assert client.post(path, json=body, headers=headers).status_code == 202
    client.delete(f"/api/projects/{studio.project_id}/members/{studio.editor.id}", headers=studio.owner.headers)

    answer = client.post(path, json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "project_not_found")


def test_a_body_that_is_nested_beyond_reason_is_no_fault_of_ours(client: TestClient, world: World) -> None:
    studio = world.studio()
    path, _ = STARTING["retry"](studio)

    answer = client.post(path, content=b"[" * 100_000, headers=studio.editor.once())

    assert answer.status_code == 202
