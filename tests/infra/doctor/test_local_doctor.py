"""`make doctor` on this machine: a healthy stack is said to be so, and each thing that is broken is named with its mend."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from infra.doctor.__main__ import main
from infra.local.supervisor.environments import PROJECT, REGION
from infra.local.supervisor.layout import REPOSITORY
from infra.local.supervisor.stack import PERSONAL, LocalStack
from services.core.kit.ids import new_id

QUEUE = f"/v2/projects/{PROJECT}/locations/{REGION}/queues/reelgraph-jobs"
SWEEP = f"/v1/projects/{PROJECT}/locations/{REGION}/jobs/sweep"

Doctor = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    # Not below pytest's own directory, which each new run closes to other users: as root, Postgres runs as one.
    with TemporaryDirectory(prefix="reelgraph-doctor-") as directory, LocalStack(Path(directory) / "state") as running:
        yield running


@pytest.fixture
def engine(stack: LocalStack) -> Iterator[Engine]:
    """The database of the stack."""
    engine = create_engine(stack.environments["worker"]["DATABASE_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def doctor(stack: LocalStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """The exit code, and the lines that say that something is wrong."""
    for name in PERSONAL:
        monkeypatch.delenv(name, raising=False)

    def look(*more: str) -> tuple[int, list[str]]:
        code = main(["--port", str(stack.layout.base_port), "--state", str(stack.layout.state), *more])
        said = capsys.readouterr().out.splitlines()
        return code, [line for line in said if re.match("error|warning|Nothing", line)]

    return look


def post(url: str) -> None:
    httpx.post(url, trust_env=False).raise_for_status()


def mend(line: str) -> None:
    """Do what a finding says: a command."""
    command = shlex.split(line.partition("Mend: ")[2])
    assert command[0] == "curl"
    subprocess.run([*command, "--fail", "--silent", "--noproxy", "*"], check=True, stdout=subprocess.DEVNULL)


def test_a_stack_that_runs_well_has_nothing_wrong(doctor: Doctor) -> None:
    assert doctor() == (0, ["Nothing is wrong."])


def test_a_paused_queue_and_a_paused_sweep_are_named_and_their_mends_mend(stack: LocalStack, doctor: Doctor) -> None:
    post(f"{stack.urls['cloud_tasks']}{QUEUE}:pause")
    post(f"{stack.urls['cloud_scheduler']}{SWEEP}:pause")

    code, lines = doctor()

    assert code == 1
    assert [line.partition(" Mend: ")[0] for line in lines] == [
        "error   queue reelgraph-jobs: is paused, so nothing is rendered.",
        "error   scheduled call sweep: is paused: what got stuck stays stuck, and nothing is tried again.",
    ]
    for line in lines:
        mend(line)
    assert doctor() == (0, ["Nothing is wrong."])


def test_an_effect_that_is_not_delivered_is_named_with_its_reason_and_delivered_by_the_mend(engine: Engine, doctor: Doctor) -> None:
    long_ago, later = datetime.now(UTC) - timedelta(minutes=30), datetime.now(UTC) + timedelta(minutes=9)
    with engine.begin() as connection:
        statement = (
            "INSERT INTO outbox (id, destination, payload, created_at, not_before, attempts, last_error)"
            " VALUES (:id, 'live', CAST(:payload AS jsonb), :created, :later, 11, 'Firestore did not take it')"
        )
        payload = json.dumps({"kind": "project", "project_id": str(new_id())})
        connection.execute(text(statement), {"id": new_id(), "payload": payload, "created": long_ago, "later": later})

    code, lines = doctor()

    what = "error   outbox of live: 1 effect was not delivered to Firestore; the oldest waits 30 min, 11 attempts, the last one: "
    assert code == 1
    assert lines == [f"{what}Firestore did not take it. Mend: mend Firestore, or deliver at once: make doctor DO=sweep"]
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET not_before = now()"))  # the nine minutes are over
    assert doctor("--do", "sweep")[0] == 0
    assert doctor() == (0, ["Nothing is wrong."])


def test_what_firestore_lost_is_named_and_written_again_by_the_mend(stack: LocalStack, engine: Engine, doctor: Doctor) -> None:
    if "firestore" not in stack.urls:
        pytest.skip("the Firestore emulator is not here")
    project_id = new_id()
    with engine.begin() as connection:
        statement = "INSERT INTO projects (id, name, rev, spending_limit_microusd, live_rev_written_at) VALUES (:id, '', 7, 0, :at)"
        connection.execute(text(statement), {"id": project_id, "at": datetime.now(UTC) - timedelta(minutes=1)})

    code, lines = doctor()

    assert (code, lines) == (
        1,
        [
            f"error   Firestore: listeners hear nothing: project {project_id} has no document, at 7 in Postgres. "
            "Mend: write all documents anew: make doctor DO=reproject"
        ],
    )
    assert doctor("--do", "reproject")[0] == 0
    assert doctor() == (0, ["Nothing is wrong."])


@pytest.mark.parametrize("part", ["firestore", "cloud_scheduler", "qdrant", "worker"])
def test_a_part_that_died_is_named_and_starting_it_mends(stack: LocalStack, doctor: Doctor, part: str) -> None:
    if part not in stack.urls:
        pytest.skip(f"{part} is not here")
    stack.kill(part)
    try:
        code, lines = doctor()
    finally:
        stack.start(part)

    assert code == 1
    assert any(line.startswith(f"error   {part}: does not answer on port {stack.layout.port(part)}.") for line in lines)
    assert ("error   Qdrant: the worker does not reach it" in "\n".join(lines)) is (part == "qdrant")


def test_a_database_that_is_behind_the_code_is_named(engine: Engine, doctor: Doctor) -> None:
    with engine.begin() as connection:
        newest = connection.execute(text("UPDATE alembic_version SET version_num = 'before' RETURNING 1")).scalar()
    assert newest == 1
    try:
        code, lines = doctor()
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": _newest()})

    assert code == 1
    # The worker was away a moment ago, which the sweep may have met.
    what = f"error   database: is at migration before, and the code is written for {_newest()}."
    assert f"{what} Mend: stop it (Ctrl-C), then: make migrate" in lines


def test_where_no_stack_runs_the_machine_is_looked_at_and_nothing_is_started(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in PERSONAL}
    command = [sys.executable, "-m", "infra.doctor", "--state", str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

    things = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"Python", "Emulators", "Disk", "Stack"} <= {*things, *(line.split()[1].rstrip(":") for line in done.stdout.splitlines())}
    assert {path.name for path in tmp_path.iterdir()} <= {"lock", "identity", "secrets"}


def test_to_have_something_done_takes_a_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--state", str(tmp_path), "--do", "sweep"]) == 1
    assert capsys.readouterr().err == "No stack has run here yet: make run\n"


def _newest() -> str:
    from alembic.script import ScriptDirectory

    from services.core.kit.migrations import SCRIPTS

    return ScriptDirectory(str(SCRIPTS)).get_current_head() or ""
