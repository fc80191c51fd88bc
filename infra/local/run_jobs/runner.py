"""Runs executions: their tasks side by side, retries, timeouts, cancellation, and what survives a kill of the stand-in itself."""

import logging
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

from google.cloud import run_v2

from . import resources
from .store import Store
from .task_process import TaskProcess

_POLL_SECONDS = 0.1
_STOP_GRACE_SECONDS = 0.3  # the stand-in itself has two seconds to end
_STATE = run_v2.Condition.State
_REASON = run_v2.Condition.ExecutionReason

_log = logging.getLogger("infra.local.run_jobs")


@dataclass(frozen=True)
class Succeeded:
    """The task's last attempt exited with 0."""


@dataclass(frozen=True)
class Failed:
    """An attempt that did not succeed, and why; the last one is the task's outcome."""

    message: str
    may_retry: bool = True


@dataclass(frozen=True)
class Cancelled:
    """The execution was cancelled before the task ended."""


Outcome = Succeeded | Failed | Cancelled


class Runner:
    """The executions that run now, each in a thread. What they do is on disk, so that the next stand-in can go on."""

    def __init__(self, store: Store, executions: Path, grace_seconds: float) -> None:
        """`executions` is the directory of stdout and stderr; `grace_seconds` lie between SIGTERM and SIGKILL."""
        self._store = store
        self._executions = executions
        self._grace_seconds = grace_seconds
        self._stopping = threading.Event()
        self._cancelled: dict[str, threading.Event] = {}
        self._threads: dict[str, threading.Thread] = {}

    def resume(self) -> None:
        """Go on with what an earlier stand-in left: watch processes that still run, and report those that are gone."""
        for name, cancelled in self._store.unfinished():
            self.start(name, cancelled=cancelled)

    def start(self, name: str, *, cancelled: bool = False) -> None:
        """Run an execution that is in the store."""
        cancellation = self._cancelled[name] = threading.Event()
        if cancelled:
            cancellation.set()
        thread = self._threads[name] = threading.Thread(target=self._run, args=[name], name=name, daemon=True)
        thread.start()

    def cancel(self, name: str) -> None:
        """End an execution's processes. One that has ended already stays as it ended."""
        self._store.request_cancel(name)
        if cancellation := self._cancelled.get(name):
            cancellation.set()

    def wait(self, name: str, seconds: float) -> None:
        """Block until an execution has ended, at most so long."""
        if thread := self._threads.get(name):
            thread.join(seconds)

    def stop(self) -> None:
        """End every process and report its execution failed, for the local stack goes down."""
        self._stopping.set()
        for thread in list(self._threads.values()):
            thread.join()

    def _run(self, name: str) -> None:
        try:
            execution = self._store.change_execution(name, _begin)
            with ThreadPoolExecutor(max_workers=execution.parallelism or execution.task_count) as pool:
                outcomes = list(pool.map(lambda index: self._run_task(execution, index), range(execution.task_count)))
            self._store.change_execution(name, lambda ended: _finish(ended, outcomes))
        except Exception as error:
            _log.exception("execution %s could not be run", name)
            broken = Failed(f"The stand-in could not run the execution: {error}")
            self._store.change_execution(name, lambda ended: _finish(ended, [broken]))
        finally:
            del self._cancelled[name], self._threads[name]

    def _run_task(self, execution: run_v2.Execution, index: int) -> Outcome:
        """Attempt a task until it succeeds or its retries are used up. Attempts of an earlier stand-in count."""
        outcome = self._attempt(execution, index, 0)
        for attempt in range(1, execution.template.max_retries + 1):
            if not isinstance(outcome, Failed) or not outcome.may_retry:
                break
            self._store.change_execution(execution.name, _count_retry)
            outcome = self._attempt(execution, index, attempt)
        self._store.change_execution(execution.name, lambda ongoing: _count(ongoing, outcome))
        return outcome

    def _attempt(self, execution: run_v2.Execution, index: int, attempt: int) -> Outcome:
        directory = self._executions / execution.name.rpartition("/")[2] / f"task-{index}" / f"attempt-{attempt}"
        container = execution.template.containers[0]
        if directory.exists():
            process = TaskProcess.adopt(directory)
        elif self._cancelled[execution.name].is_set():
            return Cancelled()
        else:
            environment = _environment(execution, container, index, attempt)
            process = TaskProcess.start(directory, [*container.command, *container.args], environment)
        deadline = process.started_at + execution.template.timeout.total_seconds()
        while not process.ended_within(_POLL_SECONDS):
            if self._stopping.is_set():
                process.end(_STOP_GRACE_SECONDS)
                return Failed("The stand-in was stopped while the task ran.", may_retry=False)
            if self._cancelled[execution.name].is_set():
                process.end(self._grace_seconds)
                return Cancelled()
            if time.time() > deadline:
                process.end(self._grace_seconds)
                limit = execution.template.timeout.total_seconds()
                return Failed(f"The task reached its timeout of {limit:g} seconds and was ended; its output is in {directory}.")
        match process.exit_code:
            case 0:
                return Succeeded()
            case None:
                return Failed("The process was gone when the stand-in came back, and nothing tells how it ended.", may_retry=False)
            case code:
                return Failed(f"The container exited with code {code}; its output is in {directory}.")


