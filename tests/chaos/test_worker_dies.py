"""The worker is killed at the worst moments, or told everything twice: each video is made once, shown once and paid once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from infra.local.supervisor.stack import LocalStack
from tests.chaos.support import check_made_once
from tests.journeys.support import HOP, SHORT, SMALL, Studio, a_stack, eventually


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators."""
    with a_stack(only=SMALL) as stack:
        yield stack


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A new person's empty project."""
    return Studio.open(stack)


def test_while_polling_a_video_that_is_finished_meanwhile_is_taken_when_the_worker_is_back(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Finished while nobody looked")
    studio.simulator.tell("hold")
    job_id = studio.start(node_id)
    studio.wait_for_state(job_id, "polling")

    stack.kill("worker")
    studio.simulator.release()
    studio.wait_for_provider(job_id)
    assert studio.person.job(job_id)["state"] == "polling"
    stack.start("worker")

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_while_settling_again_and_again_the_same_take_comes_out(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Settled at the third attempt")
    job_id = studio.start(node_id)

    for _ in range(2):
        _kill_while_settling(stack, studio, job_id)

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_while_an_extension_is_appended_it_comes_out_in_full_length(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("To be continued", extensions=[{"prompt": "It goes on"}])
    run = studio.person.run(studio.project_id, node_id)
    first_id, second_id = (step["job_id"] for step in run["steps"])

    _kill_while_settling(stack, studio, second_id)

    check_made_once(studio, node_id, second_id, cost_microusd=HOP, before_microusd=SHORT)
    assert [take["asset"]["frames"] for take in studio.takes(node_id)] == [(4 + 7) * 24, 4 * 24]
    assert len(studio.simulator.journal(first_id)) == 1
    assert studio.person.wait_for_run(studio.project_id, run["id"])["state"] == "succeeded"


def test_between_the_commit_and_the_telling_the_sweep_tells(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Committed, not told")
    studio.simulator.tell("hold")
    job_id = studio.start(node_id)
    studio.wait_for_state(job_id, "polling")
    stack.kill("cloud_tasks")

    # The outputs are recorded, and the task that would settle them reaches nobody: the queue is down, and then the worker dies.
    studio.simulator.release()
    studio.wait_for_state(job_id, "settling")
    stack.kill("worker")
    stack.start("cloud_tasks")
    stack.start("worker")
    studio.sweep_until(job_id, "succeeded", "failed")

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_tasks_that_come_together_submit_once(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Once is enough")
    stack.kill("cloud_tasks")
    job_id = studio.start(node_id)

    with ThreadPoolExecutor(8) as workers:
        for delivery in [workers.submit(studio.invoker.call, "/tasks/submit", job_id=job_id) for _ in range(8)]:
            delivery.result()
    stack.start("cloud_tasks")
    studio.sweep_until(job_id, "succeeded", "failed")

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_what_comes_late_or_again_adds_nothing(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Said twice")
    job_id = studio.start(node_id)
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)
    folder = studio.simulator.operation(studio.simulator.journal(job_id)[0]["operation_name"])["folder"]
    bucket, _, name = f"{folder}/sample_0.mp4".removeprefix("gs://").partition("/")
    version = studio.person.node(studio.project_id, node_id)["version"]

    for path in ("/tasks/submit", "/tasks/poll", "/tasks/poll-now", "/tasks/check", "/tasks/settle"):
        studio.invoker.call(path, job_id=job_id)
    for generation in ("1", "2"):
        studio.invoker.call("/tasks/object-finalized", bucket=bucket, name=name, generation=generation)

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)
    assert studio.person.node(studio.project_id, node_id)["version"] == version


def _kill_while_settling(stack: LocalStack, studio: Studio, job_id: str) -> None:
    """Kill the worker while its media process works at the job's video, and start it again."""
    worker = psutil.Process(stack.pids["worker"])
    eventually(lambda: studio.person.job(job_id)["state"] == "settling" and worker.children(), f"the settling of job {job_id}")
    stack.kill("worker")
    assert studio.person.job(job_id)["state"] == "settling", "it was settled before the worker died; nothing was tested"
    stack.start("worker")
