"""Every line reaches the part's file; the terminal shows what a person should see, and not too much of it."""

import asyncio
from pathlib import Path

import pytest

from infra.local.supervisor.logs import LINE_LIMIT_BYTES, ROTATE_BYTES, SHOWN_LINES, LinePump, PartLog, loud_text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"severity": "ERROR", "message": "job.failed", "job_id": "7", "stack_trace": "Traceback ..."}', "ERROR job.failed job_id=7"),
        ('{"severity": "INFO", "message": "job.submitted"}', None),
        ("ERROR uvicorn.error an error of a library", "ERROR uvicorn.error an error of a library"),
        ("WARNING urllib3 a warning of a library", None),
        ("Traceback (most recent call last):", None),
        ("{not json", None),
        ('["severity"]', None),
        ("", None),
    ],
)
def test_warnings_and_errors_are_loud(line: str, shown: str | None) -> None:
    assert loud_text(line) == shown


def test_a_flood_is_left_to_the_file(tmp_path: Path) -> None:
    shown: list[str] = []

    async def body() -> None:
        log = PartLog(tmp_path / "worker.log", "worker", shown.append)
        for number in range(SHOWN_LINES + 3):
            log.write(f"ERROR number {number}")
        log.close()

    asyncio.run(body())
    assert len(shown) == SHOWN_LINES + 1
    assert shown[-1].startswith("worker: more of this in ")
    assert len((tmp_path / "worker.log").read_text().splitlines()) == SHOWN_LINES + 3


def test_a_log_that_has_grown_too_long_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    log = PartLog(path, "worker")
    with path.open("a") as file:
        file.write("x" * ROTATE_BYTES + "\n")
    log.write("the last one there")
    log.write("the first one here")
    log.close()
    assert (tmp_path / "worker.log.1").stat().st_size > ROTATE_BYTES
    assert "the first one here" in path.read_text() and "the last one there" not in path.read_text()


def test_lines_are_put_together_from_pieces_and_an_endless_one_is_cut() -> None:
    async def body() -> None:
        lines: list[str] = []
        pump = LinePump(lines.append)
        pump.data_received(b"one\ntw")
        pump.data_received("o\r\nümlaut".encode())
        pump.connection_lost(None)
        assert lines == ["one", "two", "ümlaut"]
        pump = LinePump(lines.append)
        pump.data_received(b"x" * (LINE_LIMIT_BYTES + 1))
        assert len(lines[-1]) == LINE_LIMIT_BYTES + 1

    asyncio.run(body())
