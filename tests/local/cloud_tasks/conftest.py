"""A Cloud Tasks stand-in in a process of its own, and the unmodified client that talks to it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import google.auth
import pytest
from google.cloud import tasks_v2

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn, Target, stand_in

LOCATION = "projects/reelgraph-local/locations/us-central1"

QueueMaker = Callable[..., str]
TaskMaker = Callable[..., tasks_v2.Task]


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load_or_create(tmp_path_factory.mktemp("identity"), "http://127.0.0.1:1/token", "reelgraph-local")


@pytest.fixture(scope="session")
def server(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One stand-in for all tests of this process; each test works in queues of its own."""
    state = tmp_path_factory.mktemp("cloud_tasks")
    with stand_in("cloud_tasks", "--state", str(state), "--identity", str(identity.directory)) as running:
        yield running


def client_of(running: StandIn, identity: Identity) -> tasks_v2.CloudTasksClient:
    """The client as product code makes it, with default credentials and an endpoint from settings."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
        credentials, _ = google.auth.default()
    return tasks_v2.CloudTasksClient(transport="rest", credentials=credentials, client_options={"api_endpoint": running.url})


@pytest.fixture(scope="session")
def client(server: StandIn, identity: Identity) -> tasks_v2.CloudTasksClient:
    return client_of(server, identity)


@pytest.fixture
def target() -> Iterator[Target]:
    recording = Target()
    yield recording
    recording.close()


@pytest.fixture
def a_queue(client: tasks_v2.CloudTasksClient) -> Iterator[QueueMaker]:
    """Makes queues with the given fields; they are deleted after the test."""
    names: list[str] = []

    def make(**fields: Any) -> str:
        queue = client.create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=f"{LOCATION}/queues/{uuid4()}", **fields))
        names.append(queue.name)
        return queue.name

    yield make
    for name in names:
        client.delete_queue(name=name)


@pytest.fixture
def a_task(client: tasks_v2.CloudTasksClient) -> TaskMaker:
    """Creates a task in a queue that posts to a URL."""

    def make(queue: str, url: str, *, request: dict[str, Any] | None = None, **fields: Any) -> tasks_v2.Task:
        return client.create_task(parent=queue, task=tasks_v2.Task(http_request={"url": url, **(request or {})}, **fields))

    return make
