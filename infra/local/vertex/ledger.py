"""Everything the simulator remembers, in SQLite: operations, the billing journal, counters, and how it was told to behave."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from infra.local.vertex.plan import JournalStatus, Plan

Channel = Literal["submit", "poll", "generate_content"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
  name TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  plan TEXT NOT NULL,
  submitted_at REAL NOT NULL,
  ready_at REAL NOT NULL,
  held INTEGER NOT NULL,
  polls INTEGER NOT NULL DEFAULT 0,
  done_at REAL,
  result TEXT
);
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  operation_name TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  labels TEXT NOT NULL,
  duration_seconds INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  billed_samples INTEGER NOT NULL,
  storage_uri TEXT,
  request_digest TEXT NOT NULL,
  submitted_at REAL NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('billed', 'blocked', 'failed'))
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS queued_behaviours (number INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, words TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lasting_behaviour (channel TEXT PRIMARY KEY, words TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS struck_requests (digest TEXT PRIMARY KEY);
"""
JOURNAL_COLUMNS = (
    "operation_name, model, labels, duration_seconds, samples, billed_samples, storage_uri, request_digest, submitted_at, status"
)


@dataclass(frozen=True)
class JournalEntry:
    """One accepted submit, as it is billed. `billed_samples` is 0 for what the provider does not charge."""

    operation_name: str
    model: str
    labels: dict[str, str]
    duration_seconds: int
    samples: int
    billed_samples: int
    storage_uri: str | None
    request_digest: str
    submitted_at: float
    status: JournalStatus

    def as_json(self) -> dict[str, Any]:
        """The row as GET /simulator/journal shows it."""
        return {
            "operation_name": self.operation_name,
            "model": self.model,
            "labels": self.labels,
            "duration_seconds": self.duration_seconds,
            "samples": self.samples,
            "seconds_billed": self.duration_seconds * self.billed_samples,
            "storage_uri": self.storage_uri,
            "request_digest": self.request_digest,
            "submitted_at": _timestamp(self.submitted_at),
            "status": self.status,
        }


@dataclass(frozen=True)
class Operation:
    """A stored operation. `result` is the body of its answer beside name and done; None while it is pending."""

    name: str
    model: str
    plan: Plan
    submitted_at: float
    ready_at: float
    held: bool
    polls: int
    done_at: float | None
    result: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """The row as GET /simulator/operations shows it."""
        return {
            "name": self.name,
            "model": self.model,
            "state": "pending" if self.done_at is None else "done",
            "ending": self.plan.ending.kind,
            "folder": self.plan.folder,
            "held": self.held,
            "polls": self.polls,
            "submitted_at": _timestamp(self.submitted_at),
            "done_at": None if self.done_at is None else _timestamp(self.done_at),
        }


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


