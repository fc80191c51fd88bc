"""Errors as Google's REST APIs put them on the wire.

ApiError
└── raised by `invalid_argument`, `not_found`, `unauthenticated`, `quota_exceeded`, `unavailable`
"""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """An answer that is an error: HTTP code, canonical status, a message that names the field or resource, and details."""

    def __init__(self, code: int, status: str, message: str, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid_argument(field: str, message: str) -> ApiError:
    """400: the request breaks a rule; `field` is its name on the wire, in camelCase."""
    violation = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field, "description": message}]}
    return ApiError(400, "INVALID_ARGUMENT", f"{field}: {message}", [violation])


def not_found(message: str) -> ApiError:
    """404: no such model, operation or path."""
    return ApiError(404, "NOT_FOUND", message)


def unauthenticated() -> ApiError:
    """401: no credentials, or none that hold."""
    return ApiError(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication "
        "credential.",
    )


def quota_exceeded(retry_seconds: float) -> ApiError:
    """429: nothing was started; RetryInfo says when to come again."""
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_seconds:g}s"}
    return ApiError(429, "RESOURCE_EXHAUSTED", "Quota exceeded for online prediction requests per minute per base model.", [retry])


def unavailable() -> ApiError:
    """503: whether anything was started, the caller cannot tell."""
    return ApiError(503, "UNAVAILABLE", "The service is currently unavailable.")
