"""Where Veo reads its inputs and writes its videos: a bucket behind the unmodified Google client, or a directory."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import requests
from google.api_core import exceptions as google_errors
from google.cloud.storage import Client
from google.oauth2 import service_account

STORAGE_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
# Connect and read. Short, because the caller comes again and a stopping simulator must not wait for a bucket.
TIMEOUT_SECONDS = (2, 20)


class StoreError(Exception):
    """The root of what can go wrong with an object."""


class ObjectMissingError(StoreError):
    """The object to read, or the bucket to write into, does not exist."""


class ObjectExistsError(StoreError):
    """An object of that name is there already; it was not touched."""


class StoreUnavailableError(StoreError):
    """The store gave no answer, or none that can be used: try again."""


@dataclass(frozen=True)
class ObjectUri:
    """A place in a bucket. `name` may be empty or a prefix."""

    bucket: str
    name: str

    @classmethod
    def parse(cls, uri: str) -> "ObjectUri":
        """Read gs://bucket/name; ValueError on anything else."""
        scheme, _, rest = uri.partition("://")
        bucket, _, name = rest.partition("/")
        if scheme != "gs" or not bucket:
            raise ValueError("must have the form gs://bucket/name")
        return cls(bucket, name)

    def child(self, name: str) -> "ObjectUri":
        """The object `name` under this prefix."""
        prefix = self.name.rstrip("/")
        return ObjectUri(self.bucket, f"{prefix}/{name}" if prefix else name)

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.name}"


class ObjectStore(Protocol):
    """The two things Veo does with a bucket."""

    def read(self, uri: ObjectUri) -> bytes:
        """Return the content; ObjectMissingError, StoreUnavailableError."""

    def create(self, uri: ObjectUri, file: Path, content_type: str) -> None:
        """Write `file` as a new object; ObjectExistsError, ObjectMissingError (no bucket), StoreUnavailableError."""


class GoogleObjectStore:
    """Objects behind the Cloud Storage JSON API."""

    def __init__(self, endpoint: str, credentials_path: Path) -> None:
        credentials = service_account.Credentials.from_service_account_file(str(credentials_path), scopes=[STORAGE_SCOPE])
        # A JWT that the account signs itself needs no token endpoint: rendering goes on while the identity stand-in restarts.
        signing = credentials.with_always_use_jwt_access(True)
        self._client = Client(project=credentials.project_id, credentials=signing, client_options={"api_endpoint": endpoint})

    def read(self, uri: ObjectUri) -> bytes:
        """See ObjectStore."""
        try:
            content: bytes = self._client.bucket(uri.bucket).blob(uri.name).download_as_bytes(timeout=TIMEOUT_SECONDS, retry=None)
        except google_errors.NotFound as error:
            raise ObjectMissingError(str(uri)) from error
        except (google_errors.GoogleAPICallError, requests.RequestException) as error:
            raise StoreUnavailableError(f"{uri}: {type(error).__name__}") from error
        return content

    def create(self, uri: ObjectUri, file: Path, content_type: str) -> None:
        """See ObjectStore."""
        blob = self._client.bucket(uri.bucket).blob(uri.name)
        try:
            blob.upload_from_filename(str(file), content_type=content_type, if_generation_match=0, timeout=TIMEOUT_SECONDS, retry=None)
        except google_errors.PreconditionFailed as error:
            raise ObjectExistsError(str(uri)) from error
        except google_errors.NotFound as error:
            raise ObjectMissingError(str(uri)) from error
        except (google_errors.GoogleAPICallError, requests.RequestException) as error:
            raise StoreUnavailableError(f"{uri}: {type(error).__name__}") from error


class DirectoryObjectStore:
    """Objects as files under `root`/bucket/name; a bucket exists when its directory does."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, uri: ObjectUri) -> bytes:
        """See ObjectStore."""
        try:
            return (self._root / uri.bucket / uri.name).read_bytes()
        except (FileNotFoundError, IsADirectoryError) as error:
            raise ObjectMissingError(str(uri)) from error

    def create(self, uri: ObjectUri, file: Path, content_type: str) -> None:
        """See ObjectStore. The content type is not kept."""
        bucket = self._root / uri.bucket
        if not bucket.is_dir():
            raise ObjectMissingError(str(uri))
        path = bucket / uri.name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.unfinished")
        shutil.copyfile(file, unfinished)
        try:
            os.link(unfinished, path)  # appears whole, and never over another
        except FileExistsError as error:
            raise ObjectExistsError(str(uri)) from error
        finally:
            unfinished.unlink()
