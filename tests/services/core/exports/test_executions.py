"""Cloud Run by its own client, on the stand-in: started with what it is to do, found again by that, stopped, refused in words."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2

from infra.local.run_jobs.app import create_app
from services.core.exports.executions import Executions, ExecutionsUnavailable, NotStarted
from services.core.kit.ids import new_id
from services.core.settings import Settings
from tests.services.api.serving import served
from tests.services.core.jobs.world import settings, wait_until

TIMEOUT = timedelta(seconds=30)
SAYS_WHAT_IT_IS_TOLD = """
import os, signal
print(os.environ["EXPORT_ID"], os.environ["EXPORT_ATTEMPT"], flush=True)
if os.environ["EXPORT_ATTEMPT"] != "9": signal.pause()
"""


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that the stand-in takes when it has no identity."""
    monkeypatch.setattr("google.auth.default", lambda **_: (AnonymousCredentials(), "test"))


def named(url: str, **changes: str) -> Settings:
    return settings().model_copy(update={"run_endpoint": url, "google_cloud_project": "test", **changes})


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A stand-in with the job `export`, whose executions wait for SIGTERM, except for the ninth attempt."""
    with served(create_app(tmp_path, grace_seconds=1)) as address:
        url = f"http://{address}"
        client: Any = run_v2.JobsClient(transport="rest", credentials=AnonymousCredentials(), client_options={"api_endpoint": url})
        task = run_v2.TaskTemplate(containers=[run_v2.Container(command=["python", "-c", SAYS_WHAT_IT_IS_TOLD])], max_retries=0)
        job = run_v2.Job(template=run_v2.ExecutionTemplate(template=task))
        client.create_job(parent="projects/test/locations/us-central1", job=job, job_id="export").result()
        yield url


def test_an_execution_is_told_what_to_do_and_known_again_by_it(url: str, tmp_path: Path) -> None:
    executions, export_id = Executions(named(url)), new_id()

    names = [executions.start(export_id, attempt, timeout=TIMEOUT) for attempt in (1, 2)]

    assert [executions.find(export_id, attempt) for attempt in (1, 2, 3)] == [*names, None]
    assert executions.find(new_id(), 1) is None
    said = tmp_path / "executions" / names[1] / "task-0" / "attempt-0" / "stdout"
    wait_until(lambda: said.exists() and said.read_text() == f"{export_id} 2\n")
    assert not executions.has_ended(names[1])


def test_an_execution_that_was_stopped_has_ended_and_may_be_stopped_again(url: str) -> None:
    executions, export_id = Executions(named(url)), new_id()
    name = executions.start(export_id, 1, timeout=TIMEOUT)

    executions.cancel(name)

    wait_until(lambda: executions.has_ended(name))
    executions.cancel(name)
    executions.cancel("export-never")


def test_an_execution_that_ended_by_itself_or_is_unknown_has_ended(url: str) -> None:
    executions = Executions(named(url))
    name = executions.start(new_id(), 9, timeout=TIMEOUT)

    wait_until(lambda: executions.has_ended(name))
    assert executions.has_ended("export-never")


def test_a_job_that_does_not_exist_is_surely_not_started(url: str) -> None:
    with pytest.raises(NotStarted, match="NotFound"):
        Executions(named(url, export_job="exprot")).start(new_id(), 1, timeout=TIMEOUT)


def test_where_nobody_answers_nothing_is_known() -> None:
    executions = Executions(named("http://127.0.0.1:9"))

    with pytest.raises(ExecutionsUnavailable):
        executions.start(new_id(), 1, timeout=TIMEOUT)
    for ask in (lambda: executions.find(new_id(), 1), lambda: executions.has_ended("x"), lambda: executions.cancel("x")):
        with pytest.raises(ExecutionsUnavailable):
            ask()
