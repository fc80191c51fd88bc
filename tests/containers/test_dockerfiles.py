"""The Dockerfiles hold what the deployment's description starts, and only what the repository has. Nothing is built here."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from infra.description import DEPLOYMENT
from infra.images.contents import Environment, contents
from infra.images.dockerfile import Copy, Dockerfile, DockerfileError, Ignored, Run, Stage, read_dockerfile
from infra.images.surroundings import SOURCES
from infra.local.supervisor.layout import REPOSITORY
from infra.model import Job, Service

DOCKERFILES = {name: read_dockerfile(source.directory / "Dockerfile") for name, source in SOURCES.items()}
# Those that containers are started from: compose.yaml also builds `local`.
STARTED = [DOCKERFILES["backend"].final, DOCKERFILES["backend"].stage("local"), DOCKERFILES["image_uploaded"].final]
# What Next.js writes at each start; the build in the image writes it, too.
WRITTEN_BY_BUILDS = {REPOSITORY / "frontend" / "next-env.d.ts"}

every_stage = pytest.mark.parametrize(
    ("dockerfile", "stage"),
    [pytest.param(file, stage, id=f"{name}-{stage.name}") for name, file in DOCKERFILES.items() for stage in file.stages],
)
every_started = pytest.mark.parametrize("stage", STARTED, ids=lambda stage: stage.name)
every_described = pytest.mark.parametrize("described", [*DEPLOYMENT.services, *DEPLOYMENT.jobs], ids=lambda described: described.name)


@pytest.fixture(scope="module")
def repository_files() -> set[Path]:
    """Every file that is tracked, or new and not ignored."""
    if not (REPOSITORY / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is no git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return {REPOSITORY / name for name in listed.split("\0") if name}


@every_stage
def test_whatever_is_copied_exists_and_belongs_to_the_repository(dockerfile: Dockerfile, stage: Stage, repository_files: set[Path]) -> None:
    for step in stage.steps:
        if isinstance(step, Copy) and step.stage is None:
            for source in step.sources:
                copied = {dockerfile.context / file for file in dockerfile.copied_files(step, source)}
                assert copied, source
                assert copied <= repository_files | WRITTEN_BY_BUILDS


@every_stage
def test_each_stage_finds_what_it_takes_from_others(dockerfile: Dockerfile, stage: Stage) -> None:
    assert contents(dockerfile, stage)


@every_described
def test_the_image_has_what_a_command_starts(described: Service | Job) -> None:
    dockerfile = DOCKERFILES[described.image]
    held, directory = contents(dockerfile, dockerfile.final), dockerfile.final.directory
    program, flag, module = described.command[:3]
    assert (program, flag) == ("python", "-m")
    if module == "functions_framework":
        assert directory / described.command[described.command.index("--source") + 1] in held
        assert "functions-framework" in environment(dockerfile, dockerfile.final).distributions()
    else:
        assert directory / module.replace(".", "/") / "__main__.py" in held


@every_described
def test_an_image_that_is_started_as_it_is_starts_something_described(described: Service | Job) -> None:
    # `docker run` without a command should do something sensible; Cloud Run is always told one.
    final = DOCKERFILES[described.image].final
    assert final.command in {other.command for other in DEPLOYMENT.services if other.image == described.image}


@every_started
def test_a_container_is_nobody_with_a_home_that_it_may_write_to(stage: Stage) -> None:
    assert stage.user == "nobody"
    assert stage.environment["HOME"] == "/tmp"  # the one place that is always writable
    assert stage.environment["PATH"] == f"{stage.directory}/.venv/bin:$PATH"


@every_started
def test_the_python_of_an_image_is_one_that_the_project_is_made_for(stage: Stage) -> None:
    dockerfile = next(file for file in DOCKERFILES.values() if stage in file.stages)
    project = tomllib.loads((dockerfile.context / "pyproject.toml").read_text())["project"]
    at_least, below = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()  # type: ignore[union-attr]
    found = re.fullmatch(r"python:3\.(\d+)-slim", stage.base)
    assert found is not None
    assert int(at_least) <= int(found[1]) < int(below)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_environment_is_made_by_the_python_that_it_runs_with(name: str) -> None:
    bases = {stage.base for stage in DOCKERFILES[name].stages if stage.base.startswith("python:")}  # type: ignore[index]
    assert len(bases) == 1


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_deployed_environment_has_neither_development_tools_nor_stand_ins(name: str) -> None:
    dockerfile = DOCKERFILES[name]  # type: ignore[index]
    found = environment(dockerfile, dockerfile.final)
    groups = tomllib.loads((dockerfile.context / "pyproject.toml").read_text())["dependency-groups"]
    extra = {re.split(r"[<>=\[ ;]", need)[0].lower() for group in groups.values() for need in group}
    assert found.groups == ()
    # Starlette is FastAPI's, too.
    assert found.distributions() & extra <= {"starlette"}


def test_the_backend_serves_the_canvas_that_its_image_holds() -> None:
    dockerfile = DOCKERFILES["backend"]
    place = dockerfile.final.directory / dockerfile.final.environment["CANVAS_DIRECTORY"]
    assert contents(dockerfile, dockerfile.final)[place] == REPOSITORY / "frontend" / "out"


def test_the_backend_holds_no_other_image_and_no_stand_in() -> None:
    dockerfile = DOCKERFILES["backend"]
    inside = {path.relative_to(dockerfile.final.directory).parts[:2] for path in contents(dockerfile, dockerfile.final)}
    assert ("functions", "image_uploaded") not in inside
    assert "infra" not in {parts[0] for parts in inside}


@pytest.mark.parametrize(
    "secret", [".env", ".local/identity/service-account.json", ".git/config", "tests/conftest.py", "frontend/node_modules/next"]
)
def test_what_does_not_belong_into_an_image_never_reaches_a_build(secret: str) -> None:
    assert DOCKERFILES["backend"].ignored(secret)


def test_every_flag_of_uv_is_one_that_uv_has() -> None:
    uv = shutil.which("uv") or REPOSITORY / ".tools" / "bin" / "uv"
    asked = subprocess.run([uv, "sync", "--help"], capture_output=True, text=True, check=False) if Path(uv).exists() else None
    if asked is None or asked.returncode != 0:
        pytest.skip("uv is not installed here")
    commands = [step.command for file in DOCKERFILES.values() for stage in file.stages for step in stage.steps if isinstance(step, Run)]
    flags = {flag for command in commands for sync in re.findall(r"\buv sync ([^&]*)", command) for flag in re.findall(r"--[a-z-]+", sync)}
    assert flags >= {"--locked", "--no-default-groups", "--compile-bytecode"}
    assert flags <= set(re.findall(r"--[a-z-]+", asked.stdout))


def test_a_step_that_takes_what_is_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    (tmp_path / ".dockerignore").write_text("hidden\n")
    (tmp_path / "hidden").write_text("")
    for missing in ("COPY absent /", "COPY hidden /", "RUN uv sync --locked"):
        (tmp_path / "Dockerfile").write_text(f"FROM a\nCOPY there /\n{missing}\n")
        dockerfile = read_dockerfile(tmp_path / "Dockerfile")
        with pytest.raises(DockerfileError):
            contents(dockerfile, dockerfile.final)


def test_a_word_that_is_not_understood_is_refused(tmp_path: Path) -> None:
    for unknown in ("ADD a b", "COPY --link a b"):
        (tmp_path / "Dockerfile").write_text(f"FROM a\n{unknown}\n")
        with pytest.raises(DockerfileError):
            read_dockerfile(tmp_path / "Dockerfile")


@pytest.mark.parametrize(
    ("rules", "path", "is_out"),
    [
        ("*\n!a", "a/b/c", False),
        ("*\n!a", "b", True),
        ("*\n!a\na/b", "a/b/c", True),
        ("**/x", "x", True),
        ("**/x", "a/b/x/y", True),
        ("*.py", "a/b.py", False),
        ("# a comment\n", "a", False),
    ],
)
def test_the_last_rule_that_fits_decides_what_is_left_out(rules: str, path: str, is_out: bool) -> None:
    assert Ignored(rules)(path) is is_out


def environment(dockerfile: Dockerfile, stage: Stage) -> Environment:
    found = contents(dockerfile, stage)[PurePosixPath(stage.directory) / ".venv"]
    assert isinstance(found, Environment)
    return found
