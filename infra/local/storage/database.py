"""The SQLite database of the stand-in: schema, and one serialised transaction at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY,
    attributes TEXT NOT NULL,      -- JSON: the fields a client may write
    iam_policy TEXT NOT NULL,      -- JSON
    metageneration INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL REFERENCES buckets (name),
    name TEXT NOT NULL,
    content_id TEXT NOT NULL,      -- names the file with the bytes
    size_bytes INTEGER NOT NULL,
    md5 TEXT,                      -- base64; NULL for a composed object, as in the service
    crc32c TEXT NOT NULL,          -- base64
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    component_count INTEGER,
    attributes TEXT NOT NULL,      -- JSON: the fields a client may write
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_generation (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO last_generation VALUES (1, 0);
CREATE TABLE IF NOT EXISTS upload_sessions (
    id TEXT PRIMARY KEY,           -- the capability: whoever knows it may upload; also names the staged file
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    attributes TEXT NOT NULL,
    preconditions TEXT NOT NULL,
    constraints TEXT NOT NULL,     -- JSON: what the bytes must satisfy
    size_bytes INTEGER,            -- as announced, if it was
    origin TEXT,                   -- the web origin the session was created for
    finalized TEXT,                -- JSON of the stored object once the upload is complete
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS triggers (
    name TEXT PRIMARY KEY,         -- projects/P/locations/L/triggers/T
    resource TEXT NOT NULL,
    bucket TEXT NOT NULL,
    uri TEXT NOT NULL,
    service_account TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS operations (
    name TEXT PRIMARY KEY,
    resource TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    trigger_name TEXT NOT NULL REFERENCES triggers (name) ON DELETE CASCADE,
    headers TEXT NOT NULL,         -- JSON: the ce-* headers
    body TEXT NOT NULL,            -- JSON: the object resource
    attempts INTEGER NOT NULL,
    next_attempt_at REAL NOT NULL, -- seconds since the epoch
    expires_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_attempt_at);
"""


def rfc3339(moment: datetime | None = None) -> str:
    """Return `moment` (default: now) as the service writes times: UTC, milliseconds, Z."""
    return (moment or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Database:
    """One connection behind one lock: transactions are short, and a racing writer sees the winner's row."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # FULL: a committed object survives a power cut, as its fsynced bytes do.
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;" + SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit on leaving, roll back on any exception. Never await or do network input and output inside."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; SQLite checkpoints the write-ahead log."""
        with self._lock:
            self._connection.close()
