"""Starts a command of the description in a laid out image as Cloud Run starts it.

https://cloud.google.com/run/docs/container-contract
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from infra.gcp.place import cloud_name
from infra.images.layout import Image
from infra.model import Job, Service

NOBODY = 65534
# What Cloud Run grants after SIGTERM, before SIGKILL: https://cloud.google.com/run/docs/container-contract#instance-shutdown
GRACE_SECONDS = 10
_SYSTEM = ("/usr", "/etc", "/bin", "/lib", "/lib64")
_PATH = "/usr/local/bin:/usr/bin:/bin"
# Arguments: the group of processes to join or nothing, the image, what to show in it, --, and the command.
_ENTER = """
set -e
[ -z "$1" ] || echo 0 > "$1/cgroup.procs"
image=$2; shift 2
mount --bind "$image" "$image"
mount -o remount,bind,ro "$image"
while [ "$1" != -- ]; do
  mount --bind "$1" "$image$1"
  mount -o remount,bind,ro "$image$1"
  shift
done
shift
mount -t proc proc "$image/proc"
mount --rbind /dev "$image/dev"
mount -t tmpfs -o mode=1777 tmpfs "$image/tmp"
exec chroot "$image" "$@"
"""
_DROP = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", "--no-new-privs")


@cache
def missing_isolation() -> str | None:
    """Why a command cannot be given a file system and a user of its own on this machine; None where it can."""
    if sys.platform != "linux":
        return "only Linux has mount namespaces"
    if os.geteuid() != 0:
        return "only root can give a process another user"
    command = ("unshare", "--mount", "--pid", "--net", "--fork", "true")
    tried = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # as written above
    return tried.stderr.strip() or None


@dataclass(frozen=True)
class Platform:
    """What surrounds the command: its port, the address it is to listen on (None: Cloud Run's, which is all), its memory.

    `extra` are variables that stand for what Cloud Run has by itself, such as the address of the metadata server.
    """

    port: int
    host: str | None = "127.0.0.1"
    memory_group: Path | None = None
    has_network: bool = True
    extra: Mapping[str, str] | None = None


def environment_of(described: Service | Job, image: Image, settings: Mapping[str, str], platform: Platform) -> dict[str, str]:
    """All variables that the process gets: the image's, those of `settings` that the description names, and the platform's."""
    name = cloud_name(described.name)
    revision = {"K_SERVICE": name, "K_CONFIGURATION": name, "K_REVISION": f"{name}-00001-abc"}
    listen = {"PORT": str(platform.port), **({"HOST": platform.host} if platform.host else {})}
    named = {setting: settings[setting] for setting in described.environment if setting in settings}
    if isinstance(described, Job):
        job = {"CLOUD_RUN_JOB": cloud_name(described.name), "CLOUD_RUN_TASK_INDEX": "0", "CLOUD_RUN_TASK_ATTEMPT": "0"}
        return {**image.stage.environment, **named, **job, **(platform.extra or {})}
    return {**image.stage.environment, **described.constants, **named, **listen, **revision, **(platform.extra or {})}


class Container:
    """A running command. Where this machine can, it is alone with its image: read-only but for /tmp, as nobody, as process 1."""

    def __init__(
        self, image: Image, command: tuple[str, ...], environment: Mapping[str, str], log: Path, platform: Platform, *, is_isolated: bool
    ) -> None:
        self.is_isolated = is_isolated
        self._log = log
        with log.open("wb") as output:
            if is_isolated:
                arguments = _isolated(image, command, environment, platform)
                outside = {"PATH": os.environ["PATH"]}
                self._process = subprocess.Popen(arguments, env=outside, stdout=output, stderr=output)  # noqa: S603  # the description's
            else:
                path = environment["PATH"].replace("$PATH", _PATH).replace(str(image.stage.directory), str(image.directory), 1)
                plain = {**environment, "PATH": path, "HOME": str(log.parent)}
                self._process = subprocess.Popen(  # noqa: S603  # the description's
                    ["/usr/bin/env", *command], cwd=image.directory, env=plain, stdout=output, stderr=output, start_new_session=True
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        """Kill what is left."""
        for process in self._family():
            process.kill()
        self._process.wait(GRACE_SECONDS)

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text(errors="replace")

    @property
    def exit_code(self) -> int | None:
        """How it ended, as a container's exit code (128 + the signal that ended it); None while it runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def processes(self) -> list[psutil.Process]:
        """Those of the container, its first process first."""
        return self._family()[1:] if self.is_isolated else self._family()

    def terminate(self) -> None:
        """Send SIGTERM to its first process, as Cloud Run does."""
        self.processes()[0].send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """The exit code. Raises subprocess.TimeoutExpired where it does not end in time."""
        self._process.wait(seconds)
        assert self.exit_code is not None
        return self.exit_code

    def peak_memory_mib(self) -> float:
        """The sum of the most that each of its living processes ever held, as far as the system knows; shared parts count for each."""
        return sum(_peak_kib(process) for process in self.processes()) / 1024

    def _family(self) -> list[psutil.Process]:
        try:
            leader = psutil.Process(self._process.pid)
            return [leader, *leader.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def _peak_kib(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        rss: int = process.memory_info().rss
        return rss / 1024
    return int(status.read_text().split("VmHWM:")[1].split()[0])


def _isolated(image: Image, command: tuple[str, ...], environment: Mapping[str, str], platform: Platform) -> list[str]:
    shown = _prepare(image)
    namespaces = ["--mount", "--pid", *([] if platform.has_network else ["--net"])]
    variables = {**environment, "PATH": environment["PATH"].replace("$PATH", _PATH)}
    return [
        *("unshare", *namespaces, "--fork", "--kill-child", "sh", "-c", _ENTER, "enter"),
        *(str(platform.memory_group or ""), str(image.root), *shown, "--"),
        *(*_DROP, "env", "-i", "-C", str(image.stage.directory), *(f"{name}={value}" for name, value in variables.items()), *command),
    ]


def _prepare(image: Image) -> list[str]:
    """Make the places in the image where this machine's system and the borrowed paths will be mounted; returns those paths."""
    shown: list[str] = []
    for path in (*map(Path, _SYSTEM), *image.borrowed):
        place = image.root / path.relative_to("/")
        if any(path.is_relative_to(above) for above in shown):
            continue
        if path.is_symlink():
            if not place.is_symlink():
                place.symlink_to(path.readlink())
        elif path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            shown.append(str(path))
    for name in ("proc", "dev", "tmp"):
        (image.root / name).mkdir(exist_ok=True)
    return shown
