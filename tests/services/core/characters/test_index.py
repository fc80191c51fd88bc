"""The face index keeps projects apart, repeats Postgres, and says when Qdrant is not there."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from qdrant_client import QdrantClient, models

from infra.local.qdrant.process import QdrantProcess
from services.core.characters.identity import DLIB_RESNET_V1, EmbedderSpec, Embedding, compare
from services.core.characters.index import FaceIndex, FaceNotIndexed, FaceRow, IndexUnavailable, Neighbour

REPOSITORY = Path(__file__).parents[4]
SIZE = DLIB_RESNET_V1.dimension
CHARACTER = uuid4()


def a_face(seed: int) -> Embedding:
    """A random embedding of about unit length, as dlib's are."""
    chance = random.Random(seed)
    return [chance.gauss(0.0, 0.09) for _ in range(SIZE)]


def beside(face: Embedding, distance: float) -> Embedding:
    return [face[0] + distance, *face[1:]]


FACE = a_face(0)


@pytest.fixture(scope="module")
def qdrant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantProcess]:
    with QdrantProcess(tmp_path_factory.mktemp("qdrant")) as process:
        yield process


@pytest.fixture(scope="module")
def shared_index(qdrant: QdrantProcess) -> Iterator[FaceIndex]:
    index = FaceIndex(qdrant.url)
    yield index
    index.close()


@pytest.fixture
def index(shared_index: FaceIndex) -> FaceIndex:
    """An index without faces."""
    shared_index.rebuild([])
    return shared_index


@pytest.fixture
def project_id() -> UUID:
    return uuid4()


def test_faces_come_back_nearest_first_with_their_distance(index: FaceIndex, project_id: UUID) -> None:
    near, middle, far = uuid4(), uuid4(), uuid4()
    other_character = uuid4()
    index.upsert(far, beside(FACE, 0.9), project_id, CHARACTER)
    index.upsert(near, beside(FACE, 0.1), project_id, CHARACTER)
    index.upsert(middle, beside(FACE, 0.4), project_id, other_character)

    found = index.nearest(project_id, FACE, limit=10)

    assert [(neighbour.face_id, neighbour.character_id) for neighbour in found] == [
        (near, CHARACTER),
        (middle, other_character),
        (far, CHARACTER),
    ]
    assert [neighbour.distance for neighbour in found] == pytest.approx([0.1, 0.4, 0.9], abs=1e-6)
    assert index.nearest(project_id, FACE, limit=1) == found[:1]


def test_the_distance_is_the_one_that_compare_gives(index: FaceIndex, project_id: UUID) -> None:
    faces = {uuid4(): a_face(seed) for seed in range(1, 20)}
    for face_id, embedding in faces.items():
        index.upsert(face_id, embedding, project_id, CHARACTER)
    found = index.nearest(project_id, FACE, limit=100)
    assert {neighbour.face_id: neighbour.distance for neighbour in found} == {
        face_id: pytest.approx(compare(FACE, embedding), abs=1e-5) for face_id, embedding in faces.items()
    }


def test_an_identical_face_of_another_project_is_never_returned(index: FaceIndex, project_id: UUID) -> None:
    ours = uuid4()
    index.upsert(ours, beside(FACE, 0.5), project_id, CHARACTER)
    for _ in range(5):
        index.upsert(uuid4(), FACE, uuid4(), CHARACTER)
    assert [neighbour.face_id for neighbour in index.nearest(project_id, FACE, limit=100)] == [ours]
    assert index.nearest(uuid4(), FACE, limit=100) == []


def test_a_face_is_found_only_while_it_has_a_character(index: FaceIndex, project_id: UUID) -> None:
    face_id = uuid4()
    index.upsert(face_id, FACE, project_id, None)
    assert index.nearest(project_id, FACE, limit=10) == []
    index.assign(face_id, CHARACTER)
    assert index.nearest(project_id, FACE, limit=10) == [Neighbour(face_id, CHARACTER, 0.0)]
    index.assign(face_id, None)
    assert index.nearest(project_id, FACE, limit=10) == []


def test_upserting_again_replaces_the_face(index: FaceIndex, project_id: UUID) -> None:
    face_id = uuid4()
    index.upsert(face_id, a_face(1), project_id, CHARACTER)
    index.upsert(face_id, FACE, project_id, CHARACTER)
    assert index.nearest(project_id, FACE, limit=10) == [Neighbour(face_id, CHARACTER, 0.0)]


def test_assigning_a_face_that_is_not_indexed_says_so(index: FaceIndex) -> None:
    with pytest.raises(FaceNotIndexed, match="upsert it from its row"):
        index.assign(uuid4(), CHARACTER)


def test_an_embedding_of_another_length_is_refused_before_it_is_sent(index: FaceIndex, project_id: UUID) -> None:
    for call in (lambda: index.upsert(uuid4(), [1.0], project_id, None), lambda: index.nearest(project_id, [1.0], limit=1)):
        with pytest.raises(ValueError, match="gives 128 numbers"):
            call()


