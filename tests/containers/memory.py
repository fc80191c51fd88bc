"""Limits the memory of a group of processes, as far as this machine lets us."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.local.cloud_tasks.support import wait_until

# The two generations of control groups: where groups are made, and the file that takes a group's limit in bytes.
_KINDS = ((Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"), (Path("/sys/fs/cgroup"), "memory.max"))


@contextmanager
def limited(name: str, memory_mib: int) -> Iterator[Path | None]:
    """A group that is killed where it takes more than `memory_mib`; None where this machine lets nobody, or not us, make one."""
    group = _made(name, memory_mib)
    yield group
    if group is not None:
        # Processes that ended a moment ago still count as members, for as long as the system needs to clear up.
        wait_until(lambda: not (group / "cgroup.procs").read_text() and _removed(group))


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError:
        return False
    return True


def _made(name: str, memory_mib: int) -> Path | None:
    for parent, limit in _KINDS:
        group = parent / f"reelgraph-{name}"
        try:
            group.mkdir(exist_ok=True)
            (group / limit).write_text(str(memory_mib * 1024 * 1024))
        except OSError:
            with suppress(OSError):
                group.rmdir()
        else:
            return group
    return None
