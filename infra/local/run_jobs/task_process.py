"""One attempt at a task: a process group of its own, whose exit code reaches the disk even while nobody watches."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

KILLED_CODE = 128 + signal.SIGKILL

# Runs the command and leaves its exit code in a file, so that a stand-in that was killed and started again still learns it.
# The trap keeps the shell alive through a SIGTERM to the group until the command has answered it; the command does not inherit it.
_KEEPER = """
trap : TERM
echo $$ > "$1/pid"
directory=$1; shift
"$@"
code=$?
echo $code > "$directory/exit_code.new" && mv "$directory/exit_code.new" "$directory/exit_code"
"""
_POLL_SECONDS = 0.05


class TaskProcess:
    """The attempt that keeps `stdout`, `stderr`, `pid` and, once it ended, `exit_code` in `directory`."""

    def __init__(self, directory: Path, pid: int, child: "subprocess.Popen[bytes] | None") -> None:
        self._directory = directory
        self._pid = pid
        self._child = child

    @classmethod
    def start(cls, directory: Path, command: Sequence[str], environment: Mapping[str, str]) -> "TaskProcess":
        """Start the command. One that does not exist ends with exit code 127, as in a shell."""
        directory.mkdir(parents=True)
        with (directory / "stdout").open("wb") as stdout, (directory / "stderr").open("wb") as stderr:
            child = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "sh", str(directory), *_resolved(command)],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        return cls(directory, child.pid, child)

    @classmethod
    def adopt(cls, directory: Path) -> "TaskProcess":
        """The attempt that an earlier stand-in started there, running or not."""
        with suppress(FileNotFoundError, ValueError):
            return cls(directory, int((directory / "pid").read_text()), None)
        return cls(directory, 0, None)

    @property
    def started_at(self) -> float:
        """When it started, in seconds since the epoch."""
        with suppress(FileNotFoundError):
            return (self._directory / "pid").stat().st_mtime
        return time.time()

    @property
    def exit_code(self) -> int | None:
        """The code it ended with; None while it runs, or where it vanished without leaving one (a crash of the machine)."""
        with suppress(FileNotFoundError):
            return int((self._directory / "exit_code").read_text())
        return None

    def ended_within(self, seconds: float) -> bool:
        """Wait up to so long for the end."""
        deadline = time.monotonic() + seconds
        while self._runs():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        self._signal(signal.SIGKILL)  # what it left behind in its group: a container ends with its first process
        return True

    def end(self, grace_seconds: float) -> None:
        """SIGTERM, and SIGKILL to what is left after the grace period."""
        self._signal(signal.SIGTERM)
        if not self.ended_within(grace_seconds):
            self._signal(signal.SIGKILL)
            self.ended_within(grace_seconds + 1.0)
        if self.exit_code is None:
            (self._directory / "exit_code").write_text(str(KILLED_CODE))

    def _runs(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self.exit_code is None and self._is_ours()

    def _is_ours(self) -> bool:
        """Whether the noted pid still is this attempt: after a restart of the machine it may be anybody's."""
        try:
            process = psutil.Process(self._pid)
            return process.status() != psutil.STATUS_ZOMBIE and str(self._directory) in process.cmdline()
        except psutil.NoSuchProcess:
            return False

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None or self._is_ours():
            with suppress(ProcessLookupError):
                os.killpg(self._pid, number)


def _resolved(command: Sequence[str]) -> list[str]:
    """`python` means the interpreter of this environment, as it does in the image."""
    first = sys.executable if command[0] in {"python", "python3"} else command[0]
    return [first, *command[1:]]
