"""Lays an image out in a directory without building it: its files copied, its environment linked to what is installed here.

What the image would not have is not there either: neither files that no COPY takes, nor packages that its lock does not name. So a
command that starts in it starts in the image, as far as the Python code goes; the operating system is this machine's.
"""

import compileall
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path, PurePosixPath

from infra.images.contents import Environment, contents
from infra.images.dockerfile import Dockerfile, Stage

_Parts = tuple[str, ...]


@dataclass(frozen=True)
class Image:
    """An image laid out below `root`, whose processes also need what lies at the paths `borrowed`, on this machine."""

    root: Path
    stage: Stage
    borrowed: tuple[Path, ...]

    @property
    def directory(self) -> Path:
        """The working directory, as this machine sees it."""
        return self.root / self.stage.directory.relative_to("/")


def lay_out(dockerfile: Dockerfile, stage: Stage, root: Path, installed: Path) -> Image:
    """Write what `stage` holds below `root`. `installed` is the virtual environment of this machine with the image's packages."""
    (packages,) = installed.glob("lib/python3*/site-packages")
    python = (installed / "bin" / "python").resolve()
    for path, what in contents(dockerfile, stage).items():
        target = root / path.relative_to("/")
        if isinstance(what, Environment):
            _link_environment(what, target, packages, python)
        elif what.is_dir():
            shutil.copytree(what, target)
        elif what.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(what, target)
    # As the Dockerfiles do. It does not follow the links to packages, which are compiled where they are installed.
    compileall.compile_dir(root, quiet=2, maxlevels=20)
    return Image(root, stage, (python.parents[1], packages))


def _link_environment(environment: Environment, target: Path, packages: Path, python: Path) -> None:
    linked = target / "lib" / packages.parent.name / "site-packages"
    linked.mkdir(parents=True)
    (target / "bin").mkdir()
    (target / "bin" / "python").symlink_to(python)
    (target / "pyvenv.cfg").write_text(f"home = {python.parent}\n")
    locked = environment.distributions()
    kept: set[_Parts] = set()
    others: set[_Parts] = set()
    for distribution in distributions(path=[str(packages)]):
        files = kept if distribution.name.lower().replace("_", "-").replace(".", "-") in locked else others
        files.update(PurePosixPath(str(file)).parts for file in distribution.files or () if ".." not in file.parts)
    _link(linked, packages, kept, others)


def _link(directory: Path, source: Path, kept: Collection[_Parts], others: Collection[_Parts]) -> None:
    """Link each entry of `source` with files of `kept`; where a directory has some of both, make one of our own."""
    shared = {parts[0] for parts in others if len(parts) > 1}
    for name in sorted({parts[0] for parts in kept}):
        if name in shared:
            (directory / name).mkdir()
            _link(directory / name, source / name, _below(kept, name), _below(others, name))
        else:
            (directory / name).symlink_to(source / name)
    if not (directory / "__pycache__").exists() and (source / "__pycache__").is_dir():
        (directory / "__pycache__").symlink_to(source / "__pycache__")


def _below(files: Collection[_Parts], name: str) -> set[_Parts]:
    return {parts[1:] for parts in files if parts[0] == name and len(parts) > 1}
