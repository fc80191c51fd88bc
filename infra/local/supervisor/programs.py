"""What a part runs: a command in a process group of its own, or a Postgres server; it can be awaited, stopped and killed."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from infra.local.postgres import Postgres
from infra.local.supervisor.logs import LinePump, PartLog

# How long the last lines may take from a process that has ended; a grandchild may hold its pipe for ever.
LAST_LINES_SECONDS = 0.3


@dataclass(frozen=True)
class Command:
    """A program with its whole environment; `stop_signal` asks it to leave. `user` None: the one who started us."""

    arguments: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None


@dataclass(frozen=True)
class PostgresServer:
    """Postgres over the directory `data`, listening on loopback."""

    data: Path
    port: int
    environment: Mapping[str, str] = field(repr=False)


Program = Command | PostgresServer


async def start(program: Program, log: PartLog) -> "RunningCommand":
    """Start the program. Raises OSError where that is impossible."""
    match program:
        case Command():
            return await RunningCommand.start(program, log)
        case PostgresServer():
            server = _ForegroundPostgres(program.data, program.port)
            try:
                await asyncio.to_thread(server.initialise)
            except subprocess.SubprocessError as error:
                raise OSError(f"its database could not be made: {error}") from error
            return await RunningCommand.start(server.command(program.environment), log)
        case _:
            assert_never(program)


class _ForegroundPostgres(Postgres):
    """A server as our own child. One that pg_ctl put into the background and that was killed stays a zombie where nobody reaps
    it, as in many containers, and then blocks its data directory.
    """

    def initialise(self) -> None:
        """Make the cluster where there is none."""
        self._server.ensure_pgdata_inited()

    def command(self, environment: Mapping[str, str]) -> Command:
        """The server in the foreground, logging to its standard error."""
        options = ("-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-c", "fsync=on", "-c", "max_connections=100")
        binary = str(Path(self._server.bin_path) / "postgres")
        # SIGINT is the fast shutdown: roll back what is open, write everything, leave. It refuses to run as root.
        return Command((binary, *options), self._data, environment, signal.SIGINT, self._server.system_user)


class RunningCommand:
    """A process that leads its own session: Ctrl-C in the terminal does not reach it, and its children can be ended with it."""

    def __init__(
        self, process: asyncio.subprocess.Process, stop_signal: signal.Signals, transport: asyncio.ReadTransport, pump: LinePump
    ) -> None:
        self._process = process
        self._stop_signal = stop_signal
        self._transport = transport
        self._pump = pump

    @classmethod
    async def start(cls, command: Command, log: PartLog) -> "RunningCommand":
        """Start the command. Raises OSError where the program does not exist."""
        # A pipe of our own: asyncio's would keep `wait` waiting for grandchildren that hold it.
        ours, theirs = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *command.arguments,
                cwd=command.directory,
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                user=command.user,
            )
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        reading = os.fdopen(ours, "rb", buffering=0)
        transport, pump = await asyncio.get_running_loop().connect_read_pipe(lambda: LinePump(log.write), reading)
        return cls(process, command.stop_signal, transport, pump)

    @property
    def pid(self) -> int:
        """The leader of the process group."""
        return self._process.pid

    async def wait(self) -> str:
        """Wait for the end, end what the process left behind in its group, and say how it ended: "exit code 1", "signal 9"."""
        code = await self._process.wait()
        self._signal_group(signal.SIGKILL)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._pump.ended.wait(), LAST_LINES_SECONDS)
        self._transport.close()
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    async def stop(self, grace_seconds: float) -> None:
        """Ask the process to leave; after the grace period, SIGKILL to the group."""
        if self._process.returncode is None:
            # Its children are its own to end: a container's first process gets the signal alone, too.
            with suppress(ProcessLookupError):
                self._process.send_signal(self._stop_signal)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_seconds)
        self._signal_group(signal.SIGKILL)
        await self._process.wait()

    def kill(self, number: signal.Signals) -> None:
        """Signal the whole group: a container, too, ends with all its processes."""
        self._signal_group(number)

    def _signal_group(self, number: signal.Signals) -> None:
        # Also after the leader's end: its group outlives it while members remain. macOS refuses to signal a group of zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
