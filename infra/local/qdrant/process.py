"""The stand-in as a child process, for whoever needs one of their own: started, awaited, stopped, killed, started again."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

READY_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 5.0
_REPOSITORY = Path(__file__).parents[3]


class QdrantProcess:
    """`python -m infra.local.qdrant` on a port of its own; as a context manager it is ready inside and stopped after.

    The state directory outlives the process, and a restart keeps the port.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it answers. Raises RuntimeError where it ends first or takes too long."""
        command = [sys.executable, "-m", "infra.local.qdrant", "--port", str(self._port), "--state", str(self.state)]
        process = self._process = subprocess.Popen(command, cwd=_REPOSITORY)
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._answers():
            if process.poll() is not None:
                raise RuntimeError(f"The Qdrant stand-in ended with code {process.returncode} before it was ready.")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The Qdrant stand-in was not ready after {READY_WITHIN_SECONDS} s.")
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is written on the way out."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(STOPPED_WITHIN_SECONDS)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").is_success
        except httpx.TransportError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.stop()
