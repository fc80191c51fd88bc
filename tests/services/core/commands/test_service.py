"""A command starts one run in the owner's name, within the limit, and is answered in the log; a repetition gets the same answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from services.core.commands.message import BadCommand, Command, NodeInput
from services.core.commands.model import AnsweredCommand
from services.core.commands.service import Answer, carry_out
from services.core.jobs.model import Run
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from services.core.projects.model import Project, ProjectEvent
from tests.services.core.jobs.world import CLIP, HOP, World, captured, reserved


def send(world: World, id_: str = "1", **changes: Any) -> Answer:
    """The command comes."""
    world.clock.tick(milliseconds=1)
    fields: dict[str, Any] = {"project_id": world.project_id, "scope": "all", "node_id": None, "inputs": {}} | changes
    with world.database.unit_of_work() as session:
        return carry_out(session, Command(id_, **fields), now=world.clock.now)


def refusal(world: World, id_: str = "1", **changes: Any) -> BadCommand:
    with pytest.raises(BadCommand) as refused:
        send(world, id_, **changes)
    return refused.value


def facts(world: World, prefix: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Entries of the project's log."""
    with world.database.unit_of_work() as session:
        rows = session.scalars(select(ProjectEvent).where(ProjectEvent.project_id == world.project_id).order_by(ProjectEvent.rev))
        return [(row.type, row.payload) for row in rows if row.type.startswith(prefix)]


def told_revs(world: World) -> list[int]:
    """Numbers of the facts that wait to be published."""
    with world.database.unit_of_work() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "events")).all()
    return [row.payload["rev"] for row in rows]


def runs(world: World) -> list[Run]:
    with world.database.unit_of_work() as session:
        return list(session.scalars(select(Run).order_by(Run.created_at)))


def test_a_command_starts_a_run_in_the_owners_name(world: World) -> None:
    world.a_video(hops=1)

    answer = send(world, "order-7")

    (run,) = runs(world)
    jobs = world.jobs()
    assert (run.user_id, run.scope, run.command_id, run.estimate_microusd) == (world.user_id, "all", "order-7", CLIP + HOP)
    assert (answer.type, answer.detail["command_id"], answer.detail["run_id"]) == ("command.accepted", "order-7", str(run.id))
    assert answer.detail["estimate_microusd"] == CLIP + HOP
    assert answer.detail["job_ids"] == [str(job.id) for job in jobs]
    assert world.project_balance() == reserved(CLIP + HOP)


def test_the_answer_comes_before_the_runs_own_facts_and_all_of_them_name_the_command(world: World) -> None:
    node_id = world.a_video()
    world.forget_told()
    answer = send(world, "order-7")
    world.submit(UUID(answer.detail["job_ids"][0]))

    world.finish(UUID(answer.detail["job_ids"][0]))

    told = [fact for fact in facts(world) if fact[0].startswith(("command.", "run.", "job."))]
    assert [type_ for type_, _ in told] == [
        "command.accepted",
        "run.started",
        "job.queued",
        "job.started",
        "job.succeeded",
        "run.finished",
    ]
    assert {(detail["run_id"], detail["command_id"]) for _, detail in told} == {(answer.detail["run_id"], "order-7")}
    assert told[4][1]["take_ids"] == [str(take.id) for take in world.takes()]
    assert answer.rev in told_revs(world)
    assert world.node(node_id).state == "succeeded"


def test_inputs_are_frozen_into_the_run_and_leave_the_project_as_it_is(world: World) -> None:
    idea, video, picture, other = world.a_node("prompt", text="A fox"), world.a_video(), world.an_image(), world.an_image(content="other")
    world.connect(idea, "prompt", video, "prompt")
    world.connect(picture, "image", video, "image")
    asset_id = UUID(world.node(other).config["asset_id"])
    before = {node_id: world.node(node_id).config for node_id in (idea, video, picture)}

    send(world, inputs={idea: NodeInput(text="A heron"), picture: NodeInput(asset_id=asset_id)})

    (job,) = world.jobs()
    assert (job.request["prompt"], job.request["image"]["asset_id"]) == ("A heron", str(asset_id))
    frozen = {node["id"]: node["config"] for node in runs(world)[0].graph["nodes"]}
    assert (frozen[str(idea)]["text"], frozen[str(picture)]["asset_id"]) == ("A heron", str(asset_id))
    assert {node_id: world.node(node_id).config for node_id in before} == before


