"""What the product stands on is killed in the middle of a run: the run waits, and ends as if nothing had happened."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from google.cloud import firestore

from infra.local.identity import Identity
from infra.local.supervisor.stack import LocalStack
from tests.chaos.support import check_made_once
from tests.journeys.support import SHORT, Studio, a_stack, eventually, require_emulators

POLL_SECONDS = 10


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A whole stack, with the emulators where they are installed."""
    with a_stack() as stack:
        yield stack


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A new person's empty project."""
    return Studio.open(stack)


@pytest.fixture
def rendering(studio: Studio) -> tuple[str, str]:
    """A video node and its job, which the provider holds: it is under way until it is released."""
    node_id = studio.add_video("Under way")
    studio.simulator.tell("hold")
    job_id = studio.start(node_id)
    studio.wait_for_state(job_id, "polling")
    return node_id, job_id


@pytest.fixture
def firestore_project(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> str:
    """The project whose documents a Firestore client of this process reads from the emulator."""
    require_emulators()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", urlsplit(stack.urls["firestore"]).netloc)
    return stack.environments["worker"]["GOOGLE_CLOUD_PROJECT"]


def test_without_cloud_tasks_runs_are_taken_and_the_scheduler_sees_to_them_when_it_is_back(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Patience")
    stack.kill("cloud_tasks")
    job_id = studio.start(node_id)
    assert studio.person.job(job_id)["state"] == "queued"

    stack.start("cloud_tasks")

    with _cloud_scheduler(stack) as scheduler:

        def look() -> bool:
            # What comes each minute by itself is asked for each second.
            scheduler.post("jobs/sweep:run").raise_for_status()
            return str(studio.person.job(job_id)["state"]) in ("succeeded", "failed")

        eventually(look, "the video", pause_seconds=1)
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_tasks_that_were_planned_survive_the_death_of_cloud_tasks(stack: LocalStack, studio: Studio, rendering: tuple[str, str]) -> None:
    node_id, job_id = rendering
    stack.kill("video_rendered")
    stack.kill("cloud_tasks")
    studio.simulator.release()
    studio.wait_for_provider(job_id)

    # The next poll is a task that was in the queue when that died, and the only way to learn of the video.
    stack.start("cloud_tasks")

    studio.wait_for_state(job_id, "succeeded", "failed")
    stack.start("video_rendered")
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)
    assert studio.person.job(job_id)["polls"] >= 1


def test_without_the_api_a_run_goes_on_and_its_owner_finds_it_done(stack: LocalStack, studio: Studio, rendering: tuple[str, str]) -> None:
    node_id, job_id = rendering
    stack.kill("api")
    studio.simulator.release()
    studio.wait_for_provider(job_id)
    stack.start("api")

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_after_a_crash_of_postgres_a_run_ends_well(stack: LocalStack, studio: Studio, rendering: tuple[str, str]) -> None:
    node_id, job_id = rendering
    stack.kill("postgres")
    studio.simulator.release()
    studio.wait_for_provider(job_id)
    assert httpx.get(f"{stack.urls['api']}/readyz", timeout=30).status_code == 503
    stack.start("postgres")

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_without_the_finalize_event_polling_finds_the_video(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Nobody said a word")
    stack.kill("video_rendered")
    job_id = studio.start(node_id)
    studio.wait_for_provider(job_id)

    studio.wait_for_state(job_id, "settling", "succeeded", "failed", seconds=2 * POLL_SECONDS)
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)
    assert studio.person.job(job_id)["polls"] >= 1

    # The event comes after all, and adds nothing.
    stack.start("video_rendered")
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


@pytest.mark.emulators
def test_without_firestore_jobs_go_on_and_its_documents_come_back(
    stack: LocalStack, firestore_project: str, studio: Studio, rendering: tuple[str, str]
) -> None:
    node_id, job_id = rendering

    def document(path: str = "") -> dict[str, Any]:
        # A client of its own each time: one that has seen the old process would first have to find out that it is gone.
        return firestore.Client(project=firestore_project).document(f"projects/{studio.project_id}{path}").get(timeout=10).to_dict() or {}

    def projected(path: str, **fields: Any) -> None:
        """Wait for a document with these fields; meanwhile the sweep comes each second, not each minute."""

        def look() -> bool:
            studio.invoker.call("/tasks/sweep")
            return fields.items() <= document(path).items()

        eventually(look, f"{path} with {fields}", pause_seconds=1)

    assert document(f"/live/{node_id}")["state"] == "running"
    stack.kill("firestore")
    other = studio.add_video("Made in the dark")
    other_job_id = studio.start(other)
    assert studio.wait_for_state(other_job_id, "succeeded", "failed")["state"] == "succeeded"

    # What it held is gone with its process; everything is projected anew from Postgres.
    stack.start("firestore")
    version = studio.person.node(studio.project_id, node_id)["version"]
    projected(f"/live/{node_id}", state="running", version=version)
    projected(f"/members/{studio.person.user_id}", role="owner")
    projected(f"/live/{other}", state="succeeded")

    studio.simulator.release()
    studio.wait_for_state(job_id, "succeeded", "failed")
    assert studio.money() == (2 * SHORT, 0, 0)
    projected(f"/live/{node_id}", state="succeeded")
    projected("", rev=studio.person.call("GET", f"/api/projects/{studio.project_id}")["rev"])


def _cloud_scheduler(stack: LocalStack) -> httpx.Client:
    """Cloud Scheduler's REST API, in the stack's location."""
    identity, settings = Identity.load(stack.layout.data("identity")), stack.environments["worker"]
    location = f"projects/{settings['GOOGLE_CLOUD_PROJECT']}/locations/{settings['GOOGLE_CLOUD_REGION']}"
    token = identity.access_token("https://www.googleapis.com/auth/cloud-platform")
    return httpx.Client(
        base_url=f"{stack.urls['cloud_scheduler']}/v1/{location}/", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
