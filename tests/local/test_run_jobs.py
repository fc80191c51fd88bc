"""The unmodified Cloud Run clients start, watch, cancel and lose jobs on the stand-in as they would in the cloud."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2
from google.longrunning import operations_pb2  # type: ignore[import-untyped] # ships no annotations
from google.oauth2.credentials import Credentials

from infra.local.identity import Identity
from infra.local.run_jobs.store import Store

REPOSITORY = Path(__file__).parents[2]
LOCATION = "projects/reelgraph-local/locations/us-central1"
State = run_v2.Condition.State
Reason = run_v2.Condition.ExecutionReason
Status = run_v2.ExecutionReference.CompletionStatus

ANNOUNCE_AND_PAUSE = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
WAIT_FOR_GATE = """
import os, sys, time
print(os.getpid(), flush=True)
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
raise SystemExit(int(open(sys.argv[1]).read()))
"""


class RunJobs:
    """The stand-in as a process of its own, and clients of it."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self.state = state
        self._arguments = arguments
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()
        options: Any = {
            "transport": "rest",
            "credentials": AnonymousCredentials(),
            "client_options": {"api_endpoint": self.url},
        }
        # Any, for the clients' operations have no annotations.
        self.jobs: Any = run_v2.JobsClient(**options)
        self.executions: Any = run_v2.ExecutionsClient(**options)

    def start(self) -> None:
        command = [sys.executable, "-m", "infra.local.run_jobs", "--port", str(self._port), "--state", str(self.state)]
        self.process = subprocess.Popen([*command, "--grace-seconds", "1", *self._arguments], cwd=REPOSITORY)
        eventually(self._answers)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)

    def create(self, program: str, *arguments: str, **task: Any) -> run_v2.Job:
        """A job that runs a Python program; `task` are fields of its TaskTemplate."""
        container = run_v2.Container(command=["python", "-c", program], args=arguments)
        job = a_job(containers=[container], **{"max_retries": 0, **task})
        created: run_v2.Job = self.jobs.create_job(parent=LOCATION, job=job, job_id=f"job-{uuid4().hex[:8]}").result()
        return created

    def run(self, job: run_v2.Job, **request: Any) -> run_v2.Execution:
        """Start an execution and return it, running."""
        started: run_v2.Execution = self.jobs.run_job(run_v2.RunJobRequest(name=job.name, **request)).metadata
        return started

    def ended(self, execution: run_v2.Execution) -> run_v2.Execution:
        """The execution, once it is complete."""
        found: run_v2.Execution = eventually(lambda: (now := self.executions.get_execution(name=execution.name)).completion_time and now)
        return found

    def output(self, execution: run_v2.Execution, stream: str = "stdout", task: int = 0, attempt: int = 0) -> str:
        directory = self.state / "executions" / execution.name.rpartition("/")[2] / f"task-{task}" / f"attempt-{attempt}"
        return (directory / stream).read_text()

    def pid(self, execution: run_v2.Execution) -> int:
        """The process id that ANNOUNCE writes as its first line."""

        def first_line() -> str:
            try:
                return self.output(execution).partition("\n")[0] if "\n" in self.output(execution) else ""
            except FileNotFoundError:
                return ""

        return int(eventually(first_line))

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the stand-in ended before it was ready"
        try:
            return httpx.get(f"{self.url}/healthz").is_success
        except httpx.TransportError:
            return False


