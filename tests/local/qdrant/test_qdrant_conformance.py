"""The unmodified QdrantClient finds in the stand-in what it finds in a Qdrant server."""

import math
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from infra.local.qdrant.process import QdrantProcess

EUCLID = models.VectorParams(size=2, distance=models.Distance.EUCLID)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantProcess]:
    with QdrantProcess(tmp_path_factory.mktemp("qdrant")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: QdrantProcess) -> Iterator[QdrantClient]:
    client = QdrantClient(url=server.url)
    yield client
    client.close()


@pytest.fixture
def faces(client: QdrantClient) -> str:
    """A collection of four points at distance 0, 1, 2 and 5 from the origin, of projects a and b."""
    name = f"faces-{uuid4()}"
    client.create_collection(name, EUCLID)
    client.upsert(
        name,
        [
            models.PointStruct(id=1, vector=[0, 0], payload={"project": "a", "tags": ["x", "y"]}),
            models.PointStruct(id=2, vector=[1, 0], payload={"project": "a", "age": 7}),
            models.PointStruct(id=3, vector=[0, 2], payload={"project": "b", "age": 9}),
            models.PointStruct(id=4, vector=[3, 4], payload={"project": "b", "character": None}),
        ],
    )
    return name


def matching(key: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def ids(points: list[Any]) -> list[Any]:
    return [point.id for point in points]


def refusal(call: Callable[[], Any]) -> tuple[int | None, str]:
    with pytest.raises(UnexpectedResponse) as refused:
        call()
    return refused.value.status_code, refused.value.structured()["status"]["error"]


def test_the_client_accepts_the_version_and_health_checks_answer(server: QdrantProcess, recwarn: pytest.WarningsRecorder) -> None:
    QdrantClient(url=server.url).close()
    assert not [warning for warning in recwarn if "version" in str(warning.message)]
    for path in ("/healthz", "/readyz", "/livez"):
        assert httpx.get(f"{server.url}{path}").status_code == 200


def test_a_collection_exists_from_its_creation_to_its_deletion(client: QdrantClient) -> None:
    name = f"faces-{uuid4()}"
    assert not client.collection_exists(name)
    client.create_collection(name, EUCLID, hnsw_config=models.HnswConfigDiff(m=0))
    assert client.collection_exists(name)
    assert name in [collection.name for collection in client.get_collections().collections]
    config = client.get_collection(name).config
    assert config.params.vectors == EUCLID
    assert config.hnsw_config.m == 0
    assert client.delete_collection(name)
    assert not client.collection_exists(name)
    assert not client.delete_collection(name)


def test_refusals_have_the_status_and_the_words_of_a_server(client: QdrantClient, faces: str) -> None:
    assert refusal(lambda: client.create_collection(faces, EUCLID)) == (409, f"Wrong input: Collection `{faces}` already exists!")
    assert refusal(lambda: client.count("absent")) == (404, "Not found: Collection `absent` doesn't exist!")
    short = models.PointStruct(id=9, vector=[1.0])
    assert refusal(lambda: client.upsert(faces, [short])) == (400, "Wrong input: Vector dimension error: expected dim: 2, got 1")
    assert refusal(lambda: client.query_points(faces, [1.0, 2.0, 3.0]))[0] == 400
    assert refusal(lambda: client.retrieve(faces, ["not-a-uuid"]))[0] == 400
    status, words = refusal(lambda: client.set_payload(faces, {"project": "c"}, points=[99]))
    assert (status, words.startswith("Not found: No point with id 99")) == (404, True)


def test_bodies_that_are_not_json_objects_are_answered_with_400(server: QdrantProcess, faces: str) -> None:
    url = f"{server.url}/collections/{faces}/points/count"
    for body in (b"{", b"[]", b'{"filter": {"must": [{"unknown": 1}]}}', b'{"filter": {"min_should": {}}}', b'{"limit": NaN}'):
        assert httpx.post(url, content=body).status_code == 400, body


def test_an_upsert_with_one_bad_point_writes_none(client: QdrantClient, faces: str) -> None:
    batch = [models.PointStruct(id=10, vector=[1.0, 1.0]), models.PointStruct(id=11, vector=[1.0])]
    assert refusal(lambda: client.upsert(faces, batch))[0] == 400
    assert client.retrieve(faces, [10]) == []


def test_points_and_batch_forms_of_upsert_write_the_same(client: QdrantClient, faces: str) -> None:
    identifier = str(uuid4())
    client.upsert(faces, models.Batch(ids=[identifier, 6], vectors=[[7.0, 7.0], [8.0, 8.0]], payloads=[{"n": 1}, {"n": 2}]))
    client.upsert(faces, [models.PointStruct(id=7, vector=[9.0, 9.0], payload={"n": 3})])
    found = {point.id: point for point in client.retrieve(faces, [identifier, 6, 7, 8], with_vectors=True)}
    assert {key: (point.payload, point.vector) for key, point in found.items()} == {
        identifier: ({"n": 1}, [7.0, 7.0]),
        6: ({"n": 2}, [8.0, 8.0]),
        7: ({"n": 3}, [9.0, 9.0]),
    }


def test_a_euclid_score_is_the_plain_distance_and_the_threshold_an_exclusive_limit(client: QdrantClient, faces: str) -> None:
    everything = client.query_points(faces, [0.0, 0.0], with_payload=True, with_vectors=True).points
    assert [(point.id, point.score) for point in everything] == [(1, 0.0), (2, 1.0), (3, 2.0), (4, 5.0)]
    assert everything[3].vector == [3.0, 4.0]
    assert (everything[1].payload or {})["age"] == 7
    assert ids(client.query_points(faces, [0.0, 0.0], score_threshold=2.0).points) == [1, 2]
    assert ids(client.query_points(faces, [0.0, 0.0], limit=2, offset=1).points) == [2, 3]


def test_the_score_equals_that_of_the_clients_own_engine(client: QdrantClient, faces: str) -> None:
    """qdrant-client's in-memory mode was written to answer as a server does; where the two agree the stand-in is no exception."""
    reference = QdrantClient(":memory:")
    for distance in (models.Distance.EUCLID, models.Distance.COSINE, models.Distance.DOT, models.Distance.MANHATTAN):
        name = f"{faces}-{distance.value}"
        points = [models.PointStruct(id=number, vector=[math.cos(number), 2 * math.sin(number)]) for number in range(12)]
        for store in (client, reference):
            store.create_collection(name, models.VectorParams(size=2, distance=distance))
            store.upsert(name, points)
        ours, theirs = (store.query_points(name, [0.3, 0.8], limit=12).points for store in (client, reference))
        assert ids(ours) == ids(theirs)
        assert [point.score for point in ours] == pytest.approx([point.score for point in theirs], abs=1e-5)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (models.Filter(must=[matching("project", "a")]), [1, 2]),
        (models.Filter(must=matching("tags", "y")), [1]),
        (models.Filter(must=[models.FieldCondition(key="project", match=models.MatchAny(any=["b", "c"]))]), [3, 4]),
        (models.Filter(should=[matching("age", 7), matching("age", 9)]), [2, 3]),
        (models.Filter(must_not=[matching("project", "a")]), [3, 4]),
        (models.Filter(must=[matching("project", "b")], must_not=[matching("age", 9)]), [4]),
        (models.Filter(must=[models.FieldCondition(key="age", range=models.Range(gt=7))]), [3]),
        (models.Filter(must=[models.HasIdCondition(has_id=[2, 4, 99])]), [2, 4]),
        (models.Filter(must_not=[models.IsEmptyCondition(is_empty=models.PayloadField(key="age"))]), [2, 3]),
        (models.Filter(must=[models.IsNullCondition(is_null=models.PayloadField(key="character"))]), [4]),
        (models.Filter(must=[models.Filter(should=[matching("project", "b")])]), [3, 4]),
    ],
)
def test_filters_choose_the_same_points_for_query_scroll_count_and_delete(
    client: QdrantClient, faces: str, chosen: models.Filter, expected: list[int]
) -> None:
    assert sorted(ids(client.query_points(faces, [0.0, 0.0], query_filter=chosen).points)) == expected
    assert ids(client.scroll(faces, scroll_filter=chosen)[0]) == expected
    assert client.count(faces, chosen).count == len(expected)
    client.delete(faces, chosen)
    assert ids(client.scroll(faces)[0]) == [number for number in (1, 2, 3, 4) if number not in expected]


