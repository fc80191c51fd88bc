"""What each command of the description does from its start on: which libraries it loads before it listens, and where it listens."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, inspect

from infra.description import DEPLOYMENT
from infra.images.container import Container, Platform, environment_of, missing_isolation
from infra.images.layout import Image
from infra.images.surroundings import STARTS_WITHIN_SECONDS, Surroundings, free_port
from infra.local.postgres import Postgres
from infra.model import Image as ImageName
from infra.model import Job, Service
from services.core.kit.serving import CANNOT_START
from services.migrations.tables import METADATA
from tests.local.cloud_tasks.support import wait_until

IS_ISOLATED = missing_isolation() is None
JOBS_END_WITHIN_SECONDS = 60.0
LISTENING = "0A"  # https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html

# Each takes a good part of a second to import: it is loaded where it is used, for those who use it.
NEVER_AT_START = frozenset(
    {
        "google.genai",
        "google.cloud.sql",
        "google.cloud.run_v2",
        "google.cloud.tasks_v2",
        "google.cloud.firestore",
        "google.cloud.firestore_v1",
        "google.pubsub_v1",
        "google.cloud.pubsub_v1",
        "qdrant_client",
        "av",
        "mediapipe",
        "dlib",
        "alembic",
        "opentelemetry.sdk",
        "opentelemetry.exporter",
    }
)
PICTURES = frozenset({"PIL", "numpy", "cv2"})
DATABASE = frozenset({"sqlalchemy", "pg8000", "fastapi", "uvicorn", "argon2", "jwt"})
MORE = {
    "api": PICTURES | {"grpc", "requests", "httpx", "google.cloud.storage", "functions_framework"},
    "worker": PICTURES | {"grpc", "httpx", "google.cloud.storage", "functions_framework"},
    "image_uploaded": DATABASE,
    "video_rendered": PICTURES | DATABASE | {"grpc", "google.cloud.storage", "pydantic", "structlog"},
    "pipeline_command": PICTURES | DATABASE | {"grpc", "google.cloud.storage"},
}


@dataclass(frozen=True)
class Listening:
    """A service that has begun to listen: the names of all modules it has loaded, and the addresses."""

    service: Service
    modules: frozenset[str]
    addresses: frozenset[str]


@pytest.fixture(scope="module", params=DEPLOYMENT.services, ids=lambda service: service.name)
def listening(request: pytest.FixtureRequest, image: Callable[[ImageName], Image], around: Surroundings, directory: Path) -> Listening:
    """A service without network, so that it may listen everywhere, with the adapters of Google Cloud."""
    service: Service = request.param
    laid_out = image(service.image)
    platform = Platform(free_port(), host=None if IS_ISOLATED else "127.0.0.1", has_network=not IS_ISOLATED, extra=around.platform)
    settings = {**around.settings, "EVENTS": "pubsub", "LIVE": "firestore"}
    environment = environment_of(service, laid_out, settings, platform)
    program, *arguments = service.command
    command = (program, "-X", "importtime", *arguments)
    log = directory / f"{service.name}-imports.log"
    with Container(laid_out, command, environment, log, platform, is_isolated=IS_ISOLATED) as container:
        wait_until(lambda: container.exit_code is not None or addresses(container, platform.port), STARTS_WITHIN_SECONDS)
        assert container.exit_code is None, container.log
        modules = frozenset(re.findall(r"^import time:.*\| +(\S+)$", container.log, re.MULTILINE))
        return Listening(service, modules, addresses(container, platform.port))


def addresses(container: Container, port: int) -> frozenset[str]:
    """Where the container listens on a port."""
    if container.is_isolated:  # in a network of its own, which only its processes see
        table = Path(f"/proc/{container.processes()[0].pid}/net/tcp").read_text() if container.processes() else ""
        found = re.findall(rf"^ *\d+: ([0-9A-F]{{8}}):{port:04X} \S+ {LISTENING} ", table, re.MULTILINE)
        return frozenset(str(IPv4Address(int(address, 16))) for address in found)
    connections = [found for process in container.processes() for found in process.net_connections("tcp")]
    return frozenset(found.laddr.ip for found in connections if found.status == psutil.CONN_LISTEN and found.laddr.port == port)


def loaded(modules: frozenset[str], libraries: frozenset[str]) -> set[str]:
    """Those of `libraries` of which a part was loaded. A library that was looked for and not found has none."""
    return {library for library in libraries if any(module.startswith(f"{library}.") for module in modules)}


def test_it_loads_nothing_that_it_does_not_need_to_begin(listening: Listening) -> None:
    assert loaded(listening.modules, NEVER_AT_START | MORE[listening.service.name]) == set()


def test_what_it_does_need_is_seen(listening: Listening) -> None:
    needed = {"backend": frozenset({"services.core"}), "image_uploaded": PICTURES}[listening.service.image]
    assert loaded(listening.modules, needed) == needed


@pytest.mark.skipif(not IS_ISOLATED, reason=f"it would listen on all interfaces of this machine: {missing_isolation()}")
def test_it_listens_on_all_interfaces(listening: Listening) -> None:
    assert listening.addresses == {"0.0.0.0"}


@pytest.mark.parametrize("job", DEPLOYMENT.jobs, ids=lambda job: job.name)
def test_a_job_ends_or_says_in_words_what_it_lacks(
    job: Job, image: Callable[[ImageName], Image], around: Surroundings, directory: Path
) -> None:
    code, log = run(job, image(job.image), around.settings, around, directory)

    assert code in (0, CANNOT_START), log
    assert "Traceback" not in log


def test_migrate_makes_an_empty_database_ready_and_changes_nothing_the_second_time(
    image: Callable[[ImageName], Image], around: Surroundings, directory: Path, postgres: Postgres
) -> None:
    postgres.create_database("migrated_in_a_container")
    url = postgres.url("migrated_in_a_container")
    job = DEPLOYMENT.job("migrate")

    for _ in range(2):
        code, log = run(job, image(job.image), {**around.settings, "DATABASE_URL": url}, around, directory)
        assert code == 0, log

    engine = create_engine(url)
    assert set(METADATA.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def run(job: Job, image: Image, settings: Mapping[str, str], around: Surroundings, directory: Path) -> tuple[int, str]:
    """How a job's command ended, and what it wrote."""
    platform = Platform(0, extra=around.platform)
    environment = environment_of(job, image, settings, platform)
    with Container(image, job.command, environment, directory / f"{job.name}.log", platform, is_isolated=IS_ISOLATED) as container:
        return container.wait(JOBS_END_WITHIN_SECONDS), container.log
