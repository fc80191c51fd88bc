"""The two places for objects keep one contract; and a whole video over the Cloud Storage stand-in."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud.storage import Client
from google.oauth2 import service_account

from infra.local.identity import Identity
from infra.local.vertex.object_store import (
    DirectoryObjectStore,
    GoogleObjectStore,
    ObjectExistsError,
    ObjectMissingError,
    ObjectStore,
    ObjectUri,
    StoreUnavailableError,
)
from tests.local.cloud_tasks.support import StandIn, free_port, stand_in, wait_until
from tests.local.vertex.support import Vertex, draw_photo, probe, uris


@pytest.fixture(scope="module")
def storage(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    state = tmp_path_factory.mktemp("storage")
    with stand_in("storage", "--state", str(state), "--identity", str(identity.directory)) as running:
        yield running


@pytest.fixture(scope="module")
def client(storage: StandIn, identity: Identity) -> Client:
    credentials = service_account.Credentials.from_service_account_file(
        str(identity.credentials_path), scopes=["https://www.googleapis.com/auth/cloud-platform"]
    ).with_always_use_jwt_access(True)
    return Client(project="reelgraph-local", credentials=credentials, client_options={"api_endpoint": storage.url})


@pytest.fixture(params=["google", "directory"])
def store(request: pytest.FixtureRequest, identity: Identity, tmp_path: Path) -> tuple[ObjectStore, str]:
    """A store and a bucket in it that is empty."""
    bucket = f"bucket-{uuid.uuid4().hex}"
    if request.param == "directory":
        (tmp_path / "buckets" / bucket).mkdir(parents=True)
        return DirectoryObjectStore(tmp_path / "buckets"), bucket
    client: Client = request.getfixturevalue("client")
    running: StandIn = request.getfixturevalue("storage")
    client.create_bucket(bucket, location="us-central1")
    return GoogleObjectStore(running.url, identity.credentials_path), bucket


def test_what_is_written_can_be_read(store: tuple[ObjectStore, str], tmp_path: Path) -> None:
    objects, bucket = store
    file = tmp_path / "file"
    file.write_bytes(b"a video")

    objects.create(ObjectUri(bucket, "job/1/sample_0.mp4"), file, "video/mp4")

    assert objects.read(ObjectUri(bucket, "job/1/sample_0.mp4")) == b"a video"


def test_an_object_is_never_replaced(store: tuple[ObjectStore, str], tmp_path: Path) -> None:
    objects, bucket = store
    file, uri = tmp_path / "file", ObjectUri(bucket, "object")
    file.write_bytes(b"first")
    objects.create(uri, file, "video/mp4")
    file.write_bytes(b"second")

    with pytest.raises(ObjectExistsError):
        objects.create(uri, file, "video/mp4")

    assert objects.read(uri) == b"first"


def test_a_missing_object_and_a_missing_bucket_are_told(store: tuple[ObjectStore, str], tmp_path: Path) -> None:
    objects, bucket = store
    file = tmp_path / "file"
    file.write_bytes(b"a video")

    with pytest.raises(ObjectMissingError):
        objects.read(ObjectUri(bucket, "none"))
    with pytest.raises(ObjectMissingError):
        objects.create(ObjectUri("no-such-bucket", "object"), file, "video/mp4")


def test_a_store_that_is_away_is_told_at_once(identity: Identity) -> None:
    away = GoogleObjectStore(f"http://127.0.0.1:{free_port()}", identity.credentials_path)

    with pytest.raises(StoreUnavailableError):
        away.read(ObjectUri("bucket", "object"))


def test_veo_works_on_buckets_of_the_storage_stand_in_and_waits_while_it_is_away(
    storage: StandIn, client: Client, identity: Identity, tmp_path: Path
) -> None:
    bucket = client.create_bucket(f"bucket-{uuid.uuid4().hex}", location="us-central1")
    bucket.blob("face.png").upload_from_filename(str(draw_photo(tmp_path / "face.png")), content_type="image/png")
    arguments = ["--state", str(tmp_path / "state"), "--identity", str(identity.directory), "--storage-endpoint", storage.url]

    with stand_in("vertex", *arguments, "--render-speed", "ultrafast") as running:
        vertex = Vertex(running, identity, tmp_path)
        photo = {"image": {"gcs_uri": f"gs://{bucket.name}/face.png", "mime_type": "image/png"}}
        name = vertex.submit("She smiles", source=photo, output_gcs_uri=f"gs://{bucket.name}/job/1")
        storage.kill()
        wait_until(lambda: list((tmp_path / "state").rglob("sample_0.mp4")), seconds=40)
        storage.restart()
        (uri,) = uris(vertex.finish(name))
        vertex.close()

    blob = bucket.get_blob(ObjectUri.parse(uri).name)
    assert blob.content_type == "video/mp4"
    blob.download_to_filename(str(tmp_path / "back.mp4"))
    assert probe(tmp_path / "back.mp4").frames == 96
