"""Runs a plan: everything in the order of its needs, until it is told to stop."""

import asyncio
from collections.abc import Iterable

from infra.local.supervisor import programs
from infra.local.supervisor.keeper import Keeper, Listeners
from infra.local.supervisor.layout import Layout, shown
from infra.local.supervisor.leftovers import note_processes
from infra.local.supervisor.logs import PartLog, Terminal
from infra.local.supervisor.parts import Part, Plan, Step
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import PostgresServer
from infra.local.supervisor.watch import Sources

# In this order, so that what ends can still save its work. The sum stays below 12 seconds.
LAST_GRACE_SECONDS = 1.4
LOOK_SECONDS = 0.5
SLOW_START_SECONDS = 15.0
STEP_TIMEOUT_SECONDS = 120.0


class Supervisor:
    """The parts and steps of one plan."""

    def __init__(self, plan: Plan, layout: Layout, terminal: Terminal) -> None:
        self._plan = plan
        self._layout = layout
        self._terminal = terminal
        listeners = Listeners(terminal.say, self._note_processes, self._repeat_steps)
        self.keepers = {part.name: Keeper(part, self._log(part), listeners) for part in plan.parts}
        self._steps_done = {step.name: asyncio.Event() for step in plan.steps}
        self._repeating: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def start(self) -> None:
        """Return when everything is ready. Raises CannotStart; what had started by then runs until `stop`."""
        slow = asyncio.create_task(self._tell_what_is_slow())
        try:
            async with asyncio.TaskGroup() as group:
                for part in self._plan.parts:
                    group.create_task(self._begin_part(part))
                for step in self._plan.steps:
                    group.create_task(self._first_run(step))
        except ExceptionGroup as failures:
            problem = next((each for each in failures.exceptions if isinstance(each, CannotStart)), None)
            raise problem or failures from None
        finally:
            slow.cancel()

    async def stop(self) -> None:
        """Stop everything: the product first, then what it stands on, Postgres last. Nothing is left when this returns."""
        self._is_stopping = True
        for task in self._repeating:
            task.cancel()
        await asyncio.gather(*self._repeating, return_exceptions=True)
        databases = {keeper for keeper in self.keepers.values() if isinstance(keeper.part.program, PostgresServer)}
        product = {keeper for keeper in self.keepers.values() if keeper.part.is_product}
        for phase in (product, set(self.keepers.values()) - product - databases):
            await asyncio.gather(*(keeper.stop(keeper.part.grace_seconds) for keeper in phase))
        await asyncio.gather(*(keeper.stop(LAST_GRACE_SECONDS) for keeper in databases))

    async def follow_sources(self) -> None:
        """Start parts again when their sources change, for ever."""
        sources = {name: Sources(keeper.part.sources) for name, keeper in self.keepers.items() if keeper.part.sources}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            found = await asyncio.to_thread(lambda: {name: each.changed() for name, each in sources.items()})
            changed = {name: paths for name, paths in found.items() if paths}
            if changed:
                first = shown(next(iter(changed.values()))[0])
                self._terminal.say(f"{first} changed: starting {', '.join(changed)} again.")
                await asyncio.gather(*(self.keepers[name].restart() for name in changed))

    async def _begin_part(self, part: Part) -> None:
        await self._ready(part.needs + part.after)
        self.keepers[part.name].begin()
        await self.keepers[part.name].wait_ready()

    async def _first_run(self, step: Step) -> None:
        await self._ready(step.needs + step.after)
        ending = await self._run(step)
        if ending and step.is_required:
            raise CannotStart(ending)
        if ending:
            self._terminal.say(ending)
        self._steps_done[step.name].set()

    async def _ready(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self.keepers:
                await self.keepers[name].wait_ready()
            elif name in self._steps_done:
                await self._steps_done[name].wait()

    async def _run(self, step: Step) -> str:
        """Run the step's command; "" when it ended well, else the line that says how it did not."""
        log = PartLog(self._layout.logs / f"{step.name}.log", step.name)
        running = None
        try:
            running = await programs.start(step.command, log)
            ending = await asyncio.wait_for(running.wait(), STEP_TIMEOUT_SECONDS)
        except OSError as error:  # TimeoutError is one
            ending = str(error) or f"it took more than {STEP_TIMEOUT_SECONDS:.0f} s"
        finally:
            if running is not None:
                await running.stop(0)
            log.close()
        if ending == "exit code 0":
            return ""
        return f"{step.name} failed ({ending}): {log.last_words()}. Its log: {shown(log.path)}"

    def _repeat_steps(self, name: str) -> None:
        """A part was started anew: bring back what it had only in memory."""
        for step in self._plan.steps:
            if name in step.repeat_after and not self._is_stopping:
                task = asyncio.create_task(self._repeat(step))
                self._repeating.add(task)
                task.add_done_callback(self._repeating.discard)

    async def _repeat(self, step: Step) -> None:
        if ending := await self._run(step):
            self._terminal.say(ending)

    async def _tell_what_is_slow(self) -> None:
        while True:
            await asyncio.sleep(SLOW_START_SECONDS)
            waiting = [name for name, keeper in self.keepers.items() if not keeper.ready.is_set()]
            waiting += [name for name, done in self._steps_done.items() if not done.is_set()]
            self._terminal.say(f"Still waiting for {', '.join(waiting)} ...")

    def _log(self, part: Part) -> PartLog:
        return PartLog(self._layout.logs / f"{part.name}.log", part.name, self._terminal.say if part.is_product else None)

    def _note_processes(self) -> None:
        note_processes(self._layout.state, {name: keeper.pid for name, keeper in self.keepers.items() if keeper.pid is not None})
