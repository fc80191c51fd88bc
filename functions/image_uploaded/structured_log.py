"""Log lines as Cloud Logging reads them: one JSON object on stdout, with `severity` and `message`."""

import json
import os
import re
import sys
from contextvars import ContextVar
from typing import Literal

Severity = Literal["INFO", "WARNING", "ERROR"]

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The header of the request that is handled: which trace it belongs to (https://www.w3.org/TR/trace-context/#traceparent-header)."""
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def log(severity: Severity, event: str, **facts: str | int | float) -> None:
    """Write one line: a dotted past-tense event and its facts. Never pass pictures, faces, tokens or signed URLs; pass ids."""
    line = json.dumps({"severity": severity, "message": event, "service": "image_uploaded", **facts, **_trace()})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _trace() -> dict[str, str | bool]:
    found = _TRACEPARENT.fullmatch(traceparent.get() or "")
    if found is None:
        return {}
    trace_id, span_id, flags = found.groups()
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    return {
        "logging.googleapis.com/trace": f"projects/{project}/traces/{trace_id}" if project else trace_id,
        "logging.googleapis.com/spanId": span_id,
        "logging.googleapis.com/trace_sampled": bool(int(flags, 16) & 1),
    }
