"""One media operation in a process of its own: a request as JSON on stdin, its answer as JSON on stdout. See `runner`.

{"operation": "probe", "arguments": {"path": "clip.mp4"}, "alarm_seconds": 60}
-> {"result": {...}}  or  {"problem": {"kind": "UnreadableVideo", "code": "truncated", "message": "...", "advice": ""}}
"""

import dataclasses
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av.error

from services.core.kit.errors import Problem
from services.core.video.media.cuts import append, concatenate, tail
from services.core.video.media.errors import MediaFailed
from services.core.video.media.probe import probe
from services.core.video.media.stills import last_frame, poster, sprite, thumbnail

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "probe": lambda path: probe(Path(path)),
    "poster": lambda path, at_seconds, width, out: poster(Path(path), at_seconds, width, Path(out)),
    "thumbnail": lambda path, out, at_seconds: thumbnail(Path(path), Path(out), at_seconds),
    "last_frame": lambda path, out: last_frame(Path(path), Path(out)),
    "sprite": lambda path, columns, out: sprite(Path(path), columns, Path(out)),
    "tail": lambda path, seconds, out: tail(Path(path), seconds, Path(out)),
    "append": lambda master, returned, tail_frames, out: append(Path(master), Path(returned), tail_frames, Path(out)),
    "concatenate": lambda paths, out: concatenate([Path(path) for path in paths], Path(out)),
}


def main() -> None:
    """Read one request, do it, answer. A problem is an answer too; anything unforeseen ends the process with a trace on stderr."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the user's pictures
    # Native libraries may print: keep stdout for the answer alone.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.load(sys.stdin)
    # The parent ends us on time; should the parent be gone, the kernel does, even inside native code.
    signal.alarm(request["alarm_seconds"])
    with answer:
        json.dump(_answer(request["operation"], request["arguments"]), answer, default=str)


def _answer(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"result": dataclasses.asdict(OPERATIONS[operation](**arguments))}
    except Problem as problem:
        return _problem(problem)
    except av.error.FFmpegError as error:
        # `strerror` alone: the error's own text ends with the name of the file.
        return _problem(MediaFailed(f"Media processing failed: {error.strerror}."))


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "problem": {"kind": type(problem).__name__, "code": problem.code, "message": problem.message, "advice": problem.advice},
    }


if __name__ == "__main__":
    main()
