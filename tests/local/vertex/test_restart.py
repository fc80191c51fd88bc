"""The simulator survives kill -9 at any moment: nothing that was accepted is lost, and nothing is billed twice."""

from pathlib import Path

import psutil

from tests.local.cloud_tasks.support import wait_until
from tests.local.vertex.support import Vertex, probe, uris


def test_a_render_that_was_cut_short_is_completed_after_a_restart(mortal_vertex: Vertex, tmp_path: Path) -> None:
    vertex = mortal_vertex
    name = vertex.submit()
    wait_until(lambda: list((tmp_path / "state" / "work").rglob("*.unfinished")), seconds=20)
    workers = psutil.Process(vertex.stand_in.process.pid).children()

    vertex.stand_in.kill()
    assert workers
    wait_until(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers))
    assert not list((vertex.buckets / "renders").rglob("*.mp4"))
    vertex.stand_in.restart()

    (uri,) = uris(vertex.finish(name))
    assert probe(vertex.path_of(uri)).frames == 96
    assert [row["operation_name"] for row in vertex.journal()] == [name]
    assert [file for file in (vertex.buckets / "renders").rglob("*") if file.is_file()] == [vertex.path_of(uri)]
    assert not list((tmp_path / "state" / "work").iterdir())


def test_done_operations_faults_and_counters_outlive_a_kill(mortal_vertex: Vertex) -> None:
    vertex = mortal_vertex
    vertex.next_submits("blocked", ["hold", "operation_error"], "quota")
    done, held = vertex.submit(), vertex.submit()
    before = vertex.finish(done)
    journal = vertex.journal()

    vertex.stand_in.kill()
    vertex.stand_in.restart()

    assert vertex.fetch(done).response == before.response
    assert vertex.journal() == journal
    assert vertex.counters()["submits"] == 2
    assert not vertex.fetch(held).done
    assert vertex.http.get("/simulator/faults").json() == {"always": {}, "next": {"submit": [["quota"]]}}
    vertex.http.post("/simulator/release", json={}).raise_for_status()
    assert (vertex.finish(held).error or {})["code"] == 13


def test_it_ends_within_two_seconds_of_sigterm_even_while_it_renders(mortal_vertex: Vertex) -> None:
    mortal_vertex.submit(duration_seconds=8)
    process = psutil.Process(mortal_vertex.stand_in.process.pid)
    wait_until(process.children, seconds=20)
    workers = process.children()

    assert mortal_vertex.stand_in.terminate() < 2
    wait_until(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers))