def test_words_that_were_given_win_over_words_that_were_enhanced(world: World) -> None:
    enhanced = {"of_text": "A fox", "enhanced_prompt": "A red fox, 35 mm", "negative_prompt": "", "shot_notes": []}
    idea, video = world.a_node("prompt", text="A fox", enhanced=enhanced, use="enhanced"), world.a_video()
    world.connect(idea, "prompt", video, "prompt")

    send(world, inputs={idea: NodeInput(text="A heron")})

    assert world.jobs()[0].request["prompt"] == "A heron"


def test_a_video_node_without_a_wired_prompt_takes_words_itself(world: World) -> None:
    video = world.a_video()

    send(world, inputs={video: NodeInput(prompt="A heron")})

    assert world.jobs()[0].request["prompt"] == "A heron"


def test_commands_with_other_inputs_run_side_by_side_and_each_makes_its_take(world: World) -> None:
    video = world.a_video(hops=1)
    answers = [send(world, words, inputs={video: NodeInput(prompt=words)}) for words in ("A-heron", "An-owl")]

    for answer in answers:
        world.submit(UUID(answer.detail["job_ids"][0]))
    for answer in reversed(answers):
        world.finish(UUID(answer.detail["job_ids"][0]))
        world.go_on(UUID(answer.detail["job_ids"][1]))
    for answer in answers:
        world.finish(UUID(answer.detail["job_ids"][1]))

    assert {take.manifest["request"]["prompt"] for take in world.takes(UUID(answers[0].detail["job_ids"][0]))} == {"A-heron"}
    parents = {take.job_id: take.parent_take_id for take in world.takes() if take.parent_take_id}
    for answer in answers:
        first, second = (UUID(job_id) for job_id in answer.detail["job_ids"])
        assert parents[second] in {take.id for take in world.takes(first)}
    assert [run.state for run in runs(world)] == ["succeeded"] * 2
    assert world.project_balance() == captured(2 * (CLIP + HOP))


def test_commands_that_ask_for_the_same_work_share_it(world: World) -> None:
    world.a_video()
    one, two = send(world, "1"), send(world, "2")
    world.submit(UUID(one.detail["job_ids"][0]))
    world.finish(UUID(one.detail["job_ids"][0]))

    three = send(world, "3")

    assert (two.detail["job_ids"], two.detail["estimate_microusd"]) == (one.detail["job_ids"], 0)
    assert (three.detail["job_ids"], three.detail["take_ids"]) == ([], [str(take.id) for take in world.takes()])
    finished = [detail["command_id"] for _, detail in facts(world, "run.finished")]
    assert sorted(finished) == ["1", "2", "3"]
    assert len(world.veo.submits) == 1


@pytest.mark.parametrize(("scope", "expected"), [("node", 1), ("from", 2), ("all", 3)])
def test_a_command_runs_what_its_scope_says(world: World, scope: str, expected: int) -> None:
    first = world.a_video()
    world.a_video(extends=first, prompt="More")
    world.a_video(prompt="Beside")

    answer = send(world, scope=scope, node_id=None if scope == "all" else first)

    assert len(answer.detail["job_ids"]) == expected


def test_a_command_that_comes_again_is_answered_by_the_same_fact(world: World) -> None:
    world.a_video()
    first = send(world)
    world.forget_told()
    before = len(facts(world))

    again = send(world)

    assert again == first
    assert told_revs(world) == [first.rev]
    assert (len(runs(world)), len(facts(world)), world.project_balance()) == (1, before, reserved(CLIP))


def test_a_command_that_comes_four_times_at_once_starts_one_run(world: World) -> None:
    world.a_video()

    with ThreadPoolExecutor(4) as pool:
        answers = [coming.result(30) for coming in [pool.submit(send, world) for _ in range(4)]]

    assert len({answer.rev for answer in answers}) == 1
    assert (len(runs(world)), world.project_balance()) == (1, reserved(CLIP))


