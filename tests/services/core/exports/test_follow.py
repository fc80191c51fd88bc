"""The worker starts one execution for each attempt, follows it, begins another where it died, and never starts one blindly."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete

from services.core.exports import follow
from services.core.exports.executions import ExecutionsUnavailable, NotStarted
from services.core.exports.lease import Attempt, take_lease
from services.core.exports.rules import ATTEMPTS, LOOK_INTERVAL, START_PATIENCE
from services.core.kit.errors import Invalid, NotFound, TooManyRequests
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from tests.services.core.exports.world import World

FOLLOW, STOP = "/tasks/follow-export", "/tasks/stop-export"


def test_an_export_that_was_asked_for_is_told_to_the_worker_after_the_commit(world: World) -> None:
    export_id = world.export()

    (task,) = world.told(FOLLOW)
    assert (task.body, task.at) == ({"export_id": str(export_id)}, None)
    assert (world.row(export_id).state, world.row(export_id).attempt) == ("queued", 0)


def test_following_starts_an_execution_and_looks_again(world: World) -> None:
    export_id, execution = world.running()

    row = world.row(export_id)
    assert (row.state, row.attempt, row.execution) == ("running", 1, execution)
    assert world.executions.started == {execution: (export_id, 1)}
    assert row.next_check_at == world.clock.now + LOOK_INTERVAL
    assert row.next_check_at in [task.at for task in world.told(FOLLOW)]
    assert world.events() == ["export.started"]


def test_a_task_that_comes_twice_or_early_starts_nothing(world: World) -> None:
    export_id, _ = world.running()

    follow.follow(world.tools, export_id)
    follow.follow(world.tools, export_id)

    assert len(world.executions.started) == 1


def test_an_execution_that_works_is_looked_at_again_and_again(world: World) -> None:
    export_id, _ = world.running()

    for _ in range(3):
        world.follow(export_id)

    assert (world.row(export_id).state, len(world.executions.started)) == ("running", 1)
    assert world.row(export_id).next_check_at == world.clock.now + LOOK_INTERVAL


def test_where_an_execution_died_another_one_begins(world: World) -> None:
    export_id, execution = world.running()
    world.executions.ended.add(execution)

    world.follow(export_id)
    assert (world.row(export_id).state, world.row(export_id).execution) == ("queued", execution)
    world.follow(export_id)

    assert (world.row(export_id).state, world.row(export_id).attempt) == ("running", 2)
    assert list(world.executions.started.values()) == [(export_id, 1), (export_id, 2)]
    assert world.events() == ["export.started"]


def test_after_the_last_attempt_it_fails_with_cause_and_advice(world: World) -> None:
    export_id = world.export()
    for _ in range(ATTEMPTS):
        world.follow(export_id)
        world.executions.ended.update(world.executions.started)
        world.follow(export_id)

    row = world.row(export_id)
    assert (row.state, row.cause, row.attempt) == ("failed", "export_kept_failing", ATTEMPTS)
    assert row.message == "The film could not be made in 3 attempts." and row.advice
    assert (row.next_check_at, world.events()) == (None, ["export.started", "export.failed"])


def test_a_worker_that_died_after_the_call_finds_the_execution_and_starts_no_other(world: World) -> None:
    world.executions.loses_answers = True
    export_id = world.export()
    world.follow(export_id)
    assert world.row(export_id).execution is None

    world.follow(export_id)

    assert (world.row(export_id).execution, len(world.executions.started)) == ("export-0", 1)


def test_an_execution_that_nobody_finds_may_turn_up_for_two_minutes(world: World) -> None:
    world.executions.answers.append(ExecutionsUnavailable("ConnectionError"))
    export_id = world.export()
    began_at = world.clock.now
    world.follow(export_id)
    while world.clock.now + LOOK_INTERVAL < began_at + START_PATIENCE:
        world.follow(export_id)
        assert (world.row(export_id).state, world.row(export_id).attempt) == ("running", 1)

    world.follow(export_id)
    world.follow(export_id)

    assert (world.row(export_id).attempt, world.row(export_id).execution) == (2, "export-0")


def test_a_refusal_of_cloud_run_is_an_attempt_and_the_next_one_waits(world: World) -> None:
    world.executions.answers.append(NotStarted("PermissionDenied"))
    export_id = world.export()

    world.follow(export_id)

    row = world.row(export_id)
    assert (row.state, row.attempt) == ("queued", 1)
    assert row.next_check_at == world.clock.now + timedelta(seconds=5)


def test_while_cloud_run_does_not_answer_nothing_is_decided(world: World) -> None:
    export_id, execution = world.running()
    world.executions.ended.add(execution)
    world.executions.is_away = True

    world.follow(export_id)
    assert world.row(export_id).state == "running"
    world.executions.is_away = False
    world.follow(export_id)

    assert world.row(export_id).state == "queued"


def test_the_sweep_gives_a_task_to_what_has_none(world: World) -> None:
    export_id = world.export()
    with world.database.unit_of_work() as session:
        session.execute(delete(OutboxRow))
    assert follow.sweep_exports(world.tools) == 0

    world.clock.tick(seconds=6)

    assert follow.sweep_exports(world.tools) == 1
    assert [task.body for task in world.told(FOLLOW)] == [{"export_id": str(export_id)}]


def test_cancelling_ends_it_at_once_and_stops_the_execution(world: World) -> None:
    export_id, execution = world.running()

    world.cancel(export_id)
    world.cancel(export_id)

    assert (world.row(export_id).state, len(world.told(STOP))) == ("cancelled", 1)
    follow.stop(world.tools, export_id)
    assert world.executions.cancelled == [execution]
    assert not take_lease(world.tools, Attempt(export_id, 1, execution))
    assert world.events() == ["export.started", "export.cancelled"]


def test_cancelling_what_was_not_begun_asks_nothing_of_cloud_run(world: World) -> None:
    export_id = world.export()

    world.cancel(export_id)
    follow.follow(world.tools, export_id)

    assert (world.row(export_id).state, world.told(STOP), world.executions.started) == ("cancelled", [], {})


def test_an_execution_whose_name_was_lost_is_stopped_all_the_same(world: World) -> None:
    world.executions.loses_answers = True
    export_id = world.export()
    world.follow(export_id)

    world.cancel(export_id)
    follow.stop(world.tools, export_id)

    assert world.executions.cancelled == ["export-0"]


@pytest.mark.parametrize("step", [follow.follow, follow.stop])
def test_what_is_gone_says_so(world: World, step: Callable[..., None]) -> None:
    with pytest.raises(NotFound):
        step(world.tools, new_id())


def test_only_three_films_of_a_project_are_made_at_once(world: World) -> None:
    take = world.a_take()
    first, *_ = [world.export(take) for _ in range(3)]
    with pytest.raises(TooManyRequests, match="3 films"):
        world.export(take)

    world.cancel(first)

    assert world.export(take)


def test_what_cannot_become_a_film_is_refused_before_anything_is_started(world: World) -> None:
    long, wide = world.a_take(duration_seconds=301), world.a_take(size=(320, 180))

    with pytest.raises(Invalid, match="602 s long together; a film may have 600 s"):
        world.export(long, long)
    with pytest.raises(Invalid, match="160 x 90, 320 x 180"):
        world.export(world.a_take(), wide)
    with pytest.raises(NotFound):
        world.export(new_id())
    assert world.export(world.a_take(), wide, resolution="1080p")
