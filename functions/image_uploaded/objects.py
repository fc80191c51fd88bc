"""Read uploads at their exact generation, and write what is made of them exactly once."""

import google.auth
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud import storage

from picture import refuse_oversized_file

_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)
_TIMEOUT_SECONDS = 60
# Names of what we write contain the generation of what it was made from: their content never changes.
_CACHE_CONTROL = "private, max-age=31536000, immutable"


class Objects:
    """Cloud Storage, as far as this function uses it. Errors that outlast the client's own retries reach the caller."""

    def __init__(self, client: storage.Client) -> None:
        self._client = client

    def read(self, bucket: str, name: str, generation: int) -> bytes | None:
        """Return the content of one generation, None where it was deleted or replaced meanwhile.

        Raises UnusablePictureError where it is larger than a picture may be; nothing is downloaded then.
        """
        blob = self._client.bucket(bucket).get_blob(name, generation=generation, timeout=_TIMEOUT_SECONDS)
        if blob is None:
            return None
        refuse_oversized_file(blob.size)
        try:
            # Raw, because a compressed upload would otherwise unfold in memory to any size.
            return bytes(blob.download_as_bytes(raw_download=True, timeout=_TIMEOUT_SECONDS))
        except NotFound:
            return None

    def write_once(self, bucket: str, name: str, content: bytes, content_type: str) -> bytes:
        """Write an object unless it is there, and return what is there afterwards: what an earlier delivery wrote stays as it is."""
        blob = self._client.bucket(bucket).blob(name)
        blob.cache_control = _CACHE_CONTROL
        try:
            blob.upload_from_string(content, content_type=content_type, if_generation_match=0, timeout=_TIMEOUT_SECONDS)
        except PreconditionFailed:
            return bytes(blob.download_as_bytes(timeout=_TIMEOUT_SECONDS))
        return content


def connect(endpoint: str | None) -> Objects:
    """Connect with the credentials of the environment, to Google's endpoint unless another one is given or set for the client."""
    credentials, project = google.auth.default(scopes=_SCOPES)
    options = {"api_endpoint": endpoint} if endpoint else None
    return Objects(storage.Client(project=project, credentials=credentials, client_options=options))