def eventually(probe: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What `probe` returns, once it is true."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < deadline, "it did not come true in time"
        pause.wait(0.02)
    return found


def is_running(pid: int) -> bool:
    """False also for a zombie: where nobody collects orphans they stay in the table for good."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def say(gate: Path, code: int) -> None:
    """Tell a program that waits for its gate with which code to end."""
    unfinished = gate.with_suffix(".new")
    unfinished.write_text(str(code))
    unfinished.rename(gate)


def a_job(**task: Any) -> run_v2.Job:
    return run_v2.Job(template=run_v2.ExecutionTemplate(template=run_v2.TaskTemplate(**task)))


def completed(execution: run_v2.Execution) -> run_v2.Condition:
    return next(condition for condition in execution.conditions if condition.type_ == "Completed")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load_or_create(tmp_path_factory.mktemp("identity"), "http://127.0.0.1:1/token", "reelgraph-local")


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory, identity: Identity) -> Iterator[RunJobs]:
    process = RunJobs(tmp_path_factory.mktemp("run_jobs"), "--identity", str(identity.directory))
    yield process
    process.stop()


def test_a_run_is_an_operation_that_ends_with_the_execution(stand_in: RunJobs) -> None:
    job = stand_in.create("import sys; print('rendered', *sys.argv[1:]); print('noted', file=sys.stderr)", "a b", "$HOME")
    operation = stand_in.jobs.run_job(name=job.name)
    execution = operation.result(timeout=60)
    assert execution.name.startswith(f"{job.name}/executions/{job.name.rpartition('/')[2]}-")
    assert operation.metadata.name == execution.name
    assert completed(execution).state == State.CONDITION_SUCCEEDED
    assert (execution.task_count, execution.succeeded_count, execution.running_count, execution.failed_count) == (1, 1, 0, 0)
    assert execution.create_time <= execution.start_time <= execution.completion_time
    assert stand_in.output(execution) == "rendered a b $HOME\n"
    assert stand_in.output(execution, "stderr") == "noted\n"
    assert stand_in.executions.get_execution(name=execution.name) == execution
    shown = stand_in.jobs.get_job(name=job.name)
    assert (shown.execution_count, shown.latest_created_execution.completion_status) == (1, Status.EXECUTION_SUCCEEDED)


def test_jobs_are_created_read_listed_updated_and_deleted(stand_in: RunJobs) -> None:
    location = "projects/other/locations/us-central1"
    template = a_job(containers=[run_v2.Container(image="image", command=["python"], env=[run_v2.EnvVar(name="A", value="1")])])
    names = [stand_in.jobs.create_job(parent=location, job=template, job_id=f"job-{n}").result().name for n in (2, 1, 3)]
    assert names[0] == f"{location}/jobs/job-2"

    job = stand_in.jobs.get_job(name=names[0])
    task = job.template.template
    assert (task.max_retries, task.timeout, job.template.task_count, job.generation) == (3, timedelta(seconds=600), 1, 1)
    assert task.containers[0].env[0].value == "1"
    assert job.terminal_condition.state == State.CONDITION_SUCCEEDED

    paged = stand_in.jobs.list_jobs(run_v2.ListJobsRequest(parent=location, page_size=2))
    assert [listed.name for listed in paged] == sorted(names)

    job.template.template.timeout = timedelta(seconds=5)
    assert stand_in.jobs.update_job(job=job).result().generation == 2
    assert stand_in.jobs.get_job(name=job.name).template.template.timeout == timedelta(seconds=5)

    stand_in.jobs.delete_job(name=job.name).result()
    with pytest.raises(exceptions.NotFound, match="job-2"):
        stand_in.jobs.get_job(name=job.name)
    with pytest.raises(exceptions.NotFound):
        stand_in.jobs.update_job(job=job)
    assert stand_in.jobs.update_job(run_v2.UpdateJobRequest(job=job, allow_missing=True)).result().generation == 1


def test_refusals_carry_googles_status(stand_in: RunJobs) -> None:
    job = stand_in.create("pass")
    python = [run_v2.Container(command=["python"])]
    refusals: list[tuple[type[Exception], run_v2.Job, str]] = [
        (exceptions.Conflict, a_job(containers=python), job.name.rpartition("/")[2]),
        (exceptions.BadRequest, a_job(containers=python), "Not_A_Name"),
        (exceptions.BadRequest, a_job(containers=python), ""),
        (exceptions.BadRequest, a_job(containers=[run_v2.Container(image="only")]), "no-command"),
        (exceptions.BadRequest, a_job(containers=python * 2), "two-containers"),
    ]
    for error, refused, job_id in refusals:
        with pytest.raises(error):
            stand_in.jobs.create_job(parent=LOCATION, job=refused, job_id=job_id)
    with pytest.raises(exceptions.NotFound):
        stand_in.jobs.run_job(name=f"{LOCATION}/jobs/absent")
    with pytest.raises(exceptions.NotFound):
        stand_in.executions.get_execution(name=f"{job.name}/executions/absent")
    with pytest.raises(exceptions.NotFound):
        stand_in.jobs.get_operation(operations_pb2.GetOperationRequest(name=f"{LOCATION}/operations/absent"))
    with pytest.raises(exceptions.MethodNotImplemented):
        stand_in.jobs.get_iam_policy({"resource": job.name})
    with pytest.raises(exceptions.MethodNotImplemented):
        stand_in.jobs.run_job(run_v2.RunJobRequest(name=job.name, validate_only=True))
    assert stand_in.jobs.get_job(name=job.name).execution_count == 0


def test_a_non_zero_exit_fails_the_execution_and_its_operation(stand_in: RunJobs) -> None:
    job = stand_in.create("raise SystemExit(7)")
    operation = stand_in.jobs.run_job(name=job.name)
    with pytest.raises(exceptions.GoogleAPICallError, match="exited with code 7"):
        operation.result(timeout=60)
    execution = stand_in.executions.get_execution(name=operation.metadata.name)
    assert completed(execution).state == State.CONDITION_FAILED
    assert completed(execution).execution_reason == Reason.NON_ZERO_EXIT_CODE
    assert completed(execution).message.startswith(f"Task {execution.name.rpartition('/')[2]}-task0 failed with message: ")
    assert (execution.failed_count, execution.succeeded_count) == (1, 0)
    assert stand_in.jobs.get_job(name=job.name).latest_created_execution.completion_status == Status.EXECUTION_FAILED


def test_a_command_that_does_not_exist_fails_with_code_127(stand_in: RunJobs) -> None:
    job = a_job(containers=[run_v2.Container(command=["no-such-program"])], max_retries=0)
    created = stand_in.jobs.create_job(parent=LOCATION, job=job, job_id="no-such-program").result()
    assert "code 127" in completed(stand_in.ended(stand_in.run(created))).message


def test_a_run_overrides_args_and_environment_of_itself_only(stand_in: RunJobs) -> None:
    program = "import os, sys; print(sys.argv[1:], os.environ['KEPT'], os.environ['CHANGED'], os.environ.get('ADDED'))"
    container = run_v2.Container(
        command=["python", "-c", program],
        args=["original"],
        env=[run_v2.EnvVar(name="KEPT", value="kept"), run_v2.EnvVar(name="CHANGED", value="before")],
    )
    job = stand_in.jobs.create_job(parent=LOCATION, job=a_job(containers=[container]), job_id="overridden").result()
    override = run_v2.RunJobRequest.Overrides.ContainerOverride(
        args=["other"], env=[run_v2.EnvVar(name="CHANGED", value="after"), run_v2.EnvVar(name="ADDED", value="added")]
    )
    overridden = stand_in.run(job, overrides=run_v2.RunJobRequest.Overrides(container_overrides=[override]))
    plain = stand_in.run(job)
    assert stand_in.output(stand_in.ended(overridden)) == "['other'] kept after added\n"
    assert stand_in.output(stand_in.ended(plain)) == "['original'] kept before None\n"


def test_every_task_of_an_execution_knows_its_index(stand_in: RunJobs) -> None:
    job = stand_in.create("import os; print(*(os.environ[f'CLOUD_RUN_{name}'] for name in ('TASK_INDEX', 'TASK_COUNT', 'EXECUTION')))")
    execution = stand_in.ended(stand_in.run(job, overrides=run_v2.RunJobRequest.Overrides(task_count=3)))
    assert execution.succeeded_count == 3
    short_name = execution.name.rpartition("/")[2]
    assert [stand_in.output(execution, task=index) for index in range(3)] == [f"{index} 3 {short_name}\n" for index in range(3)]


def test_a_failing_task_is_retried_until_it_succeeds(stand_in: RunJobs) -> None:
    job = stand_in.create("import os; raise SystemExit(os.environ['CLOUD_RUN_TASK_ATTEMPT'] != '2')", max_retries=2)
    execution = stand_in.ended(stand_in.run(job))
    assert completed(execution).state == State.CONDITION_SUCCEEDED
    assert (execution.retried_count, execution.succeeded_count) == (2, 1)


def test_a_task_past_its_timeout_is_killed_with_its_children(stand_in: RunJobs) -> None:
    program = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); print(child.pid, flush=True); signal.pause()"
    )
    job = stand_in.create(program, timeout=timedelta(seconds=1))
    execution = stand_in.ended(stand_in.run(job))
    assert completed(execution).state == State.CONDITION_FAILED
    assert "timeout of 1 seconds" in completed(execution).message
    child = int(stand_in.output(execution))
    assert eventually(lambda: not is_running(child))


def test_a_cancelled_execution_ends_soon_and_says_so(stand_in: RunJobs) -> None:
    job = stand_in.create("import signal; signal.pause()", max_retries=3)
    operation = stand_in.jobs.run_job(name=job.name)
    name = operation.metadata.name
    with pytest.raises(exceptions.BadRequest, match="cancel it first"):
        stand_in.jobs.delete_job(name=job.name)
    stand_in.executions.cancel_execution(name=name).result(timeout=60)
    with pytest.raises(exceptions.Cancelled):
        operation.result(timeout=60)
    execution = stand_in.executions.get_execution(name=name)
    assert completed(execution).execution_reason == Reason.CANCELLED
    assert (execution.cancelled_count, execution.retried_count) == (1, 0)
    assert stand_in.jobs.get_job(name=job.name).latest_created_execution.completion_status == Status.EXECUTION_CANCELLED
    with pytest.raises(exceptions.BadRequest, match="has completed already"):
        stand_in.executions.cancel_execution(name=name)


def test_a_task_may_use_sigterm_to_end_in_order(stand_in: RunJobs) -> None:
    program = "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit(0)));" + ANNOUNCE_AND_PAUSE
    execution = stand_in.run(stand_in.create(program))
    pid = stand_in.pid(execution)
    stand_in.executions.cancel_execution(name=execution.name)
    assert completed(stand_in.ended(execution)).execution_reason == Reason.CANCELLED
    assert stand_in.output(execution) == f"{pid}\nsaved\n"


def test_waiting_for_an_operation_returns_when_it_is_done_or_the_time_is_up(stand_in: RunJobs, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    job = stand_in.create(WAIT_FOR_GATE, str(gate))
    operation = stand_in.jobs.run_job(name=job.name).operation
    request = operations_pb2.WaitOperationRequest(name=operation.name)
    request.timeout.FromTimedelta(timedelta(milliseconds=100))
    assert not stand_in.jobs.wait_operation(request).done
    say(gate, 0)
    request.timeout.FromTimedelta(timedelta(seconds=60))
    assert stand_in.jobs.wait_operation(request).done
    assert stand_in.jobs.get_operation(operations_pb2.GetOperationRequest(name=operation.name)).HasField("response")


def test_executions_are_listed_newest_first_across_pages(stand_in: RunJobs) -> None:
    job = stand_in.create("pass")
    started = [stand_in.ended(stand_in.run(job)).name for _ in range(3)]
    pages = stand_in.executions.list_executions(run_v2.ListExecutionsRequest(parent=job.name, page_size=2))
    assert [execution.name for execution in pages] == started[::-1]
    request = operations_pb2.ListOperationsRequest(name=LOCATION, page_size=1)
    assert stand_in.jobs.list_operations(request).operations[0].done


def test_tokens_of_the_local_identity_open_it_and_foreign_ones_do_not(stand_in: RunJobs, identity: Identity, tmp_path: Path) -> None:
    scope = "https://www.googleapis.com/auth/cloud-platform"
    credentials: Any = Credentials(token=identity.access_token(scope))
    client = run_v2.JobsClient(transport="rest", credentials=credentials, client_options={"api_endpoint": stand_in.url})
    empty = "projects/empty/locations/us-central1"
    assert list(client.list_jobs(parent=empty)) == []

    foreign = Identity.load_or_create(tmp_path, "http://127.0.0.1:1/token", "reelgraph-local").access_token(scope)
    refusal = httpx.get(f"{stand_in.url}/v2/{empty}/jobs", headers={"Authorization": f"Bearer {foreign}"})
    assert (refusal.status_code, refusal.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


@dataclass(frozen=True)
class Aftermath:
    """A stand-in that was killed with kill -9 and started again, and what it was doing."""

    stand_in: RunJobs
    finished: run_v2.Execution
    """Complete before the kill, exactly as it was answered then."""
    vanished: run_v2.Execution
    """Its process was killed while the stand-in was away, and left no exit code."""
    succeeded_unwatched: run_v2.Execution
    """Its process ended with 0 while the stand-in was away."""
    living: run_v2.Execution
    """Its process lives, until `gate` says with which code to end."""
    gate: Path
    cancelled: run_v2.Execution
    """The wish to cancel it was noted, but the stand-in was gone before it could end the process, which lives."""


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    directory = tmp_path_factory.mktemp("aftermath")
    stand_in = RunJobs(directory / "state")
    finished = stand_in.ended(stand_in.run(stand_in.create("print('done')")))
    pausing = stand_in.create(ANNOUNCE_AND_PAUSE, max_retries=3)
    vanished, cancelled = stand_in.run(pausing), stand_in.run(pausing)
    gated = stand_in.create(WAIT_FOR_GATE)
    gates = [directory / "first", directory / "second"]
    overrides = [run_v2.RunJobRequest.Overrides.ContainerOverride(args=[str(gate)]) for gate in gates]
    unwatched, living = (
        stand_in.run(gated, overrides=run_v2.RunJobRequest.Overrides(container_overrides=[override])) for override in overrides
    )
    task, ending = psutil.Process(stand_in.pid(vanished)), psutil.Process(stand_in.pid(unwatched))
    assert is_running(stand_in.pid(living))
    assert is_running(stand_in.pid(cancelled))

    stand_in.kill()
    with closing(Store(stand_in.state / "run_jobs.sqlite")) as store:
        store.request_cancel(cancelled.name)
    shell = task.parent()
    assert shell is not None
    shell.kill()  # with the shell that would note the exit code, as when the machine itself goes down
    task.kill()
    say(gates[0], 0)
    eventually(lambda: not is_running(ending.pid) and not is_running(task.pid))

    stand_in.start()
    yield Aftermath(stand_in, finished, vanished, unwatched, living, gates[1], cancelled)
    say(gates[1], 0)  # where no test did
    stand_in.stop()


def test_after_kill_9_a_finished_execution_is_as_it_was(aftermath: Aftermath) -> None:
    assert aftermath.stand_in.executions.get_execution(name=aftermath.finished.name) == aftermath.finished
    assert aftermath.stand_in.output(aftermath.finished) == "done\n"


def test_after_kill_9_an_execution_whose_process_is_gone_is_failed_and_not_retried(aftermath: Aftermath) -> None:
    vanished = aftermath.stand_in.ended(aftermath.vanished)
    assert completed(vanished).state == State.CONDITION_FAILED
    assert "process was gone" in completed(vanished).message
    assert (vanished.failed_count, vanished.retried_count) == (1, 0)


def test_after_kill_9_a_task_that_ended_unwatched_has_its_true_result(aftermath: Aftermath) -> None:
    assert completed(aftermath.stand_in.ended(aftermath.succeeded_unwatched)).state == State.CONDITION_SUCCEEDED


def test_after_kill_9_a_task_that_lives_on_is_watched_to_its_end(aftermath: Aftermath) -> None:
    stand_in = aftermath.stand_in
    assert stand_in.executions.get_execution(name=aftermath.living.name).running_count == 1
    assert is_running(stand_in.pid(aftermath.living))
    say(aftermath.gate, 5)
    assert "code 5" in completed(stand_in.ended(aftermath.living)).message


def test_a_cancel_before_kill_9_is_carried_out_after_it(aftermath: Aftermath) -> None:
    cancelled = aftermath.stand_in.ended(aftermath.cancelled)
    assert completed(cancelled).execution_reason == Reason.CANCELLED
    assert not is_running(aftermath.stand_in.pid(cancelled))


def test_sigterm_ends_the_running_tasks_and_the_stand_in_within_two_seconds(tmp_path: Path) -> None:
    stand_in = RunJobs(tmp_path)
    execution = stand_in.run(stand_in.create(ANNOUNCE_AND_PAUSE))
    pid = stand_in.pid(execution)
    asked = time.monotonic()
    stand_in.stop()
    assert time.monotonic() - asked < 2
    assert not is_running(pid)
    with closing(Store(tmp_path / "run_jobs.sqlite")) as store:
        assert "was stopped while the task ran" in completed(store.execution(execution.name)).message
