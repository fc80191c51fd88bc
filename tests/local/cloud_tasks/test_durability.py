"""What survives when the process ends, however it ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from infra.local.identity import Identity
from tests.local.cloud_tasks.conftest import LOCATION, client_of
from tests.local.cloud_tasks.support import StandIn, Target, stand_in, wait_until

QUEUE = f"{LOCATION}/queues/durable"


@pytest.fixture
def mortal(identity: Identity, tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in for one test, with one queue."""
    with stand_in("cloud_tasks", "--state", str(tmp_path), "--identity", str(identity.directory)) as running:
        client_of(running, identity).create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=QUEUE))
        yield running


def a_task(url: str, name: str = "", schedule_time: datetime | None = None) -> tasks_v2.Task:
    full_name = f"{QUEUE}/tasks/{name}" if name else ""
    return tasks_v2.Task(name=full_name, http_request={"url": url}, schedule_time=schedule_time)


def test_what_was_accepted_survives_kill_9(mortal: StandIn, identity: Identity, target: Target) -> None:
    client = client_of(mortal, identity)
    client.create_task(parent=QUEUE, task=a_task(target.url("/ran"), name="ran"))
    target.wait_for("/ran")
    wait_until(lambda: not list(client.list_tasks(parent=QUEUE)))
    due = datetime.now(UTC) + timedelta(seconds=1)
    for number in range(5):
        client.create_task(parent=QUEUE, task=a_task(target.url(f"/pending/{number}"), schedule_time=due))
    later = client.create_task(parent=QUEUE, task=a_task(target.url("/later"), schedule_time=due + timedelta(hours=1)))
    gate = target.hold("/in-flight")
    client.create_task(parent=QUEUE, task=a_task(target.url("/in-flight"), name="in-flight"))
    target.wait_for("/in-flight")

    mortal.kill()
    gate.set()
    mortal.restart()

    # A task in flight at the kill is sent again: nobody knows whether it was done.
    again = target.wait_for("/in-flight", 2)[1]
    assert again.headers["x-cloudtasks-taskretrycount"] == "1"
    for number in range(5):
        target.wait_for(f"/pending/{number}")
    wait_until(lambda: [task.name for task in client.list_tasks(parent=QUEUE)] == [later.name])
    for name in ("ran", "in-flight"):
        with pytest.raises(exceptions.Conflict):
            client.create_task(parent=QUEUE, task=a_task(target.url("/ran"), name=name))
    assert len(target.received("/ran")) == 1
    assert [len(target.received(f"/pending/{number}")) for number in range(5)] == [1, 1, 1, 1, 1]


def test_sigterm_ends_it_promptly_although_a_target_does_not_answer(mortal: StandIn, identity: Identity, target: Target) -> None:
    target.hold("/in-flight")
    client_of(mortal, identity).create_task(parent=QUEUE, task=a_task(target.url("/in-flight")))
    target.wait_for("/in-flight")

    assert mortal.terminate() < 2
