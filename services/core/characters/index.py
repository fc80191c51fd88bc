"""The index of faces in Qdrant: nearest neighbours inside one project. A copy that can be rebuilt from Postgres at any time."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, assert_never
from uuid import UUID

from .identity import DLIB_RESNET_V1, EmbedderSpec, Embedding, Metric

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

Item = TypeVar("Item")

BATCH_SIZE = 256  # 256 x 128 floats as JSON are about 0.7 MB, well under the 32 MB that a Qdrant server takes in one request
DEFAULT_TIMEOUT_SECONDS = 5
_OUR_MISTAKE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_QDRANT_DISTANCES: dict[Metric, str] = {"euclid": "Euclid"}


class IndexUnavailable(Exception):
    """Qdrant cannot be used now: not reached, too slow, failing, or refusing the key. Fall back to Postgres and try again later."""


class FaceNotIndexed(LookupError):
    """The face is not in the index; upsert it from its row."""


@dataclass(frozen=True)
class FaceRow:
    """What Postgres knows of a face and the index repeats."""

    face_id: UUID
    embedding: Embedding
    project_id: UUID
    character_id: UUID | None


@dataclass(frozen=True)
class Neighbour:
    """A stored face near the one asked about; `distance` is that of the embedder's metric, 0 for an identical embedding."""

    face_id: UUID
    character_id: UUID
    distance: float


@dataclass(frozen=True)
class Rebuilt:
    """How many faces a rebuild wrote, and how many it removed because Postgres no longer has them."""

    written: int
    removed: int


