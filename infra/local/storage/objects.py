"""Objects: every operation decides its preconditions and commits in one transaction, together with the finalize events it causes."""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from infra.local.storage.buckets import read_bucket
from infra.local.storage.constraints import Constraints
from infra.local.storage.contents import Contents, Digest, append, measure
from infra.local.storage.database import Database, rfc3339
from infra.local.storage.errors import invalid, no_such_object
from infra.local.storage.listing import ListRequest, Page, take_page
from infra.local.storage.preconditions import UNCONDITIONAL, Preconditions
from infra.local.storage.resources import StoredObject, merged, writable

MOST_NAME_BYTES = 1024
MOST_COMPONENTS = 32

OnFinalize = Callable[[sqlite3.Connection, StoredObject], None]


@dataclass(frozen=True)
class Source:
    """An object that a copy or a composition reads: a generation (None: the live one) and its preconditions."""

    bucket: str
    name: str
    generation: int | None = None
    preconditions: Preconditions = UNCONDITIONAL


@dataclass(frozen=True)
class Destination:
    """Where an upload, a copy or a composition goes. `session_id` is the resumable session that it completes, if any."""

    bucket: str
    name: str
    preconditions: Preconditions = UNCONDITIONAL
    session_id: str | None = None


class ObjectRepository:
    """Live versions only: an overwritten or deleted generation is gone, as in a bucket without versioning."""

    def __init__(self, database: Database, contents: Contents, on_finalize: OnFinalize, on_committed: Callable[[], None]) -> None:
        """`on_finalize` runs inside the transaction that makes a version live, `on_committed` right after it."""
        self._database = database
        self._contents = contents
        self._on_finalize = on_finalize
        self._on_committed = on_committed

    def get(self, source: Source) -> StoredObject:
        """Return the object; 404, 412, 304."""
        with self._database.transaction() as connection:
            return _read_source(connection, source)

    def open(self, source: Source) -> tuple[StoredObject, BinaryIO]:
        """Return the object and its bytes, which stay readable when it is overwritten meanwhile; 404, 412, 304."""
        with self._database.transaction() as connection:
            stored = _read_source(connection, source)
            return stored, self._contents.open(stored.content_id)

    def list_page(self, bucket: str, request: ListRequest) -> Page:
        """Return one page of the bucket's objects in order of name; 404."""
        with self._database.transaction() as connection:
            read_bucket(connection, bucket)
            rows = connection.execute("SELECT * FROM objects WHERE bucket = ? AND name >= ? ORDER BY name", (bucket, request.first_name))
            return take_page(map(_stored, rows), request)

    def store(self, staged: Path, destination: Destination, attributes: dict[str, Any], constraints: Constraints) -> StoredObject:
        """Make the staged bytes the live version; 400 for other bytes than announced, 404, 412. The caller removes the staged file."""
        digest = measure(staged)
        constraints.check(digest)
        return self._commit(staged, destination, digest, attributes)

    def update(self, source: Source, change: dict[str, Any], *, replace_all: bool = False) -> StoredObject:
        """Merge `change` into the metadata, or replace it; 404, 412."""
        with self._database.transaction() as connection:
            current = _read_source(connection, source, writing=True)
            attributes = writable(merged({} if replace_all else current.attributes, change))
            updated = replace(current, attributes=attributes, metageneration=current.metageneration + 1, updated_at=rfc3339())
            _write(connection, updated)
        return updated

    def delete(self, source: Source) -> None:
        """Delete the object; 404, 412."""
        with self._database.transaction() as connection:
            current = _read_source(connection, source, writing=True)
            connection.execute("DELETE FROM objects WHERE bucket = ? AND name = ?", (source.bucket, source.name))
        self._contents.discard(current.content_id)

    def copy(self, source: Source, destination: Destination, attributes: dict[str, Any] | None) -> StoredObject:
        """Copy bytes, and the metadata unless `attributes` replaces it; 404, 412."""
        with self._contents.stage() as staged:
            with self._database.transaction() as connection:
                original = _read_source(connection, source, writing=True)
                self._contents.link_to(original.content_id, staged)
            digest = Digest(original.size_bytes, original.md5 or "", original.crc32c)
            return self._commit(staged, destination, digest, attributes or original.attributes, original.component_count)

    def compose(self, sources: list[Source], destination: Destination, attributes: dict[str, Any]) -> StoredObject:
        """Concatenate up to 32 objects of the bucket; 400, 404, 412."""
        if not 1 <= len(sources) <= MOST_COMPONENTS:
            raise invalid(f"The number of source components must be between 1 and {MOST_COMPONENTS}.")
        component_count = 0
        with self._contents.stage() as staged:
            for source in sources:
                with self._database.transaction() as connection:
                    component = _read_source(connection, source, writing=True)
                    file = self._contents.open(component.content_id)
                append(file, staged)
                component_count += component.component_count or 1
            return self._commit(staged, destination, measure(staged), attributes, component_count)

    def referenced_contents(self) -> set[str]:
        """Return the content ids that objects name."""
        with self._database.transaction() as connection:
            return {row["content_id"] for row in connection.execute("SELECT content_id FROM objects")}

    def _commit(
        self, staged: Path, destination: Destination, digest: Digest, attributes: dict[str, Any], component_count: int | None = None
    ) -> StoredObject:
        """The one place where a version becomes live. The winner of a race is whoever holds the transaction first."""
        _check_name(destination.name)
        with self._database.transaction() as connection:
            read_bucket(connection, destination.bucket)
            current = _find(connection, destination.bucket, destination.name)
            _check(destination.preconditions, current)
            now = rfc3339()
            stored = StoredObject(
                bucket=destination.bucket,
                name=destination.name,
                content_id=self._contents.publish(staged),
                size_bytes=digest.size_bytes,
                md5=digest.md5 if component_count is None else None,
                crc32c=digest.crc32c,
                generation=_next_generation(connection),
                metageneration=1,
                component_count=component_count,
                attributes=attributes,
                created_at=now,
                updated_at=now,
            )
            _write(connection, stored)
            if destination.session_id is not None:
                connection.execute(
                    "UPDATE upload_sessions SET finalized = ? WHERE id = ?", (json.dumps(asdict(stored)), destination.session_id)
                )
            self._on_finalize(connection, stored)
        self._on_committed()
        if current is not None:
            self._contents.discard(current.content_id)
        return stored


