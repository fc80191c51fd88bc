"""Runs that meet: the same work is done and paid once, and stopped only when nobody waits for it any more."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from sqlalchemy import update

from services.core.budgets.ledger import Balance
from services.core.jobs.model import Job
from services.core.jobs.poll import poll_now
from services.core.jobs.runs import cancel_job
from tests.services.core.jobs.world import BEST, CLIP, FAST, HOP, World, captured, reserved


def test_two_runs_attach_to_one_job_and_both_end_with_it(world: World) -> None:
    node_id = world.a_video()
    one, two = world.run(node_id), world.run(node_id)
    assert (two.estimate_microusd, world.job_ids(one)) == (0, world.job_ids(two))
    job_id = world.first_job(one)
    world.submit(job_id)
    three = world.run(node_id, forced=True)
    assert world.job_ids(three) == [job_id]
    world.finish(job_id)
    assert [world.the_run(run).state for run in (one, two, three)] == ["succeeded"] * 3
    assert (len(world.veo.submits), world.project_balance()) == (1, captured(CLIP))


def test_a_run_attaches_to_hops_that_still_wait_for_their_parent(world: World) -> None:
    node_id = world.a_video(hops=2)
    one = world.run(node_id)
    world.submit(world.first_job(one))
    two = world.run(node_id)
    assert world.job_ids(two) == world.job_ids(one)
    world.configure(node_id, extensions=[{"prompt": "Hop 0"}, {"prompt": "Hop 1"}, {"prompt": "One more"}])
    three = world.run(node_id)
    assert (three.estimate_microusd, world.job_ids(three)[:3]) == (HOP, world.job_ids(one))
    assert world.job(world.job_ids(three)[3]).depends_on_job_id == world.job_ids(one)[2]


def test_two_clicks_at_once_pay_once(world: World) -> None:
    node_id = world.a_video(hops=1)
    with ThreadPoolExecutor(4) as pool:
        runs = [running.result(30) for running in [pool.submit(world.run, node_id) for _ in range(4)]]
    assert len(world.jobs()) == 2
    assert world.project_balance() == reserved(CLIP + HOP)
    assert sorted(run.estimate_microusd for run in runs) == [0, 0, 0, CLIP + HOP]


def test_a_node_shows_the_hop_that_is_under_way_although_another_run_started_it(world: World) -> None:
    node_id = world.a_video()
    job_id = world.submitted(node_id)
    world.configure(node_id, extensions=[{"prompt": "More"}])
    world.run(node_id)
    assert (world.node(node_id).state, world.node(node_id).status["job_id"]) == ("running", str(job_id))


def test_cancelling_a_run_stops_what_was_not_sent_and_gives_the_money_back(world: World) -> None:
    node_id = world.a_video(hops=2)
    run = world.run(node_id)
    assert world.cancel_run(run.id).state == "cancelled"
    assert {job.state for job in world.jobs()} == {"cancelled"}
    assert {job.cause for job in world.jobs()} == {"cancelled"}
    assert world.project_balance() == Balance()
    assert world.node(node_id).state == "cancelled"
    assert world.events().count("run.finished") == 1


def test_cancelling_a_run_does_not_cancel_what_another_run_waits_for(world: World) -> None:
    shared, own = world.a_video(), world.a_video(prompt="A bear")
    one = world.run(scope="all")
    two = world.run(shared)
    cancelled = world.cancel_run(one.id)
    states = {job.node_id: job.state for job in world.jobs()}
    assert states == {shared: "queued", own: "cancelled"}
    assert (cancelled.state, world.the_run(two).state) == ("cancelled", "running")
    job_id = world.first_job(two)
    world.submit(job_id)
    world.finish(job_id)
    assert (world.the_run(one).state, world.the_run(two).state) == ("cancelled", "succeeded")


def test_when_all_runs_that_share_work_are_cancelled_the_work_is_too(world: World) -> None:
    node_id = world.a_video(hops=1)
    runs = [world.run(node_id) for _ in range(3)]
    for run in runs:
        world.cancel_run(run.id)
    assert {job.state for job in world.jobs()} == {"cancelled"}
    assert [world.the_run(run).state for run in runs] == ["cancelled"] * 3


def test_cancelling_a_run_that_is_over_changes_nothing(world: World) -> None:
    node_id = world.a_video()
    run = world.run(node_id)
    job_id = world.first_job(run)
    world.submit(job_id)
    world.finish(job_id)
    world.cancel_run(run.id)
    assert (world.the_run(run).state, world.state(job_id)) == ("succeeded", "succeeded")


def test_running_again_what_is_being_cancelled_keeps_it(world: World) -> None:
    node_id = world.a_video()
    job_id = world.submitted(node_id)
    world.cancel(job_id)
    run = world.run(node_id)
    assert world.job_ids(run) == [job_id]
    world.deliver_due()
    assert world.state(job_id) == "polling"
    world.finish(job_id)
    assert (world.the_run(run).state, world.project_balance()) == ("succeeded", captured(CLIP))


def test_running_again_what_is_being_cancelled_keeps_it_until_the_last_moment(world: World) -> None:
    """The provider was asked, the bucket is being searched, then it would be over."""
    node_id = world.a_video()
    job_id = world.submitted(node_id)
    world.cancel(job_id)
    world.forget_told()
    world.store.while_listing = lambda: world.run(node_id)
    poll_now(world.tools, job_id)
    assert world.state(job_id) == "polling"
    assert [task.at for task in world.told("/tasks/poll")] == [world.job(job_id).next_check_at]


def test_cancelling_work_of_two_projects_that_use_models_crosswise_does_not_deadlock(world: World) -> None:
    both_have_cancelled_one = Barrier(2)
    orders = []
    for project_id, models in ((world.project_id, (FAST, BEST)), (world.a_project(), (BEST, FAST))):
        for model in models:
            world.a_video(project_id=project_id, model=model)
        world.run(scope="all", project_id=project_id)
        jobs = {job.model: job.id for job in world.jobs(project_id)}
        orders.append([jobs[model] for model in models])
    with world.database.unit_of_work() as session:
        session.execute(update(Job).values(admitted_at=None, next_check_at=None))  # so that each cancel finds work to admit

    def cancel(job_ids: list[UUID]) -> None:
        with world.database.unit_of_work() as session:
            cancel_job(session, job_ids[0], now=world.clock.now)
            both_have_cancelled_one.wait(20)
            cancel_job(session, job_ids[1], now=world.clock.now)

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(cancel, order) for order in orders]:
            running.result(30)
    assert [world.state(job_id) for order in orders for job_id in order] == ["cancelled"] * 4
