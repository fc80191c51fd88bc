"""How Google's APIs write what the description says: compared and sent in the cloud and on one machine alike."""

from collections.abc import Sequence
from typing import Any

from infra.model import Bucket, FinalizeTrigger, Queue, ScheduledCall

FINALIZED = "google.cloud.storage.object.v1.finalized"


def seconds(value: float) -> str:
    """A duration, as protocol buffers have it in JSON."""
    return f"{value:g}s"


def queue(described: Queue) -> dict[str, Any]:
    """The fields of a Cloud Tasks queue. The burst size follows from the rate: the service computes it, nobody sets it."""
    retry = described.retry
    return {
        "rateLimits": {
            "maxDispatchesPerSecond": described.max_dispatches_per_second,
            "maxConcurrentDispatches": described.max_concurrent_dispatches,
        },
        "retryConfig": {
            "maxAttempts": retry.max_attempts,
            "minBackoff": seconds(retry.min_backoff_seconds),
            "maxBackoff": seconds(retry.max_backoff_seconds),
            "maxDoublings": retry.max_doublings,
        },
    }


def bucket(described: Bucket, origins: Sequence[str]) -> dict[str, Any]:
    """CORS and lifecycle of a bucket, for pages of `origins`."""
    cors, days = described.cors, described.delete_after_days
    rule = cors and {
        "origin": list(origins),
        "method": list(cors.methods),
        "responseHeader": list(cors.response_headers),
        "maxAgeSeconds": cors.max_age_seconds,
    }
    return {
        "cors": [rule] if rule else [],
        "lifecycle": {"rule": [] if days is None else [{"action": {"type": "Delete"}, "condition": {"age": days}}]},
    }


def trigger_filters(described: FinalizeTrigger, bucket_name: str) -> dict[str, str]:
    """What an Eventarc trigger listens for."""
    return {"type": FINALIZED, "bucket": bucket_name}


def scheduled_call(described: ScheduledCall, url: str, email: str) -> dict[str, Any]:
    """The fields of a Cloud Scheduler job that calls the service at `url` with a token of `email`."""
    return {
        "schedule": described.schedule,
        "timeZone": "Etc/UTC",
        "httpTarget": {
            "uri": url + described.path,
            "httpMethod": "POST",
            "oidcToken": {"serviceAccountEmail": email, "audience": url},
        },
        "attemptDeadline": seconds(described.attempt_deadline_seconds),
    }
