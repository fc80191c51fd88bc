"""What these tests stand on: the models, loaded once, and the function as functions-framework serves it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import functions_framework
import pytest
from analyze import FaceAnalyzer
from flask.testing import FlaskClient
from surroundings import Surroundings, SurroundingsServer

SOURCE = Path(__file__).parents[3] / "functions" / "image_uploaded" / "main.py"
UPLOADS = "reelgraph-test-uploads"
MEDIA = "reelgraph-test-media"

SendEvent = Callable[[str, str, int], int]
"""Deliver a storage event for (bucket, name, generation) and return the status of the answer."""


@pytest.fixture(scope="session")
def analyzer() -> FaceAnalyzer:
    """The models, loaded at first use."""
    return FaceAnalyzer()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SurroundingsServer]:
    """Buckets, token endpoint and worker of this test process."""
    server = SurroundingsServer(tmp_path_factory.mktemp("identity"))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def surroundings(server: SurroundingsServer) -> Surroundings:
    """Empty buckets and a worker that takes everything."""
    server.surroundings.reset()
    return server.surroundings


def environment(server: SurroundingsServer) -> dict[str, str]:
    """The variables that a deployment sets."""
    return {
        "GCS_BUCKET": "reelgraph-test",
        "WORKER_URL": server.surroundings.url + "/",
        "STORAGE_EMULATOR_HOST": server.surroundings.url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(server.credentials),
        "GOOGLE_CLOUD_PROJECT": "a-project",
    }


@pytest.fixture(scope="session")
def client(server: SurroundingsServer) -> Iterator[FlaskClient]:
    """The function inside functions-framework, without a socket."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(server).items():
            patch.setenv(name, value)
        yield functions_framework.create_app("image_uploaded", str(SOURCE), "cloudevent").test_client()


def storage_event(bucket: str, name: str, generation: int) -> tuple[dict[str, str], str]:
    """Headers and body of a finalize event in binary mode, as Eventarc sends it."""
    headers = {
        "content-type": "application/json",
        "ce-id": f"{bucket}/{name}/{generation}",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
        "ce-subject": f"objects/{name}",
    }
    return headers, json.dumps({"bucket": bucket, "name": name, "generation": str(generation), "contentType": "image/jpeg"})


@pytest.fixture
def send_event(client: FlaskClient) -> SendEvent:
    """Deliver an event to the function."""

    def send(bucket: str, name: str, generation: int) -> int:
        headers, body = storage_event(bucket, name, generation)
        return client.post("/", headers=headers, data=body).status_code

    return send
