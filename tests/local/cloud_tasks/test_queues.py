"""Queues, as the unmodified client and the real gcloud see them."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from tests.local.cloud_tasks.conftest import LOCATION, QueueMaker, TaskMaker
from tests.local.cloud_tasks.support import StandIn, Target

State = tasks_v2.Queue.State


def test_new_queue_runs_with_the_defaults_of_the_service(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker) -> None:
    queue = client.get_queue(name=a_queue())

    assert queue.state == State.RUNNING
    assert queue.rate_limits.max_dispatches_per_second == 500
    assert queue.rate_limits.max_concurrent_dispatches == 1000
    assert queue.rate_limits.max_burst_size == 100
    assert queue.retry_config.max_attempts == 100
    assert queue.retry_config.min_backoff == timedelta(seconds=0.1)
    assert queue.retry_config.max_backoff == timedelta(hours=1)
    assert queue.retry_config.max_doublings == 16


def test_second_queue_of_a_name_is_refused(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker) -> None:
    name = a_queue()

    with pytest.raises(exceptions.Conflict):
        client.create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=name))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": f"{LOCATION}/queues/with_underscore"},
        {"name": f"{LOCATION}/queues/{'q' * 101}"},
        {"name": "projects/other/locations/us-central1/queues/q"},
        {"rate_limits": {"max_dispatches_per_second": 501}},
        {"rate_limits": {"max_concurrent_dispatches": 5001}},
        {"retry_config": {"max_attempts": -2}},
        {"retry_config": {"min_backoff": {"seconds": 10}, "max_backoff": {"seconds": 1}}},
    ],
)
def test_queue_outside_the_documented_limits_is_refused(client: tasks_v2.CloudTasksClient, fields: dict[str, Any]) -> None:
    with pytest.raises(exceptions.BadRequest):
        client.create_queue(parent=LOCATION, queue=tasks_v2.Queue({"name": f"{LOCATION}/queues/{uuid4()}", **fields}))


def test_missing_queue_is_not_found_by_any_method(client: tasks_v2.CloudTasksClient) -> None:
    name = f"{LOCATION}/queues/missing"

    for method in (client.get_queue, client.delete_queue, client.purge_queue, client.pause_queue, client.resume_queue):
        with pytest.raises(exceptions.NotFound):
            method(name=name)
    with pytest.raises(exceptions.NotFound):
        client.create_task(parent=name, task=tasks_v2.Task(http_request={"url": "http://127.0.0.1:1/"}))
    with pytest.raises(exceptions.NotFound):
        list(client.list_tasks(parent=name))


def test_queues_of_a_location_are_listed_page_by_page(client: tasks_v2.CloudTasksClient) -> None:
    location = f"projects/{uuid4()}/locations/us-central1"
    names = [f"{location}/queues/q{number}" for number in range(5)]
    for name in names:
        client.create_queue(parent=location, queue=tasks_v2.Queue(name=name))

    pages = list(client.list_queues(request={"parent": location, "page_size": 2}).pages)

    assert [[queue.name for queue in page.queues] for page in pages] == [names[:2], names[2:4], names[4:]]


def test_update_changes_what_the_mask_names_and_nothing_else(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker) -> None:
    name = a_queue(retry_config={"max_attempts": 7})

    changed = tasks_v2.Queue(name=name, rate_limits={"max_dispatches_per_second": 3}, retry_config={"max_attempts": 9})
    client.update_queue(queue=changed, update_mask={"paths": ["rate_limits.max_dispatches_per_second"]})

    queue = client.get_queue(name=name)
    assert queue.rate_limits.max_dispatches_per_second == 3
    assert queue.rate_limits.max_burst_size == 10
    assert queue.retry_config.max_attempts == 7


def test_update_cannot_pause_a_queue_and_creates_a_missing_one(client: tasks_v2.CloudTasksClient) -> None:
    name = f"{LOCATION}/queues/{uuid4()}"

    client.update_queue(queue=tasks_v2.Queue(name=name, state=State.PAUSED))
    assert client.get_queue(name=name).state == State.RUNNING
    client.update_queue(queue=tasks_v2.Queue(name=name, state=State.PAUSED))
    assert client.get_queue(name=name).state == State.RUNNING


def test_paused_queue_keeps_its_tasks_until_it_is_resumed(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    paused, witness = a_queue(), a_queue()
    assert client.pause_queue(name=paused).state == State.PAUSED
    a_task(paused, target.url("/paused"))
    a_task(witness, target.url("/witness"))

    target.wait_for("/witness")
    assert target.received("/paused") == []

    assert client.resume_queue(name=paused).state == State.RUNNING
    target.wait_for("/paused")


def test_purge_removes_the_tasks_and_notes_when(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue()
    client.pause_queue(name=queue)
    purged = a_task(queue, target.url("/purged"), name=f"{queue}/tasks/once")

    assert client.purge_queue(name=queue).purge_time
    client.resume_queue(name=queue)
    a_task(queue, target.url("/after"))

    target.wait_for("/after")
    assert target.received("/purged") == []
    with pytest.raises(exceptions.NotFound):
        client.get_task(name=purged.name)
    with pytest.raises(exceptions.Conflict):
        a_task(queue, target.url("/purged"), name=purged.name)


def test_deleted_queue_takes_its_tasks_along(client: tasks_v2.CloudTasksClient, target: Target, a_task: TaskMaker) -> None:
    name = f"{LOCATION}/queues/{uuid4()}"
    client.create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=name))
    client.pause_queue(name=name)
    task = a_task(name, target.url("/gone"))

    client.delete_queue(name=name)

    with pytest.raises(exceptions.NotFound):
        client.get_queue(name=name)
    with pytest.raises(exceptions.NotFound):
        client.get_task(name=task.name)


def test_policy_that_was_set_is_returned(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker) -> None:
    name = a_queue()
    binding = {"role": "roles/cloudtasks.enqueuer", "members": ["serviceAccount:api@reelgraph-local.iam.gserviceaccount.com"]}

    assert not client.get_iam_policy(request={"resource": name}).bindings
    client.set_iam_policy(request={"resource": name, "policy": {"bindings": [binding]}})

    assert client.get_iam_policy(request={"resource": name}).bindings[0].role == "roles/cloudtasks.enqueuer"


def test_token_of_a_stranger_is_refused_and_no_token_is_let_in(server: StandIn) -> None:
    queues = f"{server.url}/v2/{LOCATION}/queues"

    refused = httpx.get(queues, headers={"authorization": "Bearer of-a-stranger"})

    assert (refused.status_code, refused.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert httpx.get(queues).status_code == 200


def test_method_that_the_stand_in_lacks_says_so(client: tasks_v2.CloudTasksClient, server: StandIn, a_queue: QueueMaker) -> None:
    with pytest.raises(exceptions.MethodNotImplemented):
        client.create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=f"{LOCATION}/queues/{uuid4()}", http_target={"http_method": "POST"}))
    answer = httpx.post(f"{server.url}/v2/{a_queue()}/tasks:batchCreate", json={})
    assert answer.json()["error"]["status"] == "UNIMPLEMENTED"


def test_malformed_request_is_an_invalid_argument(server: StandIn, a_queue: QueueMaker) -> None:
    tasks = f"{server.url}/v2/{a_queue()}/tasks"

    for body in (b"{", b"[]", b'{"task": 3}', b'{"task": {"scheduleTime": "soon"}}'):
        answer = httpx.post(tasks, content=body)
        assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert httpx.get(f"{tasks}?pageToken=%21").status_code == 400


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="the gcloud CLI is not installed")
def test_gcloud_creates_changes_and_describes_a_queue(server: StandIn, tmp_path: Path) -> None:
    environment = os.environ | {
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_PROJECT": "reelgraph-local",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDTASKS": f"{server.url}/",
    }
    queue_id = f"gcloud-{uuid4()}"

    def gcloud(*arguments: str) -> str:
        command = ["gcloud", "tasks", *arguments, "--location=us-central1", "--format=json"]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    gcloud("queues", "create", queue_id, "--max-dispatches-per-second=5", "--min-backoff=2s")
    gcloud("queues", "update", queue_id, "--max-attempts=unlimited")
    described = json.loads(gcloud("queues", "describe", queue_id))

    assert described["state"] == "RUNNING"
    assert described["rateLimits"]["maxDispatchesPerSecond"] == 5
    assert described["retryConfig"]["minBackoff"] == "2s"
    assert described["retryConfig"]["maxAttempts"] == -1
