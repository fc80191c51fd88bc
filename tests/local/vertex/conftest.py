"""One identity, and one simulator over directories as buckets, for the tests of a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import stand_in
from tests.local.vertex.support import Vertex, draw_photo


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load_or_create(tmp_path_factory.mktemp("identity"), "http://127.0.0.1:1/token", "reelgraph-local")


def make_buckets(root: Path) -> Path:
    """Directories that stand for the buckets `uploads`, with a photo in it, and `renders`."""
    for bucket in ("uploads", "renders"):
        (root / bucket).mkdir(parents=True)
    draw_photo(root / "uploads" / "portrait.png")
    return root


@pytest.fixture(scope="session")
def shared_vertex(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vertex]:
    root = tmp_path_factory.mktemp("vertex")
    buckets = make_buckets(root / "buckets")
    with stand_in("vertex", *vertex_arguments(root, identity, buckets)) as running:
        vertex = Vertex(running, identity, buckets)
        yield vertex
        vertex.close()


@pytest.fixture
def vertex(shared_vertex: Vertex) -> Iterator[Vertex]:
    """The shared simulator, well-behaved before and after the test."""
    yield shared_vertex
    shared_vertex.http.post("/simulator/release", json={}).raise_for_status()
    shared_vertex.http.delete("/simulator/faults").raise_for_status()


@pytest.fixture
def mortal_vertex(identity: Identity, tmp_path: Path) -> Iterator[Vertex]:
    """A simulator that a test may kill."""
    buckets = make_buckets(tmp_path / "buckets")
    with stand_in("vertex", *vertex_arguments(tmp_path, identity, buckets)) as running:
        vertex = Vertex(running, identity, buckets)
        yield vertex
        vertex.close()


def vertex_arguments(root: Path, identity: Identity, buckets: Path) -> list[str]:
    places = ["--state", str(root / "state"), "--identity", str(identity.directory), "--storage-directory", str(buckets)]
    return [*places, "--render-speed", "ultrafast"]