def test_scroll_pages_through_every_point_once(client: QdrantClient, faces: str) -> None:
    seen: list[Any] = []
    offset: int | str | UUID | None = None
    while True:
        page, following = client.scroll(faces, limit=3, offset=offset, with_payload=False)
        assert all(point.payload is None for point in page)
        seen += ids(page)
        if following is None:
            break
        assert isinstance(following, int | str)
        offset = following
    assert seen == [1, 2, 3, 4]


def test_deleting_by_ids_ignores_those_that_are_not_stored(client: QdrantClient, faces: str) -> None:
    client.delete(faces, [1, 4, 99])
    assert ids(client.scroll(faces)[0]) == [2, 3]


def test_payload_is_set_overwritten_deleted_and_cleared(client: QdrantClient, faces: str) -> None:
    def payload() -> dict[str, Any] | None:
        return client.retrieve(faces, [2])[0].payload

    client.set_payload(faces, {"character": "c1"}, points=[2])
    assert payload() == {"project": "a", "age": 7, "character": "c1"}
    client.set_payload(faces, {"character": "c2"}, points=models.Filter(must=[matching("age", 7)]))
    client.delete_payload(faces, ["age", "absent"], points=[2])
    assert payload() == {"project": "a", "character": "c2"}
    client.overwrite_payload(faces, {"only": 1}, points=[2])
    assert payload() == {"only": 1}
    client.clear_payload(faces, [2])
    assert payload() == {}
    assert (client.retrieve(faces, [1])[0].payload or {})["project"] == "a"


def test_payload_selectors_show_only_the_chosen_fields(client: QdrantClient, faces: str) -> None:
    assert client.retrieve(faces, [2], with_payload=["age"])[0].payload == {"age": 7}
    without = client.query_points(faces, [1.0, 0.0], limit=1, with_payload=models.PayloadSelectorExclude(exclude=["age"])).points[0]
    assert without.payload == {"project": "a"}


def test_payload_indexes_are_listed_and_creating_one_again_changes_nothing(client: QdrantClient, faces: str) -> None:
    tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
    for _ in range(2):
        client.create_payload_index(faces, "project", tenant)
    client.create_payload_index(faces, "age", models.PayloadSchemaType.INTEGER)
    types = {field: index.data_type for field, index in client.get_collection(faces).payload_schema.items()}
    assert types == {"project": "keyword", "age": "integer"}
    assert ids(client.scroll(faces, scroll_filter=models.Filter(must=[matching("project", "b")]))[0]) == [3, 4]
    client.delete_payload_index(faces, "age")
    assert list(client.get_collection(faces).payload_schema) == ["project"]


def test_a_batch_of_queries_is_answered_in_order(client: QdrantClient, faces: str) -> None:
    near_origin, near_four = (models.QueryRequest(query=vector, limit=1) for vector in ([0.0, 0.0], [3.0, 4.0]))
    answers = client.query_batch_points(faces, [near_origin, near_four])
    assert [ids(answer.points) for answer in answers] == [[1], [4]]
