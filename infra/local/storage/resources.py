"""How a stored object looks on the wire: the JSON resource, and the headers of a download."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

# Fields of an object that a client may write; everything else in a request is ignored.
OBJECT_FIELDS = (
    "contentType",
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "customTime",
    "eventBasedHold",
    "metadata",
    "storageClass",
    "temporaryHold",
)
HEADER_OF_FIELD = {
    "contentType": "Content-Type",
    "cacheControl": "Cache-Control",
    "contentDisposition": "Content-Disposition",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
}
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class StoredObject:
    """One live version. Times are RFC 3339; checksums base64; `md5` is missing from composed objects."""

    bucket: str
    name: str
    content_id: str
    size_bytes: int
    md5: str | None
    crc32c: str
    generation: int
    metageneration: int
    component_count: int | None
    attributes: dict[str, Any]
    created_at: str
    updated_at: str


def writable(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object resource that a client may write, without nulls."""
    kept = {field: resource[field] for field in OBJECT_FIELDS if resource.get(field) is not None}
    if "metadata" in kept:
        kept["metadata"] = {key: str(value) for key, value in kept["metadata"].items() if value is not None}
    return kept


def merged(attributes: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Return `attributes` after a JSON merge patch (RFC 7396): null removes, nested objects merge."""
    result = dict(attributes)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            before = result.get(key)
            result[key] = merged(before if isinstance(before, dict) else {}, value)
        else:
            result[key] = value
    return result


def json_etag(*versions: int) -> str:
    """Return the JSON API's opaque entity tag."""
    return base64.b64encode("/".join(map(str, versions)).encode()).decode()


def object_resource(stored: StoredObject, base_url: str) -> dict[str, Any]:
    """Return the JSON resource, which is also the body of a finalize event. Numbers of 64 bits are strings, as in the service."""
    path = f"b/{stored.bucket}/o/{quote(stored.name, safe='')}"
    resource: dict[str, Any] = {
        "kind": "storage#object",
        "id": f"{stored.bucket}/{stored.name}/{stored.generation}",
        "selfLink": f"{base_url}/storage/v1/{path}",
        "mediaLink": f"{base_url}/download/storage/v1/{path}?generation={stored.generation}&alt=media",
        "name": stored.name,
        "bucket": stored.bucket,
        "generation": str(stored.generation),
        "metageneration": str(stored.metageneration),
        "storageClass": "STANDARD",
        "size": str(stored.size_bytes),
        "crc32c": stored.crc32c,
        "etag": json_etag(stored.generation, stored.metageneration),
        "timeCreated": stored.created_at,
        "updated": stored.updated_at,
        "timeStorageClassUpdated": stored.created_at,
        "timeFinalized": stored.created_at,
    }
    if stored.md5 is not None:
        resource["md5Hash"] = stored.md5
    if stored.component_count is not None:
        resource["componentCount"] = stored.component_count
    return resource | stored.attributes


def xml_etag(stored: StoredObject) -> str:
    """Return the XML API's entity tag: the MD5 in hexadecimal where there is one."""
    return f'"{base64.b64decode(stored.md5).hex()}"' if stored.md5 else f'"-{json_etag(stored.generation)}"'


def version_headers(stored: StoredObject) -> dict[str, str]:
    """Return the x-goog-* headers that name the version: on downloads, HEAD, and the answer to an XML upload."""
    checksums = [f"crc32c={stored.crc32c}"] + ([f"md5={stored.md5}"] if stored.md5 else [])
    return {
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": ",".join(checksums),
        "x-goog-stored-content-length": str(stored.size_bytes),
        "x-goog-stored-content-encoding": stored.attributes.get("contentEncoding", "identity"),
        "x-goog-storage-class": stored.attributes.get("storageClass", "STANDARD"),
    }


def download_headers(stored: StoredObject) -> dict[str, str]:
    """Return every header of a download except length, range and entity tag."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Cache-Control": "private, max-age=0",
        "Last-Modified": format_datetime(datetime.fromisoformat(stored.updated_at), usegmt=True),
        "Accept-Ranges": "bytes",
    }
    headers |= {header: stored.attributes[field] for field, header in HEADER_OF_FIELD.items() if field in stored.attributes}
    headers |= {f"x-goog-meta-{key}": value for key, value in stored.attributes.get("metadata", {}).items()}
    headers |= version_headers(stored)
    return {name: header_value(value) for name, value in headers.items()}


def header_value(text: str) -> str:
    """Return `text` so that the server sends it as UTF-8: a header is written as Latin-1 and may not contain control characters."""
    return CONTROL_CHARACTERS.sub(" ", text).encode().decode("latin-1")
