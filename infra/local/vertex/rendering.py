"""Runs render workers: a few at a time, each a process whose crash is one operation's failure."""

import asyncio
import sys

from infra.local.vertex.render.specification import RenderOrder


class RenderFailedError(Exception):
    """The worker ended without its files; the message says how."""


class Renderer:
    """Starts at most `parallel` workers at once."""

    def __init__(self, parallel: int) -> None:
        self._slots = asyncio.Semaphore(parallel)

    async def render(self, order: RenderOrder) -> None:
        """Make the files of `order`; RenderFailedError where they are not made. Cancelling ends the worker."""
        async with self._slots:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "infra.local.vertex.render.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                # Standard input stays open: that it closes tells the worker that we are gone.
                assert process.stdin is not None
                assert process.stderr is not None
                process.stdin.write(order.model_dump_json().encode() + b"\n")
                complaint = await process.stderr.read()
                exit_code = await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
        if exit_code != 0:
            last_line = complaint.decode(errors="replace").strip().rpartition("\n")[2]
            raise RenderFailedError(f"exit code {exit_code}: {last_line}")
