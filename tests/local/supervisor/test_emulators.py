"""The official emulators, where they are: the rules hold, and what the emulators forget is made again."""

import base64
import json
import os
import time
from collections.abc import Iterator

import google.oauth2.service_account
import httpx
import pytest

from infra.description import DEPLOYMENT, EVENTS_TOPIC
from infra.local.provision import SCOPE, Surroundings, provision
from infra.local.supervisor.emulators import find_emulators
from infra.local.supervisor.stack import LocalStack
from infra.model import PushSubscription, Topic
from tests.local.supervisor.support import DEADLINE_SECONDS

pytestmark = pytest.mark.emulators

PROJECT = "reelgraph-local"
MEMBER, STRANGER = "user-1", "user-2"
DOCUMENTS = ("projects/p1", "projects/p1/live/n1")
# The Firestore emulator takes this for an administrator; the product's servers bypass the rules in the same way.
OWNER = {"authorization": "Bearer owner"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    found = find_emulators(os.environ)
    if found.firestore_jar is None or found.pubsub_jar is None:
        pytest.skip(f"official emulators: {found.missing}")
    with LocalStack(tmp_path_factory.mktemp("stack"), only=("firestore", "pubsub", "identity")) as running:
        yield running


@pytest.fixture(scope="module")
def firestore(stack: LocalStack) -> Iterator[httpx.Client]:
    """The REST API, with a project of one member and one running node in it."""
    base_url = f"{stack.urls['firestore']}/v1/projects/{PROJECT}/databases/(default)/documents/"
    with httpx.Client(base_url=base_url, trust_env=False) as client:
        for path in (*DOCUMENTS, f"projects/p1/members/{MEMBER}"):
            client.patch(path, json={"fields": {"version": {"integerValue": "1"}}}, headers=OWNER).raise_for_status()
        yield client


def a_person(user_id: str, *, until_seconds: float | None = 600) -> dict[str, str]:
    """The headers of somebody signed in: the emulator takes unsigned tokens."""
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": user_id,
        "aud": PROJECT,
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "iat": now,
        "exp": now + 3600,
    }
    if until_seconds is not None:
        claims["until"] = int(now + until_seconds)
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return {"authorization": f"Bearer {token}."}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_member_reads_the_project_and_its_live_nodes(firestore: httpx.Client, path: str) -> None:
    assert firestore.get(path, headers=a_person(MEMBER)).json()["fields"]["version"] == {"integerValue": "1"}


def test_a_member_lists_the_live_nodes(firestore: httpx.Client) -> None:
    assert len(firestore.get("projects/p1/live", headers=a_person(MEMBER)).json()["documents"]) == 1


@pytest.mark.parametrize("path", [*DOCUMENTS, "projects/p1/live"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nobody"),
        pytest.param(a_person(STRANGER), id="stranger"),
        pytest.param(a_person(MEMBER, until_seconds=-1), id="expired"),
        pytest.param(a_person(MEMBER, until_seconds=None), id="foreign token"),
    ],
)
def test_others_read_nothing(firestore: httpx.Client, path: str, headers: dict[str, str]) -> None:
    assert firestore.get(path, headers=headers).status_code == 403


def test_a_member_who_is_removed_reads_no_more(firestore: httpx.Client) -> None:
    membership = "projects/p1/members/user-3"
    firestore.patch(membership, json={"fields": {}}, headers=OWNER).raise_for_status()
    assert firestore.get(DOCUMENTS[1], headers=a_person("user-3")).status_code == 200
    firestore.delete(membership, headers=OWNER).raise_for_status()
    assert firestore.get(DOCUMENTS[1], headers=a_person("user-3")).status_code == 403


@pytest.mark.parametrize("path", [f"projects/p1/members/{MEMBER}", "projects/p1/members", "projects", "other/x"])
def test_what_no_rule_names_is_not_read(firestore: httpx.Client, path: str) -> None:
    assert firestore.get(path, headers=a_person(MEMBER)).status_code == 403


@pytest.mark.parametrize("path", [*DOCUMENTS, "projects/p1/live/n2", f"projects/p1/members/{STRANGER}", "projects/p2", "other/x"])
def test_nobody_writes(firestore: httpx.Client, path: str) -> None:
    assert firestore.patch(path, json={"fields": {}}, headers=a_person(MEMBER)).status_code == 403
    assert firestore.delete(path, headers=a_person(MEMBER)).status_code == 403


def test_topics_are_made_once_and_again_after_the_emulator_forgot_them(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    host = stack.urls["pubsub"].removeprefix("http://")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", host)
    credentials = google.oauth2.service_account.Credentials.from_service_account_file(str(stack.layout.credentials), scopes=[SCOPE])
    here = Surroundings(
        project=PROJECT,
        region="us-central1",
        bucket_base=PROJECT,
        service_urls={service.name: stack.layout.url(service.name) for service in DEPLOYMENT.services},
        account_email=credentials.service_account_email,
        identity=stack.urls["identity"],
        pubsub=host,
    )
    topic = Topic(EVENTS_TOPIC, (PushSubscription("facts", "worker", "/tasks/fact", "invoker"),))
    deployment = type(DEPLOYMENT)((), (), (), (topic,), (), (), ())
    # The description's topic exists: the stack has provisioned itself.
    assert provision(deployment, here, credentials) == ["subscription facts created"]
    assert provision(deployment, here, credentials) == []

    provisioned_before = stack.log("provision")
    stack.kill("pubsub", stays_down=False)
    deadline = time.monotonic() + 2 * DEADLINE_SECONDS
    while f"topic {EVENTS_TOPIC} created" not in stack.log("provision")[len(provisioned_before) :]:
        assert time.monotonic() < deadline, "the topic was not made again"
        stack.wait_ready("pubsub")
