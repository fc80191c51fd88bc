"""The commands that a program gives to a supervisor it started: one JSON object a line on stdin, one answer a line on stdout.

    {"do": "kill", "part": "worker", "signal": 9, "stays_down": true}   answers when it has ended
    {"do": "start", "part": "worker"}                                   answers when it is ready
    {"do": "wait", "part": "worker"}                                    answers when it is ready
    {"do": "pids"}

Answers are {"ok": true, ...} or {"ok": false, "problem": "..."}. The end of stdin stops the stack, so that a program that is
killed leaves nothing behind.
"""

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO

from infra.local.supervisor.problems import CannotStart

if TYPE_CHECKING:
    # The one who gives the commands reads this module too, and needs no Postgres for that.
    from infra.local.supervisor.keeper import Keeper

PATIENCE_SECONDS = 60.0


class ControlChannel:
    """Commands on stdin for the parts of one supervisor."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers

    def answer(self, content: dict[str, Any]) -> None:
        """Write one line."""
        self._answers.write(json.dumps(content) + "\n")
        self._answers.flush()

    async def follow(self, keepers: "dict[str, Keeper]") -> None:
        """Do what is asked until stdin ends."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.answer(await self._obey(json.loads(line), keepers))

    async def _obey(self, request: dict[str, Any], keepers: "dict[str, Keeper]") -> dict[str, Any]:
        try:
            match request:
                case {"do": "pids"}:
                    return {"ok": True, "pids": {name: keeper.pid for name, keeper in keepers.items() if keeper.pid is not None}}
                case {"do": "kill", "part": str(part), "signal": int(number), "stays_down": True}:
                    await keepers[part].hold(signal.Signals(number))
                case {"do": "kill", "part": str(part), "signal": int(number), "stays_down": False}:
                    await keepers[part].crash(signal.Signals(number))
                case {"do": "start", "part": str(part)}:
                    keepers[part].begin()
                    await asyncio.wait_for(keepers[part].wait_ready(), PATIENCE_SECONDS)
                case {"do": "wait", "part": str(part)}:
                    await asyncio.wait_for(keepers[part].wait_ready(), PATIENCE_SECONDS)
                case _:
                    return {"ok": False, "problem": f"unknown command {request}"}
        except KeyError as missing:
            return {"ok": False, "problem": f"{missing} does not run in this stack, which has {', '.join(keepers)}"}
        except TimeoutError:
            return {"ok": False, "problem": f"{request['part']} was not ready within {PATIENCE_SECONDS:.0f} s"}
        except CannotStart as problem:
            return {"ok": False, "problem": str(problem)}
        return {"ok": True}
