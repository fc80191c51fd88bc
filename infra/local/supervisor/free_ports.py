"""Ports for stacks that run beside each other, such as those of parallel tests."""

import fcntl
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.supervisor.layout import HOST, PORT_COUNT

# Below the ports that systems give to outgoing connections and to tests that ask for port 0.
FIRST_PORT = 12000
LAST_PORT = 32000
SPACING = 25


@contextmanager
def reserved_base_port() -> Iterator[int]:
    """A base port whose 23 ports are free, reserved among all stacks of this machine for the length of the block."""
    directory = Path(tempfile.gettempdir()) / "reelgraph-ports"
    directory.mkdir(exist_ok=True)
    bases = range(FIRST_PORT, LAST_PORT, SPACING)
    for base in random.sample(bases, len(bases)):
        with (directory / f"{base}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if all(_is_free(port) for port in range(base, base + PORT_COUNT)):
                yield base
                return
    raise OSError("No 23 ports in a row are free on this machine.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
