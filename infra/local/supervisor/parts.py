"""The words a local stack is described in: parts that keep running, and steps that run to their end."""

from dataclasses import dataclass
from pathlib import Path

from infra.local.supervisor.programs import Command, Program

STAND_IN_GRACE_SECONDS = 2.0
PRODUCT_GRACE_SECONDS = 8.5  # services/core/kit/serving.py: what has begun is answered within 8


@dataclass(frozen=True)
class HttpReady:
    """Ready when `GET url` answers `status`."""

    url: str
    status: int = 200


@dataclass(frozen=True)
class DatabaseReady:
    """Ready when the Postgres server at `url` (SQLAlchemy) has `database`, which is created where it is missing."""

    url: str
    database: str


Readiness = HttpReady | DatabaseReady


@dataclass(frozen=True)
class Part:
    """Something that runs as long as the stack.

    `needs` and `after` name what is ready before it starts; choosing a part chooses what it needs, but not what it only starts
    after. Loud lines of product parts are shown on the terminal. `sources` are directories: whoever develops wants the part
    started again when Python files below them change.
    """

    name: str
    program: Program
    port: int
    ready: Readiness
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    is_product: bool = False
    sources: tuple[Path, ...] = ()

    @property
    def grace_seconds(self) -> float:
        """How long it may take to leave."""
        return PRODUCT_GRACE_SECONDS if self.is_product else STAND_IN_GRACE_SECONDS


@dataclass(frozen=True)
class Step:
    """Something that runs once at start, and again whenever a part of `repeat_after` was started anew.

    Where a step that is not `is_required` fails, the stack says so and runs without it.
    """

    name: str
    command: Command
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    repeat_after: tuple[str, ...] = ()
    is_required: bool = True


@dataclass(frozen=True)
class Plan:
    """A whole stack. `notes` are what a person should know before it starts, one line each."""

    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def named(self) -> dict[str, Part | Step]:
        """Parts and steps by name."""
        return {part.name: part for part in self.parts} | {step.name: step for step in self.steps}

    def only(self, names: frozenset[str]) -> "Plan":
        """The plan reduced to `names` and what these need, with the steps whose needs are then met. Raises KeyError for an unknown name."""
        known = self.named()
        chosen: set[str] = set()
        pending = set(names)
        while pending:
            name = pending.pop()
            chosen.add(name)
            pending |= set(known[name].needs) - chosen
        chosen |= {step.name for step in self.steps if step.needs and chosen.issuperset(step.needs)}
        parts = tuple(part for part in self.parts if part.name in chosen)
        return Plan(parts, tuple(step for step in self.steps if step.name in chosen), self.notes)
