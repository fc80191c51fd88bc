"""A whole run as `make run` and the tests start it: real stand-ins, a real Postgres, signals, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil
import pytest
from sqlalchemy import create_engine, text

from infra.local.supervisor.emulators import VARIABLE
from infra.local.supervisor.free_ports import reserved_base_port
from infra.local.supervisor.layout import REPOSITORY
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.stack import LocalStack
from tests.local.supervisor.support import DEADLINE_SECONDS, is_running, with_descendants

# Opens a stack and says its processes, as a test that is then killed.
OWNER = """
import sys
from pathlib import Path
from infra.local.supervisor.stack import LocalStack
with LocalStack(Path(sys.argv[1]), only=("qdrant",)) as stack:
    print(*stack.pids.values(), flush=True)
    sys.stdin.read()
"""


@contextmanager
def a_state() -> Iterator[Path]:
    """For stacks with a Postgres. Not below pytest's own directory, which each new run closes to other users: as root, Postgres is one."""
    with TemporaryDirectory(prefix="reelgraph-stack-") as directory:
        yield Path(directory) / "state"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with a_state() as state, LocalStack(state, only=("qdrant", "postgres")) as running:
        yield running


def test_a_killed_part_stays_down_until_it_is_started(stack: LocalStack) -> None:
    stack.kill("qdrant")
    assert "qdrant" not in stack.pids
    with pytest.raises(httpx.ConnectError):
        httpx.get(stack.urls["qdrant"] + "/healthz", trust_env=False)
    stack.start("qdrant")
    assert httpx.get(stack.urls["qdrant"] + "/healthz", trust_env=False).status_code == 200


def test_a_database_that_crashed_comes_back_with_what_was_committed(stack: LocalStack) -> None:
    engine = create_engine(stack.urls["postgres"].replace("http://", "postgresql+pg8000://postgres@") + "/reelgraph")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT 7 AS number"))
    before = stack.pids["postgres"]
    stack.kill("postgres", stays_down=False)
    stack.wait_ready("postgres")
    engine.dispose()
    assert stack.pids["postgres"] != before
    with engine.connect() as connection:
        assert connection.execute(text("SELECT number FROM kept")).scalar() == 7
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    engine.dispose()
    assert "postgres died (signal 9); starting it again" in stack.log("supervisor")


def test_a_part_that_is_not_in_the_stack_is_named(stack: LocalStack) -> None:
    with pytest.raises(CannotStart, match="'worker' does not run in this stack, which has qdrant, postgres"):
        stack.kill("worker")


def test_a_stack_ends_with_whoever_started_it(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin is not None and owner.stdout is not None
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(pids) == 1 and is_running(pids[0])
    owner.kill()
    owner.communicate()
    _eventually(lambda: not is_running(pids[0]), "the end of the stack")


def test_the_next_start_ends_what_a_killed_supervisor_left_behind() -> None:
    with a_state() as state, reserved_base_port() as port:
        supervisor = _make_run(state, port, "--only", "postgres")
        _read_until(supervisor, "http://127.0.0.1")
        left = with_descendants(child.pid for child in psutil.Process(supervisor.pid).children())
        supervisor.kill()
        supervisor.communicate()
        assert any(is_running(pid) for pid in left)
        with LocalStack(state, port, only=("postgres",)) as stack:
            assert not [pid for pid in left if is_running(pid)]
            assert "Ended what an earlier run had left behind: postgres." in stack.log("supervisor")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_make_run_prints_one_url_and_stops_on(number: signal.Signals, tmp_path: Path) -> None:
    with reserved_base_port() as port:
        supervisor = _make_run(tmp_path, port, "--only", "qdrant,identity")
        said = _read_until(supervisor, "http://127.0.0.1")
        assert f"    http://127.0.0.1:{port}\n" in said
        pids = with_descendants([supervisor.pid])
        assert len(pids) == 3
        began = time.monotonic()
        supervisor.send_signal(number)
        rest, _ = supervisor.communicate(timeout=15)
        assert time.monotonic() - began < 12
        assert supervisor.returncode == 0
        assert "Stopped in" in rest and f"Everything is kept in {tmp_path}" in rest
        assert not [pid for pid in pids if is_running(pid)]


def test_a_second_copy_says_where_the_first_one_is_and_exits_with_1(stack: LocalStack) -> None:
    second = _make_run(stack.layout.state, stack.layout.base_port, "--only", "qdrant")
    said, _ = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 1
    assert len(said.splitlines()) == 1
    assert said.startswith("Reelgraph runs already with ") and "Use that, or stop it: kill " in said


def test_a_port_in_use_is_one_line_and_exits_with_1(stack: LocalStack, tmp_path: Path) -> None:
    second = _make_run(tmp_path, stack.layout.base_port, "--only", "qdrant")
    said, _ = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 1
    assert said.splitlines()[-1].startswith(f"Port {stack.layout.port('qdrant')} is in use by process {stack.pids['qdrant']}")
    assert "Traceback" not in said


def test_a_running_stack_is_not_forgotten_and_a_stopped_one_is(stack: LocalStack, tmp_path: Path) -> None:
    refused = _make_run(stack.layout.state, stack.layout.base_port, "--forget")
    assert refused.communicate(timeout=DEADLINE_SECONDS)[0].startswith("Reelgraph runs already with ")
    assert refused.returncode == 1
    (tmp_path / "qdrant").mkdir()
    (tmp_path / "mine").mkdir()
    forgetting = _make_run(tmp_path, stack.layout.base_port, "--forget")
    assert forgetting.communicate(timeout=DEADLINE_SECONDS)[0] == "Deleted: qdrant.\n"
    assert (tmp_path / "mine").exists() and not (tmp_path / "qdrant").exists()


def test_a_stack_that_cannot_start_raises_what_a_person_would_read(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="LIVE=firestore needs an official emulator: switched off"):
        LocalStack(tmp_path, only=("qdrant",), live="firestore", environment={VARIABLE: "off"}).__enter__()


def _make_run(state: Path, port: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "infra.local.supervisor", "--state", str(state), "--port", str(port), *more],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if name not in ("EVENTS", "LIVE", "DATABASE_URL")},
    )


def _read_until(process: subprocess.Popen[str], marker: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if marker in line:
            return said
    raise AssertionError(f"the supervisor ended without saying {marker!r}: {said}")


def _eventually(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come true"
        time.sleep(0.05)
