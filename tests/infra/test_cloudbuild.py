"""cloudbuild.yaml is a build that gcloud accepts, pushes nothing unchecked, and ends in a release that infra.gcp understands."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.description import DEPLOYMENT
from infra.gcp.__main__ import main as gcp
from infra.gcp.actions import submit_command
from infra.gcp.place import Place
from infra.images.dockerfile import read_dockerfile
from infra.images.surroundings import SOURCES
from infra.local.supervisor.layout import REPOSITORY

PATH = REPOSITORY / "cloudbuild.yaml"
BUILD: dict[str, Any] = yaml.safe_load(PATH.read_text())
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
needs_gcloud = pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")


@dataclass
class CloudBuild:
    """The API's endpoint: keeps what is created, and answers that it is queued."""

    url: str = ""
    created: list[dict[str, Any]] = field(default_factory=list)

    def submit(self, config: Path, home: Path) -> subprocess.CompletedProcess[str]:
        """What `gcloud builds submit` makes of a file, without anybody's credentials."""
        environment = {
            "PATH": f"{Path(shutil.which('gcloud') or '').parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "CLOUDSDK_CONFIG": str(home / "gcloud"),
            "CLOUDSDK_CORE_PROJECT": "demo-project",
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD": f"{self.url}/",
        }
        command = ["gcloud", "builds", "submit", "--no-source", "--async", "--region=us-central1", f"--config={config}"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def cloud_build() -> Iterator[CloudBuild]:
    found = CloudBuild()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.created.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            build = {
                "id": "build-1",
                "projectId": "demo-project",
                "status": "QUEUED",
                "name": "projects/demo-project/locations/us-central1/builds/build-1",
            }
            kind = "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata"
            answer = json.dumps({"name": "operations/1", "metadata": {"@type": kind, "build": build}}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@needs_gcloud
def test_gcloud_takes_the_build_and_sends_all_of_it(cloud_build: CloudBuild, tmp_path: Path) -> None:
    submitted = cloud_build.submit(PATH, tmp_path)

    assert submitted.returncode == 0, submitted.stderr
    (sent,) = cloud_build.created
    assert [step["id"] for step in sent["steps"]] == list(STEPS)
    assert sent["substitutions"] == BUILD["substitutions"]
    assert sent["options"] == BUILD["options"]


@needs_gcloud
@pytest.mark.parametrize(
    "spoil",
    [lambda text: text.replace("waitFor:", "waitsFor:", 1), lambda text: text.replace("automapSubstitutions:", "mapSubstitutions:")],
    ids=["a step", "the options"],
)
def test_gcloud_refuses_a_build_with_a_word_that_it_does_not_know(
    spoil: Callable[[str], str], cloud_build: CloudBuild, tmp_path: Path
) -> None:
    spoiled = tmp_path / "cloudbuild.yaml"
    spoiled.write_text(spoil(PATH.read_text()))

    refused = cloud_build.submit(spoiled, tmp_path)

    assert refused.returncode != 0
    assert "unused" in refused.stderr
    assert cloud_build.created == []


def before(step: str) -> set[str]:
    """All steps that have ended, well, when `step` begins."""
    direct = set(STEPS[step]["waitFor"]) - {"-"}
    return direct.union(*(before(earlier) for earlier in direct))


def test_nothing_is_pushed_before_every_check_has_passed() -> None:
    checks_and_builds = {name for name in STEPS if name.startswith(("check-", "build-"))}
    assert len(checks_and_builds) == 4
    assert before("push") == checks_and_builds
    assert before("release") == checks_and_builds | {"push"}
    assert not any("docker push" in json.dumps(STEPS[name]) for name in checks_and_builds)


def test_every_image_of_the_description_is_built_pushed_and_released() -> None:
    images = {service.image for service in DEPLOYMENT.services} | {job.image for job in DEPLOYMENT.jobs}
    built = {}
    for step in STEPS.values():
        if step.get("args", [None])[0] == "build":
            tag, directory = step["args"][2:]
            built[re.fullmatch(r"\$_IMAGES/(\w+):\$BUILD_ID", tag)[1]] = (REPOSITORY / directory).resolve()  # type: ignore[index]
    assert built == {name: SOURCES[name].directory for name in images}
    assert re.search(r"for image in (.*);", STEPS["push"]["script"])[1].split() == list(built)  # type: ignore[index]
    assert all(f"/workspace/{name}.digest" in STEPS["release"]["script"] for name in images)


def test_the_release_is_called_as_it_wants_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        gcp(["release", "--help"])
    flags = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))

    script = STEPS["release"]["script"]
    assert ended.value.code == 0
    assert "python3 -m infra.gcp release" in script
    assert {"--backend-image", "--face-image", "--project", "--region"} <= set(re.findall(r"--[a-z-]+", script)) <= flags


def test_whoever_submits_it_sets_exactly_the_substitutions_that_it_uses() -> None:
    command = submit_command(DEPLOYMENT, Place("p", "us-central1", "1"), PATH.name, "source")
    given = next(argument for argument in command.arguments if argument.startswith("--substitutions="))
    names = {pair.split("=")[0] for pair in given.removeprefix("--substitutions=").split(",")}

    used = set(re.findall(r"\$\{?(_[A-Z_]+)", json.dumps(BUILD["steps"])))
    assert names == set(BUILD["substitutions"]) == used


def test_what_the_checks_run_exists() -> None:
    backend = STEPS["check-backend"]["script"]
    assert all((REPOSITORY / path).is_dir() for path in re.search(r"pytest .*?((?: tests/\w+)+)$", backend, re.MULTILINE)[1].split())  # type: ignore[index]
    assert "check" in json.loads((REPOSITORY / STEPS["check-canvas"]["dir"] / "package.json").read_text())["scripts"]


def test_the_checks_run_on_the_python_and_node_of_the_images() -> None:
    stages = read_dockerfile(REPOSITORY / "Dockerfile").stages
    bases = {stage.base.removesuffix("-slim") for stage in stages}
    assert {STEPS["check-backend"]["name"], STEPS["check-canvas"]["name"]} <= bases


@needs_gcloud
def test_what_is_sent_to_the_build_is_all_that_it_needs_and_nothing_private(tmp_path: Path) -> None:
    command = ["gcloud", "meta", "list-files-for-upload", str(REPOSITORY)]
    environment = {
        "PATH": f"{Path(shutil.which('gcloud') or '').parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "CLOUDSDK_CONFIG": str(tmp_path),
    }
    sent = set(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split())

    for source in SOURCES.values():
        dockerfile = read_dockerfile(source.directory / "Dockerfile")
        place = source.directory.relative_to(REPOSITORY)
        copied = {
            str(place / file)
            for stage in dockerfile.stages
            for step in stage.steps
            if getattr(step, "stage", "") is None
            for name in step.sources  # type: ignore[union-attr]
            for file in dockerfile.copied_files(step, name)  # type: ignore[arg-type]
        }
        assert {str(place / "Dockerfile"), str(place / ".dockerignore"), *copied} <= sent
    assert {"Makefile", "uv.lock", "infra/gcp/__main__.py", "schemas/openapi.json", "tests/conftest.py"} <= sent
    private = (".git/", ".env", ".local/", ".venv/", "out/", "frontend/node_modules/")
    assert [name for name in sent if name.startswith(private) and name != ".env.example"] == []
