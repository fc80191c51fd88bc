"""Run media operations in a process each, so that a crash or a hang in native code fails one call and never the server."""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from services.core.kit.errors import Problem
from services.core.video.media.errors import (
    IncompatibleVideo,
    MediaCrashed,
    MediaFailed,
    MediaTimedOut,
    UnexpectedExtension,
    UnreadableVideo,
)
from services.core.video.media.results import Appended, Joined, Picture, Sprite, Tail, VideoProbe

Result = TypeVar("Result")

_REPOSITORY = Path(__file__).resolve().parents[4]  # where `services` is importable from
_COMMAND = (sys.executable, "-m", "services.core.video.media")
_PROBLEMS: Mapping[str, type[Problem]] = {kind.__name__: kind for kind in (UnreadableVideo, IncompatibleVideo, UnexpectedExtension)}
_INHERITED_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")  # and no credentials: it reads files of strangers
_ORPHAN_SECONDS = 5  # how long after its time a process may live when nobody is left to end it
_STDERR_CHARACTERS = 2000


@dataclass(frozen=True)
class MediaRunner:
    """Media operations on local files. Each call blocks until its process has ended, at most `timeout_seconds`.

    All raise UnreadableVideo for a faulty input, MediaFailed (MediaCrashed, MediaTimedOut) for a fault of ours; outputs appear whole
    or not at all. `command` is the process to start.
    """

    timeout_seconds: float = 300
    command: tuple[str, ...] = _COMMAND

    def probe(self, path: Path) -> VideoProbe:
        """Count what a video holds."""
        return self._run(VideoProbe, "probe", path=path)

    def poster(self, path: Path, at_seconds: float, width: int, out: Path) -> Picture:
        """Write the frame shown at `at_seconds`, at most `width` px wide, to a .jpg, .webp or .png."""
        return self._write(Picture, "poster", out, path=path, at_seconds=at_seconds, width=width)

    def thumbnail(self, path: Path, out: Path, at_seconds: float = 0.0) -> Picture:
        """Write a picture of at most 320 px width."""
        return self._write(Picture, "thumbnail", out, path=path, at_seconds=at_seconds)

    def last_frame(self, path: Path, out: Path) -> Picture:
        """Write the very last frame in full size."""
        return self._write(Picture, "last_frame", out, path=path)

    def sprite(self, path: Path, columns: int, out: Path) -> Sprite:
        """Write a strip of `columns` frames, evenly spaced."""
        return self._write(Sprite, "sprite", out, path=path, columns=columns)

    def tail(self, path: Path, seconds: float, out: Path) -> Tail:
        """Write the last `seconds` or less as an MP4. Raises IncompatibleVideo outside 1 to 30 s."""
        return self._write(Tail, "tail", out, path=path, seconds=seconds)

    def append(self, master: Path, returned: Path, tail_frames: int, out: Path) -> Appended:
        """Write `master` with what is new in `returned`. Raises UnexpectedExtension, IncompatibleVideo."""
        return self._write(Appended, "append", out, master=master, returned=returned, tail_frames=tail_frames)

    def concatenate(self, paths: Sequence[Path], out: Path) -> Joined:
        """Write videos of one size one after the other. Raises IncompatibleVideo."""
        return self._write(Joined, "concatenate", out, paths=list(paths))

    def _write(self, result_type: type[Result], operation: str, out: Path, **arguments: object) -> Result:
        """Run with a folder beside `out` for everything the process writes, so that neither half an output nor scratch files remain."""
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".media-") as folder:
            unfinished = Path(folder) / out.name
            result = self._run(result_type, operation, out=unfinished, **arguments)
            unfinished.replace(out)
        return result

    def _run(self, result_type: type[Result], operation: str, **arguments: object) -> Result:
        wire = {name: _absolute(value) for name, value in arguments.items()}
        alarm = math.ceil(self.timeout_seconds) + _ORPHAN_SECONDS
        request = json.dumps({"operation": operation, "arguments": wire, "alarm_seconds": alarm})
        private = [text for value in wire.values() for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        try:
            # No shell, a fixed command; user content is only ever data on stdin.
            ended = subprocess.run(  # noqa: S603 - the command is ours
                self.command,
                input=request,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout_seconds,
                check=False,
                cwd=_REPOSITORY,
                env={name: os.environ[name] for name in _INHERITED_ENVIRONMENT if name in os.environ},
            )
        except subprocess.TimeoutExpired as expired:
            said = expired.stderr.decode(errors="replace") if isinstance(expired.stderr, bytes) else expired.stderr or ""
            raise MediaTimedOut(self.timeout_seconds, _without(private, said)) from None  # its text holds the command
        stderr_tail = _without(private, ended.stderr)
        if ended.returncode < 0:
            raise MediaCrashed(_signal_name(-ended.returncode), stderr_tail)
        return _answer(result_type, ended.returncode, ended.stdout, stderr_tail)


def _answer(result_type: type[Result], return_code: int, stdout: str, stderr_tail: str) -> Result:
    """The result in a process's answer. Raises the problem it holds instead, or MediaFailed where there is no answer."""
    if return_code != 0:
        raise MediaFailed(f"Media processing ended with code {return_code}.", stderr_tail=stderr_tail)
    try:
        answer: dict[str, Any] = json.loads(stdout)
    except json.JSONDecodeError:
        raise MediaFailed("Media processing gave no answer.", stderr_tail=stderr_tail) from None
    match answer:
        case {"result": result}:
            return TypeAdapter(result_type).validate_python(result)
        case {"problem": {"kind": kind, "code": code, "message": message, "advice": advice}} if kind in _PROBLEMS:
            raise _PROBLEMS[kind](code, message, advice)
        case {"problem": {"message": message}}:
            raise MediaFailed(message, stderr_tail=stderr_tail)
        case _:
            raise MediaFailed("Media processing gave an answer that is none.", stderr_tail=stderr_tail)


def _absolute(value: object) -> object:
    match value:
        case Path():
            return str(value.absolute())
        case list():
            return [_absolute(item) for item in value]
        case _:
            return value


def _without(private: Sequence[str], text: str) -> str:
    """The end of what a process said, without the paths it was given and their folders: names of files can be personal."""
    for path in sorted(private, key=len, reverse=True):
        for name in (path, str(Path(path).parent), Path(path).name):
            if len(name) > 1:
                text = text.replace(name, "<file>")
    return text[-_STDERR_CHARACTERS:]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"  # real-time signals have no name
