"""Tasks reach Cloud Tasks as the worker expects them: once each, when they are due, with a token that says who calls."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth
import pytest
from google.cloud import tasks_v2
from sqlalchemy import select

from infra.local.identity import Identity
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.cloud_tasks import DISPATCH_DEADLINE, CloudTasksDispatcher
from services.core.outbox.drain import DeliveryFailed, Drain
from services.core.outbox.model import OutboxRow
from services.core.outbox.rows import add_task
from services.core.settings import Settings
from tests.local.cloud_tasks.support import StandIn, Target, stand_in, wait_until
from tests.services.core.outbox.conftest import SettingsMaker

LOCATION = "projects/reelgraph-local/locations/us-central1"
INVOKER = "invoker@reelgraph-local.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    """An identity stand-in that issues access tokens to the client."""
    state = tmp_path_factory.mktemp("identity")
    with stand_in("identity", "--state", str(state)):
        yield Identity.load(state)


@pytest.fixture(scope="module")
def server(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    state = tmp_path_factory.mktemp("cloud_tasks")
    with stand_in("cloud_tasks", "--state", str(state), "--identity", str(identity.directory)) as running:
        yield running


@pytest.fixture(autouse=True)
def credentials(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))


@pytest.fixture
def client(server: StandIn, credentials: None) -> tasks_v2.CloudTasksClient:
    known, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return tasks_v2.CloudTasksClient(transport="rest", credentials=known, client_options={"api_endpoint": server.url})


@pytest.fixture
def settings(make_settings: SettingsMaker, server: StandIn, client: tasks_v2.CloudTasksClient, target: Target) -> Settings:
    """Settings with a queue of the test's own, and a target that is both the worker and the face function."""
    queue = f"q-{new_id()}"
    client.create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=f"{LOCATION}/queues/{queue}"))
    return make_settings(
        cloud_tasks_endpoint=server.url,
        tasks_queue=queue,
        worker_url=target.url("/worker/"),
        face_function_url=target.url("/faces"),
        invoker_account=INVOKER,
    )


@pytest.fixture
def dispatcher(settings: Settings) -> CloudTasksDispatcher:
    return CloudTasksDispatcher(settings)


@pytest.fixture
def waiting(settings: Settings, client: tasks_v2.CloudTasksClient) -> Callable[[], list[tasks_v2.Task]]:
    """Says what is in the queue, which is stopped: nothing is sent."""
    queue = f"{LOCATION}/queues/{settings.tasks_queue}"
    client.pause_queue(name=queue)
    view = tasks_v2.Task.View.FULL
    return lambda: list(client.list_tasks(request={"parent": queue, "response_view": view}))


def a_task(path: str = "/tasks/admit", **members: Any) -> dict[str, Any]:
    return {"target": "worker", "path": path, "body": {"model": "veo"}, "at": None, **members}


def test_a_task_reaches_the_worker_as_json_with_a_token_for_it(
    dispatcher: CloudTasksDispatcher, target: Target, identity: Identity
) -> None:
    dispatcher.dispatch(new_id(), a_task())

    (received,) = target.wait_for("/worker/tasks/admit")
    claims = identity.verified_claims(received.headers["authorization"].removeprefix("Bearer "))
    assert (received.method, received.body) == ("POST", b'{"model": "veo"}')
    assert received.headers["content-type"] == "application/json"
    assert (claims["aud"], claims["email"]) == (target.url("/worker"), INVOKER)


def test_a_task_for_the_face_function_carries_its_headers(dispatcher: CloudTasksDispatcher, target: Target, identity: Identity) -> None:
    dispatcher.dispatch(new_id(), a_task("/", target="image_uploaded", headers={"ce-id": "again-1", "ce-specversion": "1.0"}))

    (received,) = target.wait_for("/faces/")
    claims = identity.verified_claims(received.headers["authorization"].removeprefix("Bearer "))
    assert (received.headers["ce-id"], received.headers["content-type"]) == ("again-1", "application/json")
    assert claims["aud"] == target.url("/faces")


def test_a_task_for_later_waits_until_then(dispatcher: CloudTasksDispatcher, waiting: Callable[[], list[tasks_v2.Task]]) -> None:
    at = datetime.now(UTC) + timedelta(days=7)

    dispatcher.dispatch(new_id(), a_task(at=at.isoformat()))

    (task,) = waiting()
    assert abs(task.schedule_time - at) < timedelta(milliseconds=1)
    assert task.dispatch_deadline == DISPATCH_DEADLINE


def test_a_row_delivered_twice_is_one_task(dispatcher: CloudTasksDispatcher, waiting: Callable[[], list[tasks_v2.Task]]) -> None:
    row_id = new_id()

    for _ in range(3):
        dispatcher.dispatch(row_id, a_task())
    dispatcher.dispatch(new_id(), a_task())

    assert sorted(task.name.rsplit("/", 1)[1] == row_id.hex for task in waiting()) == [False, True]


def test_a_row_delivered_again_after_its_task_was_done_is_not_done_again(dispatcher: CloudTasksDispatcher, target: Target) -> None:
    row_id = new_id()
    dispatcher.dispatch(row_id, a_task("/tasks/once"))
    target.wait_for("/worker/tasks/once")

    dispatcher.dispatch(row_id, a_task("/tasks/once"))
    dispatcher.dispatch(new_id(), a_task("/tasks/witness"))

    target.wait_for("/worker/tasks/witness")
    assert len(target.received("/worker/tasks/once")) == 1


def test_tasks_of_one_name_are_one_task_however_many_are_told(
    dispatcher: CloudTasksDispatcher, waiting: Callable[[], list[tasks_v2.Task]]
) -> None:
    for name in ("revision-a-1", "revision-a-1", "revision-a-2", "revision-a-1"):
        dispatcher.dispatch(new_id(), a_task(name=name))

    assert sorted(task.name.rsplit("/", 1)[1] for task in waiting()) == ["revision-a-1", "revision-a-2"]


def test_a_queue_that_is_missing_keeps_the_task_in_the_outbox(make_settings: SettingsMaker, server: StandIn) -> None:
    dispatcher = CloudTasksDispatcher(make_settings(cloud_tasks_endpoint=server.url, tasks_queue="missing"))

    with pytest.raises(DeliveryFailed, match="NotFound"):
        dispatcher.dispatch(new_id(), a_task())


def test_an_identity_that_does_not_answer_keeps_the_task_in_the_outbox(
    make_settings: SettingsMaker, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/does/not/exist.json")

    with pytest.raises(DeliveryFailed, match="DefaultCredentialsError"):
        CloudTasksDispatcher(make_settings(cloud_tasks_endpoint=server.url)).dispatch(new_id(), a_task())


def test_a_task_told_while_cloud_tasks_is_down_is_delivered_when_it_is_back(
    database: Database, dispatcher: CloudTasksDispatcher, server: StandIn, target: Target
) -> None:
    now = [datetime.now(UTC)]
    drain = Drain(database, {"tasks": dispatcher}, lambda: now[0])
    database.deliver = drain.deliver
    server.kill()
    try:
        with database.unit_of_work() as session:
            add_task(session, "/tasks/submit", {"job_id": "j"})
        with database.unit_of_work() as session:
            (row,) = session.scalars(select(OutboxRow)).all()
            assert row.last_error is not None
            assert row.last_error.startswith("Cloud Tasks did not take it")
    finally:
        server.restart()
    now[0] = row.not_before

    assert drain.deliver_due() == 1
    wait_until(lambda: len(target.received("/worker/tasks/submit")) == 1)
