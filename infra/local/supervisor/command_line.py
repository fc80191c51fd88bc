"""`make run`: checks, starts, says one URL, waits for Ctrl-C, stops."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

from infra.local.supervisor.composition import compose
from infra.local.supervisor.control import ControlChannel
from infra.local.supervisor.emulators import find_emulators
from infra.local.supervisor.forgetting import forget
from infra.local.supervisor.layout import Layout, shown
from infra.local.supervisor.leftovers import end_leftovers
from infra.local.supervisor.logs import Terminal
from infra.local.supervisor.options import Options, parse_options
from infra.local.supervisor.parts import Plan
from infra.local.supervisor.preflight import check_disk, check_ports, check_programs, sole_owner
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.supervisor import Supervisor

INTERRUPTED = 130  # what shells make of a program that Ctrl-C ended


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a stack until it is told to stop. Returns 0, or 1 after one line that says why it could not start."""
    is_controlled = "--control" in (sys.argv if arguments is None else arguments)
    # A program reads stdout; people's lines go beside it.
    terminal = Terminal(sys.stderr if is_controlled else sys.stdout)
    channel = ControlChannel(sys.stdout) if is_controlled else None
    try:
        options = parse_options(arguments, os.environ)
        with sole_owner(options.layout):
            if options.action == "forget":
                terminal.say(f"Deleted: {', '.join(forget(options.layout.state)) or 'there was nothing'}.")
                return 0
            plan = _prepare(options, terminal)
            return asyncio.run(_Session(options, plan, terminal, channel).run())
    except KeyboardInterrupt:
        return INTERRUPTED  # before anything was started: from then on a signal is an orderly stop
    except CannotStart as problem:
        if channel is not None:
            channel.answer({"ok": False, "problem": str(problem)})
        Terminal(sys.stderr).say(str(problem))
        return 1


def _prepare(options: Options, terminal: Terminal) -> Plan:
    layout = options.layout
    check_disk(layout.state)
    plan = compose(options, find_emulators(os.environ), os.environ)
    check_programs(plan.parts)
    if ended := end_leftovers(layout.state):
        terminal.say(f"Ended what an earlier run had left behind: {', '.join(ended)}.")
    check_ports(plan.parts, layout)
    return plan


class _Session:
    """One run, from the first part to the last."""

    def __init__(self, options: Options, plan: Plan, terminal: Terminal, channel: ControlChannel | None) -> None:
        self._layout: Layout = options.layout
        self._is_development = options.is_development
        self._plan = plan
        self._terminal = terminal
        self._channel = channel

    async def run(self) -> int:
        """Start, serve, stop; CannotStart comes out after what had started was stopped."""
        told_to_stop = _stop_signals(self._terminal)
        supervisor = Supervisor(self._plan, self._layout, self._terminal)
        try:
            if await self._start(supervisor, told_to_stop):
                await self._serve(supervisor, told_to_stop)
        finally:
            began = time.monotonic()
            await supervisor.stop()
            self._terminal.say(f"Stopped in {time.monotonic() - began:.1f} s. Everything is kept in {shown(self._layout.state)}.")
        return 0

    async def _start(self, supervisor: Supervisor, told_to_stop: asyncio.Event) -> bool:
        """True when everything is ready, False where somebody stopped it before."""
        began = time.monotonic()
        self._terminal.say(f"Starting {len(self._plan.parts)} parts; data and logs are in {shown(self._layout.state)}.")
        for note in self._plan.notes:
            self._terminal.say(note)
        starting = asyncio.create_task(supervisor.start())
        stopping = asyncio.create_task(told_to_stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            return False
        await starting
        self._terminal.say(f"Reelgraph runs (started in {time.monotonic() - began:.1f} s). Ctrl-C stops it.\n\n    {self._front_door}\n")
        if "traces" in self._plan.named():
            self._terminal.say(f"Traces: {self._layout.url('traces')}")
        return True

    async def _serve(self, supervisor: Supervisor, told_to_stop: asyncio.Event) -> None:
        """Until somebody stops it, or the program that controls it is gone."""
        tasks: set[asyncio.Task[Any]] = {asyncio.create_task(told_to_stop.wait())}
        if self._channel is not None:
            self._channel.answer({"ok": True, **self._description()})
            tasks.add(asyncio.create_task(self._channel.follow(supervisor.keepers)))
        if self._is_development:
            tasks.add(asyncio.create_task(supervisor.follow_sources()))
        ended, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        for task in ended:
            task.result()

    def _description(self) -> dict[str, object]:
        programs = {part.name: part.program for part in self._plan.parts} | {step.name: step.command for step in self._plan.steps}
        return {
            "urls": {part.name: self._layout.url(part.name) for part in self._plan.parts},
            "environments": {name: dict(each.environment) for name, each in programs.items()},
        }

    @property
    def _front_door(self) -> str:
        names = {part.name for part in self._plan.parts}
        return self._layout.url("canvas" if "canvas" in names else "api")


def _stop_signals(terminal: Terminal) -> asyncio.Event:
    """An event that Ctrl-C, SIGTERM and a closed terminal set. Later ones change nothing: stopping takes seconds at most."""
    told_to_stop = asyncio.Event()

    def stop() -> None:
        if not told_to_stop.is_set():
            terminal.say("\nStopping ...")
        told_to_stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return told_to_stop
