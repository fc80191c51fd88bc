"""What a deployment consists of: steps that say how to look, how to make, how to change and how to take away. Values; runner.py acts."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Arguments = tuple[str, ...]
Outcome = Literal["in place", "created", "changed", "removed", "left out"]
RANDOM = "{random}"


@dataclass(frozen=True)
class Command:
    """What gcloud is called with. `{file}` becomes the path of a file with `content`, `{key}` what the look found under `key`.

    `content` RANDOM is a new secret, which nobody sees.
    """

    arguments: Arguments
    content: str | None = None


@dataclass(frozen=True)
class Resource:
    """A thing that a list shows. It is found by `name`, the last part of `field` ("a.b" is b in a), and is right where it has `wanted`.

    Where it is there but not `ready`, as after an interruption, it is waited for. One without `update` cannot be changed: what
    differs is for a person. `is_data`: taken away only with the data. Without `delete` it goes with what contains it.
    """

    title: str
    look: Arguments
    name: str
    create: tuple[Command, ...]
    field: str = "name"
    wanted: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    update: tuple[Command, ...] = ()
    ready: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    delete: tuple[Command, ...] = ()
    is_data: bool = False


Binding = tuple[str, str]
"""A role and a member."""


@dataclass(frozen=True)
class Policy:
    """The bindings of a resource's IAM policy that are ours: all of `bindings`, and no other role for `ours`. Others' stay."""

    title: str
    look: Arguments
    write: Arguments
    bindings: tuple[Binding, ...]
    ours: frozenset[str]
    outlives_us: bool = False
    """Whether the resource stays when a deployment is taken away, so that the bindings have to be."""


@dataclass(frozen=True)
class Apis:
    """APIs of Google that are switched on. They stay on: others in the project may use them, and they cost nothing."""

    names: tuple[str, ...]
    title: str = "Google's APIs"


class Cloud(Protocol):
    """What a step of code needs to act: lists and commands of gcloud, and Google's REST interfaces."""

    def look(self, arguments: Arguments) -> Any:
        """What gcloud shows as JSON; asked once for all steps of a stage."""

    def run(self, command: Command, found: Mapping[str, Any] | None = None) -> str:
        """Run a command and return what it prints."""

    def rest(self, method: str, api: str, path: str, body: Any = None) -> Any:
        """Call `https://{api}.googleapis.com/{path}` as the person who deploys; None where it answers 404."""


@dataclass(frozen=True)
class Action:
    """A step of code, for what gcloud has no single command for. `commands` are those it may use."""

    title: str
    bring: Callable[[Cloud], Outcome]
    commands: tuple[Command, ...] = ()
    remove: Callable[[Cloud], bool] | None = None
    """Take it away; False where there was nothing."""


Step = Resource | Policy | Apis | Action


@dataclass(frozen=True)
class Stage:
    """Steps that need nothing of each other, and all of the stages before."""

    title: str
    steps: Sequence[Step]


def last_part(found: Mapping[str, Any], path: str) -> str:
    """The last part, behind slashes, of what lies under `path`; empty where nothing does."""
    value: Any = found
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return str(value or "").rsplit("/", 1)[-1]


def find(listing: Sequence[Mapping[str, Any]], resource: Resource) -> Mapping[str, Any] | None:
    """The resource in a list."""
    return next((item for item in listing if last_part(item, resource.field) == resource.name), None)


def contains(found: Any, wanted: Any) -> bool:
    """Whether `found` is `wanted` as far as that says: objects may have more, numbers may be text, and false and empty may be left out."""
    match wanted:
        case Mapping():
            return all(contains(found.get(key) if isinstance(found, Mapping) else None, value) for key, value in wanted.items())
        case list() | tuple():
            items = found or []
            return len(items) == len(wanted) and all(contains(item, value) for item, value in zip(items, wanted, strict=True))
        case bool():
            return str(found or False).lower() == str(wanted).lower()
        case int() | float():
            return _number(found) == float(wanted)
        case _:
            return str(found or "") == str(wanted)


def _number(value: Any) -> float | None:
    try:
        return float(str(value or 0).removesuffix("s"))
    except ValueError:
        return None


def looks(step: Step) -> Iterator[Arguments]:
    """The list that a step is found in."""
    if isinstance(step, Resource | Policy):
        yield step.look


def commands(step: Step) -> Iterator[Command]:
    """All commands by which a step may be brought about or taken away, but its look."""
    match step:
        case Resource():
            yield from (*step.create, *step.update, *step.delete)
        case Policy():
            yield Command(step.write, "{}")
        case Apis():
            yield Command(("services", "enable", *step.names))
        case Action():
            yield from step.commands
