"""What a caller announced about the bytes of an upload: checksums, and a range of sizes."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from infra.local.storage.contents import Digest
from infra.local.storage.errors import StorageError, invalid

LENGTH_RANGE = re.compile(r"\s*(\d+)\s*,\s*(\d+)\s*")


@dataclass(frozen=True)
class Constraints:
    """What the uploaded bytes must satisfy: checksums in base64, and a range of sizes (both ends allowed)."""

    md5: str | None = None
    crc32c: str | None = None
    least_bytes: int | None = None
    most_bytes: int | None = None

    @classmethod
    def of_resource(cls, resource: Mapping[str, Any]) -> Self:
        """Read the checksums of an object resource."""
        return cls(md5=resource.get("md5Hash"), crc32c=resource.get("crc32c"))

    @classmethod
    def of_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read `x-goog-hash`, `content-md5` and `x-goog-content-length-range`; 400 for a malformed range."""
        pairs = [pair.strip().partition("=") for pair in headers.get("x-goog-hash", "").split(",")]
        checksums = {name: value for name, _, value in pairs}
        length_range = headers.get("x-goog-content-length-range")
        match = LENGTH_RANGE.fullmatch(length_range) if length_range is not None else None
        if length_range is not None and match is None:
            raise invalid("x-goog-content-length-range must be MINIMUM,MAXIMUM in bytes.")
        least, most = (int(match[1]), int(match[2])) if match else (None, None)
        return cls(checksums.get("md5") or headers.get("content-md5"), checksums.get("crc32c"), least, most)

    def check(self, digest: Digest) -> None:
        """Raise 400 unless the bytes are the ones that were announced."""
        if self.md5 not in (None, digest.md5):
            raise StorageError(400, "invalid", "BadDigest", f"Provided MD5 hash '{self.md5}' doesn't match calculated '{digest.md5}'.")
        if self.crc32c not in (None, digest.crc32c):
            message = f"Provided CRC32C '{self.crc32c}' doesn't match calculated CRC32C '{digest.crc32c}'."
            raise StorageError(400, "invalid", "BadDigest", message)
        if self.least_bytes is not None and digest.size_bytes < self.least_bytes:
            raise StorageError(400, "invalid", "EntityTooSmall", "Your proposed upload is smaller than the minimum size allowed.")
        if self.most_bytes is not None and digest.size_bytes > self.most_bytes:
            raise StorageError(400, "uploadTooLarge", "EntityTooLarge", "Your proposed upload is larger than the maximum size allowed.")

    def merged_with(self, other: "Constraints") -> "Constraints":
        """Return both sets of constraints; where both say something, `other` wins."""
        return replace(self, **{name: value for name, value in asdict(other).items() if value is not None})
