"""Structured logs: one JSON object a line, with the field names Cloud Logging and Error Reporting read.

https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
https://cloud.google.com/error-reporting/docs/formatting-error-messages
"""

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from opentelemetry import trace

_SEVERITY = {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR", "critical": "CRITICAL", "exception": "ERROR"}
# What errors of other people's libraries quote: signed URLs, tokens, and Pydantic's what it was given. Ours quote nothing.
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>)\]]*=[^\s\"'<>)\]]*")
_TOKEN = re.compile(r"(?i)\bbearer\s+[\w.~+/=-]+|\beyJ[\w-]{8,}(?:\.[\w-]+)+|\bya29\.[\w-]+")
_INPUT = re.compile(r"(?<=input_value=).*?(?=, input_type=)", re.DOTALL)
REDACTED = "[redacted]"


def redacted(text: str) -> str:
    """`text` without the queries of URLs, without tokens, and without what did not fit a model."""
    return _TOKEN.sub(REDACTED, _QUERY.sub(f"?{REDACTED}", _INPUT.sub(REDACTED, text)))


def configure_logging(service: str) -> None:
    """Send all logs of this process to stdout as JSON. Call once, at the start of a process."""
    structlog.configure(
        processors=processors(service, os.environ.get("GOOGLE_CLOUD_PROJECT", "")),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # It warns of each retry; what retries do not mend, the caller reports.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def processors(service: str, project: str) -> list[Any]:
    """What makes a line of an entry. `project` completes the names of traces; without one they are bare ids."""
    context = {"service": service, **({"version": revision} if (revision := os.environ.get("K_REVISION")) else {})}
    prefix = f"projects/{project}/traces/" if project else ""

    def cloud_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["severity"] = _SEVERITY.get(event.pop("level", "info"), "DEFAULT")
        event["message"] = event.pop("event", "")
        event["service"] = service
        if "exception" in event:
            event["stack_trace"] = event.pop("exception")
            event["serviceContext"] = context
        here = trace.get_current_span().get_span_context()
        if here.is_valid:
            event["logging.googleapis.com/trace"] = f"{prefix}{here.trace_id:032x}"
            event["logging.googleapis.com/spanId"] = f"{here.span_id:016x}"
            event["logging.googleapis.com/trace_sampled"] = here.trace_flags.sampled
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        cloud_fields,
        _redact,
        structlog.processors.JSONRenderer(),
    ]


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = redacted(value)
    return event