def test_another_command_under_a_used_id_is_bad(world: World) -> None:
    video = world.a_video()
    send(world)

    assert refusal(world, scope="node", node_id=video).code == "command_id_reused"
    assert len(runs(world)) == 1


def test_projects_do_not_share_ids(world: World) -> None:
    world.a_video()
    send(world)

    assert refusal(world, project_id=world.a_project()).code == "commands_not_accepted"


def no_room(world: World) -> None:
    world.a_video()
    world.set_limit(CLIP - 1)


def no_picture(world: World) -> None:
    world.connect(world.a_node("image", title="Hero"), "image", world.a_video(), "image")


def nothing(world: World) -> None:
    world.a_node("prompt", text="A fox")


def against_the_rules(world: World) -> None:
    world.a_video(duration_seconds=5)


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (no_room, "spending_limit_reached"),
        (no_picture, "picture_missing"),
        (nothing, "nothing_to_run"),
        (against_the_rules, "duration_not_offered"),
    ],
)
def test_what_the_project_does_not_allow_now_is_refused_in_its_log(world: World, prepare: Callable[[World], None], code: str) -> None:
    prepare(world)

    answer = send(world, "order-7")

    assert (answer.type, answer.detail["command_id"], answer.detail["code"]) == ("command.refused", "order-7", code)
    assert answer.detail["message"] and answer.detail["advice"]
    assert facts(world, "command.") == [("command.refused", answer.detail)]
    assert (runs(world), world.jobs()) == ([], [])


def test_a_refusal_is_final_and_a_new_command_may_ask_again(world: World) -> None:
    no_room(world)
    refused = send(world, "1")
    world.set_limit(CLIP)

    assert send(world, "1") == refused
    assert send(world, "2").type == "command.accepted"


def test_a_command_for_what_is_not_there_is_bad(world: World) -> None:
    world.a_video()
    image, stranger = world.a_node("image"), new_id()

    assert refusal(world, project_id=stranger).code == "project_not_found"
    assert refusal(world, scope="node", node_id=stranger).code == "node_not_found"
    assert refusal(world, inputs={stranger: NodeInput(text="x")}).code == "node_not_found"
    assert refusal(world, inputs={image: NodeInput(asset_id=stranger)}).code == "picture_not_found"
    assert (facts(world, "command."), runs(world)) == ([], [])


def test_an_input_that_a_node_does_not_take_is_bad(world: World) -> None:
    idea, video, picture, note = world.a_node("prompt"), world.a_video(), world.an_image(), world.a_node("note")
    world.connect(idea, "prompt", video, "prompt")

    for node_id, given in (
        (idea, NodeInput(prompt="x")),
        (picture, NodeInput(text="x")),
        (note, NodeInput(text="x")),
        (video, NodeInput(text="x")),
        (video, NodeInput(prompt="unheard: a prompt is wired")),
    ):
        assert refusal(world, inputs={node_id: given}).code == "input_unsuitable"


def test_a_project_that_does_not_accept_commands_runs_nothing_and_still_answers_what_it_accepted(world: World) -> None:
    world.a_video()
    accepted = send(world, "1")
    with world.database.unit_of_work() as session:
        session.get_one(Project, world.project_id).accepts_commands = False

    assert refusal(world, "2").code == "commands_not_accepted"
    assert send(world, "1") == accepted


def test_a_command_that_was_started_goes_on_by_retry_under_its_name(world: World) -> None:
    world.a_video()
    job_id = UUID(send(world, "order-7").detail["job_ids"][0])
    world.cancel(job_id)

    world.retry(job_id)

    assert facts(world, "job.queued")[-1][1]["command_id"] == "order-7"


def test_with_its_project_a_command_is_forgotten(world: World) -> None:
    world.a_video()
    send(world)

    with world.database.unit_of_work() as session:
        session.execute(delete(Project).where(Project.id == world.project_id))
        assert session.scalar(select(func.count()).select_from(AnsweredCommand)) == 0
