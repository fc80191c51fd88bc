"""Admission: the provider's rate and cap are kept by all together, and nobody's queue shuts others out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from services.core.jobs.admission import ADMISSION_LEASE
from services.core.jobs.repository import lock_job
from services.core.video.outcomes import NotSent
from tests.services.core.jobs.world import BEST, FAST, LITE, World

CAP = 10
"""Open operations of each model."""


def shots(world: World, count: int, *, user_id: UUID | None = None, project_id: UUID | None = None, model: str = FAST) -> list[UUID]:
    """Jobs of `count` new nodes, queued one after the other."""
    jobs = []
    for _ in range(count):
        world.clock.tick(seconds=0.01)
        node_id = world.a_video(project_id=project_id, model=model)
        jobs.append(world.first_job(world.run(node_id, user_id=user_id, project_id=project_id)))
    return jobs


def admitted(world: World, jobs: list[UUID]) -> list[UUID]:
    return [job_id for job_id in jobs if world.job(job_id).admitted_at is not None]


def test_no_more_are_let_in_than_may_be_open_at_once(world: World) -> None:
    jobs = shots(world, 13)
    assert admitted(world, jobs) == jobs[:CAP]
    world.deliver_due()
    assert (len(world.veo.submits), world.admit()) == (CAP, 0)

    world.finish(jobs[0])
    world.deliver_due()
    assert admitted(world, jobs) == jobs[: CAP + 1]
    assert world.state(jobs[CAP]) == "polling"


def test_models_do_not_take_each_other_s_places(world: World) -> None:
    fast, best = shots(world, CAP + 1), shots(world, 2, model=BEST)
    assert (len(admitted(world, fast)), len(admitted(world, best))) == (CAP, 2)


def test_no_more_are_started_in_a_minute_than_the_rate_allows(world: World) -> None:
    jobs = shots(world, 12, model=LITE)  # 10 a minute
    world.deliver_due()
    for job_id in jobs[:6]:
        world.finish(job_id)
    world.deliver_due()
    assert len(world.veo.submits) == 10

    world.clock.tick(seconds=60)
    world.sweep()
    world.deliver_due()
    assert len(world.veo.submits) == 12


def test_users_take_turns_however_long_the_queue_of_one_is(world: World) -> None:
    ada, ben, eve = world.user_id, world.a_user(), world.a_user()
    filler = shots(world, CAP, user_id=ada)
    late = shots(world, 5, user_id=ada) + shots(world, 3, user_id=ben) + shots(world, 1, user_id=eve)
    world.deliver_due()
    order: list[UUID] = []
    for job_id in filler[:6]:
        world.finish(job_id)
        world.deliver_due()
        order += [other for other in admitted(world, late) if other not in order]
    users = [world.job(job_id).user_id for job_id in order]
    assert len(users) == 6
    # Ada has up to nine under way; Ben and Eve have none, so all of theirs come before her next, in turn by what they have.
    assert Counter(users[:4]) == {ben: 3, eve: 1}
    assert set(users[:2]) == {ben, eve}
    assert users[4:] == [ada, ada]


def test_one_user_s_jobs_go_in_the_order_of_their_queueing(world: World) -> None:
    jobs = shots(world, CAP + 3)
    world.deliver_due()
    for job_id in jobs[:2]:
        world.finish(job_id)
    world.deliver_due()
    assert admitted(world, jobs) == jobs[: CAP + 2]


def test_what_was_not_sent_gives_its_place_to_the_next(world: World) -> None:
    jobs = shots(world, CAP + 1)
    world.veo.answers(NotSent("quota", 30.0))
    world.submit(jobs[0])
    world.deliver_due()
    assert (world.state(jobs[0]), world.state(jobs[CAP])) == ("queued", "polling")


def test_admissions_at_once_do_not_exceed_the_cap(world: World) -> None:
    projects = [world.a_project() for _ in range(4)]
    nodes = [(project_id, world.a_video(project_id=project_id, prompt=f"Shot {n}")) for project_id in projects for n in range(5)]

    def start(place: tuple[UUID, UUID]) -> None:
        world.run(place[1], project_id=place[0])
        world.admit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, nodes))
    jobs = [job for project_id in projects for job in world.jobs(project_id)]
    assert len(jobs) == 20
    assert sum(job.admitted_at is not None for job in jobs) == CAP
    assert len(world.told("/tasks/submit")) == CAP


def test_an_admitted_job_whose_task_was_lost_gets_another_and_is_sent_once(world: World) -> None:
    [job_id] = shots(world, 1)
    world.forget_told()
    world.clock.now += ADMISSION_LEASE + timedelta(seconds=6)
    world.sweep()
    world.sweep()
    assert len(world.told("/tasks/submit")) == 2
    world.deliver_due()
    assert (world.state(job_id), len(world.veo.submits)) == ("polling", 1)


def test_a_job_that_somebody_is_changing_is_passed_over_and_admitted_later(world: World) -> None:
    filler = shots(world, CAP)
    held, free = shots(world, 2)
    world.deliver_due()
    world.finish(filler[0])
    world.finish(filler[1])
    world.forget_told()
    with world.database.unit_of_work() as session:
        lock_job(session, held)
        assert world.admit() <= 1
    world.admit()
    assert admitted(world, [held, free]) == [held, free]
