"""Google's official Firestore and Pub/Sub emulators as child processes, each started once for all tests of a process.

Import the fixtures in a conftest; tests that use them carry the mark `emulators`. They are skipped only where this machine
lacks the jars or a Java that runs them.
"""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from infra.local.supervisor.emulators import FIRESTORE_CLASS, PUBSUB_CLASS, Emulators, find_emulators

READY_WITHIN_SECONDS = 60.0


class Emulator:
    """One emulator on a port of its own, which it keeps over restarts. What it holds is in memory only: a kill loses it."""

    def __init__(self, java: Path, jar: Path, class_name: str, heap: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.address = f"127.0.0.1:{self._port}"
        arguments = ["--host=127.0.0.1", f"--port={self._port}"]
        # Quick to start and frugal: the second compiler never pays off in a test's lifetime.
        self._command = [str(java), "-XX:TieredStopAtLevel=1", f"-Xmx{heap}", "-Duser.language=en", "-cp", str(jar), class_name, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it answers. Raises RuntimeError where it ends first or takes too long."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        pause = threading.Event()
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"The emulator ended with code {self._process.returncode} before it was ready.")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The emulator was not ready after {READY_WITHIN_SECONDS} s.")
            pause.wait(0.05)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/", timeout=2).is_success
        except httpx.TransportError:
            return False


@cache
def _found() -> Emulators:
    return find_emulators(os.environ)


@pytest.fixture(scope="session")
def firestore_emulator() -> Iterator[Emulator]:
    """The Firestore emulator of this test process; each test works in a project of its own."""
    found = _found()
    if found.java is None or found.firestore_jar is None:
        pytest.skip(f"the Firestore emulator is {found.missing}")
    emulator = Emulator(found.java, found.firestore_jar, FIRESTORE_CLASS, "256m")
    emulator.start()
    yield emulator
    emulator.kill()


@pytest.fixture(scope="session")
def pubsub_emulator() -> Iterator[Emulator]:
    """The Pub/Sub emulator of this test process; each test works with topics of its own."""
    found = _found()
    if found.java is None or found.pubsub_jar is None:
        pytest.skip(f"the Pub/Sub emulator is {found.missing}")
    emulator = Emulator(found.java, found.pubsub_jar, PUBSUB_CLASS, "192m")
    emulator.start()
    yield emulator
    emulator.kill()
