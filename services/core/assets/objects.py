"""Objects in the buckets: the one adapter over google-cloud-storage, with preconditions on every write."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from services.core.settings import Settings

CHUNK_BYTES = 8 * 1024 * 1024
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing or an event names it."""

    bucket: str
    name: str
    generation: int
    size_bytes: int


class ObjectStore:
    """Cloud Storage. The client is made on first use, so that a process that never touches objects never loads it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:
        # Imported here for cold start: half a second that most API requests never need.
        import google.auth  # noqa: PLC0415  # see above
        from google.cloud.storage import Client  # noqa: PLC0415  # see above

        credentials, _ = google.auth.default(scopes=[SCOPE])
        endpoint = self._settings.storage_endpoint
        options = {"api_endpoint": endpoint} if endpoint else None
        return Client(project=self._settings.google_cloud_project, credentials=credentials, client_options=options)

    def list_under(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Objects whose name starts with `prefix`."""
        for blob in self._client.list_blobs(bucket, prefix=prefix):
            yield StoredObject(bucket, blob.name, int(blob.generation), int(blob.size))

    def find(self, bucket: str, name: str) -> StoredObject | None:
        """The object as it is now."""
        blob = self._client.bucket(bucket).get_blob(name)
        return StoredObject(bucket, name, int(blob.generation), int(blob.size)) if blob is not None else None

    def exists(self, bucket: str, name: str) -> bool:
        """True where the object exists now."""
        return bool(self._client.bucket(bucket).blob(name).exists())

    def download(self, bucket: str, name: str, path: Path) -> None:
        """Write the object to `path`. Raises google.api_core.exceptions.NotFound where it is gone."""
        self._client.bucket(bucket).blob(name, chunk_size=CHUNK_BYTES).download_to_filename(str(path))

    def create(self, bucket: str, name: str, path: Path, content_type: str) -> bool:
        """Write `path` as a new object; False where one of that name exists already, which then stays as it is."""
        from google.api_core.exceptions import PreconditionFailed  # noqa: PLC0415  # with the client, on first use

        blob = self._client.bucket(bucket).blob(name, chunk_size=CHUNK_BYTES)
        blob.cache_control = "private, max-age=31536000, immutable"  # names are never reused
        try:
            blob.upload_from_filename(str(path), content_type=content_type, if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    def delete(self, bucket: str, name: str) -> None:
        """Delete the object; one that is gone already is fine."""
        from google.api_core.exceptions import NotFound  # noqa: PLC0415  # with the client, on first use

        try:
            self._client.bucket(bucket).blob(name).delete()
        except NotFound:
            return

    def start_upload(self, bucket: str, name: str, *, content_type: str, size_bytes: int, origin: str | None) -> str:
        """Start a resumable session and return its URI, which takes exactly `size_bytes` once and then is spent.

        The URI is a secret: whoever has it may write this one object. `origin` is the page that a browser uploads from.
        """
        blob = self._client.bucket(bucket).blob(name)
        uri: str = blob.create_resumable_upload_session(
            content_type=content_type, size=size_bytes, origin=origin, if_generation_match=0, checksum=None
        )
        return uri

    def signed_url(self, bucket: str, name: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        """A V4 URL that lets its holder read the object, ranges included, for `lifetime`; a download where `file_name` is given."""
        blob = self._client.bucket(bucket).blob(name)
        arguments: dict[str, Any] = {"version": "v4", "method": "GET", "expiration": lifetime}
        if file_name:
            # RFC 6266: a name of any letters, and none of them can end the header.
            arguments["response_disposition"] = f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"
        if self._settings.signing_account:
            arguments["credentials"] = self._iam_signer
        url: str = blob.generate_signed_url(**arguments)
        return url

    @cached_property
    def _iam_signer(self) -> Any:
        """Credentials that sign as SIGNING_ACCOUNT by the IAM API: on Cloud Run nobody holds a private key."""
        import google.auth  # noqa: PLC0415  # with the client, on first use
        from google.auth import impersonated_credentials  # noqa: PLC0415  # with the client, on first use

        source, _ = google.auth.default(scopes=[SCOPE])
        return impersonated_credentials.Credentials(
            source_credentials=source, target_principal=self._settings.signing_account, target_scopes=[SCOPE]
        )
