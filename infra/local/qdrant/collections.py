"""The durable set of collections: one qdrant-edge shard for each, and the catalogue file that names them."""

import fcntl
import json
import os
import shutil
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import qdrant_edge

from .errors import CollectionExists, CollectionMissing, InternalError, WrongInput, engine_errors

_DISTANCES = {
    "Cosine": qdrant_edge.Distance.Cosine,
    "Dot": qdrant_edge.Distance.Dot,
    "Euclid": qdrant_edge.Distance.Euclid,
    "Manhattan": qdrant_edge.Distance.Manhattan,
}


class StateInUse(Exception):
    """Another stand-in serves this state directory; two writers would lose each other's collections."""


@dataclass(frozen=True)
class Settings:
    """What a collection was created with: the directory of its shard, its one unnamed vector, and options kept only to be shown."""

    directory: str
    size: int
    distance: str
    hnsw_config: dict[str, Any]

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "Settings":
        vectors = body.get("vectors")
        if not isinstance(vectors, dict) or "size" not in vectors or body.get("sparse_vectors"):
            raise WrongInput("this stand-in keeps one unnamed dense vector in a collection: give vectors.size and vectors.distance")
        size, distance = vectors["size"], vectors.get("distance")
        if not isinstance(size, int) or not 1 <= size <= 65_536:  # the server's own bounds
            raise WrongInput(f"vectors.size: value {size!r} invalid, must be from 1 to 65536")
        if distance not in _DISTANCES:
            raise WrongInput(f"vectors.distance: unknown variant `{distance}`, expected one of {', '.join(_DISTANCES)}")
        return cls(directory=uuid.uuid4().hex, size=size, distance=distance, hnsw_config=body.get("hnsw_config") or {})


class Collection:
    """One shard. Reads run side by side, also beside a write; writes take turns and return once they are on disk."""

    def __init__(self, name: str, settings: Settings, shard: qdrant_edge.EdgeShard) -> None:
        self.name = name
        self.settings = settings
        self.shard = shard
        self._writing = threading.Lock()
        self._operations = 0

    def write(self, operation: qdrant_edge.UpdateOperation) -> int:
        """Apply one update and return its number. Flushed before it is acknowledged: neither kill -9 nor a power cut takes it back."""
        with self._writing, engine_errors(self.name):
            self.shard.update(operation)
            self.shard.flush()
            self._operations += 1
            return self._operations

    def close(self) -> None:
        with self._writing:
            self.shard.close()


class Collections:
    """All collections under one state directory, which this process owns until `close`."""

    def __init__(self, state: Path) -> None:
        """Open the catalogue and every shard. Raises StateInUse while another process has the directory."""
        self._shards = state / "collections"
        self._shards.mkdir(parents=True, exist_ok=True)
        self._catalogue = state / "catalogue.json"
        self._changing = threading.Lock()
        self._ownership = _own(state)
        self._open: dict[str, Collection] = {}
        for name, fields in self._read_catalogue().items():
            settings = Settings(**fields)
            self._open[name] = Collection(name, settings, qdrant_edge.EdgeShard.load(str(self._shards / settings.directory)))
        self._remove_leftovers()

    def get(self, name: str) -> Collection:
        """The collection of that name. Raises CollectionMissing."""
        collection = self._open.get(name)
        if collection is None:
            raise CollectionMissing(name)
        return collection

    def names(self) -> list[str]:
        return sorted(self._open)

    def __contains__(self, name: object) -> bool:
        return name in self._open

    def create(self, name: str, settings: Settings) -> None:
        """Create an empty collection. Raises CollectionExists."""
        with self._changing:
            if name in self._open:
                raise CollectionExists(name)
            vector = qdrant_edge.EdgeVectorParams(size=settings.size, distance=_DISTANCES[settings.distance])
            with engine_errors(name):
                shard = qdrant_edge.EdgeShard.create(str(self._shards / settings.directory), qdrant_edge.EdgeConfig(vectors=vector))
                shard.flush()
            # A crash before the catalogue names the directory leaves one that nobody names: removed at the next start.
            collection = Collection(name, settings, shard)
            self._write_catalogue({**self._open, name: collection})
            self._open[name] = collection

    def delete(self, name: str) -> bool:
        """Delete a collection with its points; False where there was none."""
        with self._changing:
            collection = self._open.pop(name, None)
            if collection is None:
                return False
            self._write_catalogue(self._open)
            collection.close()
            shutil.rmtree(self._shards / collection.settings.directory)
            return True

    def close(self) -> None:
        """Close every shard and give the directory back."""
        with self._changing:
            for collection in self._open.values():
                collection.close()
            self._open.clear()
            self._ownership.close()

    def _read_catalogue(self) -> dict[str, dict[str, Any]]:
        if not self._catalogue.exists():
            return {}
        catalogue = json.loads(self._catalogue.read_text(encoding="utf-8"))
        if not isinstance(catalogue, dict):
            raise InternalError(f"{self._catalogue} is not a catalogue; move the directory away to start empty")
        return catalogue

    def _write_catalogue(self, collections: Mapping[str, Collection]) -> None:
        entries = {name: asdict(collection.settings) for name, collection in collections.items()}
        written = self._catalogue.with_suffix(".new")
        with written.open("w", encoding="utf-8") as file:
            json.dump(entries, file, indent=2, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self._catalogue)

    def _remove_leftovers(self) -> None:
        named = {collection.settings.directory for collection in self._open.values()}
        for directory in self._shards.iterdir():
            if directory.name not in named:
                shutil.rmtree(directory)


def _own(state: Path) -> IO[str]:
    """Hold the directory's lock file until it is closed or the process ends, however it ends."""
    lock = (state / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise StateInUse(f"another Qdrant stand-in serves {state}; stop it or give a different --state") from error
    return lock
