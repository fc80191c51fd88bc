"""A local stack for tests and demos: the supervisor that `make run` starts, as a child process, for the length of a `with` block."""

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from infra.local.supervisor.control import PATIENCE_SECONDS
from infra.local.supervisor.environments import BEHAVIOUR
from infra.local.supervisor.free_ports import reserved_base_port
from infra.local.supervisor.layout import REPOSITORY, Layout
from infra.local.supervisor.leftovers import end_leftovers
from infra.local.supervisor.options import Events, Live
from infra.local.supervisor.problems import CannotStart

START_SECONDS = 180.0
STOP_SECONDS = 15.0
# What a person may have set for `make run` says nothing about a test's stack.
PERSONAL = {"EVENTS", "LIVE", "DATABASE_URL", "REELGRAPH_PORT", "REELGRAPH_STATE", *BEHAVIOUR}


class LocalStack:
    """Reelgraph, or some of its parts, on ports of its own.

        with LocalStack(tmp_path / "stack", only=("api", "worker", "cloud_tasks"), events="direct", live="ws") as stack:
            httpx.get(stack.urls["api"] + "/healthz")
            stack.kill("worker")          # SIGKILL; it stays down
            stack.start("worker")         # ready when this returns

    `async with` works too. `state` is created if missing, and keeps everything: a second stack over it goes on where the first ended.
    `base_port` None picks ports that are free. `only` None starts everything; names bring along what they need (the api: Postgres,
    migrations and the identity), but not what they only talk to. `events` and `live` None: by what runs; with `only`, an official
    emulator runs if it is named. `environment` is added to ours. The stack ends with the block, and also if this process is killed.
    """

    def __init__(
        self,
        state: Path,
        base_port: int | None = None,
        *,
        events: Events | None = None,
        live: Live | None = None,
        only: Collection[str] | None = None,
        database_url: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.layout = Layout(state.absolute(), base_port or 0)
        """Where things are; its ports hold once the stack runs."""
        self.urls: Mapping[str, str] = {}
        """Where each part listens, without a slash at the end."""
        self.environments: Mapping[str, Mapping[str, str]] = {}
        """The whole environment of each part that is a command of ours."""
        self._has_port = base_port is not None
        self._only = only
        wishes = {"EVENTS": events, "LIVE": live, "DATABASE_URL": database_url, **(environment or {})}
        inherited = {name: value for name, value in os.environ.items() if name not in PERSONAL}
        self._environment = inherited | {name: value for name, value in wishes.items() if value is not None}
        self._held = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    @property
    def pids(self) -> Mapping[str, int]:
        """The processes that run now; of a command also its process group."""
        pids: dict[str, int] = self._ask({"do": "pids"})["pids"]
        return pids

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL, *, stays_down: bool = True) -> None:
        """Signal the part with all its processes, and return when it has ended.

        It stays down until `start`; with `stays_down=False` it comes back by itself, as after a crash: see `wait_ready`.
        """
        self._ask({"do": "kill", "part": part, "signal": int(number), "stays_down": stays_down})

    def start(self, part: str) -> None:
        """Start a part that was killed; return when it is ready."""
        self._ask({"do": "start", "part": part})

    def wait_ready(self, part: str) -> None:
        """Return when the part is ready. Raises CannotStart where that takes more than a minute."""
        self._ask({"do": "wait", "part": part})

    def log(self, part: str) -> str:
        """What the part has said so far."""
        path = self.layout.logs / f"{part}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> Self:
        """Start; everything is ready afterwards. Raises CannotStart with the line that a person would read."""
        with ExitStack() as undo:
            if not self._has_port:
                self.layout = replace(self.layout, base_port=undo.enter_context(reserved_base_port()))
            undo.callback(self._stop)
            self._launch()
            description = self._answer(START_SECONDS)
            self.urls, self.environments = description["urls"], description["environments"]
            self._held = undo.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop everything."""
        self._held.close()

    async def __aenter__(self) -> Self:
        """As `with`, without blocking the loop."""
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """As `with`, without blocking the loop."""
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    def _launch(self) -> None:
        where = ("--state", str(self.layout.state), "--port", str(self.layout.base_port))
        arguments = [sys.executable, "-m", "infra.local.supervisor", "--control", *where]
        if self._only is not None:
            arguments += ["--only", ",".join(self._only)]
        self.layout.logs.mkdir(parents=True, exist_ok=True)
        with (self.layout.logs / "supervisor.log").open("a") as log:
            self._process = subprocess.Popen(
                arguments,
                cwd=REPOSITORY,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C ends the tests, and these end the stack
            )
        assert self._process.stdout is not None
        threading.Thread(target=self._collect, args=(self._process.stdout,), daemon=True).start()

    def _collect(self, answers: TextIO) -> None:
        for line in answers:
            self._answers.put(line)
        self._answers.put("")

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process is not None and self._process.stdin is not None, "the stack was not started"
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer(2 * PATIENCE_SECONDS)

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise CannotStart(f"The supervisor did not answer within {seconds:.0f} s; see {self.layout.logs}") from None
        if not line:
            raise CannotStart(f"The supervisor has ended: {self.log('supervisor').strip().splitlines()[-1:]}")
        answer: dict[str, Any] = json.loads(line)
        if not answer["ok"]:
            raise CannotStart(answer["problem"])
        return answer

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # Only a supervisor that was killed leaves something behind.
        end_leftovers(self.layout.state)
        process.stdout.close()
