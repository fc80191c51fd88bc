"""Creating, reading and dispatching tasks, as the unmodified client and a target see it."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import jwt
import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from infra.local.identity import Identity
from tests.local.cloud_tasks.conftest import QueueMaker, TaskMaker
from tests.local.cloud_tasks.support import StandIn, Target, wait_until

View = tasks_v2.Task.View


def short_name(name: str) -> str:
    return name.rpartition("/")[2]


def has_ended(client: tasks_v2.CloudTasksClient, name: str) -> bool:
    try:
        client.get_task(name=name)
    except exceptions.NotFound:
        return True
    return False


def test_task_arrives_at_once_as_it_was_created(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue()
    a_task(queue, target.url("/warm-up"))
    target.wait_for("/warm-up")

    started = time.monotonic()
    request = {"body": b"\x00\xff", "headers": {"X-Job": "7", "Content-Type": "application/json", "User-Agent": "mine"}}
    task = a_task(queue, target.url("/work"), request=request)
    arrived = target.wait_for("/work")[0]

    assert arrived.at - started < 1.0
    assert (arrived.method, arrived.body) == ("POST", b"\x00\xff")
    assert arrived.headers["x-job"] == "7"
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["user-agent"] == "Google-Cloud-Tasks"
    assert arrived.headers["x-cloudtasks-queuename"] == short_name(queue)
    assert arrived.headers["x-cloudtasks-taskname"] == short_name(task.name)
    assert arrived.headers["x-cloudtasks-taskretrycount"] == "0"
    assert arrived.headers["x-cloudtasks-taskexecutioncount"] == "0"
    assert float(arrived.headers["x-cloudtasks-tasketa"]) == pytest.approx(task.schedule_time.timestamp(), abs=1e-3)
    assert "x-cloudtasks-taskpreviousresponse" not in arrived.headers
    assert "authorization" not in arrived.headers
    wait_until(lambda: has_ended(client, task.name))


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_task_uses_the_method_it_names(target: Target, a_queue: QueueMaker, a_task: TaskMaker, method: str) -> None:
    a_task(a_queue(), target.url("/work?page=2"), request={"http_method": method})

    assert target.wait_for("/work?page=2")[0].method == method


@pytest.mark.parametrize("audience", ["", "https://worker.example"])
def test_oidc_token_is_for_the_audience_or_else_the_url(
    target: Target, identity: Identity, a_queue: QueueMaker, a_task: TaskMaker, audience: str
) -> None:
    email = "invoker@reelgraph-local.iam.gserviceaccount.com"
    a_task(a_queue(), target.url("/private"), request={"oidc_token": {"service_account_email": email, "audience": audience}})

    scheme, _, token = target.wait_for("/private")[0].headers["authorization"].partition(" ")
    claims = jwt.decode(token, identity.public_key_pem, algorithms=["RS256"], audience=audience or target.url("/private"))
    assert scheme == "Bearer"
    assert claims["email"] == email
    assert claims["iss"] == "https://accounts.google.com"


def test_retries_carry_the_headers_recorded_from_the_service(target: Target, a_queue: QueueMaker, a_task: TaskMaker) -> None:
    queue = a_queue(retry_config={"min_backoff": {"nanos": 50_000_000}})
    target.will_answer("/work", 503, 404, 200)

    a_task(queue, target.url("/work"))

    headers = [request.headers for request in target.wait_for("/work", 3)]
    assert [each["x-cloudtasks-taskretrycount"] for each in headers] == ["0", "1", "2"]
    assert [each["x-cloudtasks-taskexecutioncount"] for each in headers] == ["0", "0", "1"]
    assert [each.get("x-cloudtasks-taskpreviousresponse") for each in headers] == [None, "503", "404"]
    assert [each.get("x-cloudtasks-taskretryreason") for each in headers] == [None, "", ""]


def test_failed_task_waits_longer_each_time_and_is_dropped_after_the_last_attempt(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    retries = {"max_attempts": 4, "min_backoff": {"nanos": 100_000_000}, "max_backoff": {"nanos": 300_000_000}, "max_doublings": 1}
    target.will_answer("/work", 500)

    task = a_task(a_queue(retry_config=retries), target.url("/work"))

    wait_until(lambda: has_ended(client, task.name))
    arrivals = [request.at for request in target.received("/work")]
    pauses = [later - earlier for earlier, later in pairwise(arrivals)]
    assert len(arrivals) == 4
    for pause, least in zip(pauses, (0.1, 0.2, 0.3), strict=True):
        assert least <= pause + 0.01
        assert pause < least + 1.0


def test_task_is_tried_until_the_retry_duration_has_passed(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    backoff = {"nanos": 100_000_000}
    retries = {"max_attempts": -1, "max_retry_duration": {"seconds": 1}, "min_backoff": backoff, "max_backoff": backoff}
    target.will_answer("/work", 500)

    task = a_task(a_queue(retry_config=retries), target.url("/work"))

    wait_until(lambda: has_ended(client, task.name))
    arrivals = [request.at for request in target.received("/work")]
    assert len(arrivals) > 2
    assert 0.8 < arrivals[-1] - arrivals[0] < 5.0


def test_retry_configuration_of_the_task_goes_before_that_of_the_queue(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    target.will_answer("/work", 500)

    task = a_task(a_queue(), target.url("/work"), retry_config={"max_attempts": 1})

    wait_until(lambda: has_ended(client, task.name))
    assert len(target.received("/work")) == 1


def test_failed_attempt_can_be_read_from_the_task(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    target.will_answer("/work", 404)
    task = a_task(a_queue(retry_config={"min_backoff": {"seconds": 60}}), target.url("/work"))

    wait_until(lambda: client.get_task(name=task.name).response_count == 1)

    seen = client.get_task(name=task.name)
    assert seen.dispatch_count == 1
    assert seen.last_attempt.response_status.code == 5
    assert seen.first_attempt.dispatch_time
    assert timedelta(seconds=55) < seen.schedule_time - datetime.now(UTC) <= timedelta(seconds=60)


def test_unreachable_target_is_a_failed_attempt_without_an_answer(
    client: tasks_v2.CloudTasksClient, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    gone = Target()
    url = gone.url("/work")
    gone.close()
    task = a_task(a_queue(retry_config={"min_backoff": {"seconds": 60}}), url)

    wait_until(lambda: client.get_task(name=task.name).last_attempt.response_status.code == 14)

    seen = client.get_task(name=task.name)
    assert (seen.dispatch_count, seen.response_count) == (1, 0)


def test_scheduled_task_waits_for_its_time(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    started = time.monotonic()
    task = a_task(a_queue(), target.url("/later"), schedule_time=datetime.now(UTC) + timedelta(seconds=1))

    arrived = target.wait_for("/later")[0]

    assert 0.9 < arrived.at - started < 3.0
    assert float(arrived.headers["x-cloudtasks-tasketa"]) == pytest.approx(task.schedule_time.timestamp(), abs=1e-3)


def test_schedule_time_in_the_past_means_now(target: Target, a_queue: QueueMaker, a_task: TaskMaker) -> None:
    task = a_task(a_queue(), target.url("/work"), schedule_time=datetime(2020, 1, 1, tzinfo=UTC))

    target.wait_for("/work")
    assert abs(task.schedule_time - datetime.now(UTC)) < timedelta(seconds=10)


def test_name_is_taken_while_the_task_waits_and_after_it_ran_or_was_deleted(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue()
    waiting, ran, deleted = (f"{queue}/tasks/{short}" for short in ("waiting", "ran", "deleted"))
    later = datetime.now(UTC) + timedelta(hours=1)
    a_task(queue, target.url("/never"), name=waiting, schedule_time=later)
    a_task(queue, target.url("/never"), name=deleted, schedule_time=later)
    a_task(queue, target.url("/once"), name=ran)
    client.delete_task(name=deleted)
    wait_until(lambda: has_ended(client, ran))

    for name in (waiting, ran, deleted):
        with pytest.raises(exceptions.Conflict, match="already exists"):
            a_task(queue, target.url("/once"), name=name)

    a_task(queue, target.url("/last"))
    target.wait_for("/last")
    assert len(target.received("/once")) == 1
    assert target.received("/never") == []


@pytest.mark.parametrize(
    ("request_fields", "task_fields"),
    [
        ({"url": "ftp://127.0.0.1/"}, {}),
        ({"url": ""}, {}),
        ({"url": "http://127.0.0.1/" + "a" * 2083}, {}),
        ({"http_method": "GET", "body": b"not allowed"}, {}),
        ({"body": b"x" * 100 * 1024}, {}),
        ({}, {"schedule_time": datetime.now(UTC) + timedelta(days=30, minutes=10)}),
        ({}, {"dispatch_deadline": timedelta(seconds=14)}),
        ({}, {"dispatch_deadline": timedelta(seconds=1801)}),
        ({}, {"name": "projects/p/locations/l/queues/other/tasks/t"}),
        ({"oidc_token": {"audience": "https://worker.example"}}, {}),
    ],
)
def test_task_outside_the_documented_limits_is_refused(
    a_queue: QueueMaker, a_task: TaskMaker, request_fields: dict[str, Any], task_fields: dict[str, Any]
) -> None:
    with pytest.raises(exceptions.BadRequest):
        a_task(a_queue(), "http://127.0.0.1:1/", request=request_fields, **task_fields)


def test_task_just_inside_the_limits_is_accepted(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker, a_task: TaskMaker) -> None:
    queue = a_queue()
    client.pause_queue(name=queue)

    a_task(queue, "http://127.0.0.1:1/", request={"body": b"x" * 99 * 1024}, schedule_time=datetime.now(UTC) + timedelta(days=29, hours=23))
    a_task(queue, "http://127.0.0.1:1/", dispatch_deadline=timedelta(seconds=15))

    assert len(list(client.list_tasks(parent=queue))) == 2


def test_body_is_shown_only_in_the_full_view(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker, a_task: TaskMaker) -> None:
    queue = a_queue()
    client.pause_queue(name=queue)
    created = a_task(queue, "http://127.0.0.1:1/", request={"body": b"private"})

    full = client.get_task(request={"name": created.name, "response_view": View.FULL})
    listed = next(iter(client.list_tasks(request={"parent": queue, "response_view": View.FULL})))

    assert (created.view, created.http_request.body) == (View.BASIC, b"")
    assert client.get_task(name=created.name).http_request.body == b""
    assert full.http_request.body == listed.http_request.body == b"private"


def test_tasks_are_listed_page_by_page(client: tasks_v2.CloudTasksClient, a_queue: QueueMaker, a_task: TaskMaker) -> None:
    queue = a_queue()
    client.pause_queue(name=queue)
    names = {a_task(queue, "http://127.0.0.1:1/").name for _ in range(5)}

    pages = list(client.list_tasks(request={"parent": queue, "page_size": 2}).pages)

    assert [len(page.tasks) for page in pages] == [2, 2, 1]
    assert {task.name for page in pages for task in page.tasks} == names


def test_deleted_task_is_not_dispatched(client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker) -> None:
    queue = a_queue()
    client.pause_queue(name=queue)
    client.delete_task(name=a_task(queue, target.url("/deleted")).name)
    client.resume_queue(name=queue)
    a_task(queue, target.url("/kept"))

    target.wait_for("/kept")
    assert target.received("/deleted") == []


def test_run_dispatches_now_even_from_a_paused_queue_and_keeps_retrying(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue()
    client.pause_queue(name=queue)
    task = a_task(queue, target.url("/forced"), schedule_time=datetime.now(UTC) + timedelta(hours=1))
    target.will_answer("/forced", 500, 200)

    assert client.run_task(name=task.name).dispatch_count == 1
    wait_until(lambda: client.get_task(name=task.name).response_count == 1)
    client.run_task(name=task.name)

    wait_until(lambda: has_ended(client, task.name))
    assert [request.headers["x-cloudtasks-taskretrycount"] for request in target.received("/forced")] == ["0", "1"]
    with pytest.raises(exceptions.NotFound):
        client.run_task(name=task.name)


def test_run_does_not_send_a_task_that_is_under_way_a_second_time(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    gate = target.hold("/slow")
    task = a_task(a_queue(), target.url("/slow"))
    target.wait_for("/slow")

    assert client.run_task(name=task.name).dispatch_count == 1
    gate.set()

    wait_until(lambda: has_ended(client, task.name))
    assert len(target.received("/slow")) == 1


def test_no_more_than_the_allowed_attempts_are_under_way_at_once(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue(rate_limits={"max_concurrent_dispatches": 3})
    gate = target.hold("/slow")
    for _ in range(8):
        a_task(queue, target.url("/slow"))

    wait_until(lambda: target.under_way("/slow") == 3)
    a_task(a_queue(), target.url("/witness"))
    target.wait_for("/witness")
    assert len(target.received("/slow")) == 3
    gate.set()

    target.wait_for("/slow", 8)
    assert target.peak("/slow") == 3


def test_queue_dispatches_a_burst_and_then_at_its_rate(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue(rate_limits={"max_dispatches_per_second": 20})
    client.pause_queue(name=queue)
    for _ in range(30):
        a_task(queue, target.url("/paced"))
    client.resume_queue(name=queue)

    arrivals = [request.at for request in target.wait_for("/paced", 30)]

    # 10 tokens at once (the burst), 20 more at 20 per second: one second, give or take what a busy machine delays the first arrival.
    assert 0.7 < arrivals[-1] - arrivals[0] < 5.0


@pytest.mark.parametrize(("status", "slowed"), [(503, True), (429, True), (500, False)])
def test_answers_429_and_503_slow_the_whole_queue_down(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker, *, status: int, slowed: bool
) -> None:
    queue = a_queue(rate_limits={"max_dispatches_per_second": 8}, retry_config={"max_attempts": 1})
    target.will_answer("/refusing", status)
    for _ in range(3):
        a_task(queue, target.url("/refusing"))
    wait_until(lambda: not list(client.list_tasks(parent=queue)))

    # Held, because an answer would let the queue recover.
    target.hold("/innocent")
    for _ in range(3):
        a_task(queue, target.url("/innocent"))
    first, _, last = target.wait_for("/innocent", 3)

    # One per second instead of a burst of ten.
    assert (last.at - first.at > 1.5) is slowed


def test_retry_after_of_the_target_is_waited_for(
    client: tasks_v2.CloudTasksClient, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    target.will_answer("/busy", 503, headers={"Retry-After": "40"})
    task = a_task(a_queue(), target.url("/busy"))

    wait_until(lambda: client.get_task(name=task.name).response_count == 1)

    assert client.get_task(name=task.name).schedule_time - datetime.now(UTC) > timedelta(seconds=35)


def test_idle_stand_in_uses_next_to_no_processor_time(
    client: tasks_v2.CloudTasksClient, server: StandIn, target: Target, a_queue: QueueMaker, a_task: TaskMaker
) -> None:
    queue = a_queue()
    a_task(queue, target.url("/never"), schedule_time=datetime.now(UTC) + timedelta(hours=1))
    a_task(queue, target.url("/soon"), schedule_time=datetime.now(UTC) + timedelta(seconds=1.5))

    before = server.cpu_seconds()
    target.wait_for("/soon")

    assert server.cpu_seconds() - before < 0.1