def _environment(execution: run_v2.Execution, container: run_v2.Container, index: int, attempt: int) -> dict[str, str]:
    """This process's variables, for the task must find the local stack, then the container's, then those that Cloud Run sets.

    A variable that comes from a secret keeps the value it has in this process: there is no Secret Manager here.
    """
    return {
        **os.environ,
        **{variable.name: variable.value for variable in container.env if "value_source" not in variable},
        "CLOUD_RUN_JOB": execution.job,
        "CLOUD_RUN_EXECUTION": execution.name.rpartition("/")[2],
        "CLOUD_RUN_TASK_INDEX": str(index),
        "CLOUD_RUN_TASK_ATTEMPT": str(attempt),
        "CLOUD_RUN_TASK_COUNT": str(execution.task_count),
    }


def _begin(execution: run_v2.Execution) -> None:
    """Count from the start also when an execution is resumed: its tasks are gone through again, from what they left on disk."""
    now = datetime.now(UTC)
    execution.start_time = execution.start_time or now
    execution.running_count = execution.task_count
    execution.succeeded_count = execution.failed_count = execution.cancelled_count = execution.retried_count = 0
    execution.update_time = now


def _count_retry(execution: run_v2.Execution) -> None:
    execution.retried_count += 1
    execution.update_time = datetime.now(UTC)


def _count(execution: run_v2.Execution, outcome: Outcome) -> None:
    execution.running_count -= 1
    match outcome:
        case Succeeded():
            execution.succeeded_count += 1
        case Failed():
            execution.failed_count += 1
        case Cancelled():
            execution.cancelled_count += 1
        case _:
            assert_never(outcome)
    execution.update_time = datetime.now(UTC)


def _finish(execution: run_v2.Execution, outcomes: Sequence[Outcome]) -> None:
    now = datetime.now(UTC)
    short_name = execution.name.rpartition("/")[2]
    failure = next(((index, outcome.message) for index, outcome in enumerate(outcomes) if isinstance(outcome, Failed)), None)
    execution.completion_time = now
    execution.running_count = 0
    if any(isinstance(outcome, Cancelled) for outcome in outcomes):
        resources.set_completed(execution, _STATE.CONDITION_FAILED, "The execution was cancelled.", now, _REASON.CANCELLED)
    elif failure is not None:
        message = f"Task {short_name}-task{failure[0]} failed with message: {failure[1]}"
        resources.set_completed(execution, _STATE.CONDITION_FAILED, message, now, _REASON.NON_ZERO_EXIT_CODE)
    else:
        resources.set_completed(execution, _STATE.CONDITION_SUCCEEDED, "Execution completed successfully.", now)
