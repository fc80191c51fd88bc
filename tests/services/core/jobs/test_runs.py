"""Runs: what is made and what is not, what it costs, who shares work with whom, and that a frozen graph stays frozen."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs.plan import Scope
from services.core.kit.errors import Conflict, Invalid, LimitReached, NotFound
from services.core.kit.ids import new_id
from services.core.video.outcomes import Failed
from tests.services.core.jobs.world import CLIP, FAST, HOP, World, captured, reserved, uncertain

SCOPES_OF_A_NODE: tuple[Scope, ...] = ("node", "from")


def test_running_a_node_makes_its_clip_and_not_those_of_others(world: World) -> None:
    wanted, other = world.a_video(), world.a_video(prompt="A bear")
    run = world.run(wanted)
    assert [job.node_id for job in world.jobs()] == [wanted]
    assert (world.node(wanted).state, world.node(other).state) == ("queued", "idle")
    assert (run.estimate_microusd, world.project_balance()) == (CLIP, reserved(CLIP))
    assert world.events("run.") + world.events("job.") == ["run.started", "job.queued"]


def test_running_a_node_makes_what_it_extends_where_that_does_not_exist_yet(world: World) -> None:
    source = world.a_video()
    child = world.a_video(extends=source)
    run = world.run(child)
    assert [(step.node_id, step.hop) for step in world.steps(run)] == [(source, 0), (child, 0)]
    assert [job.state for job in sorted(world.jobs(), key=lambda job: job.node_id != source)] == ["queued", "waiting"]
    assert run.estimate_microusd == CLIP + HOP


def test_running_a_node_uses_the_take_of_what_it_extends(world: World) -> None:
    source = world.a_video()
    world.made(source)
    world.configure(source, prompt="Another fox")  # edited since: the chosen take still counts
    run = world.run(world.a_video(extends=source))
    [job_id] = world.job_ids(run)
    assert (world.job(job_id).state, world.job(job_id).parent_take_id) == ("queued", world.takes()[0].id)


def test_running_from_a_node_makes_all_that_follows_from_it(world: World) -> None:
    before = world.a_video()
    start = world.a_video(extends=before)
    after = world.a_video(extends=start)
    world.a_video(prompt="Elsewhere")
    world.made(before)
    run = world.run(start, scope="from")
    assert [step.node_id for step in world.steps(run)] == [start, after]


def test_running_all_makes_every_video_once_and_in_order(world: World) -> None:
    last, first = world.a_video(), world.a_video(prompt="First")
    world.connect(first, "video", last, "video")
    run = world.run(scope="all")
    assert [step.node_id for step in world.steps(run)] == [first, last]


def test_work_that_was_done_before_costs_nothing_and_is_not_done_again(world: World) -> None:
    node_id = world.a_video(hops=1)
    first, second = world.job_ids(world.run(node_id))
    world.submit(first)
    world.finish(first)
    world.admit()
    world.submit(second)
    world.finish(second)

    run = world.run(node_id)
    assert (run.estimate_microusd, run.state) == (0, "succeeded")
    assert [step.take_id for step in world.steps(run)] == [world.takes(first)[0].id, world.takes(second)[0].id]
    assert len(world.jobs()) == 2
    assert (world.node(node_id).state, world.node(node_id).status["cached"]) == ("succeeded", True)
    assert world.events()[-1] == "run.finished"


def test_a_node_that_shows_an_earlier_result_again_shows_nothing_of_a_failure_in_between(world: World) -> None:
    node_id = world.a_video()
    made = world.made(node_id)
    world.configure(node_id, prompt="Something else")
    job_id = world.submitted(node_id)
    world.veo.says(Failed(13, "Internal error.", "Run it again."))
    world.poll(job_id)
    world.configure(node_id, prompt="A fox runs")
    world.run(node_id)
    node = world.node(node_id)
    assert (node.state, node.selected_take_id) == ("succeeded", world.takes(made)[0].id)
    assert "cause" not in node.status and "message" not in node.status


@pytest.mark.parametrize(
    "change",
    [{"prompt": "A bear"}, {"seed": 3}, {"negative_prompt": "rain"}, {"generate_audio": False}, {"duration_seconds": 4}, {"samples": 2}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_setting_costs_again(world: World, change: dict[str, Any]) -> None:
    node_id = world.a_video()
    world.made(node_id)
    assert world.estimate(node_id).cost_microusd == 0
    world.configure(node_id, **change)
    assert world.estimate(node_id).cost_microusd > 0


def test_only_the_hops_from_the_first_change_on_cost_again(world: World) -> None:
    node_id = world.a_video(hops=2)
    jobs = world.job_ids(world.run(node_id))
    for job_id in jobs:
        world.admit()
        world.submit(job_id)
        world.finish(job_id)
    world.configure(node_id, extensions=[{"prompt": "Hop 0"}, {"prompt": "Another end"}])
    plan = world.estimate(node_id)
    assert [bool(step.take_id) for step in plan.steps] == [True, True, False]
    world.configure(node_id, extensions=[{"prompt": "Hop 0"}, {"prompt": "Hop 1"}, {"prompt": "One more"}])
    assert world.estimate(node_id).cost_microusd == HOP


def test_the_words_of_a_wired_prompt_count_and_their_change_costs_again(world: World) -> None:
    prompt, node_id = world.a_node("prompt", text="A heron"), world.a_video()
    world.connect(prompt, "prompt", node_id, "prompt")
    world.made(node_id)
    assert world.veo.submits[0].request.prompt == "A heron"
    assert world.estimate(node_id).cost_microusd == 0
    world.configure(prompt, text="A stork")
    assert world.estimate(node_id).cost_microusd == CLIP


def test_a_picture_counts_by_its_bytes(world: World) -> None:
    node_id = world.a_video()
    picture = world.an_image(content="the same face")
    world.connect(picture, "image", node_id, "image")
    world.made(node_id)
    twin = world.node(world.an_image(content="the same face")).config["asset_id"]
    world.configure(picture, asset_id=twin)
    assert world.estimate(node_id).cost_microusd == 0
    other = world.node(world.an_image(content="another face")).config["asset_id"]
    world.configure(picture, asset_id=other)
    assert world.estimate(node_id).cost_microusd == CLIP


def test_a_forced_run_pays_again(world: World) -> None:
    node_id = world.a_video()
    made = world.made(node_id)
    run = world.run(node_id, forced=True)
    again = world.first_job(run)
    assert (run.estimate_microusd, again != made) == (CLIP, True)
    world.submit(again)
    world.finish(again)
    assert world.project_balance() == captured(2 * CLIP)
    assert world.node(node_id).selected_take_id == world.takes(again)[0].id


def test_forcing_one_node_does_not_pay_again_for_what_it_extends(world: World) -> None:
    source = world.a_video()
    world.made(source)
    assert world.estimate(world.a_video(extends=source), forced=True).cost_microusd == HOP


@pytest.mark.parametrize("scope", ["node", "from", "all"])
def test_a_run_reserves_exactly_what_its_estimate_says(world: World, scope: Any) -> None:
    source = world.a_video(hops=1, samples=2)
    world.a_video(extends=source, hops=1)
    plan = world.estimate(source, scope=scope)
    run = world.run(source, scope=scope)
    assert plan.cost_microusd == run.estimate_microusd == world.project_balance().reserved_microusd
    assert plan.cost_microusd == 2 * CLIP + HOP + (0 if scope == "node" else 2 * HOP)


def test_the_spending_limit_refuses_before_anything_is_queued(world: World) -> None:
    node_id = world.a_video(hops=1)
    world.set_limit(CLIP + HOP - 1)
    with pytest.raises(LimitReached) as refused:
        world.run(node_id)
    assert refused.value.facts == {"estimate_microusd": CLIP + HOP, "left_microusd": CLIP + HOP - 1, "limit_microusd": CLIP + HOP - 1}
    assert (world.jobs(), world.project_balance(), world.told(), world.events("run.")) == ([], Balance(), [], [])
    assert world.node(node_id).state == "idle"
    world.set_limit(CLIP + HOP)
    world.run(node_id)


def test_runs_at_once_cannot_together_pass_the_limit(world: World) -> None:
    nodes = [world.a_video(prompt=f"Shot {number}") for number in range(6)]
    world.set_limit(3 * CLIP + 1)

    def run(number: int) -> bool:
        try:
            world.run(nodes[number])
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        started = list(pool.map(run, range(6)))
    assert (sum(started), world.project_balance()) == (3, reserved(3 * CLIP))


def test_uncertain_money_counts_against_the_limit(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.cancel(job_id)
    world.deliver_due()
    assert world.project_balance() == uncertain(CLIP)
    world.set_limit(2 * CLIP - 1)
    with pytest.raises(LimitReached):
        world.run(world.a_video(prompt="A bear"))


def test_a_run_that_costs_nothing_is_not_refused_by_a_limit_that_was_passed(world: World) -> None:
    node_id = world.a_video()
    world.made(node_id)
    world.set_limit(1)
    assert world.run(node_id).state == "succeeded"


def test_editing_the_graph_after_the_start_does_not_change_the_jobs(world: World) -> None:
    source = world.a_video(hops=1)
    child = world.a_video(extends=source)
    run = world.run(scope="all")
    frozen = {job.id: (job.request, job.cache_key, job.cost_microusd, job.depends_on_job_id) for job in world.jobs()}
    graph = run.graph
    world.configure(source, prompt="A bear", extensions=[], model="veo-3.1-generate-001")
    world.configure(child, prompt="A whale")

    assert {job.id: (job.request, job.cache_key, job.cost_microusd, job.depends_on_job_id) for job in world.jobs()} == frozen
    assert world.the_run(run).graph == graph
    assert next(node for node in graph["nodes"] if node["id"] == str(source))["config"]["prompt"] == "A fox runs"
    for _ in range(3):
        for job in world.jobs():
            world.admit()
            world.submit(job.id)
            if world.state(job.id) == "polling":
                world.finish(job.id)
    assert {job.state for job in world.jobs()} == {"succeeded"}
    assert [submit.request.prompt for submit in world.veo.submits] == ["A fox runs", "Hop 0", "A fox runs"]
    assert {submit.request.model for submit in world.veo.submits} == {FAST}


def test_a_node_that_is_not_ready_is_named_before_anything_is_queued(world: World) -> None:
    node_id = world.a_video()
    world.connect(world.a_node("image", title="Ada's face"), "image", node_id, "image")
    with pytest.raises(Conflict) as problem:
        world.run(node_id)
    assert (problem.value.code, problem.value.facts["node_id"]) == ("picture_missing", str(node_id))
    assert world.jobs() == []


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"prompt": ""}, "prompt_missing"),
        ({"duration_seconds": 5}, "duration_not_offered"),
        ({"resolution": "1080p", "duration_seconds": 4}, "duration_needs_8_seconds_for_resolution"),
        ({"extensions": [{}] * 21}, "too_many_extensions"),
        ({"resolution": "1080p", "extensions": [{}]}, "extension_needs_720p"),
        ({"model": "veo-2"}, "unknown_model"),
    ],
)
def test_a_rule_of_the_model_is_broken_before_anything_is_queued(world: World, config: dict[str, Any], code: str) -> None:
    node_id = world.a_video(**config)
    with pytest.raises(Invalid) as problem:
        world.run(node_id)
    assert problem.value.code == code
    assert (world.jobs(), world.project_balance()) == ([], Balance())


def test_the_twentieth_extension_counts_over_all_nodes_of_a_chain(world: World) -> None:
    source = world.a_video(hops=15)
    world.a_video(extends=source, hops=4)
    assert len(world.estimate(scope="all").steps) == 16 + 5
    world.a_video(extends=source, hops=5)
    with pytest.raises(Invalid, match="20 is the most"):
        world.run(scope="all")


def test_there_must_be_something_to_run(world: World) -> None:
    prompt = world.a_node("prompt", text="A fox")
    for node_id, scope in ((prompt, "node"), (None, "node"), (None, "all"), (prompt, "from")):
        with pytest.raises(Invalid):
            world.run(node_id, scope=scope)  # type: ignore[arg-type] # the list above loses the literal
    with pytest.raises(NotFound):
        world.run(new_id())


def test_frames_and_notes_are_no_part_of_a_run(world: World) -> None:
    frame, note = world.a_node("frame", title="Scene 1"), world.a_node("note", text="Ask Ada.")
    video = world.a_video()

    run = world.run(scope="all")

    assert [node["id"] for node in run.graph["nodes"]] == [str(video)]
    assert {job.node_id for job in world.jobs()} == {video}
    for node_id in (frame, note):
        assert world.node(node_id).state == "idle"
        for scope in SCOPES_OF_A_NODE:
            with pytest.raises(Invalid) as refused:
                world.run(node_id, scope=scope)
            assert refused.value.code == "nothing_to_run"
