"""Notices changed Python sources, for `make dev`."""

from collections.abc import Iterable
from pathlib import Path


class Sources:
    """The Python files below some directories, as they were when they were last looked at."""

    def __init__(self, directories: Iterable[Path]) -> None:
        self._directories = tuple(directories)
        self._seen = self._look()

    def changed(self) -> list[Path]:
        """The files that changed, came or went since the last call."""
        before, self._seen = self._seen, self._look()
        return sorted(path for path in before.keys() | self._seen.keys() if before.get(path) != self._seen.get(path))

    def _look(self) -> dict[Path, int]:
        found = {}
        for directory in self._directories:
            for path in directory.rglob("*.py"):
                if ".venv" in path.parts:
                    continue
                try:
                    found[path] = path.stat().st_mtime_ns
                except FileNotFoundError:
                    continue  # gone between the listing and the look
        return found
