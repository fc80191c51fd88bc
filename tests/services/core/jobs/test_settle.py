"""Settling: from objects in the bucket to takes, repeatable at every point, and nothing that was paid is thrown away."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.core.jobs import cadence
from services.core.jobs.manifest import MadeFrom, made_from
from services.core.jobs.settle import settle
from services.core.video.media.runner import MediaRunner
from services.core.video.outcomes import Finished
from tests.services.core.jobs.fakes import NOT_A_VIDEO, Killed, a_video
from tests.services.core.jobs.world import CLIP, FAST, PROVIDER_DEADLINE, World, captured, reserved
from tests.services.core.video.media_clips import Clip, write_clip


def settling(world: World, node_id: UUID, **render: str | int) -> UUID:
    """A job whose output exists and waits for somebody to settle it."""
    job_id = world.submitted(node_id)
    world.finalized(world.render(job_id, **render))  # type: ignore[arg-type] # builders pass on what they are given
    world.forget_told()
    return job_id


def test_a_take_carries_all_that_is_needed_to_make_it_again(world: World) -> None:
    node_id = world.a_video(prompt="A fox", seed=7)
    job_id = settling(world, node_id)
    world.settle(job_id)

    [take] = world.takes(job_id)
    asset, job = world.asset(take), world.job(job_id)
    assert (take.node_id, take.sample, take.hop, take.parent_take_id) == (node_id, 0, 0, None)
    assert (take.cache_key, take.cost_microusd) == (job.cache_key, CLIP)
    assert take.manifest["request"] == job.request
    assert take.manifest["output"]["name"] == job.outputs[0]["name"]
    assert (asset.state, asset.frames, asset.width, asset.height, asset.has_audio) == ("ready", 192, 1280, 720, True)
    assert world.store.created == [asset.object_name, asset.poster_object, asset.thumbnail_object]
    assert world.node(node_id).selected_take_id == take.id
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))
    assert "job.succeeded" in world.events()


def test_a_real_clip_becomes_a_take_by_real_media_processes(world: World, tmp_path: Path) -> None:
    world.tools = replace(world.tools, media=MediaRunner(timeout_seconds=60))
    clip = write_clip(tmp_path / "clip.mp4", Clip(frames=24, width=320, height=180))
    job_id = settling(world, world.a_video())
    name = world.job(job_id).outputs[0]["name"]
    (tmp_path / "buckets/test-renders" / name).write_bytes(clip.read_bytes())

    world.settle(job_id)

    assert world.state(job_id) == "succeeded"
    asset = world.asset(world.takes(job_id)[0])
    assert (asset.frames, asset.width, asset.height, asset.duration_seconds) == (24, 320, 180, 1.0)


def test_settling_twice_makes_one_take(world: World) -> None:
    job_id = settling(world, world.a_video())
    world.settle(job_id)
    done = list(world.media.done)
    world.settle(job_id)
    assert (len(world.takes(job_id)), world.balance(job_id), world.media.done) == (1, captured(CLIP), done)


def test_while_one_worker_settles_another_leaves_it_alone(world: World) -> None:
    job_id = settling(world, world.a_video())
    world.mortality.dies_at(3)
    with pytest.raises(Killed):
        world.settle(job_id)
    world.settle(job_id)
    assert (world.state(job_id), world.takes(job_id)) == ("settling", [])
    world.clock.now += cadence.SETTLE_LEASE
    world.settle(job_id)
    assert (world.state(job_id), len(world.takes(job_id))) == ("succeeded", 1)


def test_a_redelivered_task_takes_over_from_the_worker_that_died(world: World) -> None:
    job_id = settling(world, world.a_video())
    world.mortality.dies_at(3)
    with pytest.raises(Killed):
        world.settle(job_id)
    world.settle(job_id, is_redelivery=True)
    assert (world.state(job_id), len(world.takes(job_id))) == ("succeeded", 1)


@pytest.mark.parametrize("kind", ["generate", "extend"])
def test_settling_that_is_killed_at_any_moment_and_repeated_gives_the_same_single_take(world: World, kind: str) -> None:
    """A process looks at the clock before each transaction, and counts each touch of a bucket and each media process.

    Each time another output of the same job arrives, late; the work is the same as for the first.
    """
    node_id = world.a_video()
    if kind == "extend":
        world.made(node_id)
        node_id = world.a_video(extends=node_id)
    job_id = settling(world, node_id)
    before = world.mortality.moments
    world.settle(job_id)
    moments = world.mortality.moments - before
    [expected] = world.takes(job_id)
    assert moments >= 14
    for number in range(1, moments + 1):
        world.finalized(world.render(job_id, sample=number))
        world.mortality.dies_at(number)
        with pytest.raises(Killed):
            world.settle(job_id)
        world.mortality.dies_at(None)
        world.settle(job_id, is_redelivery=True)

        assert world.state(job_id) == "succeeded", number
        takes = world.takes(job_id)
        assert [take.sample for take in takes] == list(range(number + 1))
        assert world.asset(takes[-1]).sha256 == world.asset(expected).sha256
        assert world.asset(takes[-1]).frames == (192 if kind == "generate" else 192 + 168)
        assert world.balance(job_id) == captured(expected.cost_microusd * (number + 1))
    assert len(world.store.created) == len(set(world.store.created))
    assert world.media.done.count("append") <= (2 * (moments + 1) if kind == "extend" else 0)


def test_two_workers_that_both_believe_to_hold_the_lease_make_one_take(world: World) -> None:
    job_id = settling(world, world.a_video())
    world.settle(job_id)
    name = world.render(job_id, sample=1)
    world.finalized(name)
    world.forget_told()

    def worker(minutes: int) -> None:
        ahead = world.clock.now + timedelta(minutes=minutes)
        settle(replace(world.tools, clock=lambda: ahead), job_id)

    with ThreadPoolExecutor(3) as pool:
        for running in [pool.submit(worker, minutes) for minutes in (0, 10, 20)]:
            running.result(30)
    assert (world.state(job_id), len(world.takes(job_id)), world.balance(job_id)) == ("succeeded", 2, captured(2 * CLIP))


def test_an_unreadable_output_fails_and_is_paid_since_it_was_delivered(world: World) -> None:
    node_id = world.a_video()
    job_id = settling(world, node_id, content=NOT_A_VIDEO)
    world.settle(job_id)
    job = world.job(job_id)
    assert (job.state, job.cause, job.can_retry) == ("failed", "output_unreadable", True)
    assert world.balance(job_id) == captured(CLIP)
    assert (world.takes(job_id), world.node(node_id).state) == ([], "failed")
    assert len(world.veo.submits) == 1


def test_one_unreadable_output_does_not_take_its_siblings_along(world: World) -> None:
    job_id = world.submitted(world.a_video(samples=3))
    names = [
        world.render(job_id, sample=0),
        world.render(job_id, sample=1, content=NOT_A_VIDEO),
        world.render(job_id, sample=2),
    ]
    world.veo.says(Finished(tuple(f"gs://test-renders/{name}" for name in names)))
    world.poll(job_id)
    world.settle(job_id)
    assert (world.state(job_id), [take.sample for take in world.takes(job_id)]) == ("succeeded", [0, 2])
    assert world.balance(job_id) == captured(3 * CLIP)


def test_a_late_unreadable_object_does_not_undo_a_success(world: World) -> None:
    job_id = world.made(world.a_video())
    world.finalized(world.render(job_id, sample=1, content=NOT_A_VIDEO))
    world.settle(job_id)
    assert (world.state(job_id), len(world.takes(job_id))) == ("succeeded", 1)


def test_a_storage_outage_is_waited_out_with_growing_delays_and_without_a_second_submit(world: World) -> None:
    job_id = settling(world, world.a_video())
    world.store.is_down = True
    delays = []
    for _ in range(6):
        world.settle(job_id)
        [task] = world.told("/tasks/settle")
        assert task.at is not None
        delays.append((task.at - world.clock.now).total_seconds())
        assert (world.state(job_id), world.balance(job_id)) == ("settling", reserved(CLIP))
        world.forget_told()
        world.clock.now = task.at
    assert delays == [2, 4, 8, 16, 32, 64]

    world.store.is_down = False
    world.settle(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))
    assert (len(world.takes(job_id)), len(world.veo.submits)) == (1, 1)


def test_while_storage_is_waited_for_a_task_that_comes_twice_does_not_shorten_the_patience(world: World) -> None:
    job_id = settling(world, world.a_video())
    world.store.is_down = True
    for _ in range(5):
        world.settle(job_id)
        world.settle(job_id, is_redelivery=True)
    assert (world.job(job_id).settle_attempts, len(world.told("/tasks/settle"))) == (1, 1)


def out_of_storage(world: World, job_id: UUID) -> None:
    world.store.is_down = True
    for _ in range(cadence.SETTLE_ATTEMPTS):
        world.settle(job_id)
        world.clock.now = world.job(job_id).next_check_at or world.clock.now
    world.store.is_down = False


def test_after_hours_without_storage_a_person_can_have_it_stored_without_paying_again(world: World) -> None:
    job_id = settling(world, world.a_video())
    out_of_storage(world, job_id)
    job = world.job(job_id)
    assert (job.state, job.cause, job.can_retry) == ("failed", "output_not_stored", True)
    assert world.balance(job_id) == captured(CLIP)

    again = world.retry(job_id)
    assert again.id == job_id
    world.deliver_due()
    assert (world.state(job_id), len(world.takes(job_id)), world.balance(job_id)) == ("succeeded", 1, captured(CLIP))
    assert len(world.veo.submits) == 1


def test_an_unstored_output_can_be_stored_although_the_same_work_is_under_way_anew(world: World) -> None:
    node_id = world.a_video()
    job_id = settling(world, node_id)
    out_of_storage(world, job_id)
    other = world.submitted(node_id)
    assert other != job_id
    world.retry(job_id)
    world.settle(job_id)
    assert (world.state(job_id), world.state(other)) == ("succeeded", "polling")


def test_a_late_object_of_a_job_that_could_not_be_stored_gets_its_own_patience(world: World) -> None:
    job_id = settling(world, world.a_video())
    out_of_storage(world, job_id)
    world.finalized(world.render(job_id, sample=1))
    world.store.is_down = True
    world.settle(job_id)
    assert world.state(job_id) == "settling"


def test_a_settling_that_kills_its_worker_each_time_comes_to_an_end(world: World) -> None:
    job_id = settling(world, world.a_video())
    for _ in range(cadence.SETTLE_ATTEMPTS + 1):
        if world.state(job_id) != "settling":
            break
        world.mortality.dies_at(4)
        with pytest.raises(Killed):
            world.settle(job_id)
        world.mortality.dies_at(None)
        world.clock.now += cadence.SETTLE_LEASE
        if world.job(job_id).settle_attempts >= cadence.SETTLE_ATTEMPTS:
            world.settle(job_id)
    assert (world.state(job_id), world.job(job_id).cause) == ("failed", "output_not_stored")


def test_of_several_samples_the_first_is_shown_unless_a_person_picked_another(world: World) -> None:
    node_id = world.a_video(samples=2)
    job_id = world.submitted(node_id)
    world.clock.now += PROVIDER_DEADLINE + timedelta(seconds=1)
    second = world.render(job_id, sample=1)
    world.poll(job_id)
    world.settle(job_id)
    assert world.node(node_id).selected_take_id == world.takes(job_id)[0].id

    world.finalized(second)
    world.finalized(world.render(job_id, sample=0))
    world.settle(job_id)
    by_sample = {take.sample: take.id for take in world.takes(job_id)}
    assert world.node(node_id).selected_take_id == by_sample[0]


def test_the_bytes_of_two_outputs_do_not_get_mixed_up(world: World) -> None:
    job_id = world.submitted(world.a_video(samples=2))
    names = [world.render(job_id, sample=n, content=a_video(frames=96 + n)) for n in range(2)]
    world.veo.says(Finished(tuple(f"gs://test-renders/{name}" for name in names)))
    world.poll(job_id)
    world.settle(job_id)
    assert [world.asset(take).frames for take in world.takes(job_id)] == [96, 97]


def test_a_take_says_what_it_was_made_from(world: World) -> None:
    node_id = world.a_video(hops=1, seed=7, negative_prompt="text", aspect_ratio="9:16")
    first, extension = world.chain(node_id)
    world.submit(first)
    world.finish(first)
    world.go_on(extension)
    world.finish(extension)

    clip, longer = (made_from(take.manifest) for take in sorted(world.takes(), key=lambda take: take.hop))

    shared = {"model": FAST, "negative_prompt": "text", "seed": 7, "resolution": "720p", "aspect_ratio": "9:16"}
    assert clip == MadeFrom(prompt="A fox runs", duration_seconds=8, **shared)
    assert longer == MadeFrom(prompt="Hop 0", duration_seconds=7, **shared)
