"""Structured logs: one JSON object a line, with the field names Cloud Logging reads."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SEVERITY = {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR", "critical": "CRITICAL", "exception": "ERROR"}


def _cloud_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["severity"] = _SEVERITY.get(event.pop("level", "info"), "DEFAULT")
    event["message"] = event.pop("event", "")
    return event


def configure_logging(service: str) -> None:
    """Send all logs of this process to stdout as JSON. Call once, at the start of a process."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        _cloud_fields,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # It warns of each retry; what retries do not mend, the caller reports.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
