"""The sweep: every job that nobody is at gets a task again, and rows that need none are left in peace."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from services.core.jobs.model import Job
from services.core.jobs.sweep import run_all
from services.core.projects.model import Node
from services.core.video.outcomes import NotSent, Unknown
from tests.services.core.jobs.fakes import Killed
from tests.services.core.jobs.world import BEST, FAST, World

Situation = Callable[[World], UUID]


def admitted(world: World) -> UUID:
    return world.first_job(world.run(world.a_video()))


def put_off(world: World) -> UUID:
    world.veo.answers(NotSent("quota", 30.0))
    return world.submitted(world.a_video())


def with_an_unknown_outcome(world: World) -> UUID:
    world.veo.answers(Unknown("timeout"))
    return world.submitted(world.a_video())


def killed_in_the_call(world: World) -> UUID:
    job_id = admitted(world)
    world.veo.answers(Killed())
    with pytest.raises(Killed):
        world.submit(job_id)
    return job_id


def polling(world: World) -> UUID:
    return world.submitted(world.a_video())


def with_an_output(world: World) -> UUID:
    job_id = polling(world)
    world.finalized(world.render(job_id))
    return job_id


def killed_while_settling(world: World) -> UUID:
    job_id = with_an_output(world)
    world.mortality.dies_at(4)
    with pytest.raises(Killed):
        world.settle(job_id)
    return job_id


def storage_down_while_settling(world: World) -> UUID:
    job_id = with_an_output(world)
    world.store.is_down = True
    world.settle(job_id)
    world.store.is_down = False
    return job_id


def cancelled_past_submit(world: World) -> UUID:
    job_id = polling(world)
    world.cancel(job_id)
    world.deliver_due()
    return job_id


@pytest.mark.parametrize(
    ("situation", "path"),
    [
        (admitted, "/tasks/submit"),
        (put_off, "/tasks/submit"),
        (with_an_unknown_outcome, "/tasks/check"),
        (killed_in_the_call, "/tasks/check"),
        (polling, "/tasks/poll"),
        (with_an_output, "/tasks/settle"),
        (killed_while_settling, "/tasks/settle"),
        (storage_down_while_settling, "/tasks/settle"),
        (cancelled_past_submit, "/tasks/check"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_job_whose_task_was_lost_gets_another_when_it_is_overdue(world: World, situation: Situation, path: str) -> None:
    job_id = situation(world)
    due = world.job(job_id).next_check_at
    assert due is not None
    world.forget_told()
    world.clock.now = min(world.clock.now, due - timedelta(seconds=1))
    world.sweep()
    assert not world.told(path)

    world.clock.now = due + timedelta(seconds=6)
    world.sweep()
    assert {task.job_id for task in world.told(path)} == {job_id}


@pytest.mark.parametrize("situation", [put_off, with_an_unknown_outcome, killed_in_the_call, killed_while_settling])
def test_with_every_task_lost_the_sweep_alone_brings_a_job_to_its_end(world: World, situation: Situation) -> None:
    job_id = situation(world)
    if world.attempts(job_id)[0].outcome != "not_sent":
        world.render(job_id)
    for _ in range(30):
        world.forget_told()
        world.clock.tick(minutes=1)
        world.sweep()
        world.deliver_due()
        if world.state(job_id) == "polling":
            world.render(job_id)
            world.clock.tick(minutes=15)
        if world.state(job_id) == "succeeded":
            break
    assert (world.state(job_id), len(world.takes(job_id))) == ("succeeded", 1)


def test_jobs_that_are_over_or_wait_for_others_are_left_in_peace(world: World) -> None:
    world.made(world.a_video())
    waiting = world.job_ids(world.run(world.a_video(prompt="A chain", hops=1)))[1]
    world.cancel(world.first_job(world.run(world.a_video(prompt="Cancelled"))))
    world.forget_told()
    world.clock.tick(days=2)
    world.sweep()
    assert {task.path for task in world.told()} == {"/tasks/submit"}
    assert str(waiting) not in {task.body["job_id"] for task in world.told()}


def test_queued_jobs_of_every_model_are_admitted(world: World) -> None:
    """Where the task that should have had them admitted was lost."""
    jobs = [world.first_job(world.run(world.a_video(model=model))) for model in (FAST, BEST)]
    with world.database.unit_of_work() as session:
        session.execute(update(Job).values(admitted_at=None, next_check_at=None))
    world.forget_told()
    assert world.sweep()["admitted"] == 2
    assert {task.job_id for task in world.told("/tasks/submit")} == set(jobs)


def test_live_documents_end_a_minute_after_their_node_came_to_rest(world: World) -> None:
    node_id = world.a_video()
    world.made(node_id)

    def live() -> bool:
        with world.database.unit_of_work() as session:
            return session.get_one(Node, node_id).live_until is not None

    world.sweep()
    assert live()
    world.clock.tick(seconds=61)
    assert world.sweep()["live_ended"] == 1
    assert not live()
    assert world.sweep()["live_ended"] == 0


def test_one_part_that_fails_does_not_keep_the_others_from_running() -> None:
    done = []

    def fails() -> object:
        raise RuntimeError("first")

    with pytest.raises(RuntimeError, match="first"):
        run_all({"one": fails, "two": lambda: done.append("two"), "three": lambda: done.append("three")})
    assert done == ["two", "three"]
    assert run_all({"one": lambda: 1}) == {"one": 1}
