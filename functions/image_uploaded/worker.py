"""Hand a result to the worker, which alone may change what the product knows."""

import google.auth.transport.requests
import requests
from google.oauth2 import id_token

from payload import FaceAnalyzed
from structured_log import traceparent

_TIMEOUT_SECONDS = 60


class WorkerRefusedError(Exception):
    """The worker did not take a result; the event must be delivered again."""


class Worker:
    """The worker behind its URL, which is also the audience of the identity token we present."""

    def __init__(self, url: str) -> None:
        self._url = url

    def tell(self, message: FaceAnalyzed) -> None:
        """Deliver a result. Raises WorkerRefusedError on any answer but 2xx, and requests' errors where there is none."""
        token = id_token.fetch_id_token(google.auth.transport.requests.Request(), self._url)
        here = traceparent.get()
        answer = requests.post(
            f"{self._url}/tasks/face-analyzed",
            json=message.to_json(),
            headers={"Authorization": f"Bearer {token}", **({"traceparent": here} if here else {})},
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        if not 200 <= answer.status_code < 300:
            raise WorkerRefusedError(f"The worker answered {answer.status_code} to the result for {message.name}#{message.generation}.")
