"""The official emulators, where they are: the rules hold, and what the emulators forget is made again."""

import base64
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace

import google.oauth2.service_account
import httpx
import pytest

from infra.access import INVOKER, account_email
from infra.description import DEPLOYMENT, EVENTS_TOPIC
from infra.local.provision import SCOPE, Surroundings, provision
from infra.local.supervisor.emulators import find_emulators
from infra.local.supervisor.stack import LocalStack
from infra.model import PushSubscription
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


def a_person(user_id: str) -> dict[str, str]:
    """The headers of somebody signed in: the emulator takes unsigned tokens."""
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": user_id,
        "aud": PROJECT,
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "iat": now,
        "exp": now + 3600,
        "until": now + 600,
    }
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return {"authorization": f"Bearer {token}."}


@pytest.mark.parametrize("path", [*DOCUMENTS, "projects/p1/live"])
def test_the_emulator_has_our_rules(firestore: httpx.Client, path: str) -> None:
    """Which are tested in tests/infra/rules."""
    asked = {person: firestore.get(path, headers=a_person(person)).status_code for person in (MEMBER, STRANGER)}
    assert asked == {MEMBER: 200, STRANGER: 403}


def test_topics_are_made_once_and_again_after_the_emulator_forgot_them(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    host = stack.urls["pubsub"].removeprefix("http://")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", host)
    credentials = google.oauth2.service_account.Credentials.from_service_account_file(str(stack.layout.credentials), scopes=[SCOPE])
    here = Surroundings(
        project=PROJECT,
        region="us-central1",
        bucket_base=PROJECT,
        service_urls={service.name: stack.layout.url(service.name) for service in DEPLOYMENT.services},
        account_email=account_email(INVOKER, PROJECT),
        identity=stack.urls["identity"],
        pubsub=host,
    )
    subscriptions = (PushSubscription("facts", "worker", "/tasks/fact", "invoker"),)
    topics = tuple(replace(topic, subscriptions=subscriptions) if topic.name == EVENTS_TOPIC else topic for topic in DEPLOYMENT.topics)
    deployment = replace(DEPLOYMENT, topics=topics)
    # The description's topics exist: the stack has provisioned itself.
    assert provision(deployment, here, credentials) == ["subscription facts created"]
    assert provision(deployment, here, credentials) == []

    provisioned_before = stack.log("provision")
    stack.kill("pubsub", stays_down=False)
    deadline = time.monotonic() + 2 * DEADLINE_SECONDS
    while f"topic {EVENTS_TOPIC} created" not in stack.log("provision")[len(provisioned_before) :]:
        assert time.monotonic() < deadline, "the topic was not made again"
        stack.wait_ready("pubsub")
