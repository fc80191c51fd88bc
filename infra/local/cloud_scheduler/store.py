"""Cron jobs and their next run in SQLite."""

import json
import sqlite3
from pathlib import Path

from infra.local.cloud_scheduler.jobs import Job

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, next_run_at REAL, job TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_next_run ON jobs (next_run_at);
"""


class Store:
    """One SQLite file, used from one thread at a time. Times are seconds since 1970; a paused job has no next run."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened by whoever builds the application, then used by the thread of its event loop alone.
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def find_job(self, name: str) -> Job | None:
        """Return the job, or None."""
        row = self._database.execute("SELECT job FROM jobs WHERE name = ?", (name,)).fetchone()
        return _job(row[0]) if row else None

    def list_jobs(self, prefix: str, after: str, limit: int) -> list[Job]:
        """Return up to `limit` jobs whose names start with `prefix` and follow `after`, by name."""
        rows = self._database.execute(
            "SELECT job FROM jobs WHERE substr(name, 1, length(:prefix)) = :prefix AND name > :after ORDER BY name LIMIT :limit",
            {"prefix": prefix, "after": after, "limit": limit},
        )
        return [_job(row[0]) for row in rows]

    def save_job(self, job: Job, next_run_at: float | None) -> None:
        """Create or replace the job."""
        self._database.execute(
            "INSERT OR REPLACE INTO jobs (name, next_run_at, job) VALUES (?, ?, ?)", (job.name, next_run_at, json.dumps(job.to_wire()))
        )

    def save_outcome(self, name: str, last_attempt_time: str, status: dict[str, object]) -> None:
        """Note the last attempt of the job without touching its schedule; nothing happens if it was deleted meanwhile."""
        self._database.execute(
            "UPDATE jobs SET job = json_set(job, '$.lastAttemptTime', ?, '$.status', json(?)) WHERE name = ?",
            (last_attempt_time, json.dumps(status), name),
        )

    def delete_job(self, name: str) -> bool:
        """Delete the job; False if there is none."""
        return self._database.execute("DELETE FROM jobs WHERE name = ?", (name,)).rowcount > 0

    def due_jobs(self, now: float) -> list[tuple[Job, float]]:
        """Return the jobs whose next run has come, with the time it was scheduled for."""
        rows = self._database.execute("SELECT job, next_run_at FROM jobs WHERE next_run_at <= ? ORDER BY next_run_at", (now,))
        return [(_job(job), next_run_at) for job, next_run_at in rows.fetchall()]

    def next_run_at(self) -> float | None:
        """Return when the next job of all runs, None if none will."""
        row = self._database.execute("SELECT MIN(next_run_at) FROM jobs").fetchone()
        return None if row[0] is None else float(row[0])


def _job(text: str) -> Job:
    return Job.model_validate_json(text)
