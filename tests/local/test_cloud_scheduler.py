"""The Cloud Scheduler stand-in: its REST surface as any client and the real gcloud see it, and the clock that runs the jobs."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
import uvicorn

from infra.local.cloud_scheduler.app import create_app
from infra.local.cloud_scheduler.jobs import changed_job, new_job
from infra.local.cloud_tasks.wire import GoogleError
from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn, Target, free_port, stand_in, wait_until

LOCATION = "projects/reelgraph-local/locations/us-central1"
EMAIL = "scheduler@reelgraph-local.iam.gserviceaccount.com"
NOW = datetime(2026, 3, 7, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load_or_create(tmp_path_factory.mktemp("identity"), "http://127.0.0.1:1/token", "reelgraph-local")


@pytest.fixture(scope="module")
def server(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    state = tmp_path_factory.mktemp("cloud_scheduler")
    with stand_in("cloud_scheduler", "--state", str(state), "--identity", str(identity.directory)) as running:
        yield running


@pytest.fixture
def jobs(server: StandIn, identity: Identity) -> Iterator[httpx.Client]:
    """A client of the jobs of one location, with a bearer of the local identity."""
    bearer = {"authorization": f"Bearer {identity.access_token('cloud-platform')}"}
    with httpx.Client(base_url=f"{server.url}/v1/{LOCATION}", headers=bearer) as client:
        yield client


@pytest.fixture
def target() -> Iterator[Target]:
    recording = Target()
    yield recording
    recording.close()


def a_job(uri: str = "http://127.0.0.1:1/", **changes: Any) -> dict[str, Any]:
    name = f"{LOCATION}/jobs/{uuid4()}"
    return {"name": name, "schedule": "0 3 1 1 *", "timeZone": "Etc/UTC", "httpTarget": {"uri": uri}} | changes


def short_name(name: str) -> str:
    return name.rpartition("/")[2]


def created(jobs: httpx.Client, job: dict[str, Any]) -> str:
    """Create the job and return its id."""
    answer = jobs.post("/jobs", json=job)
    assert answer.status_code == 200, answer.text
    return short_name(job["name"])


def test_created_job_is_enabled_with_the_defaults_of_the_service(jobs: httpx.Client) -> None:
    job = a_job(schedule="*/5 * * * *")
    job_id = created(jobs, job)

    seen = jobs.get(f"/jobs/{job_id}").json()

    assert seen["state"] == "ENABLED"
    assert seen["attemptDeadline"] == "180s"
    assert seen["httpTarget"] == {"uri": "http://127.0.0.1:1/", "httpMethod": "POST"}
    assert seen["retryConfig"]["minBackoffDuration"] == "5s"
    next_run = datetime.fromisoformat(seen["scheduleTime"])
    assert (next_run.minute % 5, next_run.second) == (0, 0)
    assert timedelta() < next_run - datetime.now(UTC) <= timedelta(minutes=5)
    assert jobs.post("/jobs", json=job).json()["error"]["status"] == "ALREADY_EXISTS"


def test_run_sends_the_request_with_the_headers_and_the_token_of_the_service(
    jobs: httpx.Client, identity: Identity, target: Target
) -> None:
    oidc = {"serviceAccountEmail": EMAIL, "audience": "https://worker.example"}
    wanted = {"uri": target.url("/sweep"), "httpMethod": "PUT", "body": "eyJhIjoxfQ==", "headers": {"X_Kind": "a"}, "oidcToken": oidc}
    job_id = created(jobs, a_job(httpTarget=wanted))

    jobs.post(f"/jobs/{job_id}:run", json={})

    arrived = target.wait_for("/sweep")[0]
    assert (arrived.method, arrived.body) == ("PUT", b'{"a":1}')
    assert arrived.headers["x_kind"] == "a"
    assert arrived.headers["user-agent"] == "Google-Cloud-Scheduler"
    assert arrived.headers["x-cloudscheduler"] == "true"
    assert arrived.headers["x-cloudscheduler-jobname"] == job_id
    scheduled_for = datetime.fromisoformat(arrived.headers["x-cloudscheduler-scheduletime"])
    assert abs(scheduled_for - datetime.now(UTC)) < timedelta(seconds=20)
    token = arrived.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, identity.public_key_pem, algorithms=["RS256"], audience="https://worker.example")
    assert claims["email"] == EMAIL


def test_audience_of_the_token_defaults_to_the_uri(jobs: httpx.Client, identity: Identity, target: Target) -> None:
    uri = target.url("/sweep")
    job_id = created(jobs, a_job(http_target={"uri": uri, "oidc_token": {"service_account_email": EMAIL}}))

    jobs.post(f"/jobs/{job_id}:run")

    token = target.wait_for("/sweep")[0].headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, identity.public_key_pem, algorithms=["RS256"], audience=uri)["email_verified"]


def test_failed_run_is_retried_and_its_status_can_be_read(jobs: httpx.Client, target: Target) -> None:
    retries = {"retryCount": 2, "minBackoffDuration": "0.1s"}
    target.will_answer("/flaky", 500, 500, 200)
    target.will_answer("/broken", 404)
    flaky = created(jobs, a_job(target.url("/flaky"), retryConfig=retries))
    broken = created(jobs, a_job(target.url("/broken")))

    jobs.post(f"/jobs/{flaky}:run")
    jobs.post(f"/jobs/{broken}:run")

    target.wait_for("/flaky", 3)
    wait_until(lambda: "status" in jobs.get(f"/jobs/{broken}").json())
    assert jobs.get(f"/jobs/{broken}").json()["status"]["code"] == 5
    wait_until(lambda: "status" not in jobs.get(f"/jobs/{flaky}").json())
    assert "lastAttemptTime" in jobs.get(f"/jobs/{flaky}").json()
    assert len(target.received("/broken")) == 1


def test_job_that_is_still_running_is_not_started_again(jobs: httpx.Client, target: Target) -> None:
    gate = target.hold("/slow")
    job_id = created(jobs, a_job(target.url("/slow")))
    jobs.post(f"/jobs/{job_id}:run")
    target.wait_for("/slow")

    jobs.post(f"/jobs/{job_id}:run")
    witness = created(jobs, a_job(target.url("/witness")))
    jobs.post(f"/jobs/{witness}:run")

    target.wait_for("/witness")
    assert len(target.received("/slow")) == 1
    gate.set()


def test_paused_job_has_its_state_and_runs_only_by_hand(jobs: httpx.Client, target: Target) -> None:
    job_id = created(jobs, a_job(target.url("/by-hand")))

    assert jobs.post(f"/jobs/{job_id}:pause").json()["state"] == "PAUSED"
    jobs.post(f"/jobs/{job_id}:run")
    target.wait_for("/by-hand")

    assert jobs.get(f"/jobs/{job_id}").json()["state"] == "PAUSED"
    assert jobs.post(f"/jobs/{job_id}:resume").json()["state"] == "ENABLED"


def test_patch_changes_what_the_mask_names_and_nothing_else(jobs: httpx.Client) -> None:
    job_id = created(jobs, a_job(description="kept"))
    fields = {"schedule": "*/2 * * * *", "httpTarget": {"httpMethod": "PUT"}, "description": "not named by the mask"}

    changed = jobs.patch(f"/jobs/{job_id}?updateMask=schedule,httpTarget.httpMethod", json=fields).json()

    assert changed["schedule"] == "*/2 * * * *"
    assert changed["httpTarget"] == {"uri": "http://127.0.0.1:1/", "httpMethod": "PUT"}
    assert changed["description"] == "kept"
    assert datetime.fromisoformat(changed["scheduleTime"]) - datetime.now(UTC) <= timedelta(minutes=2)


def test_jobs_are_listed_page_by_page_and_deleted(jobs: httpx.Client, server: StandIn) -> None:
    location = f"projects/{uuid4()}/locations/us-central1"
    base = f"{server.url}/v1/{location}/jobs"
    for number in range(3):
        jobs.post(base, json=a_job() | {"name": f"{location}/jobs/j{number}"})

    first = jobs.get(f"{base}?pageSize=2").json()
    second = jobs.get(f"{base}?pageSize=2&pageToken={first['nextPageToken']}").json()
    assert [short_name(job["name"]) for job in first["jobs"] + second["jobs"]] == ["j0", "j1", "j2"]
    assert "nextPageToken" not in second

    assert jobs.delete(f"{base}/j1").json() == {}
    assert jobs.get(f"{base}/j1").json()["error"] == {"code": 404, "message": "Job not found.", "status": "NOT_FOUND"}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"schedule": "every 5 minutes"}, "INVALID_ARGUMENT"),
        ({"schedule": "* * * * * *"}, "INVALID_ARGUMENT"),
        ({"schedule": "61 * * * *"}, "INVALID_ARGUMENT"),
        ({"timeZone": "Mars/Olympus"}, "INVALID_ARGUMENT"),
        ({"name": f"{LOCATION}/jobs/a b"}, "INVALID_ARGUMENT"),
        ({"attemptDeadline": "1801s"}, "INVALID_ARGUMENT"),
        ({"retryConfig": {"retryCount": 6}}, "INVALID_ARGUMENT"),
        ({"httpTarget": {"uri": "ftp://127.0.0.1/"}}, "INVALID_ARGUMENT"),
        ({"httpTarget": 3}, "INVALID_ARGUMENT"),
        ({"pubsubTarget": {"topicName": "t"}}, "UNIMPLEMENTED"),
    ],
)
def test_job_that_cannot_be_run_is_refused(changes: dict[str, Any], status: str) -> None:
    with pytest.raises(GoogleError) as refusal:
        new_job(LOCATION, a_job(**changes), NOW)

    assert refusal.value.status == status


@pytest.mark.parametrize("mask", ["state", "name", "bogus"])
def test_mask_cannot_name_what_callers_may_not_change(mask: str) -> None:
    job = new_job(LOCATION, a_job(), NOW)

    with pytest.raises(GoogleError, match="cannot be changed"):
        changed_job(job, {"state": "PAUSED"}, mask, NOW)


@pytest.mark.parametrize(
    ("schedule", "time_zone", "expected"),
    [
        ("* * * * *", "Etc/UTC", datetime(2026, 3, 7, 12, 1, tzinfo=UTC)),
        ("0 9 * * *", "America/New_York", datetime(2026, 3, 7, 14, 0, tzinfo=UTC)),
        # The clocks of New York go forward in the night to 8 March 2026: 9 o'clock comes an hour earlier in UTC.
        ("0 9 8 * *", "America/New_York", datetime(2026, 3, 8, 13, 0, tzinfo=UTC)),
        ("30 18 * * 1-5", "Asia/Kolkata", datetime(2026, 3, 9, 13, 0, tzinfo=UTC)),
    ],
)
def test_next_run_follows_the_schedule_in_its_time_zone(schedule: str, time_zone: str, expected: datetime) -> None:
    job = new_job(LOCATION, a_job(schedule=schedule, timeZone=time_zone), NOW)

    assert job.next_run(NOW) == expected


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: str) -> None:
        self.move_to(moment)

    def move_to(self, moment: str) -> None:
        """Show `moment`, which is in RFC 3339."""
        self._shown = datetime.fromisoformat(moment).timestamp()

    def __call__(self) -> float:
        """Return the shown time in seconds since 1970."""
        return self._shown


@contextmanager
def running_at(clock: Clock, state: Path, identity: Identity) -> Iterator[httpx.Client]:
    """A stand-in in this process whose clock is `clock`. A second before a job is due it looks at the clock once a second."""
    port = free_port()
    app = create_app(state, identity, clock)
    serving = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        wait_until(lambda: serving.started, seconds=30)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/v1/{LOCATION}") as client:
            yield client
    finally:
        serving.should_exit = True
        thread.join(10)


def test_job_runs_when_its_minute_comes(tmp_path: Path, identity: Identity, target: Target) -> None:
    clock = Clock("2026-03-07T11:59:59Z")

    with running_at(clock, tmp_path, identity) as jobs:
        job_id = created(jobs, a_job(target.url("/noon"), schedule="0 12 * * *"))
        assert target.received("/noon") == []
        clock.move_to("2026-03-07T12:00:00Z")
        arrived = target.wait_for("/noon")[0]
        assert jobs.get(f"/jobs/{job_id}").json()["scheduleTime"] == "2026-03-08T12:00:00.000000Z"

    assert arrived.headers["x-cloudscheduler-scheduletime"] == "2026-03-07T12:00:00.000000Z"


def test_minute_missed_while_it_was_down_is_not_replayed(tmp_path: Path, identity: Identity, target: Target) -> None:
    with running_at(Clock("2026-03-07T09:00:00Z"), tmp_path, identity) as jobs:
        job_id = created(jobs, a_job(target.url("/noon"), schedule="0 12 * * *"))

    clock = Clock("2026-03-08T11:59:59Z")
    with running_at(clock, tmp_path, identity) as jobs:
        assert jobs.get(f"/jobs/{job_id}").json()["scheduleTime"] == "2026-03-08T12:00:00.000000Z"
        clock.move_to("2026-03-08T12:00:00Z")
        target.wait_for("/noon")

    scheduled = [request.headers["x-cloudscheduler-scheduletime"] for request in target.received("/noon")]
    assert scheduled == ["2026-03-08T12:00:00.000000Z"]


def test_minute_missed_while_the_machine_slept_is_not_replayed(tmp_path: Path, identity: Identity, target: Target) -> None:
    clock = Clock("2026-03-07T11:59:59Z")

    with running_at(clock, tmp_path, identity) as jobs:
        job_id = created(jobs, a_job(target.url("/noon"), schedule="0 12 * * *"))
        clock.move_to("2026-03-07T18:00:00Z")
        wait_until(lambda: jobs.get(f"/jobs/{job_id}").json()["scheduleTime"] == "2026-03-08T12:00:00.000000Z")

    assert target.received("/noon") == []


def test_paused_job_does_not_run_when_its_minute_comes(tmp_path: Path, identity: Identity, target: Target) -> None:
    clock = Clock("2026-03-07T11:59:59Z")

    with running_at(clock, tmp_path, identity) as jobs:
        paused = created(jobs, a_job(target.url("/paused"), schedule="0 12 * * *"))
        jobs.post(f"/jobs/{paused}:pause")
        created(jobs, a_job(target.url("/witness"), schedule="0 12 * * *"))
        clock.move_to("2026-03-07T12:00:00Z")
        target.wait_for("/witness")

    assert target.received("/paused") == []


def test_jobs_survive_kill_9(tmp_path: Path, identity: Identity) -> None:
    arguments = ("--state", str(tmp_path), "--identity", str(identity.directory))
    with stand_in("cloud_scheduler", *arguments) as mortal:
        base = f"{mortal.url}/v1/{LOCATION}/jobs"
        job = httpx.post(base, json=a_job()).json()

        mortal.kill()
        mortal.restart()

        assert httpx.get(base).json()["jobs"] == [job]
        assert mortal.terminate() < 2


@pytest.mark.skipif(shutil.which("gcloud") is None, reason="the gcloud CLI is not installed")
def test_gcloud_creates_changes_and_runs_a_job(server: StandIn, jobs: httpx.Client, target: Target, tmp_path: Path) -> None:
    environment = os.environ | {
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_PROJECT": "reelgraph-local",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER": f"{server.url}/",
    }
    job_id = f"gcloud-{uuid4()}"

    def gcloud(*arguments: str) -> None:
        command = ["gcloud", "scheduler", "jobs", *arguments, "--location=us-central1", "--format=json"]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert finished.returncode == 0, finished.stderr

    uri = f"--uri={target.url('/sweep')}"
    gcloud("create", "http", job_id, "--schedule=0 3 1 1 *", uri, f"--oidc-service-account-email={EMAIL}", "--message-body={}")
    gcloud("update", "http", job_id, "--schedule=0 4 1 1 *")
    gcloud("run", job_id)
    described = jobs.get(f"/jobs/{job_id}").json()

    assert described["schedule"] == "0 4 1 1 *"
    assert described["httpTarget"]["oidcToken"] == {"serviceAccountEmail": EMAIL}
    assert target.wait_for("/sweep")[0].body == b"{}"
