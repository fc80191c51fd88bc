"""Reads a Dockerfile and its .dockerignore: as much of their grammar as ours use, and an error for the rest."""

import json
import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

_KNOWN = frozenset({"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "CMD"})


class DockerfileError(Exception):
    """The Dockerfile says something that this module does not understand."""


@dataclass(frozen=True)
class Copy:
    """COPY: paths of the context or of an earlier stage, to a path of this one."""

    sources: tuple[str, ...]
    destination: PurePosixPath
    stage: str | None
    is_into_directory: bool


@dataclass(frozen=True)
class Run:
    """RUN: a shell command in `directory`."""

    command: str
    directory: PurePosixPath


@dataclass(frozen=True)
class Stage:
    """One FROM and what follows. `base` is an image, or the name of an earlier stage."""

    name: str
    base: str
    steps: tuple[Copy | Run, ...]
    environment: dict[str, str]
    directory: PurePosixPath
    user: str | None
    command: tuple[str, ...]


@dataclass(frozen=True)
class Dockerfile:
    """The stages in order; the last is what a build makes unless told otherwise. `context` is the directory it is built from."""

    stages: tuple[Stage, ...]
    context: Path

    @property
    def final(self) -> Stage:
        """What a build without --target makes."""
        return self.stages[-1]

    def stage(self, name: str) -> Stage:
        """The stage of that name. Raises KeyError."""
        return {stage.name: stage for stage in self.stages}[name]

    @cached_property
    def ignored(self) -> "Ignored":
        """What .dockerignore keeps out of the context."""
        path = self.context / ".dockerignore"
        return Ignored(path.read_text() if path.exists() else "")

    def copied_files(self, copy: Copy, source: str) -> list[Path]:
        """The files of the context that a COPY takes from `source`, relative to the context."""
        found = (file for match in self.context.glob(source.rstrip("/")) for file in _files(self.context, match, self.ignored))
        return sorted(found)


class Ignored:
    """The rules of a .dockerignore: the last one that fits a path, or a directory above it, decides."""

    def __init__(self, text: str) -> None:
        lines = (line.strip() for line in text.splitlines())
        rules = [line for line in lines if line and not line.startswith("#")]
        self._rules = [(_pattern(rule.removeprefix("!").strip("/")), not rule.startswith("!")) for rule in rules]

    def __call__(self, path: str) -> bool:
        """Whether a path, relative to the context, is kept out."""
        verdict = False
        for pattern, is_out in self._rules:
            if pattern.match(path):
                verdict = is_out
        return verdict


def _pattern(rule: str) -> re.Pattern[str]:
    # Go's filepath.Match plus `**`, which stands for any number of directories: https://docs.docker.com/build/concepts/context/
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(words.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*|\?)", rule))
    return re.compile(f"{body}(?:/.*)?$")


def _files(context: Path, match: Path, ignored: Ignored) -> list[Path]:
    if match.is_file():
        relative = match.relative_to(context)
        return [] if ignored(relative.as_posix()) else [relative]
    # Nothing is let in again below a directory that is kept out, so such directories (node_modules) need not be walked.
    if match != context and ignored(match.relative_to(context).as_posix()):
        return []
    return [file for entry in sorted(match.iterdir()) for file in _files(context, entry, ignored)]


def read_dockerfile(path: Path) -> Dockerfile:
    """The Dockerfile at `path`, whose directory is the context. Raises DockerfileError for what is not understood."""
    blocks: list[list[tuple[str, str]]] = []
    for name, rest in _instructions(path.read_text()):
        if name not in _KNOWN:
            raise DockerfileError(f"{path.name}: {name} is not known here")
        if name == "FROM":
            blocks.append([])
        elif not blocks:
            raise DockerfileError(f"{path.name}: {name} before the first FROM")
        blocks[-1].append((name, rest))
    stages: dict[str, Stage] = {}
    for block in blocks:
        stage = _stage(block, stages)
        stages[stage.name] = stage
    return Dockerfile(tuple(stages.values()), path.parent)


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name.upper(), rest.strip()) for name, _, rest in (line.strip().partition(" ") for line in joined.splitlines())]


def _stage(block: list[tuple[str, str]], earlier: dict[str, Stage]) -> Stage:
    base, _, name = block[0][1].partition(" AS ")
    parent = earlier.get(base)
    directory = parent.directory if parent else PurePosixPath("/")
    environment = dict(parent.environment) if parent else {}
    user, command = (parent.user, parent.command) if parent else (None, ())
    steps: list[Copy | Run] = list(parent.steps) if parent else []
    for instruction, rest in block[1:]:
        match instruction:
            case "WORKDIR":
                directory /= rest
            case "COPY":
                steps.append(_copy(rest, directory))
            case "RUN":
                steps.append(Run(rest, directory))
            case "ENV":
                environment |= dict(word.split("=", 1) for word in shlex.split(rest))
            case "USER":
                user = rest
            case "CMD":
                command = tuple(json.loads(rest))
            case _:
                raise DockerfileError(f"{instruction} twice in one stage")
    return Stage(name.strip() or str(len(earlier)), base.strip(), tuple(steps), environment, directory, user, command)


def _copy(rest: str, directory: PurePosixPath) -> Copy:
    words = shlex.split(rest)
    flags = {name: value for name, _, value in (word.removeprefix("--").partition("=") for word in words if word.startswith("--"))}
    if unknown := flags.keys() - {"from", "chown"}:
        raise DockerfileError(f"COPY: the flag {', '.join(unknown)} is not known here")
    *sources, destination = [word for word in words if not word.startswith("--")]
    return Copy(tuple(sources), directory / destination, flags.get("from"), destination.endswith("/"))
