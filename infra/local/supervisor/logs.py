"""What the parts say: every line into the part's own file, and the lines that a person should see onto the terminal."""

import asyncio
import json
import re
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from infra.local.supervisor.layout import shown

ROTATE_BYTES = 20 * 1024 * 1024
TAIL_LINES = 20
LINE_LIMIT_BYTES = 64 * 1024
LOUD_SEVERITIES = {"WARNING", "ERROR", "CRITICAL"}
# Fields that are shown otherwise, or are too long for one line.
TRACE_FIELDS = {f"logging.googleapis.com/{name}" for name in ("trace", "spanId", "trace_sampled")}
QUIET_FIELDS = {"severity", "message", "time", "service", "serviceContext", "stack_trace", "httpRequest", *TRACE_FIELDS}
# Libraries (services/core/kit/logging.py: "%(levelname)s %(name)s %(message)s"): their warnings are for the file.
PLAIN_LOUD_LINE = re.compile(r"(ERROR|CRITICAL) ")
# More than this many lines of one part within the window are left to its file.
SHOWN_LINES = 5
SHOWN_WINDOW_SECONDS = 10.0


class Terminal:
    """The lines a person sees. Only one process writes there, so lines never mix."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def say(self, text: str) -> None:
        """Print one line. A terminal that was closed meanwhile is no reason to fail."""
        with suppress(OSError, ValueError):
            print(text, file=self._stream, flush=True)


class PartLog:
    """The log file of one part; `show` is called with each line that a person should see, as far as there are not too many."""

    def __init__(self, path: Path, name: str, show: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.name = name
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._show = show
        self._shown_at: deque[float] = deque(maxlen=SHOWN_LINES)
        self._is_hiding = False
        self._file = self._opened()

    def write(self, line: str) -> None:
        """Append one line, and show it if it is loud."""
        self.tail.append(line)
        self._file.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S.%f}"[:23] + f" {self.name} | {line}\n")
        if self._file.tell() > ROTATE_BYTES:
            self._file.close()
            self._file = self._opened()
        if self._show is not None and (text := loud_text(line)):
            self._show_within_reason(self._show, text)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def last_words(self) -> str:
        """The last line that says something, for a message about the part's end; "" if it said nothing."""
        return next((line.strip() for line in reversed(self.tail) if line.strip()), "")

    def _opened(self) -> TextIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > ROTATE_BYTES:
            self.path.replace(self.path.with_suffix(".log.1"))
        return self.path.open("a", encoding="utf-8", buffering=1)

    def _show_within_reason(self, show: Callable[[str], None], text: str) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._shown_at) == SHOWN_LINES and now - self._shown_at[0] < SHOWN_WINDOW_SECONDS:
            if not self._is_hiding:
                show(f"{self.name}: more of this in {shown(self.path)}")
            self._is_hiding = True
            return
        self._is_hiding = False
        self._shown_at.append(now)
        show(f"{self.name}: {text}")


def loud_text(line: str) -> str | None:
    """A warning or an error as one readable line; None for everything else."""
    if PLAIN_LOUD_LINE.match(line):
        return line
    if not line.startswith("{"):
        return None
    try:
        record: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("severity") not in LOUD_SEVERITIES:
        return None
    facts = " ".join(f"{name}={value}" for name, value in record.items() if name not in QUIET_FIELDS)
    return " ".join(f"{record['severity']} {record.get('message', '')} {facts}".split())


class LinePump(asyncio.Protocol):
    """Reads a process's output from a pipe and hands it on line by line; an endless line is cut."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._rest = b""
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Hand on the complete lines."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._hand_on(line)
        if len(self._rest) > LINE_LIMIT_BYTES:
            self._hand_on(self._rest)
            self._rest = b""

    def connection_lost(self, exc: Exception | None) -> None:
        """All who could write to the pipe are gone, or we stopped listening."""
        if self._rest:
            self._hand_on(self._rest)
        self.ended.set()

    def _hand_on(self, line: bytes) -> None:
        self._write(line.decode(errors="replace").rstrip("\r"))
