"""`python -m infra.images.cold_start [NAME ...]`: how long each service takes from its start to its first answers.

Each is started in fresh processes from its laid out image, with the packages of the image alone, and asked the readiness probe's
question and then one POST. What imports cost is processor time, which depends least on what else the machine does; the ratio to the
baseline, FastAPI and SQLAlchemy imported alone between the same runs, travels better still. What must not be imported at all, a test
holds (tests/containers/test_start.py).
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine

from infra.description import DEPLOYMENT
from infra.images.container import Container, Platform, environment_of
from infra.images.layout import Image
from infra.images.surroundings import SOURCES, STARTS_WITHIN_SECONDS, Surroundings, free_port, laid_out, surroundings
from infra.local.postgres import Postgres
from infra.local.supervisor.layout import HOST
from infra.model import Service
from services.migrations.__main__ import upgrade

BASELINE = "fastapi, sqlalchemy"
CONNECTOR = "google.cloud.sql.connector"
# Seconds for all imports, to stay below on the machine where everything that the backend knows took 5.9 s.
GOALS = {"api": 1.2, "api, with SQL connector": 2.1, "worker": 1.8}


@dataclass(frozen=True)
class Start:
    """One start: processor seconds of all imports, of the baseline's beside them, and seconds until the process gave its answers."""

    imported: float
    baseline: float
    ready: float | None = None
    posted: float | None = None


def modules(service: Service) -> str:
    """What a service has imported when it begins to listen."""
    program = service.command[2]
    if program == "functions_framework":
        source = service.command[service.command.index("--source") + 1]
        return f"functions_framework._cli, functions_framework._http.gunicorn, {source.removesuffix('.py').replace('/', '.')}"
    return f"{program}.__main__, {program}.app"


def import_seconds(image: Image, names: str) -> float:
    """Processor seconds of `import names` in a fresh interpreter of the image. Nothing is collected, as in kit.serving."""
    directory = image.directory
    code = f"import gc, time; gc.disable(); began = time.process_time(); import {names}; print(time.process_time() - began)"
    command = [str(directory / ".venv" / "bin" / "python"), "-c", code]
    found = subprocess.run(command, cwd=directory, env={}, check=True, capture_output=True, text=True)  # noqa: S603  # our own words
    return float(found.stdout)


def start_seconds(service: Service, image: Image, around: Surroundings, log: Path) -> tuple[float, float]:
    """Seconds from the start of the process to its first answers: to the readiness probe, then to one POST.

    Raises RuntimeError, with what the service wrote, where it does not answer as it should.
    """
    platform = Platform(free_port(), extra=around.platform)
    environment = environment_of(service, image, around.settings, platform)
    began = time.perf_counter()
    with (
        Container(image, service.command, environment, log, platform, is_isolated=False) as container,
        httpx.Client(base_url=f"http://{HOST}:{platform.port}", trust_env=False, timeout=STARTS_WITHIN_SECONDS) as client,
    ):
        while not _is_ready(client, service):
            if container.exit_code is not None or time.perf_counter() - began > STARTS_WITHIN_SECONDS:
                raise RuntimeError(f"{service.name} did not become ready.\n{container.log}")
            time.sleep(0.005)
        ready = time.perf_counter() - began
        post = around.first_post(service.name)
        answer = client.post(post.path, headers=post.headers, content=post.body)
        posted = time.perf_counter() - began
        if answer.status_code != post.status:
            raise RuntimeError(f"{service.name} answered {answer.status_code} to its first POST.\n{container.log}")
    return ready, posted


def _is_ready(client: httpx.Client, service: Service) -> bool:
    try:
        return client.get(service.health.path).status_code == service.health.status
    except httpx.TransportError:
        return False


def measure(service: Service, image: Image, backend: Image, around: Surroundings, directory: Path) -> dict[str, Start]:
    """One start of a service under each name that the table has for it. The baseline is always the backend's."""
    names = modules(service)
    ready, posted = start_seconds(service, image, around, directory / f"{service.name}.log")
    found = {service.name: Start(import_seconds(image, names), import_seconds(backend, BASELINE), ready, posted)}
    if service.name == "api":
        connected = f"{names}, {CONNECTOR}"
        found["api, with SQL connector"] = Start(import_seconds(image, connected), import_seconds(backend, BASELINE))
    return found


@contextmanager
def migrated_database(directory: Path) -> Iterator[str]:
    """The URL of an empty database of a server of our own."""
    postgres = Postgres(directory, is_durable=False)
    postgres.start()
    try:
        postgres.create_database("reelgraph")
        engine = create_engine(postgres.url("reelgraph"))
        upgrade(engine)
        engine.dispose()
        yield postgres.url("reelgraph")
    finally:
        postgres.stop()


def shown(starts: Mapping[str, Sequence[Start]]) -> Table:
    """The least processor time of the imports, which is the least disturbed, and the medians of the rest, as a table."""
    table = Table(
        title="Cold start, ms",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for name in ("service", "imports (CPU)", "x baseline", "goal", "ready", "first POST"):
        table.add_column(name, justify="left" if name == "service" else "right")
    for name, runs in starts.items():
        imported = min(run.imported for run in runs)
        goal = f"{GOALS[name] * 1000:.0f} {'met' if imported <= GOALS[name] else 'MISSED'}" if name in GOALS else ""
        later = [
            median(found) if (found := [second for second in seconds if second]) else None
            for seconds in ((run.ready for run in runs), (run.posted for run in runs))
        ]
        ratio = imported / min(run.baseline for run in runs)
        table.add_row(name, f"{imported * 1000:.0f}", f"{ratio:.2f}", goal, *(f"{second * 1000:.0f}" if second else "" for second in later))
    baseline = min(run.baseline for runs in starts.values() for run in runs)
    table.add_section()
    table.add_row(f"baseline: {BASELINE}", f"{baseline * 1000:.0f}", "1.00")
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. A service whose environment is not installed (make install-function) is left out."""
    parser = argparse.ArgumentParser(prog="python -m infra.images.cold_start", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="these services; all unless given")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    starts: dict[str, list[Start]] = {}
    # Not below the repository: Postgres does not run as root, and its own user may not be let in there.
    with TemporaryDirectory(prefix="reelgraph-cold-start-") as temporary:
        directory = Path(temporary)
        with migrated_database(directory / "postgres") as database_url, surroundings(directory, database_url) as around:
            images = {name: laid_out(name, directory) for name, source in SOURCES.items() if source.installed.is_dir()}
            services = [service for service in DEPLOYMENT.services if not options.names or service.name in options.names]
            for service in services * options.runs:
                if service.image in images:
                    for name, start in measure(service, images[service.image], images["backend"], around, directory).items():
                        starts.setdefault(name, []).append(start)
    Console().print(shown(starts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
