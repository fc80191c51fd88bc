"""What the supervisor's tests share: small parts that start at once, and what is left of processes."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from io import StringIO
from pathlib import Path

import psutil

from infra.local.supervisor.layout import Layout
from infra.local.supervisor.logs import Terminal
from infra.local.supervisor.parts import HttpReady, Part, Plan, Step
from infra.local.supervisor.programs import Command
from infra.local.supervisor.supervisor import Supervisor

DEADLINE_SECONDS = 20.0


def python(code: str) -> Command:
    """A Python process without the time that its site-packages take."""
    return Command((sys.executable, "-I", "-S", "-u", "-c", code), Path.cwd(), {"PATH": os.environ["PATH"]})


def a_server(name: str, port: int, *, needs: tuple[str, ...] = (), body: str = "", is_product: bool = False) -> Part:
    """A part that answers 200 on `port`; `body` runs before it listens."""
    serve = (
        f"{body}\n"
        "import http.server\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers()\n"
        f"http.server.HTTPServer(('127.0.0.1', {port}), Handler).serve_forever()\n"
    )
    return Part(name, python(serve), port, HttpReady(f"http://127.0.0.1:{port}"), needs=needs, is_product=is_product)


class Run:
    """A supervisor over a plan, and what it has said."""

    def __init__(self, state: Path, *parts: Part, steps: tuple[Step, ...] = ()) -> None:
        self._said = StringIO()
        state.mkdir(exist_ok=True)
        self.supervisor = Supervisor(Plan(parts, steps), Layout(state, 0), Terminal(self._said))

    @property
    def said(self) -> str:
        """All lines so far."""
        return self._said.getvalue()

    def pid(self, name: str) -> int:
        """The process of a part that runs."""
        pid = self.supervisor.keepers[name].pid
        assert pid is not None
        return pid

    async def __aenter__(self) -> "Run":
        """Nothing runs yet: a test starts what it wants to see starting."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is left."""
        await self.supervisor.stop()


async def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come true"
        await asyncio.sleep(0.02)


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run the body of an asynchronous test."""

    async def body() -> None:
        await asyncio.wait_for(test(), 2 * DEADLINE_SECONDS)

    asyncio.run(body())


def is_running(pid: int) -> bool:
    """True while the process does something; a zombie that nobody has reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def with_descendants(pids: Iterable[int]) -> set[int]:
    """These processes and all that they started."""
    found = set(pids)
    for pid in pids:
        found |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
    return found