def test_deletion_reaches_qdrant_and_only_what_was_meant(index: FaceIndex, qdrant: QdrantProcess, project_id: UUID) -> None:
    other_project = uuid4()
    gone, kept, of_other = uuid4(), uuid4(), uuid4()
    index.upsert(gone, FACE, project_id, CHARACTER)
    index.upsert(kept, FACE, project_id, CHARACTER)
    index.upsert(of_other, FACE, other_project, None)

    index.delete_faces([gone, uuid4()])
    assert [neighbour.face_id for neighbour in index.nearest(project_id, FACE, limit=10)] == [kept]

    index.delete_project(project_id)
    left, _ = QdrantClient(url=qdrant.url).scroll(index.collection)
    assert [point.id for point in left] == [str(of_other)]


def test_rebuild_makes_the_index_what_the_rows_say(index: FaceIndex, project_id: UUID) -> None:
    unknown_to_postgres = uuid4()
    index.upsert(unknown_to_postgres, FACE, project_id, CHARACTER)
    rows = [FaceRow(uuid4(), beside(FACE, number / 1000), project_id, CHARACTER) for number in range(600)]  # three batches
    index.upsert(rows[0].face_id, a_face(5), uuid4(), None)  # an outdated copy

    rebuilt = index.rebuild(iter(rows))

    assert (rebuilt.written, rebuilt.removed) == (600, 1)
    assert [neighbour.face_id for neighbour in index.nearest(project_id, FACE, limit=1000)] == [row.face_id for row in rows]
    assert index.rebuild(rows).removed == 0


def test_a_face_indexed_while_a_rebuild_reads_stays(index: FaceIndex, project_id: UUID) -> None:
    arrived, known = uuid4(), uuid4()

    def rows() -> Iterator[FaceRow]:
        index.upsert(arrived, FACE, project_id, CHARACTER)
        yield FaceRow(known, FACE, project_id, CHARACTER)

    assert index.rebuild(rows()).removed == 0
    assert {neighbour.face_id for neighbour in index.nearest(project_id, FACE, limit=10)} == {arrived, known}


def test_indexes_that_start_together_create_one_collection(qdrant: QdrantProcess, project_id: UUID) -> None:
    embedder = EmbedderSpec(id="raced-v1", dimension=2, metric="euclid", duplicate=0.1, same=0.5, review=0.6)
    indexes = [FaceIndex(qdrant.url, embedder=embedder) for _ in range(4)]
    failures: list[Exception] = []

    def first_use(index: FaceIndex) -> None:
        try:
            index.upsert(uuid4(), [0.0, 0.0], project_id, CHARACTER)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=first_use, args=[index]) for index in indexes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(indexes[0].nearest(project_id, [0.0, 0.0], limit=10)) == 4
    collection = QdrantClient(url=qdrant.url).get_collection("faces-raced-v1")
    assert collection.config.params.vectors == models.VectorParams(size=2, distance=models.Distance.EUCLID)
    assert collection.payload_schema["project_id"].data_type == "keyword"


def every_call(index: FaceIndex) -> list[Callable[[], object]]:
    return [
        lambda: index.upsert(uuid4(), FACE, uuid4(), None),
        lambda: index.assign(uuid4(), None),
        lambda: index.nearest(uuid4(), FACE, limit=1),
        lambda: index.delete_faces([uuid4()]),
        lambda: index.delete_project(uuid4()),
        lambda: index.rebuild([]),
    ]


def test_every_call_says_when_qdrant_is_down_and_works_again_after_its_return(tmp_path: Path, project_id: UUID) -> None:
    qdrant = QdrantProcess(tmp_path / "qdrant")
    index = FaceIndex(qdrant.url)
    for call in every_call(index):
        with pytest.raises(IndexUnavailable, match="did not answer"):
            call()
    with qdrant:
        index.upsert(uuid4(), FACE, project_id, CHARACTER)
        assert len(index.nearest(project_id, FACE, limit=1)) == 1
    with pytest.raises(IndexUnavailable):
        index.nearest(project_id, FACE, limit=1)


@pytest.mark.parametrize(("status", "headers"), [(500, {}), (503, {}), (401, {}), (429, {"Retry-After": "3"})])
def test_a_qdrant_that_refuses_or_fails_is_unavailable(status: int, headers: dict[str, str]) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b'{"status":{"error":"no"}}')

        def log_message(self, *_arguments: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(IndexUnavailable):
                FaceIndex(f"http://127.0.0.1:{server.server_port}").nearest(uuid4(), FACE, limit=1)
        finally:
            server.shutdown()
            thread.join()


def test_a_collection_dropped_by_others_is_reported_once_and_created_again(
    index: FaceIndex, qdrant: QdrantProcess, project_id: UUID
) -> None:
    index.upsert(uuid4(), FACE, project_id, CHARACTER)
    QdrantClient(url=qdrant.url).delete_collection(index.collection)
    with pytest.raises(IndexUnavailable, match="rebuild"):
        index.nearest(project_id, FACE, limit=1)
    assert index.nearest(project_id, FACE, limit=1) == []


def test_importing_the_index_does_not_import_qdrant_client() -> None:
    """It would cost every cold start more than a second."""
    program = (
        "import sys; from services.core.characters.index import FaceIndex; FaceIndex('http://x'); print('qdrant_client' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