def _check_name(name: str) -> None:
    if not name or len(name.encode()) > MOST_NAME_BYTES or name in (".", "..") or "\n" in name or "\r" in name:
        raise invalid(f"Disallowed object name: an object name has 1 to {MOST_NAME_BYTES} bytes of UTF-8 and no line break.")


def _check(preconditions: Preconditions, current: StoredObject | None) -> None:
    preconditions.check(current.generation if current else 0, current.metageneration if current else 0)


def _find(connection: sqlite3.Connection, bucket: str, name: str) -> StoredObject | None:
    row = connection.execute("SELECT * FROM objects WHERE bucket = ? AND name = ?", (bucket, name)).fetchone()
    return None if row is None else _stored(row)


def _read_source(connection: sqlite3.Connection, source: Source, *, writing: bool = False) -> StoredObject:
    """Return the object that satisfies `source`; a failed not-match is 304 for a reader and 412 for a writer."""
    read_bucket(connection, source.bucket)
    current = _find(connection, source.bucket, source.name)
    if current is None or source.generation not in (None, current.generation):
        raise no_such_object(source.bucket, source.name)
    check = source.preconditions.check if writing else source.preconditions.check_read
    check(current.generation, current.metageneration)
    return current


def _next_generation(connection: sqlite3.Connection) -> int:
    """Return the time in microseconds, moved past the last generation given out so that it always grows."""
    now = time.time_ns() // 1000
    statement = "UPDATE last_generation SET generation = max(generation + 1, ?) RETURNING generation"
    generation: int = connection.execute(statement, (now,)).fetchone()["generation"]
    return generation


def _write(connection: sqlite3.Connection, stored: StoredObject) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO objects VALUES (:bucket, :name, :content_id, :size_bytes, :md5, :crc32c, :generation, :metageneration,"
        " :component_count, :attributes, :created_at, :updated_at)",
        asdict(stored) | {"attributes": json.dumps(stored.attributes)},
    )


def _stored(row: sqlite3.Row) -> StoredObject:
    return StoredObject(**{**dict(row), "attributes": json.loads(row["attributes"])})