class FaceIndex:
    """Faces of one embedder in the collection `faces-{embedder id}`, which is created on first use.

    Safe to share between threads, and between processes that start at the same moment. A write has been applied when the call
    returns. Every method raises IndexUnavailable.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        embedder: EmbedderSpec = DLIB_RESNET_V1,
        timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS,
    ) -> None:
        """Remember where Qdrant is; nothing is imported or connected before the first call."""
        self.collection = f"faces-{embedder.id}"
        self._url = url
        self._api_key = api_key
        self._embedder = embedder
        self._timeout_seconds = timeout_seconds
        self._connecting = threading.Lock()
        self._client: QdrantClient | None = None
        self._collection_ready = False

    def upsert(self, face_id: UUID, embedding: Embedding, project_id: UUID, character_id: UUID | None) -> None:
        """Write one face, replacing what the index has of it. Raises ValueError for an embedding of another length."""
        self._write([FaceRow(face_id, embedding, project_id, character_id)])

    def assign(self, face_id: UUID, character_id: UUID | None) -> None:
        """Say whose face it is; None takes it out of every search. Raises FaceNotIndexed."""
        with self._qdrant() as client:
            if not client.retrieve(self.collection, [str(face_id)], with_payload=False):
                raise FaceNotIndexed(f"Face {face_id} is not in {self.collection}; upsert it from its row.")
            client.set_payload(self.collection, {"character_id": _text(character_id)}, points=[str(face_id)], wait=True)

    def nearest(self, project_id: UUID, embedding: Embedding, limit: int) -> list[Neighbour]:
        """The nearest faces of this project that have a character, nearest first; never a face of another project.

        Exact, not approximate: a project has hundreds of faces, and a duplicate must not be missed.
        """
        models = _models()
        assigned = models.IsEmptyCondition(is_empty=models.PayloadField(key="character_id"))
        with self._qdrant() as client:
            answer = client.query_points(
                self.collection,
                query=self._vector(embedding),
                query_filter=models.Filter(must=[_in_project(project_id)], must_not=[assigned]),
                search_params=models.SearchParams(exact=True),
                limit=limit,
                with_payload=["character_id"],
            )
        return [
            Neighbour(UUID(str(point.id)), UUID((point.payload or {})["character_id"]), self._distance(point.score))
            for point in answer.points
        ]

    def delete_faces(self, ids: Iterable[UUID]) -> None:
        """Remove faces; those that the index does not have are no error."""
        for batch in _batches(str(face_id) for face_id in ids):
            with self._qdrant() as client:
                client.delete(self.collection, points_selector=list(batch), wait=True)

    def delete_project(self, project_id: UUID) -> None:
        """Remove every face of a project."""
        with self._qdrant() as client:
            client.delete(self.collection, points_selector=_models().Filter(must=[_in_project(project_id)]), wait=True)

    def rebuild(self, rows: Iterable[FaceRow]) -> Rebuilt:
        """Make the index hold exactly `rows`, while it goes on answering.

        Pass a generator that reads Postgres when iterated: only faces indexed before the first row is read can be removed, so a face
        that is committed and indexed meanwhile stays. A face deleted meanwhile may come back until the next rebuild.
        """
        before = set(self._indexed_ids())
        written: set[UUID] = set()
        for batch in _batches(rows):
            self._write(batch)
            written.update(row.face_id for row in batch)
        stale = before - written
        self.delete_faces(stale)
        return Rebuilt(written=len(written), removed=len(stale))

    def count(self) -> int:
        """How many faces the index holds."""
        with self._qdrant() as client:
            return int(client.count(self.collection, exact=True).count)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _write(self, rows: Sequence[FaceRow]) -> None:
        points = [
            _models().PointStruct(
                id=str(row.face_id),
                vector=self._vector(row.embedding),
                payload={"project_id": str(row.project_id), "character_id": _text(row.character_id)},
            )
            for row in rows
        ]
        with self._qdrant() as client:
            client.upsert(self.collection, points, wait=True)

    def _indexed_ids(self) -> Iterator[UUID]:
        offset = None
        while True:
            with self._qdrant() as client:
                page, offset = client.scroll(self.collection, limit=BATCH_SIZE, offset=offset, with_payload=False)
            yield from (UUID(str(point.id)) for point in page)
            if offset is None:
                return

    def _vector(self, embedding: Embedding) -> list[float]:
        if len(embedding) != self._embedder.dimension:
            raise ValueError(f"{self._embedder.id} gives {self._embedder.dimension} numbers for a face, not {len(embedding)}.")
        return [float(value) for value in embedding]  # numpy's numbers are not JSON

    def _distance(self, score: float) -> float:
        """A Qdrant score as a distance. For Euclid the score is the distance itself, smaller is nearer (Qdrant, "Distance metrics")."""
        match self._embedder.metric:
            case "euclid":
                return score
            case unknown:
                assert_never(unknown)

    @contextmanager
    def _qdrant(self) -> Iterator["QdrantClient"]:
        """A client whose collection exists, and what goes wrong with it as IndexUnavailable."""
        errors = _errors()
        try:
            yield self._ready_client()
        except errors.UnexpectedResponse as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                self._collection_ready = False
                raise IndexUnavailable(f"Qdrant no longer has {self.collection}; it will be created empty: rebuild it.") from error
            if error.status_code in _OUR_MISTAKE:
                raise
            raise IndexUnavailable(f"Qdrant at {self._url} answered {error.status_code}; check its key and its state.") from error
        except (errors.ApiException, _refusals().QdrantException) as error:
            raise IndexUnavailable(f"Qdrant at {self._url} did not answer; check that it runs.") from error

    def _ready_client(self) -> "QdrantClient":
        with self._connecting:
            if self._client is None:
                # Without the version check: it asks the server at once and only warns when nobody answers.
                self._client = import_module("qdrant_client").QdrantClient(
                    url=self._url, api_key=self._api_key, timeout=self._timeout_seconds, check_compatibility=False
                )
            client = self._client
        if not self._collection_ready:
            self._create_collection(client)
            self._collection_ready = True
        return client

    def _create_collection(self, client: "QdrantClient") -> None:
        """Create what is missing. Processes may do this side by side, and one may have died halfway."""
        models = _models()
        if not client.collection_exists(self.collection):
            try:
                client.create_collection(
                    self.collection,
                    vectors_config=models.VectorParams(size=self._embedder.dimension, distance=_QDRANT_DISTANCES[self._embedder.metric]),
                    # No graph: every search is exact and inside one project, which the tenant index narrows to hundreds of faces.
                    hnsw_config=models.HnswConfigDiff(m=0),
                )
            except _errors().UnexpectedResponse as error:
                if error.status_code != HTTPStatus.CONFLICT:
                    raise
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        if "project_id" not in client.get_collection(self.collection).payload_schema:
            client.create_payload_index(self.collection, "project_id", tenant, wait=True)


# qdrant-client takes 1.0-1.5 s to import: it waits for the first call, so that a cold start which searches no face does not pay for it.
def _models() -> ModuleType:
    return import_module("qdrant_client.models")


def _errors() -> ModuleType:
    return import_module("qdrant_client.http.exceptions")


def _refusals() -> ModuleType:
    return import_module("qdrant_client.common.client_exceptions")


def _in_project(project_id: UUID) -> Any:
    models = _models()
    return models.FieldCondition(key="project_id", match=models.MatchValue(value=str(project_id)))


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH_SIZE)):
        yield batch
