"""Turns a refusal that was ordered into the error that goes over the wire."""

from typing import assert_never

from infra.local.vertex import errors
from infra.local.vertex.behaviour import BadRequest, Quota, Refusal, Unavailable


def refusal_error(refusal: Refusal, field: str = "prompt") -> errors.ApiError:
    """Return the error to raise; `field` is what a bad request is blamed on."""
    match refusal:
        case Quota(retry_seconds=seconds):
            return errors.quota_exceeded(seconds)
        case Unavailable():
            return errors.unavailable()
        case BadRequest(message=message):
            return errors.invalid_argument(field, message)
        case unknown:
            assert_never(unknown)
