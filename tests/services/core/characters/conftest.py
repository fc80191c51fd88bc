"""A project with photos to upload, somebody else's beside it, and an index of faces of their own."""

from collections.abc import Iterator

import pytest
import structlog

from infra.local.qdrant.process import QdrantProcess
from services.core.characters.index import FaceIndex
from services.core.characters.service import Characters
from services.core.kit.database import Database
from tests.services.core.characters.people import Photos
from tests.services.core.projects.canvas import Canvas, HandClock


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """One line for each log entry, with the stack as Python prints it: structlog's default draws every local variable, for seconds."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


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
def characters(database: Database, index: FaceIndex) -> Characters:
    return Characters(database, index, HandClock())


@pytest.fixture
def canvas(database: Database) -> Canvas:
    return Canvas(database)


@pytest.fixture
def photos(canvas: Canvas) -> Photos:
    return Photos(canvas)


@pytest.fixture
def photos_elsewhere(database: Database) -> Photos:
    """The project of somebody else."""
    return Photos(Canvas(database, "Elsewhere"))
