"""compose.yaml is a Compose file, and starts what the deployment's description names, as it names it. No container runs here."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema_rs
import pytest
import yaml

from infra.description import DEPLOYMENT
from infra.images.dockerfile import read_dockerfile
from infra.images.layout import Image, lay_out
from infra.images.surroundings import SOURCES
from infra.local.identity import Identity
from infra.local.provision import Surroundings
from infra.local.supervisor.environments import PROJECT, product_settings
from infra.local.supervisor.layout import DEFAULT_PORT, PORT_OFFSETS, REPOSITORY, Layout
from infra.local.supervisor.options import Options
from infra.model import Job, Service

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = read_dockerfile(REPOSITORY / "Dockerfile")
# The service account that the product has from its platform on Cloud Run, and a way out that leads nowhere.
CREDENTIALS = {"GOOGLE_APPLICATION_CREDENTIALS", "HTTPS_PROXY"}
STAND_INS = {name: container for name, container in CONTAINERS.items() if container["image"] == "reelgraph/local"}
# The export runs inside `run_jobs`.
STARTED: list[Service | Job] = [*DEPLOYMENT.services, DEPLOYMENT.job("migrate")]
every_started = pytest.mark.parametrize("described", STARTED, ids=lambda described: described.name)
every_service = pytest.mark.parametrize("described", DEPLOYMENT.services, ids=lambda described: described.name)


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    """The schema of the Compose specification (Apache-2.0), as the package check-jsonschema carries it."""
    (carried,) = (file for file in files("check-jsonschema") or () if file.name == "compose-spec.json")
    return jsonschema_rs.validator_for(json.loads(carried.read_text()))


def test_it_is_what_the_compose_specification_allows(schema: jsonschema_rs.Validator) -> None:
    assert [f"{list(error.instance_path)}: {error.message}" for error in schema.iter_errors(COMPOSE)] == []


def test_a_word_that_compose_does_not_know_is_found(schema: jsonschema_rs.Validator) -> None:
    spoiled = json.loads(json.dumps(COMPOSE))
    spoiled["services"]["api"]["enviroment"] = {}
    assert not schema.is_valid(spoiled)


@every_started
def test_a_container_is_started_as_the_description_says(described: Service | Job) -> None:
    container = CONTAINERS[described.name]
    assert tuple(container["command"]) == described.command
    assert container["image"] == f"reelgraph/{described.image}"
    assert (REPOSITORY / container["build"]["context"]).resolve() == SOURCES[described.image].directory
    assert "target" not in container["build"]
    assert container["mem_limit"] == f"{described.memory_mib}m"


@every_started
def test_a_container_is_as_closed_as_on_cloud_run(described: Service | Job) -> None:
    container = CONTAINERS[described.name]
    assert (container["read_only"], container["tmpfs"]) == (True, ["/tmp"])
    assert all(volume.endswith(":ro") for volume in container["volumes"])


@every_started
def test_a_container_gets_the_settings_that_the_description_names(described: Service | Job, tmp_path: Path) -> None:
    given = CONTAINERS[described.name]["environment"]
    constants = described.constants if isinstance(described, Service) else {}
    assert {name: given[name] for name in constants} == constants
    assert set(given) - {"PORT"} - CREDENTIALS - set(constants) <= set(described.environment)
    # What `make run` sets, but for what the images have and what is the same as its default.
    layout = Layout(tmp_path, DEFAULT_PORT)
    identity = Identity.load_or_create(tmp_path / "identity", f"{layout.url('identity')}/token", PROJECT)
    local = product_settings(Options(layout), "direct", "ws", identity)
    needed = set(local) & set(described.environment) - {"CANVAS_DIRECTORY", "ALLOWED_ORIGINS", "EVENTS_TOPIC", "CALLER_ACCOUNTS"}
    assert needed <= set(given)
    # Containers have their own Postgres and Qdrant, and one service account for all.
    own = {"DATABASE_URL", "QDRANT_HOST", "JWT_SECRET", "INVOKER_ACCOUNT"}
    assert {name: given[name] for name in needed - own} == {name: local[name] for name in needed - own}


@every_service
def test_a_service_listens_where_the_others_look_for_it(described: Service) -> None:
    port = CONTAINERS[described.name]["environment"]["PORT"]
    assert int(port) == DEFAULT_PORT + PORT_OFFSETS[described.name]
    assert surroundings()["service_urls"][described.name] == f"http://127.0.0.1:{port}"


def test_all_share_one_network_in_which_every_port_is_somebodys() -> None:
    assert [name for name, container in CONTAINERS.items() if container.get("network_mode") != "service:identity"] == ["identity"]
    ports = [CONTAINERS[service.name]["environment"]["PORT"] for service in DEPLOYMENT.services]
    ports += [option(container["command"], "--port") for container in STAND_INS.values() if "--port" in container["command"]]
    assert len(set(ports)) == len(ports)


def test_only_the_studio_and_what_signed_urls_name_can_be_reached_and_only_from_this_machine() -> None:
    published = CONTAINERS["identity"]["ports"]
    assert published == ["127.0.0.1:8700:8700", "127.0.0.1:8713:8713"]
    assert [name for name, container in CONTAINERS.items() if "ports" in container] == ["identity"]
    assert CONTAINERS["api"]["environment"]["STORAGE_ENDPOINT"] == "http://127.0.0.1:8713"


def test_no_secret_is_written_down() -> None:
    assert CONTAINERS["api"]["environment"]["JWT_SECRET"].startswith("${JWT_SECRET:?")


@pytest.mark.parametrize("name", STAND_INS)
def test_a_stand_in_listens_on_the_port_that_is_its_own(name: str) -> None:
    command = CONTAINERS[name]["command"]
    assert command[:3] == ["python", "-m", f"infra.local.{name}"]
    if name != "provision":
        assert int(option(command, "--port")) == DEFAULT_PORT + PORT_OFFSETS[name]


def test_the_stack_is_provisioned_from_what_its_containers_are() -> None:
    here = Surroundings(**surroundings())
    given = CONTAINERS["api"]["environment"]
    assert given["INVOKER_ACCOUNT"] == f"local@{PROJECT}.iam.gserviceaccount.com"  # the one that the identity makes for itself
    assert (here.project, here.region) == (given["GOOGLE_CLOUD_PROJECT"], given["GOOGLE_CLOUD_REGION"])
    assert (here.bucket_base, here.account_email) == (given["GCS_BUCKET"], given["INVOKER_ACCOUNT"])
    assert (here.cloud_tasks, here.storage, here.run_jobs) == (
        given["CLOUD_TASKS_ENDPOINT"],
        given["STORAGE_ENDPOINT"],
        given["RUN_ENDPOINT"],
    )


def test_what_is_waited_for_exists_and_can_be_waited_for() -> None:
    for name, container in CONTAINERS.items():
        for other, how in container.get("depends_on", {}).items():
            assert other in CONTAINERS, name
            assert how["condition"] != "service_healthy" or "healthcheck" in CONTAINERS[other], name


@pytest.fixture(scope="module")
def local_image() -> Iterator[Image]:
    with TemporaryDirectory(prefix="reelgraph-local-image-") as directory:
        yield lay_out(DOCKERFILE, DOCKERFILE.stage("local"), Path(directory), SOURCES["backend"].installed)


@pytest.mark.parametrize("name", STAND_INS)
def test_the_local_image_has_what_a_stand_in_needs_and_it_knows_its_options(name: str, local_image: Image) -> None:
    program, *command = CONTAINERS[name]["command"]
    python = local_image.directory / ".venv" / "bin" / program
    environment = {"PATH": os.environ["PATH"]}
    asked = subprocess.run(
        [python, *command[:2], "--help"], cwd=local_image.directory, env=environment, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    assert {word for word in command if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", asked.stdout))


def surroundings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CONTAINERS["provision"]["command"][3])
    return found


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]
