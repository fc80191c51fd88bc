"""Several processes share one Qdrant stand-in, and what it acknowledged outlives it."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException

from infra.local.qdrant.collections import Collections, StateInUse
from infra.local.qdrant.process import QdrantProcess

COLLECTION = "faces"
# Run in another process, with the same unmodified client.
WRITER = """
import sys
from qdrant_client import QdrantClient, models
client = QdrantClient(url=sys.argv[1])
for number in range(1000, 1060):
    client.upsert("faces", [models.PointStruct(id=number, vector=[number, 0.0])], wait=True)
assert client.retrieve("faces", [1]), "the points of the other process are here too"
"""


def point(number: int) -> models.PointStruct:
    return models.PointStruct(id=number, vector=[number, 0.0], payload={"number": number})


def stored(client: QdrantClient) -> set[int]:
    found, offset = client.scroll(COLLECTION, limit=100_000, with_payload=False)
    assert offset is None
    return {int(record.id) for record in found}


@pytest.fixture
def qdrant(tmp_path: Path) -> Iterator[QdrantProcess]:
    with QdrantProcess(tmp_path / "qdrant") as process:
        yield process


@pytest.fixture
def client(qdrant: QdrantProcess) -> QdrantClient:
    client = QdrantClient(url=qdrant.url)
    client.create_collection(COLLECTION, models.VectorParams(size=2, distance=models.Distance.EUCLID))
    return client


def test_two_processes_write_and_read_one_store_at_the_same_time(qdrant: QdrantProcess, client: QdrantClient) -> None:
    client.upsert(COLLECTION, [point(1)])
    other = subprocess.Popen([sys.executable, "-W", "error", "-c", WRITER, qdrant.url])
    written = {1}
    while other.poll() is None:
        written.add(number := len(written) + 1)
        client.upsert(COLLECTION, [point(number)])
        scores = [scored.score for scored in client.query_points(COLLECTION, [0.0, 0.0], limit=5).points]
        assert scores == sorted(scores)
    assert other.returncode == 0
    assert written | set(range(1000, 1060)) <= stored(client)


def test_every_write_acknowledged_before_kill_9_is_there_after_the_restart(qdrant: QdrantProcess, client: QdrantClient) -> None:
    client.create_payload_index(COLLECTION, "number", models.PayloadSchemaType.INTEGER)
    acknowledged: list[int] = []
    underway = threading.Event()

    def write_until_the_server_is_gone() -> None:
        writer = QdrantClient(url=qdrant.url)
        with contextlib.suppress(ResponseHandlingException):
            for number in range(1_000_000):
                writer.upsert(COLLECTION, [point(number)], wait=True)
                acknowledged.append(number)
                if number == 40:
                    underway.set()

    thread = threading.Thread(target=write_until_the_server_is_gone)
    thread.start()
    assert underway.wait(20)
    qdrant.kill()
    thread.join()

    qdrant.start()

    assert len(acknowledged) > 40
    assert set(acknowledged) <= stored(client)
    assert client.get_collection(COLLECTION).payload_schema["number"].data_type == "integer"
    assert client.upsert(COLLECTION, [point(2_000_000)]).status == "completed"


def test_updates_and_deletions_survive_kill_9(qdrant: QdrantProcess, client: QdrantClient) -> None:
    client.upsert(COLLECTION, models.Batch(ids=[1, 2, 3], vectors=[[0.0, 0.0]] * 3, payloads=[{"a": 1}, {"a": 2}, {"a": 3}]))
    client.set_payload(COLLECTION, {"a": 10}, points=[1])
    client.delete(COLLECTION, [2])
    client.create_collection("dropped", models.VectorParams(size=2, distance=models.Distance.EUCLID))
    client.delete_collection("dropped")
    qdrant.kill()

    qdrant.start()

    assert [(point.id, point.payload) for point in client.scroll(COLLECTION)[0]] == [(1, {"a": 10}), (3, {"a": 3})]
    assert not client.collection_exists("dropped")


def test_a_shard_that_no_catalogue_names_is_removed_at_the_next_start(qdrant: QdrantProcess, client: QdrantClient) -> None:
    """So looks the disk after a crash between the creation of a shard and its entry in the catalogue."""
    qdrant.kill()
    shards = qdrant.state / "collections"
    named = {entry["directory"] for entry in json.loads((qdrant.state / "catalogue.json").read_text()).values()}
    (shards / "0123").mkdir()
    qdrant.start()
    assert {path.name for path in shards.iterdir()} == named
    assert client.collection_exists(COLLECTION)


def test_a_client_outlives_a_restart(qdrant: QdrantProcess, client: QdrantClient) -> None:
    qdrant.kill()
    with pytest.raises(ResponseHandlingException):
        client.count(COLLECTION)
    qdrant.start()
    assert client.count(COLLECTION).count == 0


def test_clients_that_create_the_same_collection_leave_one(qdrant: QdrantProcess, client: QdrantClient) -> None:
    outcomes: list[str] = []

    def create() -> None:
        try:
            client.create_collection("raced", models.VectorParams(size=2, distance=models.Distance.DOT))
            outcomes.append("created")
        except Exception as error:
            outcomes.append(str(getattr(error, "status_code", error)))

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["409"] * 5 + ["created"]


def test_a_second_owner_of_the_same_state_is_refused(qdrant: QdrantProcess) -> None:
    with pytest.raises(StateInUse, match="another Qdrant stand-in serves"):
        Collections(qdrant.state)
    with pytest.raises(RuntimeError, match="ended with code 1"), QdrantProcess(qdrant.state):
        pass


def test_sigterm_ends_the_process_within_two_seconds_and_keeps_everything(qdrant: QdrantProcess, client: QdrantClient) -> None:
    client.upsert(COLLECTION, [point(1)])
    asked = time.monotonic()
    qdrant.stop()
    assert time.monotonic() - asked < 2
    qdrant.start()
    assert stored(client) == {1}
