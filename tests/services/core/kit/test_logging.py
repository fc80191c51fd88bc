"""Logs are JSON that Cloud Logging reads: a severity, a message, the service, and facts as fields."""

import json
import subprocess
import sys

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
    assert "ValueError: no" in entries[2]["exception"]
