"""Compares a deployment with the steps that make one (infra/gcp): what is missing, differs, or may not do what it has to."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, assert_never

from infra.doctor.findings import Finding
from infra.gcp import grants
from infra.gcp.gcloud import DeploymentStopped, NotThere
from infra.gcp.place import Place
from infra.gcp.steps import Action, Apis, Arguments, Cloud, Command, Policy, Resource, Stage, Step, contains, find
from infra.model import Deployment

# What the missing API says everywhere else: it has a finding of its own.
SWITCHED_OFF = re.compile(r"has not been used in project|it is disabled|SERVICE_DISABLED")
RELEASE = "Release"
ADVICE = "What to do: "  # how infra/gcp/gcloud.py ends what it says
Why = Mapping[tuple[str, str, str], str]
"""What a grant is for, by the title of its step, the role and the member."""


class _WouldChange(Exception):
    """A step would change something; the message says what it was about to do."""


class Onlooker:
    """A cloud that is looked at: a step that wants to change it is stopped, which is all there is to know of it."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def look(self, arguments: Arguments) -> Any:
        """As the cloud has it."""
        return self._cloud.look(arguments)

    def run(self, command: Command, found: Mapping[str, Any] | None = None) -> str:
        """Nothing is run."""
        raise _WouldChange(f"gcloud {' '.join(command.arguments[:4])}")

    def rest(self, method: str, api: str, path: str, body: Any = None) -> Any:
        """Only what reads."""
        if method != "GET":
            raise _WouldChange(f"{method} {api}/{path}")
        return self._cloud.rest(method, api, path)


def why_granted(deployment: Deployment, place: Place) -> Why:
    """What each grant of a deployment is for."""
    return {
        (f"grants on {grant.kind} {grant.name}".rstrip(), grant.role, member): grant.why
        for grant, member in grants.granted(deployment, place)
    }


def compare(stages: Iterable[Stage], cloud: Cloud, redo: str, whys: Why, at_once: int) -> list[Finding]:
    """Look at every step but the release, which is looked at as it runs; `redo` is what mends a difference."""
    steps = [step for stage in stages for step in stage.steps if stage.title != RELEASE]
    with ThreadPoolExecutor(at_once) as threads:
        found = threads.map(lambda step: look_at(step, cloud, redo, whys), steps)
        return [finding for findings in found for finding in findings]


def look_at(step: Step, cloud: Cloud, redo: str, whys: Why) -> list[Finding]:
    """What is wrong with what one step makes."""
    try:
        match step:
            case Resource():
                return list(_resource(step, cloud.look(step.look), redo))
            case Policy():
                return list(_policy(step, cloud.look(step.look), redo, whys))
            case Apis():
                return list(_apis(step, cloud.look(("services", "list", "--enabled")), redo))
            case Action():
                return list(_action(step, cloud, redo))
            case _:
                assert_never(step)
    except NotThere:
        return []  # what it belongs to is missing, and is said to be
    except DeploymentStopped as stopped:
        return [] if SWITCHED_OFF.search(str(stopped)) else [unseen(_thing(step), stopped)]


def _thing(step: Step) -> str:
    """Its title without what that says to who waits for it."""
    return step.title.partition(" (")[0]


def unseen(thing: str, stopped: DeploymentStopped) -> Finding:
    """Where looking failed."""
    said, _, advice = str(stopped).partition(ADVICE)
    return Finding("error", thing, f"could not be looked at: {' '.join(said.split())[:300]}.", advice.strip() or "see what it says")


def _resource(step: Resource, listing: Sequence[Mapping[str, Any]], redo: str) -> Iterator[Finding]:
    found = find(listing, step)
    if found is None:
        yield Finding("error", _thing(step), "is missing.", redo)
    elif not contains(found, step.ready):
        what = f"is not ready: {_differences(found, step.ready)}."
        yield Finding("error", _thing(step), what, f"wait, or see why in the console; then: {redo}")
    elif not contains(found, step.wanted):
        yield Finding("error", _thing(step), f"differs from the description: {_differences(found, step.wanted)}.", redo)


def _differences(found: Any, wanted: Any, path: str = "") -> str:
    """The smallest parts that differ; what is long is only named."""
    if isinstance(wanted, Mapping):
        parts = (
            _differences(found.get(key) if isinstance(found, Mapping) else None, value, f"{path}.{key}" if path else key)
            for key, value in wanted.items()
        )
        return ", ".join(filter(None, parts))
    if contains(found, wanted):
        return ""
    is_short = len(json.dumps(found, default=str)) + len(json.dumps(wanted, default=str)) < 120
    return f"{path} is {json.dumps(found)}, not {json.dumps(wanted)}" if is_short else f"{path} differs"


def _policy(step: Policy, policy: Any, redo: str, whys: Why) -> Iterator[Finding]:
    bindings = policy.get("bindings", []) if isinstance(policy, Mapping) else []
    bound = {(item["role"], member) for item in bindings if "condition" not in item for member in item["members"]}
    target = step.title.removeprefix("grants on ")
    for role, member in sorted(set(step.bindings) - bound):
        why = whys.get((step.title, role, member), "do its work")
        yield Finding("error", _named(member), f"lacks {role} on {target}, without which it may not {why}.", redo)
    for role, member in sorted((role, member) for role, member in bound - set(step.bindings) if member in step.ours):
        yield Finding("warning", _named(member), f"has {role} on {target}, which it has no need of.", redo)


def _named(member: str) -> str:
    return member.removeprefix("serviceAccount:").partition("@")[0]


def _apis(step: Apis, enabled: Sequence[Mapping[str, Any]], redo: str) -> Iterator[Finding]:
    names = {item["config"]["name"] for item in enabled}
    for name in step.names:
        if name not in names:
            yield Finding("error", f"API {name}", "is switched off.", f"gcloud services enable {name}, or all that are needed: {redo}")


def _action(step: Action, cloud: Cloud, redo: str) -> Iterator[Finding]:
    try:
        step.bring(Onlooker(cloud))
    except _WouldChange as change:
        yield Finding("error", _thing(step), f"is not as described: a deployment would {change}.", redo)
