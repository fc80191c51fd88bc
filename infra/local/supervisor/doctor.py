"""What this machine has and lacks for Reelgraph, for `make doctor`. Starts nothing."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace

from infra.description import DEPLOYMENT
from infra.local.supervisor.composition import compose, function_python
from infra.local.supervisor.emulators import Emulators, find_emulators
from infra.local.supervisor.layout import REPOSITORY, shown
from infra.local.supervisor.options import Options
from infra.local.supervisor.preflight import check_disk, check_ports, sole_owner
from infra.local.supervisor.problems import CannotStart

VERSION_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Seen:
    """A thing of this machine and what is to be said of it; `mend` where it is not as it should be. Not `is_needed`: one can do without."""

    thing: str
    what: str
    mend: str = ""
    is_needed: bool = True


def look_at_machine(options: Options) -> Iterator[Seen]:
    """Everything that a stack stands on."""
    emulators = find_emulators(os.environ)
    yield Seen("Python", f"{platform.python_version()}, {platform.platform(terse=True)}")
    for service in DEPLOYMENT.services:
        if (python := function_python(service)) is not None:
            yield _program(service.name, str(python), f"{shown(python)} is missing or broken.", "make install")
    node = _program("Node", "node", "is missing; the canvas needs Node 20 or newer.", "install it, then: make install")
    yield replace(node, is_needed=False)
    is_built = (REPOSITORY / "frontend" / "out").is_dir()
    yield (
        Seen("Canvas", "built")
        if is_built
        else Seen("Canvas", "is not built; the api serves the API alone.", "make install", is_needed=False)
    )
    yield Seen("Emulators", _described(emulators))
    yield _room(options)


def look_at_ports(options: Options) -> Seen:
    """Whether a stack could start here; for one that does not run."""
    try:
        check_ports(compose(options, find_emulators(os.environ), os.environ).parts, options.layout)
    except CannotStart as problem:
        return Seen("Stack", "does not run, and could not start.", str(problem))
    return Seen("Stack", f"does not run; data in {shown(options.layout.state)}, ports from {options.layout.base_port} are free")


def is_running(options: Options) -> bool:
    """Whether somebody holds the state directory."""
    try:
        with sole_owner(options.layout):
            return False
    except CannotStart:
        return True


def _room(options: Options) -> Seen:
    try:
        check_disk(REPOSITORY)
    except CannotStart as problem:
        return Seen("Disk", "is nearly full.", str(problem))
    return Seen("Disk", f"{shutil.disk_usage(options.layout.state.parent).free / 1e9:.0f} GB free")


def _described(emulators: Emulators) -> str:
    found = [name for name, jar in (("Firestore", emulators.firestore_jar), ("Pub/Sub", emulators.pubsub_jar)) if jar is not None]
    return "; ".join(part for part in (f"{' and '.join(found)}, with {emulators.java}" if found else "", emulators.missing) if part)


def _program(thing: str, program: str, what: str, mend: str) -> Seen:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return Seen(thing, what, mend)
    return Seen(thing, answer.stdout.strip())
