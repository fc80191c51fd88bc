"""Chains of extensions: the tail is cut once, each hop grows its parent, one failure ends the rest, and a retry goes on from there."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs import cadence
from services.core.video.media.runner import MediaRunner
from services.core.video.outcomes import Failed, Finished, NotSent
from services.core.video.request import ExtendVideo
from tests.services.core.jobs.fakes import NOT_A_VIDEO, Killed, a_video
from tests.services.core.jobs.world import CLIP, FAST, HOP, World, captured, reserved
from tests.services.core.video.media_clips import Clip, numbers, write_clip


def test_the_hops_of_a_chain_are_released_in_order_and_each_grows_its_parent(world: World) -> None:
    node_id = world.a_video(hops=2)
    first, second, third = world.chain(node_id)
    assert [world.state(job_id) for job_id in (first, second, third)] == ["queued", "waiting", "waiting"]
    assert [world.balance(job_id) for job_id in (first, second, third)] == [reserved(CLIP), reserved(HOP), reserved(HOP)]

    world.submit(first)
    world.finish(first)
    assert [world.state(job_id) for job_id in (first, second, third)] == ["succeeded", "queued", "waiting"]
    world.go_on(second)
    world.finish(second)
    world.go_on(third)
    world.finish(third, frames=(8 + 7) * 24)  # the other form: the tail comes back with it

    takes = [world.takes(job_id)[0] for job_id in (first, second, third)]
    assert [take.hop for take in takes] == [0, 1, 2]
    assert [take.parent_take_id for take in takes] == [None, takes[0].id, takes[1].id]
    assert [world.asset(take).frames for take in takes] == [8 * 24, 15 * 24, 22 * 24]
    assert world.node(node_id).selected_take_id == takes[2].id
    assert (world.node(node_id).state, world.node(node_id).status["hop"]) == ("succeeded", 2)
    prompts = [submit.request.prompt for submit in world.veo.submits]
    assert prompts == ["A fox runs", "Hop 0", "Hop 1"]
    assert world.project_balance() == captured(CLIP + 2 * HOP)


def test_the_tail_is_cut_once_and_sent_in_place_of_the_whole(world: World) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.submit(first)
    world.finish(first, frames=20 * 24)
    world.veo.answers(NotSent("quota", 5.0))
    world.forget_told()
    world.admit()
    world.submit(second)
    world.wait_for_turn(second)
    world.go_on(second)

    assert world.media.done.count("tail") == 1
    for submit in world.veo.submits[1:]:
        assert isinstance(submit.request, ExtendVideo)
        assert submit.video is not None
        assert submit.video.uri == f"gs://test-media/{world.project_id}/{second}/tail.mp4"
    tail = world.job(second).tail
    assert tail is not None and tail["frames"] == 8 * 24


@pytest.mark.parametrize("moment", range(1, 8))
def test_a_worker_that_dies_while_it_prepares_the_tail_leaves_a_job_that_can_be_sent(world: World, moment: int) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.submit(first)
    world.finish(first)
    world.admit()
    world.mortality.dies_at(moment)
    with pytest.raises(Killed):
        world.submit(second)
    world.mortality.dies_at(None)
    was_sent = len(world.veo.submits) > 1
    if not was_sent and world.state(second) == "queued":
        world.submit(second)
        assert len(world.veo.submits) == 2
        assert world.store.created.count(f"{world.project_id}/{second}/tail.mp4") == 1
    assert len(world.veo.submits) <= 2


def test_a_parent_that_cannot_be_extended_fails_the_hop_before_anything_is_sent(world: World) -> None:
    first, second, third = world.chain(world.a_video(hops=2))
    world.submit(first)
    world.finish(first, frames=12)  # half a second
    world.admit()
    world.submit(second)
    job = world.job(second)
    assert (job.state, job.cause) == ("failed", "input_unusable")
    assert (world.state(third), len(world.veo.submits)) == ("cancelled", 1)
    assert world.project_balance() == captured(CLIP)


def test_storage_that_is_down_when_the_tail_is_cut_delays_the_hop_and_gives_its_place_to_others(world: World) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.submit(first)
    world.finish(first)
    world.forget_told()
    world.admit()
    world.store.is_down = True
    world.submit(second)
    job = world.job(second)
    assert (job.state, job.admitted_at) == ("queued", None)
    assert job.next_check_at is not None and job.next_check_at > world.clock.now

    world.store.is_down = False
    world.clock.now = job.next_check_at
    world.forget_told()
    world.admit()
    world.submit(second)
    assert (world.state(second), len(world.veo.submits)) == ("polling", 2)


@pytest.mark.parametrize("how", ["storage down", "worker killed"])
def test_a_tail_that_can_never_be_cut_fails_the_hop_with_the_money_back(world: World, how: str) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.submit(first)
    world.finish(first)
    for _ in range(10):
        if world.state(second) != "queued":
            break
        world.store.is_down = how == "storage down"
        world.sweep()
        world.mortality.dies_at(None if how == "storage down" else 5)
        try:
            world.submit(second)
        except Killed:
            world.mortality.dies_at(None)
        world.forget_told()
        world.clock.tick(minutes=10)
    assert (world.state(second), world.job(second).cause) == ("failed", "input_unavailable")
    assert (world.balance(second), len(world.veo.submits)) == (Balance(), 1)
    assert world.job(second).can_retry


def test_a_failed_hop_cancels_the_rest_with_the_money_back(world: World) -> None:
    node_id = world.a_video(hops=3)
    run = world.run(node_id)
    first, second, third, fourth = world.job_ids(run)
    world.submit(first)
    world.finish(first)
    world.go_on(second)
    world.veo.says(Failed(13, "Internal error.", "Run it again."))
    world.poll(second)

    assert [world.state(job_id) for job_id in (first, second, third, fourth)] == ["succeeded", "failed", "cancelled", "cancelled"]
    assert world.job(third).cause == world.job(fourth).cause == "input_failed"
    assert world.project_balance() == captured(CLIP)
    assert (world.node(node_id).state, world.the_run(run).state) == ("failed", "failed")


def test_a_failed_node_locks_its_descendants_and_not_its_siblings(world: World) -> None:
    source = world.a_video()
    child, sibling = world.a_video(extends=source), world.a_video(prompt="A bear")
    run = world.run(scope="all")
    jobs = {job.node_id: job.id for job in world.jobs()}
    world.submit(jobs[source])
    world.veo.says(Failed(13, "Internal error.", "Run it again."))
    world.poll(jobs[source])
    assert (world.node(child).state, world.node(sibling).state) == ("cancelled", "queued")
    assert world.job(jobs[child]).message == "It needs 'Video', which failed."
    world.submit(jobs[sibling])
    world.finish(jobs[sibling])
    assert world.the_run(run).state == "failed"


def test_a_chain_goes_on_from_the_sample_that_the_person_picked(world: World) -> None:
    source = world.a_video(samples=2)
    child = world.a_video(extends=source)
    job_id = world.submitted(source)
    names = [world.render(job_id, sample=number, frames=(5 + number) * 24) for number in range(2)]
    world.veo.says(Finished(tuple(f"gs://test-renders/{name}" for name in names)))
    world.poll(job_id)
    world.settle(job_id)
    first, second = world.takes(job_id)

    assert world.job(world.first_job(world.run(child))).parent_take_id == first.id
    world.pick(source, second.id)
    assert world.job(world.first_job(world.run(child))).parent_take_id == second.id


def test_a_chain_in_one_run_goes_on_from_the_first_sample(world: World) -> None:
    source = world.a_video(samples=2)
    child = world.a_video(extends=source)
    world.run(scope="all")
    jobs = {job.node_id: job.id for job in world.jobs()}
    world.submit(jobs[source])
    names = [world.render(jobs[source], sample=number, frames=(5 + number) * 24) for number in (1, 0)]
    world.veo.says(Finished(tuple(f"gs://test-renders/{name}" for name in names)))
    world.poll(jobs[source])
    world.settle(jobs[source])
    assert world.job(jobs[child]).parent_take_id == next(take.id for take in world.takes(jobs[source]) if take.sample == 0)


def test_an_extension_that_cannot_be_appended_is_kept_by_itself_and_the_chain_stops(world: World) -> None:
    node_id = world.a_video(hops=2)
    first, second, third = world.chain(node_id)
    world.submit(first)
    world.finish(first)
    world.go_on(second)
    world.finish(second, frames=30 * 24)  # neither 7 s nor 15 s, and longer than what it should extend

    [take] = world.takes(second)
    assert (world.state(second), world.asset(take).frames, take.cache_key) == ("succeeded", 30 * 24, None)
    assert world.balance(second) == captured(HOP)
    assert (world.state(third), world.job(third).cause, world.balance(third)) == ("cancelled", "input_failed", Balance())
    assert world.estimate(node_id).cost_microusd == 2 * HOP


def test_an_extension_that_was_kept_by_itself_stays_so_when_settling_is_repeated(world: World) -> None:
    first, second = world.chain(world.a_video(hops=1))
    world.submit(first)
    world.finish(first)
    world.go_on(second)
    world.finalized(world.render(second, frames=30 * 24))
    world.mortality.dies_at(12)
    with pytest.raises(Killed):
        world.settle(second)
    world.mortality.dies_at(None)
    world.clock.now += cadence.SETTLE_LEASE
    world.settle(second)
    assert world.takes(second)[0].cache_key is None


def test_an_extension_that_is_no_video_fails_and_the_master_stays(world: World) -> None:
    node_id = world.a_video(hops=1)
    first, second = world.chain(node_id)
    world.submit(first)
    world.finish(first)
    world.go_on(second)
    world.finish(second, content=NOT_A_VIDEO)
    assert (world.state(second), world.job(second).cause) == ("failed", "output_unreadable")
    assert world.balance(second) == captured(HOP)
    assert world.node(node_id).selected_take_id == world.takes(first)[0].id


def test_a_deterministic_provider_does_not_entangle_two_chains_of_one_node(world: World) -> None:
    """A forced run whose first clip comes out byte for byte as before asks for the very extension that is under way already."""
    node_id = world.a_video(hops=1)
    first, second = world.chain(node_id)
    world.submit(first)
    world.finish(first)
    world.go_on(second)
    forced_first, forced_second = world.job_ids(world.run(node_id, forced=True))
    world.submit(forced_first)
    world.finish(forced_first, content=a_video())
    assert (world.state(forced_first), world.state(forced_second)) == ("succeeded", "queued")
    world.go_on(forced_second)
    world.finish(second)
    world.finish(forced_second)
    assert {job.state for job in world.jobs()} == {"succeeded"}


def test_real_clips_are_appended_frame_by_frame(world: World, tmp_path: Path) -> None:
    world.tools = replace(world.tools, media=MediaRunner(timeout_seconds=60))
    first, second = world.chain(world.a_video(hops=1))
    world.submit(first)
    buckets = tmp_path / "buckets"
    name = world.render(first)
    write_clip(buckets / "test-renders" / name, Clip(frames=8 * 24, width=320, height=180))
    world.finalized(name)
    world.settle(first)
    world.admit(FAST)
    world.submit(second)
    name = world.render(second)
    write_clip(buckets / "test-renders" / name, Clip(frames=7 * 24, first=8 * 24, width=320, height=180))
    world.finalized(name)
    world.settle(second)

    asset = world.asset(world.takes(second)[0])
    assert asset.frames == 15 * 24 and asset.object_name is not None
    assert numbers(buckets / "test-media" / asset.object_name) == list(range(15 * 24))
