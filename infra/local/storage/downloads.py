"""Responses that carry an object's bytes: ranges, entity tags, and the headers of a version."""

import re
from collections.abc import Mapping
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse

from infra.local.storage.contents import read_range
from infra.local.storage.errors import StorageError, not_modified
from infra.local.storage.resources import StoredObject, download_headers

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def requested_range(header: str | None, size_bytes: int) -> range | None:
    """Return the bytes that a `Range` header asks for; None for the whole object.

    A malformed header and one with several ranges are ignored, as HTTP allows; a range outside the object is 416.
    """
    match = RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        wanted = range(max(size_bytes - int(last), 0), size_bytes)
    else:
        wanted = range(int(first), min(int(last) + 1 if last else size_bytes, size_bytes))
        if last and int(last) < int(first):
            return None
    if not wanted:
        message = "The requested range cannot be satisfied."
        raise StorageError(416, "requestedRangeNotSatisfiable", "InvalidRange", message, {"Content-Range": f"bytes */{size_bytes}"})
    return wanted


def download(stored: StoredObject, file: BinaryIO, request_headers: Mapping[str, str], etag: str) -> Response:
    """Return a streaming 200 or 206 that closes `file` at its end; 304 for a matching If-None-Match, 416."""
    try:
        if request_headers.get("if-none-match") in (etag, "*"):
            raise not_modified()
        wanted = requested_range(request_headers.get("range"), stored.size_bytes)
    except StorageError:
        file.close()
        raise
    headers = download_headers(stored) | {"ETag": etag}
    if wanted is None:
        headers["Content-Length"] = str(stored.size_bytes)
        return StreamingResponse(read_range(file, 0, stored.size_bytes), headers=headers)
    headers["Content-Length"] = str(len(wanted))
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{stored.size_bytes}"
    return StreamingResponse(read_range(file, wanted.start, len(wanted)), 206, headers=headers)
