"""The images of the deployment, laid out without building them, and what their containers find around them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine

from infra.images.layout import Image
from infra.images.surroundings import SOURCES, Surroundings, laid_out, surroundings
from infra.local.postgres import Postgres
from infra.model import Image as ImageName
from services.migrations.__main__ import upgrade

DATABASE = "containers"


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """A place that a container's own user may read, which pytest's own directories are not."""
    with TemporaryDirectory(prefix="reelgraph-containers-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture(scope="session")
def image(directory: Path) -> Callable[[ImageName], Image]:
    """Lays out an image once. Skips where this machine lacks the environment that it is linked to."""
    found: dict[ImageName, Image] = {}

    def get(name: ImageName) -> Image:
        if not SOURCES[name].installed.is_dir():
            pytest.skip(f"the environment of {name} is not installed: make install-function")
        if name not in found:
            found[name] = laid_out(name, directory)
        return found[name]

    return get


@pytest.fixture(scope="session")
def around(directory: Path, postgres: Postgres) -> Iterator[Surroundings]:
    """Settings for all containers, a migrated database of their own, a metadata server."""
    postgres.create_database(DATABASE)
    engine = create_engine(postgres.url(DATABASE))
    upgrade(engine)
    engine.dispose()
    with surroundings(directory / "around", postgres.url(DATABASE)) as found:
        yield found
