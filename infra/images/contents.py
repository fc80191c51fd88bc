"""What an image holds, followed through its Dockerfile's steps: files of the context, locked environments, the built canvas."""

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from infra.images.dockerfile import Copy, Dockerfile, DockerfileError, Run, Stage

NEW_DIRECTORY = Path("/nonexistent")  # which nothing on this machine stands for


@dataclass(frozen=True)
class Environment:
    """A virtual environment with what a lock file names for some dependency groups, but for the packages left out."""

    lock: Path
    groups: tuple[str, ...]
    without: frozenset[str]

    def distributions(self) -> frozenset[str]:
        """Names of the distributions, in their normal form. Those that other platforms need are among them."""
        packages = tomllib.loads(self.lock.read_text())["package"]
        of_name: dict[str, list[dict[str, object]]] = {}
        for package in packages:
            of_name.setdefault(package["name"], []).append(package)
        (project,) = (package for package in packages if package["source"].keys() & {"virtual", "editable"})
        wanted = [*project["dependencies"], *(need for group in self.groups for need in project["dev-dependencies"][group])]
        found: set[tuple[str, str]] = set()
        while wanted:
            need = wanted.pop()
            for extra in ("", *need.get("extra", ())):
                if (need["name"], extra) not in found:
                    found.add((need["name"], extra))
                    wanted += [more for package in of_name[need["name"]] for more in _needs(package, extra)]
        return frozenset(name for name, _ in found) - self.without


def _needs(package: Mapping[str, object], extra: str) -> list[dict[str, object]]:
    if not extra:
        return list(package.get("dependencies", ()))  # type: ignore[call-overload,no-any-return]  # as uv writes it
    return list(package.get("optional-dependencies", {}).get(extra, ()))  # type: ignore[attr-defined]  # as uv writes it


Contents = Mapping[PurePosixPath, Path | Environment]


def contents(dockerfile: Dockerfile, stage: Stage) -> Contents:
    """Where in the image of `stage` things are, and what they are: a file or directory of this machine, or an environment.

    Raises DockerfileError where a step takes what is not there.
    """
    held: dict[PurePosixPath, Path | Environment] = {}
    for step in stage.steps:
        held |= _copied(dockerfile, step) if isinstance(step, Copy) else _made(dockerfile, step, held)
    return held


def _copied(dockerfile: Dockerfile, copy: Copy) -> Contents:
    taken: dict[PurePosixPath, Path | Environment] = {}
    for source in copy.sources:
        if copy.stage is not None:
            there = contents(dockerfile, dockerfile.stage(copy.stage))
            found = {path.relative_to(source): what for path, what in there.items() if path.is_relative_to(source)}
        else:
            is_directory = (dockerfile.context / source).is_dir()
            files = dockerfile.copied_files(copy, source)
            found = {PurePosixPath(file.relative_to(source) if is_directory else file.name): dockerfile.context / file for file in files}
        if not found:
            raise DockerfileError(f"COPY {source}: there is no such thing, or .dockerignore keeps it out")
        is_file = copy.stage is None and len(copy.sources) == 1 and not copy.is_into_directory and (dockerfile.context / source).is_file()
        taken |= {copy.destination if is_file else copy.destination / path: what for path, what in found.items()}
    return taken


def _made(dockerfile: Dockerfile, run: Run, held: Contents) -> Contents:
    """What a command makes, of those we know: uv an environment, npm the canvas, mkdir. Others only change what is there."""
    if match := re.search(r"\buv sync (.*?)(?:&&|$)", run.command):
        lock = held.get(run.directory / "uv.lock")
        if not isinstance(lock, Path) or run.directory / "pyproject.toml" not in held:
            raise DockerfileError("uv sync needs pyproject.toml and uv.lock beside it")
        flags = shlex.split(match[1])
        return {run.directory / ".venv": Environment(lock, _values(flags, "--group"), frozenset(_values(flags, "--no-install-package")))}
    if "npm run build" in run.command:
        return {run.directory / "out": dockerfile.context / "frontend" / "out"}
    if made := re.search(r"\bmkdir (/\S+)", run.command):
        return {PurePosixPath(made[1]): NEW_DIRECTORY}
    return {}


def _values(flags: list[str], name: str) -> tuple[str, ...]:
    return tuple(value for flag, value in pairwise(flags) if flag == name)
