"""Where the parts of a local stack listen and keep their state: everything follows from one base port and one directory."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DEFAULT_PORT = 8700
DEFAULT_STATE = Path(".local")
HOST = "127.0.0.1"
PORT_OFFSETS = {
    "api": 0,
    "worker": 1,
    "image_uploaded": 2,
    "video_rendered": 3,
    "canvas": 4,
    "pipeline_command": 5,
    "identity": 10,
    "cloud_tasks": 11,
    "cloud_scheduler": 12,
    "storage": 13,
    "vertex": 14,
    "qdrant": 15,
    "run_jobs": 16,
    "traces": 17,
    "postgres": 20,
    "firestore": 21,
    "pubsub": 22,
}
PORT_COUNT = max(PORT_OFFSETS.values()) + 1


def shown(path: Path) -> str:
    """The path as a person best reads it: relative where it lies below the working directory."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


@dataclass(frozen=True)
class Layout:
    """Ports `base_port` to `base_port` + 22, and everything on disk under `state`, an absolute path."""

    state: Path
    base_port: int

    def port(self, name: str) -> int:
        """The port of a part."""
        return self.base_port + PORT_OFFSETS[name]

    def address(self, name: str) -> str:
        """host:port, as the emulators' variables take it."""
        return f"{HOST}:{self.port(name)}"

    def url(self, name: str) -> str:
        """The URL of a part, without a slash at its end."""
        return f"http://{self.address(name)}"

    def data(self, name: str) -> Path:
        """The directory that a part keeps its state in."""
        return self.state / name

    @property
    def logs(self) -> Path:
        """The directory of NAME.log for each part."""
        return self.state / "logs"

    @property
    def credentials(self) -> Path:
        """The service account that every process presents to the stand-ins."""
        return self.data("identity") / "service-account.json"
