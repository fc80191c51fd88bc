"""Real processes of the stand-ins, and a target that records what they send."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[3]


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Return as soon as `condition` holds; fail the test if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        pause.wait(0.01)


class StandIn:
    """`python -m infra.local.NAME` on a free port of its own, which it keeps over restarts."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", f"infra.local.{name}", "--port", str(self.port), *arguments]
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=REPOSITORY)

    def wait_until_ready(self) -> None:
        """Return once /healthz answers."""
        wait_until(self._is_ready, seconds=30)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, "the stand-in ended by itself"
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def restart(self) -> None:
        """Start it again on the same port and state."""
        self.process = self._spawn()
        self.wait_until_ready()

    def terminate(self) -> float:
        """Ask it to end and return how many seconds that took."""
        started = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout=10)
        return time.monotonic() - started

    def cpu_seconds(self) -> float:
        """Return the processor time it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def stand_in(name: str, *arguments: str) -> Iterator[StandIn]:
    """A ready stand-in, killed at the end if it still runs."""
    running = StandIn(name, *arguments)
    try:
        running.wait_until_ready()
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()


@dataclass(frozen=True)
class Received:
    """One request that came in. Header names are lower-case; `at` is seconds of the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class Target:
    """An HTTP server that records each request and answers 200, or what was laid out for its path."""

    def __init__(self) -> None:
        self._received: dict[str, list[Received]] = defaultdict(list)
        self._answers: dict[str, list[int]] = defaultdict(list)
        self._gates: dict[str, threading.Event] = {}
        self._under_way: dict[str, int] = defaultdict(int)
        self._peak: dict[str, int] = defaultdict(int)
        self._response_headers: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str) -> str:
        """Return the address of `path`, which starts with a slash."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def will_answer(self, path: str, *statuses: int, headers: dict[str, str] | None = None) -> None:
        """Answer the next requests to `path` with `statuses`, the last of them from then on."""
        self._answers[path] = list(statuses)
        self._response_headers[path] = headers or {}

    def hold(self, path: str) -> threading.Event:
        """Keep requests to `path` waiting for their answer until the returned event is set."""
        self._gates[path] = threading.Event()
        return self._gates[path]

    def received(self, path: str) -> list[Received]:
        """Return the requests to `path` so far."""
        with self._lock:
            return list(self._received[path])

    def under_way(self, path: str) -> int:
        """Return how many requests to `path` wait for their answer."""
        return self._under_way[path]

    def peak(self, path: str) -> int:
        """Return how many requests to `path` were under way at once at most."""
        return self._peak[path]

    def wait_for(self, path: str, count: int = 1, seconds: float = 10.0) -> list[Received]:
        """Return the first `count` requests to `path` once they have come."""
        wait_until(lambda: len(self.received(path)) >= count, seconds)
        return self.received(path)[:count]

    def close(self) -> None:
        """Stop listening."""
        for gate in self._gates.values():
            gate.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, request: Received) -> tuple[int, dict[str, str]]:
        path = request.path
        with self._lock:
            self._received[path].append(request)
            self._under_way[path] += 1
            self._peak[path] = max(self._peak[path], self._under_way[path])
            answers = self._answers[path]
            status = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else 200
        gate = self._gates.get(path)
        if gate:
            gate.wait(30)
        with self._lock:
            self._under_way[path] -= 1
        return status, self._response_headers.get(path, {})

    def _handler(target) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, response_headers = target._take(Received(self.command, self.path, headers, body, time.monotonic()))
                self.send_response(status)
                for name, value in {"content-length": "0", **response_headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test output quiet."""

        return Handler
