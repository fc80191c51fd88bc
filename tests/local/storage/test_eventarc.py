"""Eventarc: each finalized object reaches the destinations of its bucket's triggers, at least once, whatever fails in between."""

import json
import uuid
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jwt
import pytest
import requests
from cloudevents.http import from_http
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Bucket

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn, Target, wait_until
from tests.local.storage.support import ClientFactory

PARENT = "projects/reelgraph-local/locations/us-central1"
FINALIZED = "google.cloud.storage.object.v1.finalized"
ACCOUNT = "eventarc@reelgraph-local.iam.gserviceaccount.com"


def trigger_on(bucket: str, uri: str, event: str = FINALIZED) -> dict[str, Any]:
    """The request that `gcloud eventarc triggers create --destination-http-endpoint-uri` sends."""
    return {
        "destination": {"httpEndpoint": {"uri": uri}},
        "eventFilters": [{"attribute": "type", "value": event}, {"attribute": "bucket", "value": bucket}],
        "serviceAccount": ACCOUNT,
        "transport": {"pubsub": {}},
    }


CreateTrigger = Callable[[StandIn, str, str], str]


@pytest.fixture
def create_trigger(session: AuthorizedSession) -> CreateTrigger:
    """Create a trigger on a bucket for a URI and return its name."""

    def create(server: StandIn, bucket: str, uri: str) -> str:
        trigger_id = f"trigger-{uuid.uuid4().hex[:8]}"
        answer = session.post(f"{server.url}/v1/{PARENT}/triggers", params={"triggerId": trigger_id}, json=trigger_on(bucket, uri))
        answer.raise_for_status()
        assert answer.json()["done"] is True
        return f"{PARENT}/triggers/{trigger_id}"

    return create


def test_a_finalized_object_arrives_as_a_cloud_event_with_an_oidc_bearer(
    bucket: Bucket, server: StandIn, target: Target, create_trigger: CreateTrigger, identity: Identity
) -> None:
    uri = target.url("/image-uploaded")
    create_trigger(server, bucket.name, uri)
    blob = bucket.blob("runs/1/ü x.png")
    blob.metadata = {"asset": "9"}
    blob.upload_from_string(b"pixels", content_type="image/png")

    (request,) = target.wait_for("/image-uploaded")

    event = from_http(request.headers, request.body)
    assert (event["type"], event["specversion"]) == (FINALIZED, "1.0")
    assert event["source"] == f"//storage.googleapis.com/projects/_/buckets/{bucket.name}"
    assert request.headers["ce-subject"] == "objects/runs/1/%C3%BC%20x.png"
    assert event["time"] == json.loads(request.body)["updated"]
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.body)
    assert (body["kind"], body["bucket"], body["name"]) == ("storage#object", bucket.name, "runs/1/ü x.png")
    assert (body["generation"], body["size"], body["contentType"]) == (str(blob.generation), "6", "image/png")
    assert (body["metadata"], body["md5Hash"]) == ({"asset": "9"}, blob.md5_hash)
    token = request.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, identity.public_key_pem, algorithms=["RS256"], audience=uri)
    assert (claims["email"], claims["iss"]) == (ACCOUNT, "https://accounts.google.com")


def test_every_way_to_make_an_object_is_told_once_and_nothing_else_is(
    bucket: Bucket, server: StandIn, target: Target, create_trigger: CreateTrigger
) -> None:
    create_trigger(server, bucket.name, target.url("/all"))
    first = bucket.blob("1-multipart")
    first.upload_from_string(b"x")
    requests.put(bucket.blob("2-session").create_resumable_upload_session(), data=b"x")
    requests.put(bucket.blob("3-signed").generate_signed_url(version="v4", expiration=60, method="PUT"), data=b"x")
    bucket.copy_blob(first, bucket, "4-copied")
    bucket.blob("5-composed").compose([first, first])
    first.cache_control = "no-store"
    first.patch()
    first.delete()
    bucket.blob("6-last").upload_from_string(b"x")

    received = target.wait_for("/all", count=6)

    assert sorted(json.loads(each.body)["name"] for each in received) == [
        "1-multipart",
        "2-session",
        "3-signed",
        "4-copied",
        "5-composed",
        "6-last",
    ]
    assert len({each.headers["ce-id"] for each in received}) == 6


