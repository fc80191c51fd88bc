"""`make doctor`: what this machine has and lacks for Reelgraph. Starts nothing."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator

from infra.description import DEPLOYMENT
from infra.local.supervisor.composition import compose, function_python
from infra.local.supervisor.emulators import Emulators, find_emulators
from infra.local.supervisor.layout import REPOSITORY, shown
from infra.local.supervisor.options import Options
from infra.local.supervisor.preflight import check_disk, check_ports, sole_owner
from infra.local.supervisor.problems import CannotStart

VERSION_TIMEOUT_SECONDS = 20


def findings(options: Options) -> Iterator[tuple[str, str]]:
    """Pairs of a thing and what is to be said of it."""
    emulators = find_emulators(os.environ)
    yield "Python", f"{platform.python_version()}, {platform.platform(terse=True)}"
    for service in DEPLOYMENT.services:
        if (python := function_python(service)) is not None:
            yield service.name, _version(str(python)) or f"{shown(python)} is missing or broken; mend it: make install"
    yield "Node", _version("node") or "missing; the canvas needs Node 20 or newer"
    yield "Canvas", "built" if (REPOSITORY / "frontend" / "out").is_dir() else "not built; the api serves the API alone until make install"
    yield "Emulators", _described(emulators)
    yield "Disk", f"{shutil.disk_usage(REPOSITORY).free / 1e9:.0f} GB free"
    yield "Stack", _stack(options, emulators)


def _described(emulators: Emulators) -> str:
    found = [name for name, jar in (("Firestore", emulators.firestore_jar), ("Pub/Sub", emulators.pubsub_jar)) if jar is not None]
    return "; ".join(part for part in (f"{' and '.join(found)}, with {emulators.java}" if found else "", emulators.missing) if part)


def _stack(options: Options, emulators: Emulators) -> str:
    try:
        with sole_owner(options.layout):
            check_disk(options.layout.state)
            check_ports(compose(options, emulators, os.environ).parts, options.layout)
    except CannotStart as problem:
        return str(problem)
    return f"does not run; data in {shown(options.layout.state)}, ports from {options.layout.base_port} are free"


def _version(program: str) -> str:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
