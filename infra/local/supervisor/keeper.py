"""Keeps one part running: starts it, knows when it is ready, starts it again when it died."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.local.supervisor import programs
from infra.local.supervisor.layout import shown
from infra.local.supervisor.logs import PartLog
from infra.local.supervisor.parts import Part
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import RunningCommand
from infra.local.supervisor.readiness import become_ready

READY_WITHIN_SECONDS = 90.0  # a cold start of all parts at once on two slow cores
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# Who ran for so long did not die of how it was started: the pauses begin anew.
STABLE_SECONDS = 60.0


@dataclass(frozen=True)
class Listeners:
    """Who hears what happens to a part."""

    say: Callable[[str], None]
    """A line for the person at the terminal."""
    pids_changed: Callable[[], None]
    ready_again: Callable[[str], None]
    """The part of that name was started anew and is ready."""


class Keeper:
    """One part, from its first start to its last stop."""

    def __init__(self, part: Part, log: PartLog, listeners: Listeners) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.pid: int | None = None
        self._log = log
        self._listeners = listeners
        self._running: RunningCommand | None = None
        self._wanted = asyncio.Event()
        self._stopping = asyncio.Event()
        self._down = asyncio.Event()
        self._down.set()
        self._woken = asyncio.Event()
        self._was_ready = False
        self._is_meant_to_end = False
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the part, and start it again whenever it ends by itself."""
        self._wanted.set()
        self._woken.set()
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name=f"keep {self.part.name}")

    async def wait_ready(self) -> None:
        """Return when the part is ready. Raises CannotStart where its very first start failed."""
        ready = asyncio.create_task(self.ready.wait())
        either: tuple[asyncio.Future[Any], ...] = (ready, self._failed)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._failed.done():
            await self._failed

    async def hold(self, number: signal.Signals) -> None:
        """Send the signal, return when the part has ended, and leave it down until `begin`."""
        self._wanted.clear()
        self.ready.clear()
        if self._running is not None:
            self._is_meant_to_end = True
            self._running.kill(number)
        await self._down.wait()

    async def crash(self, number: signal.Signals) -> None:
        """Send the signal and return when the part has ended; it is started again as after any other crash."""
        if self._running is not None:
            self._running.kill(number)
        await self._down.wait()

    async def restart(self) -> None:
        """Stop the part as at the end of the stack, then start it; does not wait until it is ready."""
        self._wanted.clear()
        self.ready.clear()
        if self._running is not None:
            self._is_meant_to_end = True
            await self._running.stop(self.part.grace_seconds)
        await self._down.wait()
        self.begin()

    async def stop(self, grace_seconds: float) -> None:
        """Stop the part for good; it is gone when this returns."""
        self._stopping.set()
        self._wanted.set()
        self._woken.set()
        if self._running is not None:
            await self._running.stop(grace_seconds)
        if self._task is not None:
            await self._task
        self._log.close()

    async def _keep(self) -> None:
        attempt = 0
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            await self._wanted.wait()
            began = loop.time()
            self._down.clear()
            ending = await self._live()
            self._changed(None)
            self._down.set()
            if self._is_meant_to_end or not self._wanted.is_set():
                self._is_meant_to_end = False
                continue
            if self._stopping.is_set():
                return
            if not self._was_ready:
                self._failed.set_exception(self._cannot_start(ending))
                return
            attempt = 1 if loop.time() - began > STABLE_SECONDS else attempt + 1
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
            self._listeners.say(f"{self.part.name} died ({ending}); starting it again in {pause:g} s. Its log: {self._log_path}")
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)

    async def _live(self) -> str:
        """One life: start, become ready, end. Returns how it ended."""
        if self._stopping.is_set():
            return "not started"
        try:
            running = await programs.start(self.part.program, self._log)
        except OSError as error:
            return str(error)
        self._changed(running)
        if self._stopping.is_set() or not self._wanted.is_set():
            # Somebody stopped it in the moment between: nobody else knew of it.
            await running.stop(self.part.grace_seconds)
        ended = asyncio.create_task(running.wait())
        becoming_ready = asyncio.create_task(self._become_ready())
        await asyncio.wait({ended, becoming_ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done() and not becoming_ready.result():
            await running.stop(self.part.grace_seconds)
            await ended
            return f"it was not ready within {READY_WITHIN_SECONDS:.0f} s"
        becoming_ready.cancel()
        ending = await ended
        self.ready.clear()
        return ending

    async def _become_ready(self) -> bool:
        try:
            await asyncio.wait_for(become_ready(self.part.ready), READY_WITHIN_SECONDS)
        except TimeoutError:
            return False
        self.ready.set()
        if self._was_ready:
            self._listeners.say(f"{self.part.name} runs again.")
            self._listeners.ready_again(self.part.name)
        self._was_ready = True
        return True

    def _changed(self, running: RunningCommand | None) -> None:
        self._running = running
        self.pid = running.pid if running else None
        self._listeners.pids_changed()

    def _cannot_start(self, ending: str) -> CannotStart:
        words = self._log.last_words()
        return CannotStart(f"{self.part.name} did not start ({ending}){f': {words}' if words else ''}. Its log: {self._log_path}")

    @property
    def _log_path(self) -> str:
        return shown(self._log.path)
