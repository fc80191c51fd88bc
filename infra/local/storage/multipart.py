"""Reads a `multipart/related` upload as it streams: a small JSON part, then a part of any size."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

from infra.local.storage.errors import StorageError, invalid

# gcloud puts the boundary into single quotes.
BOUNDARY = re.compile(r"""boundary=("[^"]+"|'[^']+'|[^;,\s]+)""", re.IGNORECASE)
# The service limits object metadata to 8 KiB; a part this long is no metadata.
MOST_METADATA_BYTES = 1024 * 1024


class RelatedBody:
    """The two parts of one request; read `metadata` first, then iterate `content` to its end."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        match = BOUNDARY.search(content_type)
        if match is None:
            raise invalid("A multipart upload needs a Content-Type with a boundary.")
        self._boundary = b"--" + match[1].strip("\"'").encode()
        self._body = body
        self._buffer = bytearray()
        # Google's Python tools end lines with a bare line feed, everybody else with CRLF: the first boundary tells.
        self._newline = b"\r\n"

    async def metadata(self) -> tuple[dict[str, Any], str | None]:
        """Return the object resource of the first part and the media type of the second; 400 for anything else."""
        await self._read_until(self._boundary)
        end_of_line = await self._read_until(b"\n")
        self._newline = b"\r\n" if end_of_line.endswith(b"\r") else b"\n"
        await self._part_headers()
        text = await self._read_until(self._newline + self._boundary)
        await self._read_until(b"\n")
        headers = await self._part_headers()
        try:
            resource = json.loads(text)
        except ValueError as malformed:
            raise invalid("Parse Error: the first part is not JSON.") from malformed
        if not isinstance(resource, dict):
            raise invalid("The first part must be a JSON object.")
        return resource, headers.get("content-type")

    async def content(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the second part; 400 if the closing boundary is missing."""
        closing = self._newline + self._boundary
        while (end := self._buffer.find(closing)) < 0:
            # The end of the buffer may be the beginning of the boundary.
            safe = max(len(self._buffer) - len(closing), 0)
            if safe:
                yield bytes(self._buffer[:safe])
                del self._buffer[:safe]
            if not await self._fill():
                raise _unfinished()
        yield bytes(self._buffer[:end])
        async for _ in self._body:
            pass

    async def _part_headers(self) -> dict[str, str]:
        headers = {}
        while line := (await self._read_until(b"\n")).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    async def _read_until(self, delimiter: bytes) -> bytes:
        """Return what comes before `delimiter`, and drop both from the buffer."""
        while (end := self._buffer.find(delimiter)) < 0:
            if len(self._buffer) > MOST_METADATA_BYTES or not await self._fill():
                raise _unfinished()
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(delimiter)]
        return found

    async def _fill(self) -> bool:
        piece = await anext(self._body, None)
        self._buffer += piece or b""
        return piece is not None


def _unfinished() -> StorageError:
    return invalid("Missing end boundary in multipart body.")
