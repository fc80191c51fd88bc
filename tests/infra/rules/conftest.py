"""The official Firestore emulator with our rules, a project with people in it, and browsers that ask and listen."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import quote
from uuid import UUID

import grpc  # type: ignore[import-untyped]
import httpx
import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import ListenRequest, ListenResponse, StructuredQuery, Target, TargetChange

from services.core.kit.ids import new_id
from tests.emulators import Emulator, firestore_emulator
from tests.services.core.outbox.conftest import make_settings

__all__ = ["firestore_emulator", "make_settings"]

RULES = Path(__file__).resolve().parents[3] / "infra" / "gcp" / "firestore.rules"
# The emulator takes this for an administrator; the product's servers bypass the rules in the same way.
SERVER = {"authorization": "Bearer owner"}
TIMEOUT_SECONDS = 20.0
MEMBERS = {"owner": "owner", "editor": "editor", "viewer": "viewer"}


@dataclass(frozen=True)
class LiveDatabase:
    """A Firestore of the test's own: project `p1` with three members and a running node, and `p2` with a member of its own."""

    project: str
    address: str
    http: httpx.Client

    def write(self, path: str, version: int = 1) -> None:
        """As our servers do."""
        body = {"fields": {"version": {"integerValue": str(version)}}}
        self.http.patch(path, json=body, headers=SERVER).raise_for_status()

    def delete(self, path: str) -> None:
        """As our servers do."""
        self.http.delete(path, headers=SERVER).raise_for_status()

    def session(self, uid: str, until: int = 600, *, claims: Mapping[str, Any] | None = None) -> dict[str, str]:
        """The headers of somebody signed in by a custom token whose claim `until` is in that many seconds.

        What signs a person in to Firebase carries the claims of the custom token over, into every ID token of the session. The
        emulator takes them unsigned.
        """
        now = int(time.time())
        token = {
            "sub": uid,
            "user_id": uid,
            "aud": self.project,
            "iss": f"https://securetoken.google.com/{self.project}",
            "iat": now,
            "exp": now + 3600,
            **({"until": now + until} if claims is None else claims),
        }
        parts = ({"alg": "none", "typ": "JWT"}, token)
        encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return {"authorization": f"Bearer {'.'.join(encoded)}."}

    def listen(self, headers: Mapping[str, str], project_id: UUID) -> "Listener":
        """Listen to the live nodes of a project as the web SDK does."""
        root = f"projects/{self.project}/databases/(default)"
        query = StructuredQuery(from_=[StructuredQuery.CollectionSelector(collection_id="live")])
        target = Target(query=Target.QueryTarget(parent=f"{root}/documents/projects/{project_id}", structured_query=query), target_id=1)
        return Listener(self.address, root, target, headers)


class Listener:
    """An open stream of changes; `seen` are versions of documents as they arrive."""

    def __init__(self, address: str, root: str, target: Target, headers: Mapping[str, str]) -> None:
        self._channel = grpc.insecure_channel(address)
        self._client = FirestoreClient(transport=FirestoreGrpcTransport(channel=self._channel))
        self._asked: SimpleQueue[ListenRequest | None] = SimpleQueue()
        self._answers: SimpleQueue[ListenResponse | None] = SimpleQueue()
        self._asked.put(ListenRequest(database=root, add_target=target))
        metadata = [*headers.items(), ("google-cloud-resource-prefix", root)]
        self._thread = Thread(target=self._follow, args=(metadata,))
        self._thread.start()

    def next_versions(self) -> list[int] | None:
        """The versions that come with the next consistent state that has any; None where the listener is refused or ended."""
        versions: list[int] = []
        while (answer := self._answers.get(timeout=TIMEOUT_SECONDS)) is not None:
            kind = answer.target_change.target_change_type
            if "document_change" in answer:
                versions.append(answer.document_change.document.fields["version"].integer_value)
            elif kind == TargetChange.TargetChangeType.REMOVE:
                assert answer.target_change.cause.code == grpc.StatusCode.PERMISSION_DENIED.value[0]
                return None
            elif kind == TargetChange.TargetChangeType.NO_CHANGE and versions:
                return versions
        return None

    def close(self) -> None:
        """Hang up."""
        self._asked.put(None)
        self._channel.close()
        self._thread.join(TIMEOUT_SECONDS)

    def _follow(self, metadata: list[tuple[str, str]]) -> None:
        try:
            for answer in self._client.listen(iter(self._asked.get, None), metadata=metadata, timeout=None):
                self._answers.put(answer)
        except (GoogleAPICallError, ValueError):
            pass  # hung up
        finally:
            self._answers.put(None)


@pytest.fixture(scope="module")
def live(firestore_emulator: Emulator) -> Iterator[LiveDatabase]:
    project = f"rules-{new_id()}"
    rules = {"rules": {"files": [{"name": RULES.name, "content": RULES.read_text()}]}}
    url = f"http://{firestore_emulator.address}"
    base_url = f"{url}/v1/projects/{project}/databases/{quote('(default)')}/documents/"
    with httpx.Client(base_url=base_url, trust_env=False, timeout=TIMEOUT_SECONDS) as client:
        client.put(f"{url}/emulator/v1/projects/{project}:securityRules", json=rules).raise_for_status()
        database = LiveDatabase(project, firestore_emulator.address, client)
        members = [f"projects/p1/members/{uid}" for uid in MEMBERS]
        for path in (
            *("projects/p1", "projects/p1/live/n1", "projects/p2", "projects/p2/live/n9", "other/x"),
            *(*members, "projects/p2/members/neighbour"),
        ):
            database.write(path)
        yield database


@pytest.fixture
def listen(live: LiveDatabase) -> Iterator[Callable[[Mapping[str, str], UUID], Listener]]:
    """Listens for the length of a test."""
    listeners: list[Listener] = []

    def begin(headers: Mapping[str, str], project_id: UUID) -> Listener:
        listeners.append(live.listen(headers, project_id))
        return listeners[-1]

    yield begin
    for listener in listeners:
        listener.close()
