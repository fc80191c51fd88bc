"""Acts: brings each step about where it is not, or takes it away. What is done is read from the cloud itself, so that it can be resumed."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, assert_never

from infra.gcp.gcloud import DeploymentStopped, Gcloud, NotThere
from infra.gcp.steps import Action, Apis, Command, Outcome, Policy, Resource, Stage, Step, contains, find

READY_WITHIN_SECONDS = 1800.0
Say = Callable[[str], None]


def bring_about(stages: Iterable[Stage], gcloud: Gcloud, say: Say, at_once: int) -> int:
    """Bring about all steps, a stage after the other; return how many changed something. Raises DeploymentStopped."""
    return sum(_each(stage, stage.steps, lambda step: bring(step, gcloud), gcloud, say, at_once) for stage in stages)


def take_away(stages: Sequence[Stage], gcloud: Gcloud, say: Say, at_once: int, *, with_data: bool) -> int:
    """Take away what can be taken away, in the opposite order; return how much there was. Raises DeploymentStopped."""

    def goes(step: Step) -> bool:
        if isinstance(step, Resource):
            return bool(step.delete) and (with_data or not step.is_data)
        return isinstance(step, Policy) or (isinstance(step, Action) and step.remove is not None)

    removed = 0
    for stage in reversed(stages):
        for steps in ([step for step in stage.steps if goes(step) and isinstance(step, kind)] for kind in (Policy, Action, Resource)):
            removed += _each(stage, steps, lambda step: remove(step, gcloud), gcloud, say, at_once)
    return removed


def bring(step: Step, gcloud: Gcloud) -> Outcome:
    """Bring one step about."""
    match step:
        case Resource():
            return _bring_resource(step, gcloud)
        case Policy():
            return _write_policy(step, gcloud, _with_bindings)
        case Apis():
            enabled = {item["config"]["name"] for item in gcloud.look(("services", "list", "--enabled"))}
            missing = [name for name in step.names if name not in enabled]
            for start in range(0, len(missing), 20):  # a batch of the API
                gcloud.run(Command(("services", "enable", *missing[start : start + 20])))
            return "changed" if missing else "in place"
        case Action():
            return step.bring(gcloud)
        case _:
            assert_never(step)


def remove(step: Step, gcloud: Gcloud) -> Outcome | None:
    """Take one step away; None where there was nothing."""
    match step:
        case Resource():
            found = find(gcloud.look(step.look), step)
            for command in step.delete if found is not None else ():
                gcloud.run(command, found)
            return "removed" if found is not None else None
        case Policy() if step.outlives_us:
            try:
                return "removed" if _write_policy(step, gcloud, _without_bindings) == "changed" else None
            except NotThere:
                return None
        case Action(remove=take) if take is not None:
            return "removed" if take(gcloud) else None
        case _:
            return None


def _bring_resource(step: Resource, gcloud: Gcloud) -> Outcome:
    found = find(gcloud.look(step.look), step)
    outcome: Outcome = "in place"
    if found is None:
        _run_all(step.create, gcloud, {})
        outcome = "created"
        if not step.ready:
            return outcome
    found = _ready(step, gcloud, found)
    if contains(found, step.wanted):
        return outcome
    if not step.update:
        raise DeploymentStopped(f"  It differs from the description and cannot be changed. Wanted: {json.dumps(dict(step.wanted))}")
    _run_all(step.update, gcloud, found)
    return "changed" if outcome == "in place" else outcome


def _ready(step: Resource, gcloud: Gcloud, found: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The resource once it is ready; it is looked at again until it is."""
    until = time.monotonic() + READY_WITHIN_SECONDS
    while found is None or not contains(found, step.ready):
        if time.monotonic() > until:
            raise DeploymentStopped(
                f"  It exists and is not ready after {READY_WITHIN_SECONDS / 60:.0f} minutes. Look at it in the console."
            )
        found = find(gcloud.look_again(step.look), step)
    return found


def _run_all(commands: Sequence[Command], gcloud: Gcloud, found: Mapping[str, Any]) -> None:
    for command in commands:
        gcloud.run(command, found)


Members = dict[tuple[str, str], set[str]]
"""By role and condition, which is kept as text."""


def _write_policy(step: Policy, gcloud: Gcloud, changed: Callable[[Policy, Members], Members]) -> Outcome:
    policy = gcloud.look(step.look)
    policy = policy if isinstance(policy, dict) else {}
    before: Members = {}
    for binding in policy.get("bindings", []):
        key = (binding["role"], json.dumps(binding.get("condition"), sort_keys=True))
        before.setdefault(key, set()).update(binding["members"])
    after = changed(step, before)
    if before == after:
        return "in place"
    written = [
        {"role": role, "members": sorted(members)} | ({"condition": json.loads(condition)} if condition != "null" else {})
        for (role, condition), members in sorted(after.items())
    ]
    # The etag in it makes the write fail where somebody else wrote meanwhile. Version 3 is for conditions, which others may have.
    document = {**policy, "bindings": written, **({"version": 3} if any("condition" in item for item in written) else {})}
    gcloud.run(Command(step.write, json.dumps(document)))
    return "changed"


def _with_bindings(step: Policy, before: Members) -> Members:
    after = _without_bindings(step, before)
    for role, member in step.bindings:
        after.setdefault((role, "null"), set()).add(member)
    return after


def _without_bindings(step: Policy, before: Members) -> Members:
    """Google's agents keep theirs: others in the project may need them."""
    kept = {key: {member for member in members if member not in step.ours} for key, members in before.items()}
    return {key: members for key, members in kept.items() if members}


def _each(stage: Stage, steps: Sequence[Step], act: Callable[[Step], Outcome | None], gcloud: Gcloud, say: Say, at_once: int) -> int:
    """Act on all steps at once; say a line for each, and stop after the stage where one failed."""
    gcloud.forget()
    changes, failures = 0, []
    with ThreadPoolExecutor(at_once) as pool:
        running = {pool.submit(act, step): step for step in steps}
        if running:
            say(stage.title)
        for future in as_completed(running):
            title = running[future].title
            try:
                outcome = future.result()
            except DeploymentStopped as failure:
                failures.append(f"{title} failed:\n{failure}")
                say(f"  {'FAILED':<9} {title}")
                continue
            if outcome is not None:
                say(f"  {outcome:<9} {title}")
                changes += outcome not in ("in place", "left out")
    if failures:
        raise DeploymentStopped("\n\n".join(failures))
    return changes
