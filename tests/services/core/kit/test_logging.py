"""Logs are JSON that Cloud Logging reads: a severity, a message, the service, and facts as fields."""

import json
import subprocess
import sys

import pytest

from services.core.kit.logging import redacted

PROGRAM = """
import structlog
from services.core.kit.logging import configure_logging

configure_logging("worker")
log = structlog.get_logger()
log.debug("job.looked_at")
log.info("job.submitted", job_id="j", attempt=2)
log.warning("outbox.delivery_failed")
try:
    raise ValueError("no")
except ValueError:
    log.exception("job.settling_failed")
"""


def test_each_entry_is_one_line_of_json_with_its_severity() -> None:
    """In a process of its own: logging is set up once for a whole process."""
    finished = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)

    entries = [json.loads(line) for line in finished.stdout.splitlines()]

    assert [(entry["severity"], entry["message"], entry["service"]) for entry in entries] == [
        ("INFO", "job.submitted", "worker"),
        ("WARNING", "outbox.delivery_failed", "worker"),
        ("ERROR", "job.settling_failed", "worker"),
    ]
    assert (entries[0]["job_id"], entries[0]["attempt"]) == ("j", 2)
    assert entries[0]["time"].endswith("Z")
    assert "ValueError: no" in entries[2]["stack_trace"]
    assert entries[2]["serviceContext"] == {"service": "worker"}
    assert not any(name.startswith("logging.googleapis.com/") for name in entries[0])


@pytest.mark.parametrize(
    "quoted",
    [
        "GET https://storage.googleapis.com/b/o/video.mp4?X-Goog-Algorithm=GOOG4&X-Goog-Signature=SECRET: 403",
        "url: /upload/storage/v1/b/o?uploadType=resumable&upload_id=SECRET",
        "{'Authorization': 'Bearer SECRET.part-two'}",
        "the token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.SECRET is over",
        "ya29.SECRET-of-google",
        "prompt\n  Input should be a number [type=int_parsing, input_value='a SECRET, at dawn', input_type=str]",
    ],
)
def test_what_libraries_quote_is_redacted(quoted: str) -> None:
    assert "SECRET" not in redacted(quoted)
    assert "[redacted]" in redacted(quoted)


@pytest.mark.parametrize("said", ["Why? Because a = b.", "job 7 moved: queued -> submitted", "https://example.com/a/b: 404"])
def test_what_is_no_secret_is_left_as_it_is(said: str) -> None:
    assert redacted(said) == said
