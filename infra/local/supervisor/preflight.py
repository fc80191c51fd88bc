"""What is checked before anything starts, so that a person reads one line with the mend instead of a part's traceback."""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from infra.local.supervisor.layout import HOST, Layout, shown
from infra.local.supervisor.parts import Part
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import Command

REQUIRED_BYTES = 1_000_000_000


@contextmanager
def sole_owner(layout: Layout) -> Iterator[None]:
    """Hold the state directory while the stack runs. Raises CannotStart where another one does, or where it cannot be written.

    The system frees the lock with the process, however that ends.
    """
    try:
        layout.state.mkdir(parents=True, exist_ok=True)
        lock = (layout.state / "lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"{shown(layout.state)} cannot be written ({error.strerror}). Choose another: make run REELGRAPH_STATE=DIR"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(_already_running(layout, (layout.state / "lock").read_text())) from None
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "url": layout.url("api")}))
        lock.flush()
        yield


def check_disk(state: Path, required_bytes: int = REQUIRED_BYTES) -> None:
    """Raise CannotStart where there is too little room for a database and videos."""
    free = shutil.disk_usage(state).free
    if free < required_bytes:
        raise CannotStart(
            f"Only {free / 1e9:.1f} GB are free where {shown(state)} is; Reelgraph needs {required_bytes / 1e9:.0f} GB."
            " Free some, or keep the data elsewhere: make run REELGRAPH_STATE=DIR"
        )


def check_programs(parts: tuple[Part, ...]) -> None:
    """Raise CannotStart where a part's program is not there."""
    for part in parts:
        if isinstance(part.program, Command) and shutil.which(part.program.arguments[0]) is None:
            program = shown(Path(part.program.arguments[0]))
            raise CannotStart(f"{part.name} cannot start: {program} is missing or broken. Mend the environments: make install")


def check_ports(parts: tuple[Part, ...], layout: Layout) -> None:
    """Raise CannotStart where somebody else listens on a port of ours, naming them."""
    for part in parts:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, part.port))
            except OSError:
                other = layout.base_port + 100
                raise CannotStart(
                    f"Port {part.port} is in use by {_listener(part.port)}; {part.name} needs it."
                    f" Stop that, or use other ports: make run REELGRAPH_PORT={other}"
                ) from None


def _already_running(layout: Layout, note: str) -> str:
    try:
        owner = json.loads(note)
        return (
            f"Reelgraph runs already with {shown(layout.state)}: {owner['url']} (process {owner['pid']})."
            f" Use that, or stop it: kill {owner['pid']}"
        )
    except (ValueError, KeyError):
        return f"Another Reelgraph is just starting with {shown(layout.state)}. Wait a moment, or use another: make run REELGRAPH_STATE=DIR"


def _listener(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port and connection.pid:
                command = " ".join(psutil.Process(connection.pid).cmdline())
                return f"process {connection.pid} ({command[:80]})"
    except psutil.Error:
        return "another program"  # whose process only the administrator may see
    return "another program"
