"""One identity and one storage stand-in for the tests of a process, driven by the unmodified Cloud Storage client."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Bucket, Client
from google.oauth2.service_account import Credentials

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn, Target, stand_in
from tests.local.storage.support import ClientFactory, service_account_credentials

SHORT_DELIVERY_TIMEOUT_SECONDS = 0.5


@pytest.fixture(scope="session")
def identity_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of a running identity stand-in, which gives the clients their access tokens."""
    directory = tmp_path_factory.mktemp("identity")
    with stand_in("identity", "--state", str(directory)):
        yield directory


@pytest.fixture(scope="session")
def identity(identity_directory: Path) -> Identity:
    return Identity.load(identity_directory)


@pytest.fixture(scope="session")
def credentials(identity: Identity) -> Credentials:
    return service_account_credentials(identity.credentials_path)


@pytest.fixture(scope="session")
def server(identity_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A storage stand-in that tests share, each with buckets of its own."""
    state = tmp_path_factory.mktemp("storage")
    with stand_in("storage", "--state", str(state), "--identity", str(identity_directory)) as running:
        yield running


@pytest.fixture(scope="session")
def second_server(identity_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    state = tmp_path_factory.mktemp("mortal-storage")
    arguments = ("--state", str(state), "--identity", str(identity_directory), "--delivery-timeout", str(SHORT_DELIVERY_TIMEOUT_SECONDS))
    with stand_in("storage", *arguments) as running:
        yield running


@pytest.fixture
def mortal_server(second_server: StandIn) -> StandIn:
    """A storage stand-in that a test may kill, and that waits for a destination for a moment only."""
    if second_server.process.poll() is not None:
        second_server.restart()
    return second_server


@pytest.fixture
def connect(credentials: Credentials) -> Iterator[ClientFactory]:
    """Make the client that product code has: its endpoint is the only thing that differs."""
    clients: list[Client] = []

    def connect_to(server: StandIn) -> Client:
        clients.append(Client(project="reelgraph-local", credentials=credentials, client_options={"api_endpoint": server.url}))
        return clients[-1]

    yield connect_to
    for client in clients:
        client.close()


@pytest.fixture
def client(server: StandIn, connect: ClientFactory) -> Client:
    return connect(server)


@pytest.fixture
def bucket(client: Client) -> Bucket:
    """A bucket that no other test uses."""
    return client.create_bucket(f"bucket-{uuid.uuid4().hex}", location="us-central1")


@pytest.fixture
def session(credentials: Credentials) -> Iterator[AuthorizedSession]:
    """Plain HTTP with the account's token, for what the client has no method for."""
    with AuthorizedSession(credentials) as authorized:
        yield authorized


@pytest.fixture
def target() -> Iterator[Target]:
    """A destination of events."""
    listening = Target()
    yield listening
    listening.close()
