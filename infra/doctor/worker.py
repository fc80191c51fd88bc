"""Asks the worker, as those do who may call it."""

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import ValidationError

from services.worker.diagnostics import Diagnostics

# What a person may have the worker do, by what `make doctor DO=` calls it.
TASKS = {"sweep": "/tasks/sweep", "reproject": "/tasks/reproject", "reindex-faces": "/tasks/reindex-faces"}


class WorkerAway(Exception):
    """The worker did not answer, or not well; the message says how, without a full stop."""


def ask(url: str, path: str, token: str, timeout_seconds: float) -> dict[str, Any]:
    """GET `path`; POST where it is a task. Raises WorkerAway."""
    method, is_here = "POST" if path.startswith("/tasks/") else "GET", url.startswith("http://127.0.0.1")
    try:
        # No proxy of the environment may come between this machine and itself.
        with httpx.Client(timeout=timeout_seconds, trust_env=not is_here) as client:
            answer = client.request(method, url + path, headers={"authorization": f"Bearer {token}"})
    except httpx.HTTPError as error:
        raise WorkerAway(f"does not answer {method} {path} ({type(error).__name__})") from error
    if not answer.is_success:
        raise WorkerAway(f"answers {answer.status_code} to {method} {path}")
    found: dict[str, Any] = answer.json()
    return found


def understood(answer: Mapping[str, Any]) -> Diagnostics:
    """What /diagnostics answered. Raises WorkerAway where it is of another version."""
    try:
        return Diagnostics.model_validate(answer)
    except ValidationError as error:
        raise WorkerAway(f"answers /diagnostics as another version does ({error.error_count()} fields differ)") from error
