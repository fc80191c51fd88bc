"""Each service of the description, started exactly as on Cloud Run, keeps the container contract.

https://cloud.google.com/run/docs/container-contract
"""

import errno
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from infra.description import DEPLOYMENT
from infra.images.container import GRACE_SECONDS, NOBODY, Container, Platform, environment_of, missing_isolation
from infra.images.layout import Image
from infra.images.surroundings import STARTS_WITHIN_SECONDS, FirstPost, Surroundings, free_port
from infra.local.supervisor.layout import HOST
from infra.model import Image as ImageName
from infra.model import Service
from tests.containers.memory import limited
from tests.containers.requests import SlowPost
from tests.local.cloud_tasks.support import wait_until

needs_isolation = pytest.mark.skipif(missing_isolation() is not None, reason=f"no containers here: {missing_isolation()}")


@dataclass(frozen=True)
class Started:
    """A service, how the first connection that it took was answered, and how many were refused before."""

    service: Service
    container: Container
    port: int
    around: Surroundings
    first_status: int
    refused: int

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://{HOST}:{self.port}{path}", timeout=STARTS_WITHIN_SECONDS, trust_env=False)

    def a_post(self) -> FirstPost:
        return self.around.first_post(self.service.name)

    def send(self, post: FirstPost) -> int:
        answer = httpx.post(
            f"http://{HOST}:{self.port}{post.path}",
            headers=dict(post.headers),
            content=post.body,
            timeout=STARTS_WITHIN_SECONDS,
            trust_env=False,
        )
        return answer.status_code


@pytest.fixture(scope="module", params=DEPLOYMENT.services, ids=lambda service: service.name)
def started(
    request: pytest.FixtureRequest, image: Callable[[ImageName], Image], around: Surroundings, directory: Path
) -> Iterator[Started]:
    """A service in its image, from the first connection that it takes; knocked at from its very start."""
    service: Service = request.param
    laid_out = image(service.image)
    with limited(f"{os.getpid()}-{service.name}", service.memory_mib) as group:
        platform = Platform(free_port(), memory_group=group, extra=around.platform)
        environment = environment_of(service, laid_out, around.settings, platform)
        log = directory / f"{service.name}.log"
        with Container(laid_out, service.command, environment, log, platform, is_isolated=missing_isolation() is None) as container:
            refused = knock_until_taken(container, platform.port)
            answer = httpx.get(f"http://{HOST}:{platform.port}{service.health.path}", timeout=STARTS_WITHIN_SECONDS, trust_env=False)
            yield Started(service, container, platform.port, around, answer.status_code, refused)


def knock_until_taken(container: Container, port: int) -> int:
    """How many connections were refused until one was taken. Fails where one ends in any other way, or none is taken in time."""
    refused = 0
    pause = threading.Event()
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        with socket.socket() as knocking:
            error = knocking.connect_ex((HOST, port))
        if error == 0:
            return refused
        assert error == errno.ECONNREFUSED, os.strerror(error)
        assert container.exit_code is None, container.log
        assert time.monotonic() < give_up_at, container.log
        refused += 1
        pause.wait(0.01)


def test_what_comes_before_it_is_ready_is_refused_and_the_first_that_is_taken_is_answered(started: Started) -> None:
    assert started.refused > 0
    assert started.first_status == started.service.health.status, started.container.log


@needs_isolation
def test_it_runs_as_nobody_and_as_the_first_process(started: Started) -> None:
    for process in started.container.processes():
        assert set(process.uids()) == {NOBODY}
        assert set(process.gids()) == {NOBODY}
    status = Path(f"/proc/{started.container.processes()[0].pid}/status").read_text()
    assert status.split("NSpid:")[1].splitlines()[0].split()[-1] == "1"


@needs_isolation
def test_it_can_write_to_tmp_and_nowhere_else(started: Started) -> None:
    root = Path(f"/proc/{started.container.processes()[0].pid}/root")
    (root / "tmp" / "probe").write_text("")
    for place in (root, root / "app", root / "function", root / "usr", root / "etc"):
        if place.is_dir():
            with pytest.raises(OSError, match="Read-only file system"):
                (place / "probe").touch()


@needs_isolation
def test_its_environment_is_what_the_description_the_image_and_cloud_run_give_it(started: Started, around: Surroundings) -> None:
    process = started.container.processes()[0]
    ours = {"PORT", "HOST", "K_SERVICE", "K_REVISION", "K_CONFIGURATION", "PATH", "HOME", "PYTHONUNBUFFERED", "CANVAS_DIRECTORY"}
    allowed = ours | set(started.service.environment) | set(started.service.constants) | set(around.platform)
    assert set(process.environ()) <= allowed


def test_it_does_its_work(started: Started) -> None:
    post = started.a_post()
    assert started.send(post) == post.status, started.container.log


def test_it_stays_below_its_memory(started: Started) -> None:
    started.send(started.a_post())
    assert started.container.peak_memory_mib() < started.service.memory_mib


def test_sigterm_ends_it_in_time_when_the_request_in_flight_is_answered(started: Started) -> None:
    post = started.a_post()
    with SlowPost(started.port, post) as in_flight:
        # An answer to somebody else says that the server has gone through what came before it.
        started.get(started.service.health.path)
        asked_at = time.monotonic()
        started.container.terminate()
        wait_until(lambda: not is_listening(started.container), GRACE_SECONDS)
        assert in_flight.finish() == post.status, started.container.log
        code = started.container.wait(GRACE_SECONDS - (time.monotonic() - asked_at))
    assert code in (0, 143), started.container.log


def is_listening(container: Container) -> bool:
    """Whether the first process still takes connections; those of gunicorn's that serve may hold its socket until they end."""
    return any(connection.status == psutil.CONN_LISTEN for connection in container.processes()[0].net_connections("tcp"))
