"""Who makes a film, and who sees to it, is killed at the worst moments: in the end there is one film."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest

from infra.local.supervisor.stack import LocalStack
from tests.chaos.support import frozen
from tests.journeys.films import Theatre, exporters
from tests.journeys.support import SMALL, a_stack, eventually


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators, but with jobs."""
    with a_stack(only=(*SMALL, "run_jobs")) as stack:
        yield stack


@pytest.fixture(scope="module")
def theatre(stack: LocalStack) -> Theatre:
    """One person's project with two finished videos."""
    return Theatre.open(stack)


def check_one_film(theatre: Theatre, export_id: str, *, attempt: int) -> None:
    """Fail unless the export succeeds at this attempt, with the one file that exports of this id made."""
    made = theatre.ended(export_id)
    assert (made["state"], made["attempt"], made["progress"]) == ("succeeded", attempt, 1.0)
    files = theatre.studio.person.call("GET", f"/api/files?project_id={theatre.studio.project_id}")
    assert [file["id"] for file in files].count(made["asset"]["id"]) == 1
    told = [event["type"] for event in theatre.told() if event["payload"]["export_id"] == export_id]
    assert told == ["export.started", "export.succeeded"]


def test_a_job_that_is_killed_half_way_comes_again(stack: LocalStack, theatre: Theatre) -> None:
    export_id = theatre.export(*theatre.take_ids, resolution="1080p")["id"]
    theatre.until_it_works(export_id)

    (exporter,) = exporters(stack, export_id)
    exporter.kill()

    check_one_film(theatre, export_id, attempt=2)


def test_a_worker_that_is_killed_after_it_has_asked_starts_no_second_execution(stack: LocalStack, theatre: Theatre) -> None:
    with frozen(stack, "run_jobs"):
        export_id = theatre.export(*theatre.take_ids, resolution="source")["id"]
        eventually(lambda: has_asked(stack), "the worker's call")
        stack.kill("worker")
    eventually(lambda: theatre.export_of(export_id)["state"] == "succeeded", "the film")

    # The execution has said itself that it is there, and the worker finds nothing left to do.
    stack.start("worker")
    theatre.studio.invoker.call("/tasks/follow-export", export_id=export_id)
    check_one_film(theatre, export_id, attempt=1)


def test_without_a_worker_a_film_is_finished_all_the_same(stack: LocalStack, theatre: Theatre) -> None:
    export_id = theatre.export(*theatre.take_ids, resolution="1080p")["id"]
    theatre.until_it_works(export_id)

    stack.kill("worker")
    theatre.ended(export_id)
    stack.start("worker")

    check_one_film(theatre, export_id, attempt=1)


def test_a_stop_of_cloud_run_leaves_the_film_to_another_attempt(stack: LocalStack, theatre: Theatre) -> None:
    export_id = theatre.export(*theatre.take_ids, resolution="1080p")["id"]
    theatre.until_it_works(export_id)

    stack.kill("run_jobs", SIGTERM)  # which it passes on to what it runs, as Cloud Run does
    stack.start("run_jobs")

    check_one_film(theatre, export_id, attempt=2)


def has_asked(stack: LocalStack) -> bool:
    """Whether somebody has sent something to Cloud Run that it, frozen, has not read: bytes wait in a socket of its port."""
    port = f":{stack.layout.port('run_jobs'):04X}"
    # proc(5), /proc/net/tcp: number, local address, remote address, state, bytes that wait to be sent:to be read
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(port) and int(row[4].partition(":")[2], 16) > 0 for row in rows)
