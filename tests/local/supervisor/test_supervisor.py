"""The supervisor starts parts in order, keeps them running and leaves nothing behind."""

import asyncio
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from infra.local.supervisor.parts import Step
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import Command
from tests.local.supervisor.support import Run, a_server, eventually, is_running, python, run

# Answers on its port although it was asked to leave.
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
WITH_CHILD = "import subprocess, sys; print('child', subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)']).pid)"


def test_a_part_starts_when_what_it_needs_is_ready(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        second = a_server("second", port + 1, needs=("first",), body=_connects_to(port))
        async with Run(tmp_path, second, a_server("first", port)) as stack:
            await stack.supervisor.start()

    run(body)


def test_a_part_needs_a_step_and_a_step_needs_a_part(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        made = tmp_path / "made"
        step = Step("make", python(f"{_connects_to(port)}\nopen({str(made)!r}, 'w')"), needs=("first",))
        last = a_server("last", port + 1, needs=("make",), body=f"open({str(made)!r})")
        async with Run(tmp_path, last, a_server("first", port), steps=(step,)) as stack:
            await stack.supervisor.start()

    run(body)


def test_a_part_that_died_is_started_again_and_one_line_says_so(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        async with Run(tmp_path, a_server("first", port)) as stack:
            await stack.supervisor.start()
            before = stack.pid("first")
            os.kill(before, signal.SIGKILL)
            await eventually(lambda: "runs again" in stack.said, "the restart")
            assert stack.pid("first") != before
            assert stack.said.splitlines()[0].startswith("first died (signal 9); starting it again in 0.5 s. Its log: ")
            assert len(stack.said.splitlines()) == 2

    run(body)


def test_a_part_that_keeps_dying_is_started_less_and_less_often(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        marker = tmp_path / "marker"
        dies_the_second_time = f"import os; path = {str(marker)!r}; os.path.exists(path) and os._exit(3); open(path, 'w')"
        async with Run(tmp_path, a_server("first", port, body=dies_the_second_time)) as stack:
            await stack.supervisor.start()
            os.kill(stack.pid("first"), signal.SIGKILL)
            await eventually(lambda: "again in 2 s" in stack.said, "the third pause")
            assert [line.partition("again in ")[2].partition(" s")[0] for line in stack.said.splitlines()] == ["0.5", "1", "2"]

    run(body)


def test_a_held_part_stays_down_until_it_is_begun(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        async with Run(tmp_path, a_server("first", port)) as stack:
            await stack.supervisor.start()
            keeper, pid = stack.supervisor.keepers["first"], stack.pid("first")
            await keeper.hold(signal.SIGKILL)
            assert not is_running(pid)
            assert keeper.pid is None and not keeper.ready.is_set()
            keeper.begin()
            await keeper.wait_ready()
            assert is_running(stack.pid("first"))
            assert "died" not in stack.said

    run(body)


def test_a_part_that_cannot_start_is_named_with_its_last_words(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        speechless = a_server("broken", port, body="import sys; sys.exit('the disk is made of cheese')")
        async with Run(tmp_path, speechless, a_server("first", port + 1)) as stack:
            with pytest.raises(
                CannotStart, match=r"broken did not start \(exit code 1\): the disk is made of cheese. Its log: .*broken.log"
            ):
                await stack.supervisor.start()

    run(body)


def test_a_program_that_does_not_exist_is_a_message(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        absent = replace(a_server("first", port), program=Command(("/nowhere/python",), tmp_path, {}))
        async with Run(tmp_path, absent) as stack:
            with pytest.raises(CannotStart, match=r"first did not start .*No such file or directory"):
                await stack.supervisor.start()

    run(body)


def test_a_required_step_that_fails_ends_the_start_and_another_one_does_not(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        failing = python("import sys; sys.exit('no migration today')")
        async with Run(tmp_path, a_server("first", port), steps=(Step("migrate", failing),)) as stack:
            with pytest.raises(CannotStart, match=r"migrate failed \(exit code 1\): no migration today"):
                await stack.supervisor.start()
        async with Run(tmp_path, a_server("first", port), steps=(Step("reproject", failing, is_required=False),)) as stack:
            await stack.supervisor.start()
            assert "reproject failed (exit code 1): no migration today" in stack.said

    run(body)


def test_a_step_is_repeated_when_the_part_it_filled_was_started_again(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        times = tmp_path / "times"
        step = Step("fill", python(f"open({str(times)!r}, 'a').write('x')"), needs=("first",), repeat_after=("first",))
        async with Run(tmp_path, a_server("first", port), steps=(step,)) as stack:
            await stack.supervisor.start()
            assert times.read_text() == "x"
            os.kill(stack.pid("first"), signal.SIGKILL)
            await eventually(lambda: times.read_text() == "xx", "the repetition")

    run(body)


def test_stopping_kills_who_does_not_leave_and_what_they_started(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        async with Run(tmp_path, a_server("deaf", port, body=DEAF), a_server("parent", port + 1, body=WITH_CHILD)) as stack:
            await stack.supervisor.start()
            pids = {stack.pid("deaf"), stack.pid("parent"), *(child.pid for child in psutil.Process(stack.pid("parent")).children())}
            assert len(pids) == 3
            began = time.monotonic()
            await stack.supervisor.stop()
            assert time.monotonic() - began < 12
            assert not [pid for pid in pids if is_running(pid)]

    run(body)


def test_stopping_while_parts_are_starting_leaves_nothing(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        slow = a_server("slow", port, body="import time; print('here'); time.sleep(600)")
        async with Run(tmp_path, slow, a_server("later", port + 1, needs=("slow",))) as stack:
            starting = asyncio.create_task(stack.supervisor.start())
            await eventually(lambda: stack.supervisor.keepers["slow"].pid, "the start")
            pid = stack.pid("slow")
            starting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await starting
            await stack.supervisor.stop()
            assert not is_running(pid)
            assert stack.supervisor.keepers["later"].pid is None

    run(body)


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_stack(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        detached = WITH_CHILD.replace("]).pid", "], start_new_session=True).pid")
        async with Run(tmp_path, a_server("parent", port, body=detached)) as stack:
            await stack.supervisor.start()
            (child,) = psutil.Process(stack.pid("parent")).children()
            began = time.monotonic()
            await stack.supervisor.stop()
            # It is in a session of its own by its own wish, like the tasks of the Cloud Run stand-in.
            child.kill()
            assert time.monotonic() - began < 5

    run(body)


def test_a_part_is_started_again_when_its_sources_change(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        sources = tmp_path / "sources" / "inner"
        sources.mkdir(parents=True)
        (sources / "one.py").write_text("")
        part = replace(a_server("api", port), sources=(sources.parent,))
        async with Run(tmp_path, part, a_server("worker", port + 1)) as stack:
            await stack.supervisor.start()
            following = asyncio.create_task(stack.supervisor.follow_sources())
            api, worker = stack.pid("api"), stack.pid("worker")
            await asyncio.sleep(0)
            (sources / "two.py").write_text("")
            await eventually(lambda: "runs again" in stack.said, "the new start")
            following.cancel()
            assert stack.said.splitlines()[0].endswith("two.py changed: starting api again.")
            assert stack.pid("api") != api and stack.pid("worker") == worker

    run(body)


def test_warnings_of_the_product_are_shown_in_one_line_and_everything_is_in_the_log(tmp_path: Path, port: int) -> None:
    async def body() -> None:
        warning = '{"severity": "WARNING", "message": "job.stuck", "job_id": "7", "time": "t", "service": "worker"}'
        talk = f"print('good morning'); print({warning!r})"
        async with Run(tmp_path, a_server("worker", port, body=talk, is_product=True)) as stack:
            await stack.supervisor.start()
            await eventually(lambda: stack.said, "the warning")
            assert stack.said == "worker: WARNING job.stuck job_id=7\n"
            lines = (tmp_path / "logs" / "worker.log").read_text().splitlines()
            assert [line.partition(" | ")[2] for line in lines[:2]] == ["good morning", warning]

    run(body)


def _connects_to(port: int) -> str:
    return f"import socket; socket.create_connection(('127.0.0.1', {port})).close()"
