"""Queues and tasks in SQLite: what was answered to a caller survives kill -9."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.cloud import tasks_v2

# "It can take up to 24 hours for the task ID to be released": CreateTaskRequest.task.
TOMBSTONE_SECONDS = 24 * 3600

SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (
  name TEXT PRIMARY KEY,
  queue BLOB NOT NULL,
  running INTEGER NOT NULL,
  iam_policy TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS tasks (
  name TEXT PRIMARY KEY,
  queue TEXT NOT NULL REFERENCES queues (name) ON DELETE CASCADE,
  due_at REAL NOT NULL,
  in_flight INTEGER NOT NULL DEFAULT 0,
  execution_count INTEGER NOT NULL DEFAULT 0,
  previous_response INTEGER,
  task BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS tasks_due ON tasks (queue, in_flight, due_at);
CREATE TABLE IF NOT EXISTS tombstones (name TEXT PRIMARY KEY, ended_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS tombstones_ended ON tombstones (ended_at);
"""


@dataclass
class StoredTask:
    """A task and what the service remembers of it beside the message: answers that were no 5xx, and the last answer's code."""

    task: tasks_v2.Task
    queue_name: str
    execution_count: int = 0
    previous_response: int | None = None


class Store:
    """One SQLite file, used from one thread at a time. Times are seconds since 1970."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened by whoever builds the application, then used by the thread of its event loop alone.
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # WAL with NORMAL loses nothing when the process dies; only a power cut may take the last transactions.
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;" + SCHEMA)
        # A task in flight when the process died was perhaps not delivered: at least once means to send it again.
        self._database.execute("UPDATE tasks SET in_flight = 0 WHERE in_flight = 1")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def find_queue(self, name: str) -> tasks_v2.Queue | None:
        """Return the queue, or None."""
        row = self._database.execute("SELECT queue FROM queues WHERE name = ?", (name,)).fetchone()
        return tasks_v2.Queue.deserialize(row[0]) if row else None

    def save_queue(self, queue: tasks_v2.Queue) -> None:
        """Create or replace the queue; its tasks stay."""
        self._database.execute(
            "INSERT INTO queues (name, queue, running) VALUES (:name, :queue, :running)"
            " ON CONFLICT (name) DO UPDATE SET queue = :queue, running = :running",
            {
                "name": queue.name,
                "queue": tasks_v2.Queue.serialize(queue),
                "running": queue.state == tasks_v2.Queue.State.RUNNING,
            },
        )

    def delete_queue(self, name: str) -> bool:
        """Delete the queue with its tasks; False if there is none."""
        return self._database.execute("DELETE FROM queues WHERE name = ?", (name,)).rowcount > 0

    def list_queues(self, parent: str, after: str, limit: int) -> list[tasks_v2.Queue]:
        """Return up to `limit` queues of a location whose names follow `after`, by name."""
        rows = self._database.execute(
            "SELECT queue FROM queues WHERE substr(name, 1, length(:prefix)) = :prefix AND name > :after ORDER BY name LIMIT :limit",
            {"prefix": f"{parent}/queues/", "after": after, "limit": limit},
        )
        return [tasks_v2.Queue.deserialize(row[0]) for row in rows]

    def running_queues_with_pending_tasks(self) -> list[tasks_v2.Queue]:
        """Return the queues that have something to dispatch, now or later."""
        rows = self._database.execute(
            "SELECT queue FROM queues WHERE running AND EXISTS (SELECT 1 FROM tasks WHERE tasks.queue = queues.name AND in_flight = 0)"
        )
        return [tasks_v2.Queue.deserialize(row[0]) for row in rows]

    def iam_policy(self, queue_name: str) -> str:
        """Return the JSON of the queue's policy as it was set, '{}' if it never was."""
        row = self._database.execute("SELECT iam_policy FROM queues WHERE name = ?", (queue_name,)).fetchone()
        return str(row[0])

    def save_iam_policy(self, queue_name: str, policy: str) -> None:
        """Keep a policy for the queue. It is not enforced."""
        self._database.execute("UPDATE queues SET iam_policy = ? WHERE name = ?", (policy, queue_name))

    def name_is_taken(self, task_name: str, now: float) -> bool:
        """Whether a task of that name exists, or existed in the last 24 hours."""
        found = self._database.execute(
            "SELECT 1 FROM tasks WHERE name = :name UNION ALL SELECT 1 FROM tombstones WHERE name = :name AND ended_at > :expired",
            {"name": task_name, "expired": now - TOMBSTONE_SECONDS},
        )
        return found.fetchone() is not None

    def add_task(self, task: tasks_v2.Task, queue_name: str) -> None:
        """Add a task whose name is free."""
        self._database.execute(
            "INSERT INTO tasks (name, queue, due_at, task) VALUES (?, ?, ?, ?)",
            (task.name, queue_name, task.schedule_time.timestamp(), tasks_v2.Task.serialize(task)),
        )

    def find_task(self, name: str) -> StoredTask | None:
        """Return the task, or None if it never existed or has ended."""
        return next(self._select("WHERE name = :name", {"name": name}), None)

    def list_tasks(self, queue_name: str, after: str, limit: int) -> list[StoredTask]:
        """Return up to `limit` tasks whose names follow `after`, by name."""
        parameters: dict[str, str | float] = {"queue": queue_name, "after": after, "limit": limit}
        return list(self._select("WHERE queue = :queue AND name > :after ORDER BY name LIMIT :limit", parameters))

    def due_tasks(self, queue_name: str, now: float, limit: int) -> list[StoredTask]:
        """Return up to `limit` tasks that wait for dispatch and are due, the longest due first."""
        parameters: dict[str, str | float] = {"queue": queue_name, "now": now, "limit": limit}
        return list(self._select("WHERE queue = :queue AND in_flight = 0 AND due_at <= :now ORDER BY due_at LIMIT :limit", parameters))

    def next_due_at(self, queue_name: str) -> float | None:
        """Return when the first waiting task of the queue is due, None if no task waits."""
        row = self._database.execute("SELECT MIN(due_at) FROM tasks WHERE queue = ? AND in_flight = 0", (queue_name,)).fetchone()
        return None if row[0] is None else float(row[0])

    def start_attempt(self, stored: StoredTask) -> bool:
        """Mark the task in flight; False if it already is, or has ended."""
        marked = self._database.execute(
            "UPDATE tasks SET in_flight = 1, task = ? WHERE name = ? AND in_flight = 0",
            (tasks_v2.Task.serialize(stored.task), stored.task.name),
        )
        return marked.rowcount > 0

    def schedule_again(self, stored: StoredTask) -> None:
        """Put a task in flight back to wait for its schedule_time; nothing happens if it was deleted meanwhile."""
        self._database.execute(
            "UPDATE tasks SET in_flight = 0, due_at = ?, execution_count = ?, previous_response = ?, task = ? WHERE name = ?",
            (
                stored.task.schedule_time.timestamp(),
                stored.execution_count,
                stored.previous_response,
                tasks_v2.Task.serialize(stored.task),
                stored.task.name,
            ),
        )

    def end_task(self, name: str, now: float) -> bool:
        """Remove a task that succeeded, was given up or deleted, and keep its name taken; False if there is none."""
        with self._transaction():
            removed = self._database.execute("DELETE FROM tasks WHERE name = ?", (name,)).rowcount > 0
            if removed:
                self._database.execute("INSERT OR REPLACE INTO tombstones (name, ended_at) VALUES (?, ?)", (name, now))
            self._database.execute("DELETE FROM tombstones WHERE ended_at <= ?", (now - TOMBSTONE_SECONDS,))
        return removed

    def purge(self, queue: tasks_v2.Queue, now: float) -> None:
        """Remove all tasks of the queue, keep their names taken, and save the queue."""
        with self._transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO tombstones (name, ended_at) SELECT name, ? FROM tasks WHERE queue = ?", (now, queue.name)
            )
            self._database.execute("DELETE FROM tasks WHERE queue = ?", (queue.name,))
            self.save_queue(queue)

    def _select(self, condition: str, parameters: Mapping[str, str | float]) -> Iterator[StoredTask]:
        # `condition` is always a literal of this module.
        rows = self._database.execute(f"SELECT task, queue, execution_count, previous_response FROM tasks {condition}", parameters)  # noqa: S608
        for task, queue_name, execution_count, previous_response in rows:
            yield StoredTask(tasks_v2.Task.deserialize(task), queue_name, execution_count, previous_response)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
