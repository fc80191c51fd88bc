"""Delivers tasks: each row becomes one Cloud Task with an OIDC token, named after the row so that a repeat is refused."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from services.core.kit.telemetry import carried
from services.core.outbox.drain import DeliveryFailed
from services.core.settings import Settings

TIMEOUT_SECONDS = 5.0
DISPATCH_DEADLINE = timedelta(minutes=15)  # settling a long chain; the worker's own limit on Cloud Run is the same


class CloudTasksDispatcher:
    """Creates tasks in the queue. The client is made on first use: it takes most of a second to import."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        """Create the task; one that exists already was created by an earlier delivery of the same row."""
        from google.api_core import exceptions  # noqa: PLC0415  # with the client, on first use
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  # with the client, on first use

        try:
            self._client.create_task(request={"parent": self._queue, "task": self._task(row_id, payload)}, timeout=TIMEOUT_SECONDS)
        except exceptions.Conflict:  # ALREADY_EXISTS; over REST the client knows it by its HTTP status alone
            return
        except (exceptions.GoogleAPIError, GoogleAuthError, OSError) as error:
            raise DeliveryFailed(f"Cloud Tasks did not take it: {type(error).__name__}") from error

    @cached_property
    def _client(self) -> Any:
        import google.auth  # noqa: PLC0415  # cold start, see the class
        from google.cloud import tasks_v2  # noqa: PLC0415  # cold start, see the class

        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
        endpoint = self._settings.cloud_tasks_endpoint
        # REST, not gRPC: no second network stack in the process, and any endpoint by its plain URL.
        return tasks_v2.CloudTasksClient(
            transport="rest", credentials=credentials, client_options={"api_endpoint": endpoint} if endpoint else None
        )

    @property
    def _queue(self) -> str:
        settings = self._settings
        return f"projects/{settings.google_cloud_project}/locations/{settings.google_cloud_region}/queues/{settings.tasks_queue}"

    def _task(self, row_id: UUID, payload: Mapping[str, Any]) -> dict[str, Any]:
        settings = self._settings
        base = {"worker": settings.worker_url, "image_uploaded": settings.face_function_url}[payload["target"]]
        task: dict[str, Any] = {
            "name": f"{self._queue}/tasks/{payload.get('name') or row_id.hex}",
            "dispatch_deadline": DISPATCH_DEADLINE,
            "http_request": {
                "http_method": "POST",
                "url": base.rstrip("/") + payload["path"],
                "headers": {"Content-Type": "application/json", **payload.get("headers", {}), **carried()},
                "body": json.dumps(payload["body"]).encode(),
                "oidc_token": {"service_account_email": settings.invoker_account, "audience": base.rstrip("/")},
            },
        }
        if payload["at"]:
            task["schedule_time"] = datetime.fromisoformat(payload["at"])
        return task
