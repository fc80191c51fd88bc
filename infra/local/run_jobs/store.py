"""Jobs, executions and operations on disk: one SQLite file, written through before a request is answered."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.cloud import run_v2

from infra.local.cloud_tasks.wire import GoogleError

from . import resources

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS executions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    job TEXT NOT NULL,
    body TEXT NOT NULL,
    finished INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS operations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    execution TEXT,  -- of a run: the operation is what its execution is
    kind TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT ''  -- of anything else: the resource it made or removed
);
"""

_MESSAGES: dict[str, Any] = {"Job": run_v2.Job, "Execution": run_v2.Execution}


class Store:
    """The whole state. Every method is one transaction; methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add_job(self, job: run_v2.Job) -> None:
        """Store a new job. Raises GoogleError where the name is taken."""
        with self._transaction() as connection:
            if connection.execute("SELECT 1 FROM jobs WHERE name = ?", [job.name]).fetchone():
                raise GoogleError("ALREADY_EXISTS", f"Resource '{job.name}' already exists.")
            _write_job(connection, job)

    def job(self, name: str) -> run_v2.Job:
        """The job of that name. Raises GoogleError."""
        with self._transaction() as connection:
            return _read_job(connection, name)

    def list_jobs(self, parent: str, after: str, limit: int) -> list[run_v2.Job]:
        """Up to `limit` jobs of a location in the order of their names, from the one after `after` on."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT body FROM jobs WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
                [after, len(parent) + 6, f"{parent}/jobs/", limit],
            )
            return [run_v2.Job.from_json(body) for (body,) in rows]

    def replace_job(self, name: str, change: Callable[[run_v2.Job], run_v2.Job]) -> run_v2.Job:
        """Put what `change` makes of a job in its place. Raises GoogleError where there is none."""
        with self._transaction() as connection:
            job = change(_read_job(connection, name))
            _write_job(connection, job)
            return job

    def delete_job(self, name: str) -> run_v2.Job:
        """Remove a job and its executions. Raises GoogleError while one of them runs."""
        with self._transaction() as connection:
            job = _read_job(connection, name)
            if connection.execute("SELECT 1 FROM executions WHERE job = ? AND NOT finished", [name]).fetchone():
                raise GoogleError("FAILED_PRECONDITION", f"An execution of '{name}' is running; cancel it first.")
            connection.execute("DELETE FROM executions WHERE job = ?", [name])
            connection.execute("DELETE FROM jobs WHERE name = ?", [name])
            return job

    def add_execution(self, job_name: str, make: Callable[[run_v2.Job], run_v2.Execution], operation: str) -> run_v2.Execution:
        """Store the execution that `make` derives from the job, with the operation that follows it, and count it at the job."""
        with self._transaction() as connection:
            job = _read_job(connection, job_name)
            execution = make(job)
            job.execution_count += 1
            job.latest_created_execution = resources.reference(execution)
            _write_job(connection, job)
            connection.execute(
                "INSERT INTO executions (name, job, body) VALUES (?, ?, ?)", [execution.name, job_name, run_v2.Execution.to_json(execution)]
            )
            connection.execute("INSERT INTO operations (name, execution) VALUES (?, ?)", [operation, execution.name])
            return execution

    def execution(self, name: str) -> run_v2.Execution:
        """The execution of that name. Raises GoogleError."""
        with self._transaction() as connection:
            return _read_execution(connection, name)

    def list_executions(self, job_name: str, before: int, limit: int) -> list[tuple[int, run_v2.Execution]]:
        """Up to `limit` executions of a job, newest first, from the one before number `before` on; each with its number."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT number, body FROM executions WHERE job = ? AND number < ? ORDER BY number DESC LIMIT ?", [job_name, before, limit]
            )
            return [(number, run_v2.Execution.from_json(body)) for number, body in rows]

    def change_execution(self, name: str, change: Callable[[run_v2.Execution], None]) -> run_v2.Execution:
        """Change an execution, and what its job shows of it."""
        with self._transaction() as connection:
            execution = _read_execution(connection, name)
            change(execution)
            connection.execute(
                "UPDATE executions SET body = ?, finished = ? WHERE name = ?",
                [run_v2.Execution.to_json(execution), resources.is_finished(execution), name],
            )
            job = _read_job(connection, name.partition("/executions/")[0])
            if job.latest_created_execution.name == name.rpartition("/")[2]:
                job.latest_created_execution = resources.reference(execution)
                _write_job(connection, job)
            return execution

    def request_cancel(self, name: str) -> None:
        """Note that an execution is to end: a crash before it did does not lose the wish."""
        with self._transaction() as connection:
            connection.execute("UPDATE executions SET cancel_requested = 1 WHERE name = ?", [name])

    def unfinished(self) -> list[tuple[str, bool]]:
        """The names of executions that have not ended, and whether they are to be cancelled."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT name, cancel_requested FROM executions WHERE NOT finished ORDER BY number")
            return [(name, bool(cancelled)) for name, cancelled in rows]

    def add_operation(self, name: str, message: resources.Message) -> None:
        """Store an operation that is done already."""
        body = type(message).to_json(message)
        with self._transaction() as connection:
            connection.execute("INSERT INTO operations (name, kind, body) VALUES (?, ?, ?)", [name, type(message).__name__, body])

    def operation(self, name: str) -> dict[str, Any]:
        """The operation of that name as JSON. Raises GoogleError."""
        with self._transaction() as connection:
            row = connection.execute("SELECT name, execution, kind, body FROM operations WHERE name = ?", [name]).fetchone()
            if row is None:
                raise _missing(name)
            return _operation(connection, row)

    def list_operations(self, parent: str, before: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Up to `limit` operations of a location, newest first, from the one before number `before` on; each with its number."""
        prefix = f"{parent}/operations/"
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT number, name, execution, kind, body FROM operations WHERE number < ? AND substr(name, 1, ?) = ?"
                " ORDER BY number DESC LIMIT ?",
                [before, len(prefix), prefix, limit],
            ).fetchall()
            return [(number, _operation(connection, row)) for number, *row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _missing(name: str) -> GoogleError:
    return GoogleError("NOT_FOUND", f"Resource '{name}' was not found.")


def _read_job(connection: sqlite3.Connection, name: str) -> run_v2.Job:
    row = connection.execute("SELECT body FROM jobs WHERE name = ?", [name]).fetchone()
    if row is None:
        raise _missing(name)
    job: run_v2.Job = run_v2.Job.from_json(row[0])
    return job


def _write_job(connection: sqlite3.Connection, job: run_v2.Job) -> None:
    connection.execute("INSERT OR REPLACE INTO jobs (name, body) VALUES (?, ?)", [job.name, run_v2.Job.to_json(job)])


def _read_execution(connection: sqlite3.Connection, name: str) -> run_v2.Execution:
    row = connection.execute("SELECT body FROM executions WHERE name = ?", [name]).fetchone()
    if row is None:
        raise _missing(name)
    execution: run_v2.Execution = run_v2.Execution.from_json(row[0])
    return execution


def _operation(connection: sqlite3.Connection, row: Any) -> dict[str, Any]:
    name, execution, kind, body = row
    if execution is not None:
        return resources.run_operation(name, _read_execution(connection, execution))
    return resources.done_operation(name, _MESSAGES[kind].from_json(body))
