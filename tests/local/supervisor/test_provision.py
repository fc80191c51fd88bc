"""Provisioning makes what the description names, once; what differs is brought in line."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import google.oauth2.service_account
import httpx
import pytest
from google.cloud import run_v2, tasks_v2
from google.cloud.storage import Client as StorageClient

from infra.access import INVOKER, account_email
from infra.description import DEPLOYMENT
from infra.local.provision import SCOPE, Surroundings, provision
from infra.local.supervisor.stack import LocalStack
from infra.model import Deployment, Queue

PROJECT, REGION = "reelgraph-local", "us-central1"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    parts = ("identity", "cloud_tasks", "cloud_scheduler", "storage", "run_jobs")
    with LocalStack(tmp_path_factory.mktemp("stack"), only=parts) as running:
        yield running


@pytest.fixture
def credentials(stack: LocalStack) -> Any:
    path = stack.layout.credentials
    return google.oauth2.service_account.Credentials.from_service_account_file(str(path), scopes=[SCOPE])


@pytest.fixture
def here(stack: LocalStack, credentials: Any) -> Surroundings:
    urls, base = stack.urls, stack.layout.base_port
    return Surroundings(
        project=PROJECT,
        region=REGION,
        bucket_base=PROJECT,
        service_urls={service.name: stack.layout.url(service.name) for service in DEPLOYMENT.services},
        account_email=account_email(INVOKER, PROJECT),
        origins=(f"http://127.0.0.1:{base}", f"http://localhost:{base}"),
        cloud_tasks=urls["cloud_tasks"],
        cloud_scheduler=urls["cloud_scheduler"],
        storage=urls["storage"],
        run_jobs=urls["run_jobs"],
        identity=urls["identity"],
    )


def test_what_the_stack_provisioned_at_its_start_is_all_there_is_to_do(here: Surroundings, credentials: Any) -> None:
    assert provision(DEPLOYMENT, here, credentials) == []


def test_queue_and_buckets_are_as_described(here: Surroundings, credentials: Any) -> None:
    client = tasks_v2.CloudTasksClient(transport="rest", credentials=credentials, client_options={"api_endpoint": here.cloud_tasks})
    (described,) = DEPLOYMENT.queues
    queue = client.get_queue(name=f"projects/{PROJECT}/locations/{REGION}/queues/{described.name}")
    assert queue.rate_limits.max_concurrent_dispatches == described.max_concurrent_dispatches
    assert queue.retry_config.max_attempts == described.retry.max_attempts
    buckets = StorageClient(project=PROJECT, credentials=credentials, client_options={"api_endpoint": here.storage})
    uploads = buckets.get_bucket(f"{PROJECT}-uploads")
    assert uploads.cors[0]["origin"] == list(here.origins) and uploads.cors[0]["method"] == ["PUT"]
    assert list(uploads.lifecycle_rules) == [{"action": {"type": "Delete"}, "condition": {"age": 1}}]


def test_the_sweep_is_called_each_minute_with_a_token_for_the_worker(here: Surroundings, credentials: Any) -> None:
    job = httpx.get(f"{here.cloud_scheduler}/v1/projects/{PROJECT}/locations/{REGION}/jobs/sweep", trust_env=False).json()
    worker = here.service_urls["worker"]
    assert job["schedule"] == "* * * * *"
    assert job["httpTarget"]["uri"] == f"{worker}/tasks/sweep"
    assert job["httpTarget"]["oidcToken"] == {"serviceAccountEmail": here.account_email, "audience": worker}


def test_jobs_are_as_described_and_hold_no_secrets(here: Surroundings, credentials: Any) -> None:
    client: Any = run_v2.JobsClient(transport="rest", credentials=credentials, client_options={"api_endpoint": here.run_jobs})
    described = DEPLOYMENT.job("export")
    task = client.get_job(name=f"projects/{PROJECT}/locations/{REGION}/jobs/export").template.template
    (container,) = task.containers
    assert tuple(container.command) == described.command
    assert container.resources.limits == {"cpu": "4", "memory": "8192Mi"}
    assert (task.timeout.total_seconds(), task.max_retries) == (described.timeout_seconds, 0)
    assert list(container.env) == []


def test_what_differs_is_brought_in_line_once(here: Surroundings, credentials: Any) -> None:
    (queue,), (call,) = DEPLOYMENT.queues, DEPLOYMENT.scheduled_calls
    other: Deployment = replace(
        DEPLOYMENT,
        queues=(replace(queue, max_concurrent_dispatches=3, retry=replace(queue.retry, max_backoff_seconds=7)),),
        buckets=tuple(replace(bucket, delete_after_days=2) if bucket.suffix == "uploads" else bucket for bucket in DEPLOYMENT.buckets),
        scheduled_calls=(replace(call, schedule="*/5 * * * *"),),
        jobs=tuple(replace(job, timeout_seconds=60) if job.name == "export" else job for job in DEPLOYMENT.jobs),
    )
    moved = replace(here, service_urls={**here.service_urls, "video_rendered": "http://127.0.0.1:9"})
    assert provision(other, moved, credentials) == [
        f"queue {queue.name} changed",
        f"bucket {PROJECT}-uploads changed",
        "trigger video-rendered changed",
        "scheduled call sweep changed",
        "job export changed",
    ]
    assert provision(other, moved, credentials) == []
    assert len(provision(DEPLOYMENT, here, credentials)) == 5
    assert provision(DEPLOYMENT, here, credentials) == []


def test_a_new_queue_is_created(here: Surroundings, credentials: Any) -> None:
    (queue,) = DEPLOYMENT.queues
    more: tuple[Queue, ...] = (queue, replace(queue, name="another"))
    only_queues = replace(here, storage=None, cloud_scheduler=None, run_jobs=None)
    assert provision(replace(DEPLOYMENT, queues=more), only_queues, credentials) == ["queue another created"]
