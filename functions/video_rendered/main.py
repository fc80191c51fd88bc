"""video_rendered: an object was finalized in the renders bucket, so a render is done; the worker settles it at once.

Runs in the backend's environment. It only passes the object's name on: the state is read where it is used, so a repeated
or late event does nothing.
"""

import os
from functools import cache

import functions_framework
import google.auth.transport.requests
import requests
from cloudevents.http import CloudEvent
from google.oauth2 import id_token

TIMEOUT_SECONDS = 30


@functions_framework.cloud_event
def video_rendered(event: CloudEvent) -> None:
    """Tell the worker which object appeared. Raises where the worker did not take it, so that Eventarc comes again."""
    stored = event.data
    worker_url = os.environ["WORKER_URL"].rstrip("/")
    body = {"bucket": stored["bucket"], "name": stored["name"], "generation": str(stored["generation"])}
    token = id_token.fetch_id_token(_transport(), worker_url)
    answer = requests.post(
        f"{worker_url}/tasks/object-finalized",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT_SECONDS,
    )
    answer.raise_for_status()


@cache
def _transport() -> google.auth.transport.requests.Request:
    return google.auth.transport.requests.Request()