class Ledger:
    """The database in `directory`. Every method is one transaction and may be called from any thread."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(directory / "vertex.sqlite3", check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def accept(self, name: str, model: str, plan: Plan, entry: JournalEntry, *, ready_at: float, held: bool) -> None:
        """Store an operation together with its bill."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO operations (name, model, plan, submitted_at, ready_at, held) VALUES (?, ?, ?, ?, ?, ?)",
                (name, model, plan.model_dump_json(), entry.submitted_at, ready_at, held),
            )
            values = asdict(entry) | {"labels": json.dumps(entry.labels)}
            placeholders = ", ".join(f":{column}" for column in JOURNAL_COLUMNS.split(", "))
            connection.execute(f"INSERT INTO journal ({JOURNAL_COLUMNS}) VALUES ({placeholders})", values)  # noqa: S608  # names of ours

    def finish(self, name: str, result: dict[str, Any], done_at: float, *, refund: bool) -> None:
        """End an operation; `refund` also turns its bill into one for a failure."""
        with self._transaction() as connection:
            connection.execute("UPDATE operations SET done_at = ?, result = ? WHERE name = ?", (done_at, json.dumps(result), name))
            if refund:
                connection.execute("UPDATE journal SET status = 'failed', billed_samples = 0 WHERE operation_name = ?", (name,))

    def find_operation(self, name: str) -> Operation | None:
        """Return an operation, or None."""
        rows = self._operations("WHERE name = ?", (name,))
        return rows[0] if rows else None

    def list_operations(self, *, pending_only: bool = False) -> list[Operation]:
        """Return operations, newest last."""
        return self._operations("WHERE done_at IS NULL ORDER BY submitted_at" if pending_only else "ORDER BY submitted_at")

    def release(self, name: str | None) -> list[str]:
        """Let one held operation go, or all; return their names."""
        with self._transaction() as connection:
            rows = connection.execute(
                "UPDATE operations SET held = 0 WHERE held = 1 AND (?1 IS NULL OR name = ?1) RETURNING name", (name,)
            ).fetchall()
        return [row["name"] for row in rows]

    def count_poll(self, name: str) -> None:
        """Count a fetch of an operation."""
        with self._transaction() as connection:
            connection.execute("UPDATE operations SET polls = polls + 1 WHERE name = ?", (name,))

    def list_journal(self) -> list[JournalEntry]:
        """Return every accepted submit, newest last."""
        with self._transaction() as connection:
            rows = connection.execute(f"SELECT {JOURNAL_COLUMNS} FROM journal ORDER BY number").fetchall()  # noqa: S608  # names of ours
        return [JournalEntry(**(dict(row) | {"labels": json.loads(row["labels"])})) for row in rows]

    def count(self, counter: str) -> None:
        """Add one to a counter."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
                (counter,),
            )

    def counters(self) -> dict[str, int]:
        """Return all counters that were ever raised."""
        with self._transaction() as connection:
            return {row["name"]: row["value"] for row in connection.execute("SELECT * FROM counters")}

    def queue_behaviours(self, channel: Channel, entries: Sequence[Sequence[str]]) -> None:
        """Append one-shot behaviours: each entry is for one coming call."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO queued_behaviours (channel, words) VALUES (?, ?)", [(channel, json.dumps(list(words))) for words in entries]
            )

    def take_words(self, channel: Channel) -> tuple[str, ...]:
        """Return the lasting words followed by those of the next one-shot entry, which is used up by this."""
        with self._transaction() as connection:
            lasting = connection.execute("SELECT words FROM lasting_behaviour WHERE channel = ?", (channel,)).fetchone()
            taken = connection.execute(
                "DELETE FROM queued_behaviours"
                " WHERE number = (SELECT min(number) FROM queued_behaviours WHERE channel = ?) RETURNING words",
                (channel,),
            ).fetchone()
        return tuple(word for row in (lasting, taken) if row is not None for word in json.loads(row["words"]))

    def set_lasting_behaviour(self, channel: Channel, words: Sequence[str]) -> None:
        """Replace the words that apply to every call."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO lasting_behaviour VALUES (?, ?)", (channel, json.dumps(list(words))))

    def list_behaviours(self) -> dict[str, Any]:
        """Return what is set and queued, by channel."""
        with self._transaction() as connection:
            always = {row["channel"]: json.loads(row["words"]) for row in connection.execute("SELECT * FROM lasting_behaviour")}
            queued: dict[str, list[Any]] = {}
            for row in connection.execute("SELECT * FROM queued_behaviours ORDER BY number"):
                queued.setdefault(row["channel"], []).append(json.loads(row["words"]))
        return {"always": always, "next": queued}

    def clear_behaviours(self) -> None:
        """Behave well again."""
        with self._transaction() as connection:
            for table in ("queued_behaviours", "lasting_behaviour", "struck_requests"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # the names are the three above

    def strikes_now(self, digest: str) -> bool:
        """Whether a transient fault hits this request: yes the first time, no the second, and so on."""
        with self._transaction() as connection:
            if connection.execute("DELETE FROM struck_requests WHERE digest = ?", (digest,)).rowcount:
                return False
            connection.execute("INSERT INTO struck_requests VALUES (?)", (digest,))
            return True

    def _operations(self, clause: str, parameters: tuple[str, ...] = ()) -> list[Operation]:
        with self._transaction() as connection:
            rows = connection.execute(f"SELECT * FROM operations {clause}", parameters).fetchall()  # noqa: S608  # clauses of this class
        return [_operation(row) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._connection:
            yield self._connection


def _operation(row: sqlite3.Row) -> Operation:
    plan = Plan.model_validate_json(row["plan"])
    result = None if row["result"] is None else json.loads(row["result"])
    return Operation(**(dict(row) | {"plan": plan, "held": bool(row["held"]), "result": result}))
