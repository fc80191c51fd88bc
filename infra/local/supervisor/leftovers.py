"""Which processes run is noted on disk, so that the next start ends what a supervisor that was killed has left behind."""

import json
import os
import signal
from pathlib import Path

import psutil

GRACE_SECONDS = 3.0
POSTGRES = "postgres"
FAST_SHUTDOWN = signal.SIGINT  # Postgres: roll back, write everything, leave
NOTE = "processes.json"


def note_processes(state: Path, pids: dict[str, int]) -> None:
    """Write down what runs, so that a next start finds what a killed supervisor left behind."""
    noted = {}
    for name, pid in pids.items():
        try:
            noted[name] = {"pid": pid, "created_at": psutil.Process(pid).create_time()}
        except psutil.NoSuchProcess:
            continue
    unfinished = state / f"{NOTE}.new"
    unfinished.write_text(json.dumps(noted))
    unfinished.replace(state / NOTE)


def end_leftovers(state: Path) -> list[str]:
    """End what a supervisor that was killed left running; return the names of these parts.

    A noted pid may belong to somebody else by now: only a process that was created at the noted time is ours.
    """
    try:
        noted = json.loads((state / NOTE).read_text())
    except (FileNotFoundError, ValueError):
        return []
    found = {name: process for name, entry in noted.items() if (process := _same_process(entry["pid"], entry["created_at"])) is not None}
    for name, process in found.items():
        process.send_signal(FAST_SHUTDOWN if name == POSTGRES else signal.SIGTERM)
    _, alive = psutil.wait_procs(found.values(), timeout=GRACE_SECONDS)
    for name, process in found.items():
        if name != POSTGRES:
            _kill_group(process.pid)
        elif process in alive:
            process.kill()
    psutil.wait_procs(alive, timeout=GRACE_SECONDS)
    return sorted(found)


def _same_process(pid: int, created_at: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        is_ours = process.create_time() == created_at and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if is_ours else None


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nothing of it is left
