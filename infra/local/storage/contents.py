"""Object bytes on disk: staged while they arrive, then published under a content id that never changes what it holds."""

import base64
import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import google_crc32c
from starlette.concurrency import run_in_threadpool

# Reading and copying.
BLOCK_BYTES = 1024 * 1024
# Writing: the service persists a resumable upload in multiples of 256 KiB, so a broken connection costs less than one.
QUANTUM_BYTES = 256 * 1024


@dataclass(frozen=True)
class Digest:
    """Size and checksums (base64, as the API writes them) of some bytes."""

    size_bytes: int
    md5: str
    crc32c: str


class Contents:
    """The directories `staging/` (unfinished) and `contents/` (published, immutable)."""

    def __init__(self, directory: Path) -> None:
        self._staging = directory / "staging"
        self._published = directory / "contents"
        self._staging.mkdir(parents=True, exist_ok=True)
        self._published.mkdir(exist_ok=True)

    def staged_path(self, stage_id: str) -> Path:
        """Return where the unfinished bytes of an upload or a session lie."""
        return self._staging / stage_id

    @contextlib.contextmanager
    def stage(self) -> Iterator[Path]:
        """Yield a new empty staged file, removed on leaving whether it was published or not."""
        path = self.staged_path(f"upload-{uuid.uuid4().hex}")
        path.touch()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def publish(self, staged: Path) -> str:
        """Give fsynced staged bytes a content id and return it.

        A hard link appears atomically, like a rename, but keeps the staged file until the transaction has committed: a crash in
        between leaves a session that can still be resumed, and a link that `sweep` removes.
        """
        content_id = uuid.uuid4().hex
        os.link(staged, self._published / content_id)
        descriptor = os.open(self._published, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return content_id

    def open(self, content_id: str) -> BinaryIO:
        """Open published bytes; an open file stays readable after `discard`."""
        return (self._published / content_id).open("rb")

    def link_to(self, content_id: str, staged: Path) -> None:
        """Replace an empty staged file by published bytes without copying them."""
        staged.unlink()
        os.link(self._published / content_id, staged)

    def discard(self, content_id: str) -> None:
        """Delete published bytes that no object names any more."""
        (self._published / content_id).unlink(missing_ok=True)

    def sweep(self, content_ids: set[str], stage_ids: set[str]) -> None:
        """Remove what a crash left behind: everything except these published contents and these staged files."""
        for directory, wanted in ((self._published, content_ids), (self._staging, stage_ids)):
            for path in directory.iterdir():
                if path.name not in wanted:
                    path.unlink()


def measure(path: Path) -> Digest:
    """Force the bytes to disk and return their size and checksums, reading block by block."""
    md5 = hashlib.md5(usedforsecurity=False)
    crc32c = 0
    size_bytes = 0
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while block := file.read(BLOCK_BYTES):
            md5.update(block)
            crc32c = google_crc32c.extend(crc32c, block)
            size_bytes += len(block)
    return Digest(size_bytes, base64.b64encode(md5.digest()).decode(), base64.b64encode(crc32c.to_bytes(4, "big")).decode())


def append(source: BinaryIO, staged: Path) -> None:
    """Append an open file to a staged file, and close it."""
    with source, staged.open("ab") as target:
        shutil.copyfileobj(source, target, BLOCK_BYTES)


def read_range(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """Yield `length` bytes of an open file from `start` in blocks, and close it."""
    with file:
        file.seek(start)
        while length > 0 and (block := file.read(min(BLOCK_BYTES, length))):
            length -= len(block)
            yield block


def write_at(path: Path, offset: int, block: bytes) -> None:
    """Write `block` at `offset` of a staged file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(block)


async def in_blocks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Join the small pieces of a request body into blocks worth a trip to a thread."""
    pending = bytearray()
    async for piece in body:
        pending += piece
        if len(pending) >= QUANTUM_BYTES:
            yield bytes(pending)
            pending.clear()
    if pending:
        yield bytes(pending)


async def write_body(path: Path, body: AsyncIterator[bytes]) -> None:
    """Stream a request body into an empty staged file."""
    offset = 0
    async for block in in_blocks(body):
        await run_in_threadpool(write_at, path, offset, block)
        offset += len(block)
