"""Log lines as Cloud Logging reads them: one JSON object on stdout, with `severity` and `message`."""

import json
import sys
from typing import Literal

Severity = Literal["INFO", "WARNING", "ERROR"]


def log(severity: Severity, event: str, **facts: str | int | float) -> None:
    """Write one line: a dotted past-tense event and its facts. Never pass pictures, faces, tokens or signed URLs; pass ids."""
    line = json.dumps({"severity": severity, "message": event, "service": "image_uploaded", **facts})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
