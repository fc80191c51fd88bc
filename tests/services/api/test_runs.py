"""Runs and jobs over the API: what is estimated is set aside, what is queued is admitted, and what is stopped gives its money back."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.core.jobs.model import Job
from services.core.outbox.model import OutboxRow
from tests.services.api.world import JOB_COST_MICROUSD, Person, World


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("ada")


@pytest.fixture
def project_id(world: World, ada: Person) -> UUID:
    return world.project(ada)


@pytest.fixture
def url(project_id: UUID) -> str:
    return f"/api/projects/{project_id}"


def submits(world: World) -> list[str]:
    """The jobs that were handed to the worker and wait for delivery, in order."""
    with world.container.database.unit_of_work() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "tasks").order_by(OutboxRow.created_at)).all()
    return [row.payload["body"]["job_id"] for row in rows if row.payload["path"] == "/tasks/submit"]


def money(client: TestClient, url: str, ada: Person) -> dict[str, int]:
    amounts: dict[str, int] = client.get(url, headers=ada.headers).json()["money"]
    return amounts


def chain(world: World, project_id: UUID, ada: Person) -> tuple[UUID, UUID]:
    """A video of the cheapest model with two extensions, wired into a second video that goes on from it."""
    cheap = {"model": "veo-3.1-lite-generate-001", "prompt": "a lighthouse"}
    first = world.node(project_id, ada, "video", **cheap, extensions=[{"prompt": None}, {"prompt": "the lamp goes out"}])
    second = world.node(project_id, ada, "video", **cheap)
    world.wire(project_id, ada, (first, "video"), (second, "video"))
    return first, second


def test_a_run_of_everything_costs_what_was_estimated_and_sets_it_aside(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    first, second = chain(world, project_id, ada)

    estimate = client.post("/api/ai/estimate", json={"project_id": str(project_id), "scope": "all"}, headers=ada.headers).json()
    run = client.post(f"{url}/runs", json={"scope": "all"}, headers=ada.once())

    assert run.status_code == 202, run.text
    cents = 50_000  # a second of the cheapest model
    assert estimate["cost_microusd"] == run.json()["estimate_microusd"] == (8 + 7 + 7 + 7) * cents
    assert [(step["node_id"], step["hop"], step["work"]) for step in estimate["steps"]] == [
        (str(first), 0, "new"),
        (str(first), 1, "new"),
        (str(first), 2, "new"),
        (str(second), 0, "new"),
    ]
    assert sum(step["cost_microusd"] for step in estimate["steps"]) == estimate["cost_microusd"]
    assert estimate["expected_seconds"] == 4 * 45  # one after the other
    assert money(client, url, ada)["reserved_microusd"] == estimate["cost_microusd"]
    assert money(client, url, ada)["captured_microusd"] == 0


def test_only_the_head_of_a_chain_is_queued_and_handed_to_the_worker(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    chain(world, project_id, ada)

    run = client.post(f"{url}/runs", json={"scope": "all"}, headers=ada.once()).json()

    job_ids = [step["job_id"] for step in run["steps"]]
    jobs = {job["id"]: job for job in client.get(f"/api/jobs?project_id={project_id}", headers=ada.headers).json()}
    assert [jobs[job_id]["state"] for job_id in job_ids] == ["queued", "waiting", "waiting", "waiting"]
    assert [jobs[job_id]["kind"] for job_id in job_ids] == ["generate", "extend", "extend", "extend"]
    assert submits(world) == job_ids[:1]
    assert (run["state"], run["scope"], run["forced"], run["finished_at"]) == ("running", "all", False, None)
    nodes = client.get(f"{url}/nodes", headers=ada.headers).json()
    assert [node["state"] for node in nodes] == ["queued", "waiting"]
    types = [event["type"] for event in client.get(f"{url}/events?after=3", headers=ada.headers).json()["events"]]
    assert types[0] == "run.started"
    assert types.count("job.queued") == 1


def test_an_estimate_changes_nothing(client: TestClient, world: World, ada: Person, project_id: UUID, url: str) -> None:
    chain(world, project_id, ada)
    before = client.get(url, headers=ada.headers).json()

    answer = client.post("/api/ai/estimate", json={"project_id": str(project_id), "scope": "all"}, headers=ada.headers)

    assert answer.status_code == 200
    assert client.get(url, headers=ada.headers).json() == before


def test_what_is_under_way_costs_nothing_more(client: TestClient, world: World, ada: Person, project_id: UUID, url: str) -> None:
    node_id = world.node(project_id, ada, "video", prompt="a lighthouse")
    world.run(project_id, ada, node_id)
    order = {"project_id": str(project_id), "scope": "node", "node_id": str(node_id)}

    again = client.post("/api/ai/estimate", json=order, headers=ada.headers).json()

    assert (again["cost_microusd"], [step["work"] for step in again["steps"]]) == (0, ["under_way"])


def test_a_model_that_goes_by_another_name_is_named(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    node_id = world.node(project_id, ada, "video", prompt="a lighthouse", model="veo-3.1-fast-generate-preview")
    order = {"project_id": str(project_id), "scope": "node", "node_id": str(node_id)}

    estimate = client.post("/api/ai/estimate", json=order, headers=ada.headers).json()

    assert estimate["aliases"] == {"veo-3.1-fast-generate-preview": "veo-3.1-fast-generate-001"}
    assert estimate["steps"][0]["model"] == "veo-3.1-fast-generate-001"
    assert estimate["cost_microusd"] == 8 * 100_000


def test_a_run_is_read_alone_and_in_the_list_newest_first(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    first, _ = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    world.container.clock.advance(seconds=1)  # type: ignore[attr-defined]  # the clock of the tests can be moved
    second, _ = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="b"))

    listed = client.get(f"{url}/runs", headers=ada.headers).json()

    assert [run["id"] for run in listed] == [str(second), str(first)]
    assert client.get(f"{url}/runs/{first}", headers=ada.headers).json() == listed[1]


def test_a_run_that_is_cancelled_before_anything_was_sent_costs_nothing(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    chain(world, project_id, ada)
    run = client.post(f"{url}/runs", json={"scope": "all"}, headers=ada.once()).json()

    cancelled = client.post(f"{url}/runs/{run['id']}/cancel", headers=ada.headers)

    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert cancelled.json()["finished_at"] is not None
    jobs = client.get(f"/api/jobs?project_id={project_id}", headers=ada.headers).json()
    assert {(job["state"], job["cause"]) for job in jobs} == {("cancelled", "cancelled")}
    assert {job["can_retry"] for job in jobs} == {True}
    amounts = money(client, url, ada)
    assert (amounts["reserved_microusd"], amounts["captured_microusd"], amounts["uncertain_microusd"]) == (0, 0, 0)
    again = client.post(f"{url}/runs/{run['id']}/cancel", headers=ada.headers)
    assert again.json() == cancelled.json()


def test_a_job_that_is_cancelled_stays_cancelled(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))

    cancelled = client.post(f"/api/jobs/{job_id}/cancel", headers=ada.headers).json()

    assert (cancelled["state"], cancelled["cause"], cancelled["can_retry"]) == ("cancelled", "cancelled", True)
    assert client.post(f"/api/jobs/{job_id}/cancel", headers=ada.headers).json() == cancelled
    assert client.get(f"/api/jobs/{job_id}", headers=ada.headers).json() == cancelled


def test_a_job_at_the_provider_is_asked_to_stop_at_the_next_look(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    with world.container.database.unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.state, job.operation_name = "polling", "operations/1"

    stopping = client.post(f"/api/jobs/{job_id}/cancel", headers=ada.headers).json()

    assert (stopping["state"], stopping["cancel_requested"]) == ("polling", True)


def test_a_failed_job_is_retried_as_a_new_one_and_only_once(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    run_id, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    world.fail(job_id)
    assert money(client, url, ada)["reserved_microusd"] == 0

    retried = client.post(f"/api/jobs/{job_id}/retry", headers=ada.once())

    assert (retried.status_code, retried.json()["state"]) == (202, "queued")
    assert retried.json()["id"] != str(job_id)
    assert submits(world) == [str(job_id), retried.json()["id"]]
    assert money(client, url, ada)["reserved_microusd"] == JOB_COST_MICROUSD
    run = client.get(f"{url}/runs/{run_id}", headers=ada.headers).json()
    assert (run["state"], [step["job_id"] for step in run["steps"]]) == ("running", [retried.json()["id"]])
    again = client.post(f"/api/jobs/{job_id}/retry", headers=ada.once())
    assert (again.status_code, again.json()["code"]) == (409, "retried_already")


def test_a_job_that_would_end_the_same_way_is_not_retried(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    under_way = client.post(f"/api/jobs/{job_id}/retry", headers=ada.once())
    world.fail(job_id, can_retry=False)
    hopeless = client.post(f"/api/jobs/{job_id}/retry", headers=ada.once())

    for answer in (under_way, hopeless):
        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_retry")


def test_a_retry_keeps_within_the_spending_limit(client: TestClient, world: World, ada: Person, project_id: UUID, url: str) -> None:
    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    world.fail(job_id)
    client.put(f"{url}/spending-limit", json={"spending_limit_microusd": 1}, headers=ada.headers)

    answer = client.post(f"/api/jobs/{job_id}/retry", headers=ada.once())

    assert (answer.status_code, answer.json()["code"]) == (402, "spending_limit_reached")


def test_jobs_are_listed_for_a_node(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    node_id = world.node(project_id, ada, "video", prompt="a")
    _, job_id = world.run(project_id, ada, node_id)
    world.run(project_id, ada, world.node(project_id, ada, "video", prompt="b"))

    listed = client.get(f"/api/jobs?project_id={project_id}&node_id={node_id}", headers=ada.headers).json()

    assert [job["id"] for job in listed] == [str(job_id)]
    assert len(client.get(f"/api/jobs?project_id={project_id}&limit=1", headers=ada.headers).json()) == 1


def test_extending_keeps_what_is_there_and_pays_only_for_what_is_new(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    node_id = world.node(project_id, ada, "video", prompt="a")
    _, job_id = world.run(project_id, ada, node_id)
    order = {"project_id": str(project_id), "node_id": str(node_id), "hops": [{"prompt": "and then"}]}

    run = client.post("/api/ai/extend-video", json=order, headers=ada.once()).json()

    assert run["steps"][0]["job_id"] == str(job_id)
    assert run["estimate_microusd"] == 7 * 400_000
    node = client.get(f"{url}/nodes/{node_id}", headers=ada.headers).json()
    assert node["config"]["extensions"] == [{"prompt": "and then"}]


def test_an_extension_that_is_refused_leaves_the_node_as_it_was(
    client: TestClient, world: World, ada: Person, project_id: UUID, url: str
) -> None:
    node_id = world.node(project_id, ada, "video", prompt="a")
    client.put(f"{url}/spending-limit", json={"spending_limit_microusd": 1}, headers=ada.headers)
    before = client.get(url, headers=ada.headers).json()

    order = {"project_id": str(project_id), "node_id": str(node_id), "hops": [{}]}
    answer = client.post("/api/ai/extend-video", json=order, headers=ada.once())

    assert answer.status_code == 402
    assert client.get(url, headers=ada.headers).json() == before


def test_a_prompt_is_enhanced_by_a_job(client: TestClient, world: World, ada: Person, project_id: UUID, url: str) -> None:
    node_id = world.node(project_id, ada, "prompt", text="a lighthouse")
    order = {"project_id": str(project_id), "node_id": str(node_id)}

    job = client.post("/api/ai/enhance-prompt", json=order, headers=ada.once())

    assert (job.status_code, job.json()["kind"], job.json()["state"], job.json()["run_id"]) == (202, "enhance", "queued", None)
    assert submits(world) == [job.json()["id"]]
    assert money(client, url, ada)["reserved_microusd"] == job.json()["cost_microusd"] > 0
    node: dict[str, Any] = client.get(f"{url}/nodes/{node_id}", headers=ada.headers).json()
    assert (node["state"], node["config"]["text"]) == ("queued", "a lighthouse")


def test_an_empty_prompt_is_not_enhanced(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    order = {"project_id": str(project_id), "node_id": str(world.node(project_id, ada, "prompt"))}

    answer = client.post("/api/ai/enhance-prompt", json=order, headers=ada.once())

    assert answer.status_code == 422
    assert submits(world) == []


def test_the_models_are_listed_with_what_they_take_and_cost(client: TestClient) -> None:
    catalogue = client.get("/api/ai/models").json()

    assert catalogue["default"] in {model["id"] for model in catalogue["models"]}
    assert catalogue["max_extensions"] == 20
    best = catalogue["models"][0]
    assert best["durations_seconds"] == [4, 6, 8]
    assert best["only_duration_seconds"] == {"1080p": 8, "4k": 8}
    assert best["price_microusd_per_second"]["720p"] == 400_000
