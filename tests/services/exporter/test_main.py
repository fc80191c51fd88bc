"""The job's process: what it is told it takes from its environment, what it cannot do it says, and SIGTERM ends it and leaves the row."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from services.core.exports.executions import work_environment
from services.core.exports.lease import Attempt
from services.core.kit.ids import new_id
from services.core.settings import Settings
from services.exporter import __main__ as exporter
from tests.services.core.exports.world import World

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def world(database: object, tmp_path: Path) -> World:
    return World(database, tmp_path)  # type: ignore[arg-type]


def environment(engine: Engine, **more: str) -> dict[str, str]:
    """What Cloud Run gives to an execution, with the database of the test and buckets that nobody answers for."""
    ours = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    settings = {
        "GOOGLE_CLOUD_PROJECT": "test",
        "GCS_BUCKET": "test",
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "QDRANT_HOST": "http://127.0.0.1:1",
        "FACE_FUNCTION_URL": "http://127.0.0.1:1",
        "JWT_SECRET": "a secret of the tests, long enough for HS256",
        "WORKER_URL": "http://127.0.0.1:1",
        "INVOKER_ACCOUNT": "nobody@example.com",
        "STORAGE_ENDPOINT": "http://127.0.0.1:9",
    }
    return inherited | settings | more


def run(variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "services.exporter"]
    return subprocess.run(command, cwd=ROOT, env=dict(variables), capture_output=True, text=True, check=False, timeout=120)


def test_it_works_at_what_the_worker_asked_for() -> None:
    export_id = new_id()

    assert exporter.attempt_of({**work_environment(export_id, 2), "CLOUD_RUN_EXECUTION": "export-x"}) == Attempt(export_id, 2, "export-x")


def test_started_by_nobody_it_says_by_whom_it_is_started(engine: Engine) -> None:
    ended = run(environment(engine))

    assert (ended.returncode, ended.stderr) == (
        exporter.CANNOT_START,
        "The job is started by the worker, with EXPORT_ID and EXPORT_ATTEMPT, as an execution of Cloud Run.\n",
    )


def test_with_wrong_settings_it_says_which(engine: Engine) -> None:
    told = {**work_environment(new_id(), 1), "CLOUD_RUN_EXECUTION": "export-x"}

    ended = run(environment(engine, **told) | {"JWT_SECRET": "short"})

    assert ended.returncode == exporter.CANNOT_START
    assert "JWT_SECRET" in ended.stderr


def test_what_is_no_longer_to_be_done_is_left_alone(engine: Engine) -> None:
    told = {**work_environment(new_id(), 1), "CLOUD_RUN_EXECUTION": "export-x"}

    ended = run(environment(engine, **told))

    assert (ended.returncode, "export.left_alone" in ended.stdout) == (0, True), ended.stdout + ended.stderr


def test_an_attempt_that_fails_on_our_side_fails_the_execution_and_leaves_the_row(engine: Engine, world: World) -> None:
    export_id, execution = world.running()
    told = {**work_environment(export_id, 1), "CLOUD_RUN_EXECUTION": execution, "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere"}

    ended = run(environment(engine, **told))

    assert (ended.returncode, "export.attempt_failed" in ended.stdout) == (1, True)
    assert world.row(export_id).state == "running"


def test_sigterm_ends_the_work_at_once_and_leaves_the_row_to_the_next_attempt(
    engine: Engine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id, execution = world.running()
    for name, value in environment(engine, **work_environment(export_id, 1), CLOUD_RUN_EXECUTION=execution).items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(signal.SIGTERM)

    def is_told_to_end(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()  # returns only by the handler, which raises

    monkeypatch.setattr("services.core.exports.make._store", is_told_to_end)
    try:
        code = exporter.main()
    finally:
        signal.signal(signal.SIGTERM, before)

    assert code == exporter.STOPPED
    assert (world.row(export_id).state, world.row(export_id).execution) == ("running", execution)