def test_a_refused_event_is_told_again_with_growing_pauses_until_it_is_acknowledged(
    bucket: Bucket, server: StandIn, target: Target, create_trigger: CreateTrigger
) -> None:
    target.will_answer("/flaky", 500, 503, 429, 204)
    create_trigger(server, bucket.name, target.url("/flaky"))
    bucket.blob("object").upload_from_string(b"x")

    attempts = target.wait_for("/flaky", count=4)
    # An acknowledged event is not told again: the next object's event is the next request.
    bucket.blob("next").upload_from_string(b"x")
    last = target.wait_for("/flaky", count=5)[-1]

    pauses = [later.at - earlier.at for earlier, later in pairwise(attempts)]
    assert len({attempt.headers["ce-id"] for attempt in attempts}) == 1
    assert pauses[0] >= 0.2
    assert pauses[1] >= 0.4
    assert pauses[2] >= 0.8
    assert json.loads(last.body)["name"] == "next"


def test_a_destination_that_is_slow_does_not_hold_up_another(
    bucket: Bucket, server: StandIn, target: Target, create_trigger: CreateTrigger
) -> None:
    gate = target.hold("/slow")
    create_trigger(server, bucket.name, target.url("/slow"))
    create_trigger(server, bucket.name, target.url("/quick"))
    bucket.blob("object").upload_from_string(b"x")

    target.wait_for("/quick")
    target.wait_for("/slow")

    assert target.under_way("/slow") == 1
    gate.set()


def test_a_silent_destination_is_asked_again(
    mortal_server: StandIn, target: Target, connect: ClientFactory, create_trigger: CreateTrigger
) -> None:
    gate = target.hold("/silent")
    bucket = connect(mortal_server).create_bucket("unheard")
    create_trigger(mortal_server, bucket.name, target.url("/silent"))
    bucket.blob("object").upload_from_string(b"x")

    first, second = target.wait_for("/silent", count=2)

    assert first.headers["ce-id"] == second.headers["ce-id"]
    gate.set()


def test_pending_events_survive_kill_9(
    mortal_server: StandIn, target: Target, connect: ClientFactory, create_trigger: CreateTrigger
) -> None:
    target.will_answer("/recovering", 500)
    bucket = connect(mortal_server).create_bucket("eventful")
    create_trigger(mortal_server, bucket.name, target.url("/recovering"))
    for number in range(5):
        bucket.blob(f"object-{number}").upload_from_string(b"x")
    mortal_server.kill()
    refused = len(target.received("/recovering"))
    target.will_answer("/recovering", 200)

    mortal_server.restart()

    def delivered_names() -> set[str]:
        return {json.loads(each.body)["name"] for each in target.received("/recovering")[refused:]}

    wait_until(lambda: len(delivered_names()) == 5, seconds=15)


def test_a_trigger_can_be_read_listed_and_deleted(
    bucket: Bucket, server: StandIn, session: AuthorizedSession, target: Target, create_trigger: CreateTrigger
) -> None:
    name = create_trigger(server, bucket.name, target.url("/deleted"))
    found = session.get(f"{server.url}/v1/{name}").json()
    listed = session.get(f"{server.url}/v1/{PARENT}/triggers").json()["triggers"]
    operation = session.delete(f"{server.url}/v1/{name}").json()

    assert (found["name"], found["destination"]["httpEndpoint"]["uri"]) == (name, target.url("/deleted"))
    assert name in [each["name"] for each in listed]
    assert session.get(f"{server.url}/v1/{operation['name']}").json() == operation
    assert operation["response"]["name"] == name
    assert session.get(f"{server.url}/v1/{name}").status_code == 404
    create_trigger(server, bucket.name, target.url("/kept"))
    bucket.blob("object").upload_from_string(b"x")
    target.wait_for("/kept")
    assert target.received("/deleted") == []


def test_a_trigger_that_could_never_fire_is_refused(bucket: Bucket, server: StandIn, session: AuthorizedSession) -> None:
    def create(body: dict[str, Any], trigger_id: str = "refused") -> tuple[int, str]:
        answer = session.post(f"{server.url}/v1/{PARENT}/triggers", params={"triggerId": trigger_id}, json=body)
        return answer.status_code, answer.json().get("error", {}).get("status", "")

    good = trigger_on(bucket.name, "http://127.0.0.1:9/")
    cloud_run = good | {"destination": {"cloudRun": {"service": "image-uploaded", "region": "us-central1"}}}

    assert create(cloud_run) == (400, "INVALID_ARGUMENT")
    assert create(trigger_on(bucket.name, "http://127.0.0.1:9/", "google.cloud.storage.object.v1.deleted")) == (400, "INVALID_ARGUMENT")
    assert create(good | {"eventFilters": []}) == (400, "INVALID_ARGUMENT")
    assert create(good, "") == (400, "INVALID_ARGUMENT")
    twice = f"twice-{uuid.uuid4().hex[:8]}"
    assert create(good, twice)[0] == 200
    assert create(good, twice) == (409, "ALREADY_EXISTS")
