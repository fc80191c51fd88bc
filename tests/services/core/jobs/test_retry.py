"""Retrying by hand: what may be retried, what it costs, and that one press is one retry."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.core.kit.errors import Conflict, LimitReached
from services.core.video.outcomes import Blocked, Failed, Rejected
from services.core.video.safety import SafetyCategory, block_of
from tests.services.core.jobs.world import CLIP, HOP, World, captured, reserved, uncertain

INTERNAL = Failed(13, "Internal error.", "Run it again.")


def test_a_retry_is_a_new_job_in_place_of_the_old_one_with_money_of_its_own(world: World) -> None:
    node_id = world.a_video()
    run = world.run(node_id)
    job_id = world.first_job(run)
    world.submit(job_id)
    world.veo.says(INTERNAL)
    world.poll(job_id)
    world.configure(node_id, prompt="Edited since")

    again = world.retry(job_id)
    assert (again.id != job_id, again.request, again.cache_key) == (True, world.job(job_id).request, world.job(job_id).cache_key)
    assert (world.job_ids(run), world.the_run(run).state) == ([again.id], "running")
    assert world.project_balance() == reserved(CLIP)
    assert world.node(node_id).state == "queued"
    world.deliver_due()
    world.finish(again.id)
    assert (world.the_run(run).state, world.node(node_id).state) == ("succeeded", "succeeded")
    assert (world.state(job_id), world.project_balance()) == ("failed", captured(CLIP))


def test_every_run_that_shared_the_failed_job_goes_on_with_the_retry(world: World) -> None:
    node_id = world.a_video()
    runs = [world.run(node_id) for _ in range(2)]
    job_id = world.first_job(runs[0])
    world.submit(job_id)
    world.veo.says(INTERNAL)
    world.poll(job_id)
    again = world.retry(job_id)
    assert [world.the_run(run).state for run in runs] == ["running", "running"]
    world.deliver_due()
    world.finish(again.id)
    assert [world.the_run(run).state for run in runs] == ["succeeded", "succeeded"]


def test_a_job_is_retried_once_however_often_it_is_pressed(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(INTERNAL)
    world.poll(job_id)

    def press(_: int) -> bool:
        try:
            world.retry(job_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, range(4))) == 1
    assert (len(world.jobs()), world.project_balance()) == (2, reserved(CLIP))


def test_a_retry_that_failed_can_be_retried_itself(world: World) -> None:
    node_id = world.a_video()
    job_id = world.submitted(node_id)
    for _ in range(3):
        world.veo.says(INTERNAL)
        world.poll(job_id)
        job_id = world.retry(job_id).id
        world.deliver_due()
    world.finish(job_id)
    assert (world.node(node_id).state, world.project_balance()) == ("succeeded", captured(CLIP))


@pytest.mark.parametrize(
    "end",
    [
        lambda world, job_id: world.finish(job_id),
        lambda world, job_id: (world.veo.says(Blocked(block_of(SafetyCategory.CHILD))), world.poll(job_id)),
        lambda world, job_id: None,
    ],
    ids=["succeeded", "blocked for good", "under way"],
)
def test_what_went_well_or_would_end_the_same_way_or_is_under_way_is_not_retried(world: World, end: object) -> None:
    job_id = world.submitted(world.a_video())
    assert callable(end)
    end(world, job_id)
    with pytest.raises(Conflict, match=r"would end the same way|is under way"):
        world.retry(job_id)
    assert len(world.jobs()) == 1


def test_a_rejected_request_is_not_retried(world: World) -> None:
    world.veo.answers(Rejected("invalid_argument", "No.", "Change it.", "request"))
    job_id = world.submitted(world.a_video())
    with pytest.raises(Conflict):
        world.retry(job_id)


def test_a_retry_is_refused_while_the_same_work_is_under_way(world: World) -> None:
    node_id = world.a_video()
    job_id = world.submitted(node_id)
    world.veo.says(INTERNAL)
    world.poll(job_id)
    world.run(node_id)
    with pytest.raises(Conflict, match="under way by another job"):
        world.retry(job_id)


def test_a_retry_stays_within_the_limit_and_the_lost_money_counts(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.cancel(job_id)
    world.deliver_due()
    world.set_limit(2 * CLIP - 1)
    with pytest.raises(LimitReached):
        world.retry(job_id)
    world.set_limit(2 * CLIP)
    world.retry(job_id)
    balance = world.project_balance()
    assert (balance.uncertain_microusd, balance.reserved_microusd) == (uncertain(CLIP).uncertain_microusd, CLIP)


def test_what_was_cancelled_for_its_input_is_retried_through_its_input(world: World) -> None:
    run = world.run(world.a_video(hops=1))
    first, second = world.job_ids(run)
    world.submit(first)
    world.veo.says(INTERNAL)
    world.poll(first)
    with pytest.raises(Conflict):
        world.retry(second)
    world.retry(first)
    assert sorted(job.state for job in world.jobs()) == ["cancelled", "failed", "queued", "waiting"]


def test_retrying_a_failed_hop_clones_the_chain_that_waited_for_it(world: World) -> None:
    node_id = world.a_video(hops=2)
    run = world.run(node_id)
    first, second, third = world.job_ids(run)
    world.submit(first)
    world.finish(first)
    world.go_on(second)
    world.veo.says(Failed(13, "Internal error.", "Run it again."))
    world.poll(second)

    again = world.retry(second)
    assert (again.state, again.parent_take_id) == ("queued", world.takes(first)[0].id)
    rest = next(job for job in world.jobs() if job.retry_of_id == third)
    assert (rest.state, rest.depends_on_job_id) == ("waiting", again.id)
    assert world.balance(again.id) == world.balance(rest.id) == reserved(HOP)
    assert (world.the_run(run).state, world.job_ids(run)) == ("running", [first, again.id, rest.id])
    assert world.node(node_id).state == "queued"

    world.go_on(again.id)
    world.finish(again.id)
    world.go_on(rest.id)
    world.finish(rest.id)
    assert (world.the_run(run).state, world.node(node_id).state) == ("succeeded", "succeeded")
    assert world.asset(world.takes(rest.id)[0]).frames == 22 * 24
    assert world.project_balance() == captured(CLIP + 2 * HOP)


def test_a_run_attaches_to_every_hop_of_a_chain_that_is_retried(world: World) -> None:
    node_id = world.a_video(hops=1)
    first, second = world.chain(node_id)
    world.submit(first)
    world.veo.says(Failed(13, "Internal error.", "Run it again."))
    world.poll(first)
    again = world.retry(first)
    retried = [job.id for job in world.jobs() if job.retry_of_id in (first, second)]

    other = world.run(node_id)
    assert other.estimate_microusd == 0
    assert set(world.job_ids(other)) == set(retried)
    world.deliver_due()
    world.finish(again.id)
    assert {job.state for job in world.jobs()} == {"failed", "cancelled", "succeeded", "queued"}


def test_a_hop_that_a_person_cancelled_can_be_retried_when_its_parent_is_there(world: World) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.cancel(second)
    world.submit(first)
    world.finish(first)
    again = world.retry(second)
    assert (again.state, again.parent_take_id) == ("queued", world.takes(first)[0].id)
    world.go_on(again.id)
    world.finish(again.id)
    assert world.asset(world.takes(again.id)[0]).frames == 15 * 24


def test_a_hop_that_a_person_cancelled_waits_when_it_is_retried_before_its_parent_is_there(world: World) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.cancel(second)
    again = world.retry(second)
    assert (again.state, again.depends_on_job_id) == ("waiting", first)
    world.submit(first)
    world.finish(first)
    assert world.state(again.id) == "queued"


def test_a_hop_whose_parent_was_not_made_cannot_be_retried_by_itself(world: World) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.cancel(second)
    world.cancel(first)
    with pytest.raises(Conflict, match="needs"):
        world.retry(second)
    assert [job.state for job in world.jobs()] == ["cancelled", "cancelled"]


def test_retrying_the_first_of_a_cancelled_run_brings_back_the_whole_chain(world: World) -> None:
    node_id = world.a_video(hops=2)
    run = world.run(node_id)
    first, _, _ = world.job_ids(run)
    world.cancel_run(run.id)
    world.retry(first)
    assert sorted(job.state for job in world.jobs()) == ["cancelled"] * 3 + ["queued"] + ["waiting"] * 2
    assert world.project_balance() == reserved(CLIP + 2 * HOP)
