"""Resumable upload sessions: rows that survive a restart, and staged files that grow by 256 KiB until the upload completes."""

import asyncio
import json
import re
import secrets
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from starlette.concurrency import run_in_threadpool

from infra.local.storage.buckets import read_bucket
from infra.local.storage.constraints import Constraints
from infra.local.storage.contents import QUANTUM_BYTES, Contents, in_blocks, write_at
from infra.local.storage.database import Database, rfc3339
from infra.local.storage.errors import StorageError, invalid
from infra.local.storage.objects import Destination, ObjectRepository
from infra.local.storage.preconditions import Preconditions
from infra.local.storage.resources import StoredObject

# "A resumable session URI expires after one week", cloud.google.com/storage/docs/resumable-uploads
SESSION_LIFETIME = timedelta(days=7)
CONTENT_RANGE = re.compile(r"bytes (?:\*|(\d+)-(\d+))/(?:\*|(\d+))")


@dataclass(frozen=True)
class UploadSession:
    """What was said when the session began, and the object once it is complete."""

    id: str
    destination: Destination
    attributes: dict[str, Any]
    constraints: Constraints
    size_bytes: int | None
    origin: str | None
    finalized: StoredObject | None


@dataclass(frozen=True)
class ContentRange:
    """A `Content-Range` of an upload: the first byte it carries (None: a status query), and the total size if it is known."""

    first: int | None
    last: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Return what the header says; a request without one carries the whole object. 400 for anything malformed."""
        if header is None:
            return cls(0, None, None)
        match = CONTENT_RANGE.fullmatch(header.strip())
        if match is None:
            raise invalid(f"Failed to parse Content-Range header: {header}")
        first, last, total = (None if group is None else int(group) for group in match.groups())
        if first is not None and last is not None and (last < first or (total is not None and last >= total)):
            raise invalid(f"Invalid Content-Range header: {header}")
        return cls(first, last, total)

    @property
    def carries_everything(self) -> bool:
        """Whether the request has no Content-Range, so that the end of its body is the end of the object."""
        return self.first is not None and self.last is None


@dataclass
class _Writer:
    """The request that may write to a session now; a newer request takes over, because the older connection may be dead."""

    owner: object = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class UploadSessions:
    """Knowing a session's id is the right to use it, as in the service."""

    def __init__(self, database: Database, contents: Contents, objects: ObjectRepository) -> None:
        self._database = database
        self._contents = contents
        self._objects = objects
        self._writers: dict[str, _Writer] = {}

    def create(
        self,
        destination: Destination,
        attributes: dict[str, Any],
        constraints: Constraints,
        size_bytes: int | None,
        origin: str | None,
    ) -> str:
        """Begin an upload and return the session's id; 404 for a missing bucket."""
        session_id = secrets.token_urlsafe(48)
        with self._database.transaction() as connection:
            read_bucket(connection, destination.bucket)
            self._contents.staged_path(session_id).touch()
            connection.execute(
                "INSERT INTO upload_sessions VALUES (:id, :bucket, :name, :attributes, :preconditions, :constraints, :size_bytes, :origin,"
                " NULL, :created_at)",
                {
                    "id": session_id,
                    "bucket": destination.bucket,
                    "name": destination.name,
                    "attributes": json.dumps(attributes),
                    "preconditions": json.dumps(asdict(destination.preconditions)),
                    "constraints": json.dumps(asdict(constraints)),
                    "size_bytes": size_bytes,
                    "origin": origin,
                    "created_at": rfc3339(),
                },
            )
        return session_id

    def find(self, session_id: str) -> UploadSession | None:
        """Return the session, complete or not; None for an unknown one."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT * FROM upload_sessions WHERE id = ?", (session_id,)).fetchone()
        return None if row is None else _session(row)

    def get(self, session_id: str) -> UploadSession:
        """Return the session; 404."""
        session = self.find(session_id)
        if session is None:
            raise StorageError(404, "notFound", "NoSuchUpload", "The upload session does not exist. Begin a new one.")
        return session

    def cancel(self, session_id: str) -> None:
        """Forget an unfinished upload and its bytes; 404."""
        self.get(session_id)
        self._delete(session_id)

    async def receive(
        self, session_id: str, content_range: ContentRange, body: AsyncIterator[bytes], constraints: Constraints
    ) -> StoredObject | int:
        """Take in a chunk or answer a status query: the object if the upload is complete, else the number of bytes persisted.

        A chunk may overlap what is persisted already; a gap is 400, and so is a size other than the one announced.
        """
        writer = self._writers.setdefault(session_id, _Writer())
        writer.owner = me = object()
        try:
            async with writer.lock:
                session, persisted = await run_in_threadpool(self._resume, session_id, content_range)
            if session.finalized is not None:
                return session.finalized
            total = _agreed_total(session, content_range)
            if content_range.first is not None:
                await self._write(session, writer, content_range, persisted, body)
            async with writer.lock:
                _require_owner(writer, me)
                return await run_in_threadpool(self._settle, session, content_range, total, constraints)
        finally:
            if writer.owner is me:
                del self._writers[session_id]

    def _resume(self, session_id: str, content_range: ContentRange) -> tuple[UploadSession, int]:
        """Return the session and the number of bytes persisted, having cut off what was never acknowledged."""
        session = self.get(session_id)
        if session.finalized is not None:
            return session, session.finalized.size_bytes
        path = self._contents.staged_path(session_id)
        if content_range.carries_everything:
            path.write_bytes(b"")
        return session, _cut_to_quantum(path)

    async def _write(
        self, session: UploadSession, writer: _Writer, content_range: ContentRange, persisted: int, body: AsyncIterator[bytes]
    ) -> None:
        offset = content_range.first or 0
        if offset > persisted:
            raise invalid(
                f"Invalid request. According to the Content-Range header, the upload offset is {offset} byte(s), "
                f"which exceeds already uploaded size of {persisted} byte(s)."
            )
        me = writer.owner
        async for block in in_blocks(body):
            if content_range.last is not None and offset + len(block) > content_range.last + 1:
                raise invalid("The request body is longer than its Content-Range header says.")
            async with writer.lock:
                _require_owner(writer, me)
                await run_in_threadpool(write_at, self._contents.staged_path(session.id), offset, block)
            offset += len(block)

    def _settle(
        self, session: UploadSession, content_range: ContentRange, total: int | None, constraints: Constraints
    ) -> StoredObject | int:
        """Complete the upload if every byte is there, else return how many bytes persist."""
        path = self._contents.staged_path(session.id)
        size_bytes = path.stat().st_size
        if content_range.carries_everything:
            total = size_bytes if total is None else total
            if size_bytes != total:
                raise invalid(f"The upload has {size_bytes} bytes, {total} were announced.")
        return self._complete(session, path, constraints) if size_bytes == total else _cut_to_quantum(path)

    def _complete(self, session: UploadSession, path: Path, constraints: Constraints) -> StoredObject:
        """Commit the object; a refusal ends the session, as in the service."""
        try:
            stored = self._objects.store(path, session.destination, session.attributes, session.constraints.merged_with(constraints))
        except StorageError:
            self._delete(session.id)
            raise
        path.unlink()
        return stored

    def _delete(self, session_id: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM upload_sessions WHERE id = ?", (session_id,))
        self._contents.staged_path(session_id).unlink(missing_ok=True)

    def expire(self) -> set[str]:
        """Forget sessions older than a week and return the ids of the ones that are still open."""
        oldest = rfc3339(datetime.now(UTC) - SESSION_LIFETIME)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM upload_sessions WHERE created_at < ?", (oldest,))
            return {row["id"] for row in connection.execute("SELECT id FROM upload_sessions WHERE finalized IS NULL")}


def _cut_to_quantum(path: Path) -> int:
    """Cut a staged file to a multiple of 256 KiB and return its size. What lies beyond was never acknowledged."""
    size_bytes = path.stat().st_size
    persisted = size_bytes - size_bytes % QUANTUM_BYTES
    if persisted != size_bytes:
        with path.open("r+b") as file:
            file.truncate(persisted)
    return persisted


def _agreed_total(session: UploadSession, content_range: ContentRange) -> int | None:
    if None not in (session.size_bytes, content_range.total) and session.size_bytes != content_range.total:
        raise invalid(f"The total size {content_range.total} differs from the announced size {session.size_bytes}.")
    return session.size_bytes if content_range.total is None else content_range.total


def _require_owner(writer: _Writer, owner: object) -> None:
    if writer.owner is not owner:
        raise StorageError(503, "backendError", "SlowDown", "A newer request continues this upload.")


def _session(row: sqlite3.Row) -> UploadSession:
    finalized = row["finalized"]
    preconditions = Preconditions(**json.loads(row["preconditions"]))
    return UploadSession(
        id=row["id"],
        destination=Destination(row["bucket"], row["name"], preconditions, row["id"]),
        attributes=json.loads(row["attributes"]),
        constraints=Constraints(**json.loads(row["constraints"])),
        size_bytes=row["size_bytes"],
        origin=row["origin"],
        finalized=None if finalized is None else StoredObject(**json.loads(finalized)),
    )
