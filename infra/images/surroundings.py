"""What a container finds around it when it is started alone: settings, a metadata server, somebody who takes its calls."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.images.dockerfile import read_dockerfile
from infra.images.layout import Image, lay_out
from infra.local.identity import Identity
from infra.local.identity import create_app as create_identity
from infra.local.supervisor.environments import CLOSED, PROJECT, product_settings
from infra.local.supervisor.layout import HOST, REPOSITORY, Layout
from infra.local.supervisor.options import Options
from infra.local.supervisor.real_google import with_metadata_server
from infra.model import Image as ImageName

STARTS_WITHIN_SECONDS = 60.0  # on a machine with much else to do


@dataclass(frozen=True)
class Source:
    """Where an image is built from, and the environment on this machine that has the packages of its lock."""

    directory: Path
    installed: Path


SOURCES: Mapping[ImageName, Source] = {
    "backend": Source(REPOSITORY, REPOSITORY / ".venv"),
    "image_uploaded": Source(REPOSITORY / "functions" / "image_uploaded", REPOSITORY / "functions" / "image_uploaded" / ".venv"),
}


def laid_out(name: ImageName, directory: Path) -> Image:
    """The image laid out below `directory`, in a directory of its name."""
    source = SOURCES[name]
    dockerfile = read_dockerfile(source.directory / "Dockerfile")
    return lay_out(dockerfile, dockerfile.final, directory / name, source.installed)


@dataclass(frozen=True)
class FirstPost:
    """A request that each caller of a service could begin with, and the status of its answer."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


@dataclass(frozen=True)
class Surroundings:
    """`settings` of the whole product; `platform` are the variables by which Google's clients find the metadata server."""

    settings: Mapping[str, str]
    platform: Mapping[str, str]
    identity: Identity

    def first_post(self, service: str) -> FirstPost:
        """Something to ask of a service. Raises KeyError for one that is not known here."""
        match service:
            case "api":
                account = {"email": f"{uuid4()}@example.com", "password": "correct horse battery"}
                return _post("/api/auth/register", account, 201)
            case "worker":
                token = self.identity.id_token(self.settings["INVOKER_ACCOUNT"], self.settings["WORKER_URL"])
                return _post("/tasks/poll", {"job_id": str(uuid4())}, 200, {"authorization": f"Bearer {token}"})
            case "image_uploaded":
                return _finalized(f"{PROJECT}-uploads", "not/an-upload")
            case "video_rendered":
                return _finalized(f"{PROJECT}-renders", "job/attempt/sample_0.mp4")
            case "pipeline_command":
                # With EVENTS=direct, whoever sent what is no command reads so in the answer.
                return _post("/", {"not": "a command"}, 422)
            case _:
                raise KeyError(f"Say in {__name__} what can be asked of {service}.")


def _post(path: str, body: object, status: int, headers: Mapping[str, str] | None = None) -> FirstPost:
    return FirstPost(path, {"content-type": "application/json", **(headers or {})}, json.dumps(body).encode(), status)


def _finalized(bucket: str, name: str) -> FirstPost:
    event = {
        "ce-id": str(uuid4()),
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
    }
    return _post("/", {"bucket": bucket, "name": name, "generation": "1732312345678901"}, 200, event)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def surroundings(directory: Path, database_url: str) -> Iterator[Surroundings]:
    """Everything that a container needs beside a migrated database, until the block ends. Keeps its state in `directory`."""
    listener = socket.create_server((HOST, 0))
    port = listener.getsockname()[1]
    url = f"http://{HOST}:{port}"
    identity = Identity.load_or_create(directory / "identity", f"{url}/token", PROJECT)
    app = with_metadata_server(identity, create_identity(identity))
    app.router.routes.append(Route("/tasks/{name}", _taken, methods=["POST"]))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    layout = Layout(directory, port)
    settings = product_settings(Options(layout, database_url=database_url), "direct", "ws", identity)
    settings |= {"WORKER_URL": url, "OIDC_CERTS_URL": f"{url}/certs"}
    # The image has a canvas of its own, at a path of its own.
    settings.pop("CANVAS_DIRECTORY", None)
    address = f"{HOST}:{port}"
    platform = {"GCE_METADATA_HOST": address, "GCE_METADATA_IP": address, "NO_PROXY": HOST, "HTTPS_PROXY": CLOSED}
    try:
        yield Surroundings(settings, platform, identity)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


async def _taken(request: Request) -> Response:
    """The worker, as the functions see it."""
    await request.body()
    return JSONResponse({"result": {}})
