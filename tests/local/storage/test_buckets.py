"""Buckets behave as the unmodified client expects, and nobody reaches them without a token of the stack's identity."""

import uuid
from pathlib import Path

import pytest
import requests
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.cloud.storage import Bucket, Client

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn

CORS = [{"origin": ["http://127.0.0.1:8700"], "method": ["GET", "PUT"], "responseHeader": ["Content-Type"], "maxAgeSeconds": 60}]


def test_a_bucket_keeps_the_settings_it_was_created_with(client: Client) -> None:
    bucket = Bucket(client, f"bucket-{uuid.uuid4().hex}")
    bucket.cors = CORS
    bucket.labels = {"team": "canvas"}
    bucket.add_lifecycle_delete_rule(age=7)
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    client.create_bucket(bucket, location="us-central1")

    found = client.get_bucket(bucket.name)

    assert (found.cors, found.labels, found.location) == (CORS, {"team": "canvas"}, "US-CENTRAL1")
    assert [dict(rule) for rule in found.lifecycle_rules] == [{"action": {"type": "Delete"}, "condition": {"age": 7}}]
    assert found.iam_configuration.uniform_bucket_level_access_enabled
    assert found.metageneration == 1


def test_a_patch_changes_only_what_it_names(bucket: Bucket, client: Client) -> None:
    bucket.labels = {"keep": "1", "drop": "2"}
    bucket.patch()
    bucket.cors = CORS
    bucket.labels = {"keep": "1"}
    bucket.patch()

    found = client.get_bucket(bucket.name)

    assert (found.labels, found.cors, found.location, found.metageneration) == ({"keep": "1"}, CORS, "US-CENTRAL1", 3)
    with pytest.raises(PreconditionFailed):
        bucket.patch(if_metageneration_match=1)


def test_a_name_is_given_once_and_must_be_valid(bucket: Bucket, client: Client) -> None:
    with pytest.raises(Conflict):
        client.create_bucket(bucket.name)
    with pytest.raises(BadRequest):
        client.create_bucket("Not_A_Name")


def test_only_an_empty_bucket_can_be_deleted(bucket: Bucket, client: Client) -> None:
    blob = bucket.blob("left")
    blob.upload_from_string(b"x")
    with pytest.raises(Conflict):
        bucket.delete()

    blob.delete()
    bucket.delete()

    assert client.lookup_bucket(bucket.name) is None
    with pytest.raises(NotFound):
        bucket.blob("late").upload_from_string(b"x")


def test_buckets_are_listed_in_pages(client: Client) -> None:
    prefix = f"paged-{uuid.uuid4().hex[:8]}"
    names = [client.create_bucket(f"{prefix}-{number}").name for number in range(5)]

    pages = [[bucket.name for bucket in page] for page in client.list_buckets(prefix=prefix, page_size=2).pages]

    assert pages == [names[:2], names[2:4], names[4:]]


def test_an_iam_policy_is_kept(bucket: Bucket) -> None:
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectUser", "members": {"serviceAccount:veo@example.iam.gserviceaccount.com"}})
    bucket.set_iam_policy(policy)

    kept = bucket.get_iam_policy(requested_policy_version=3)

    assert [(each["role"], set(each["members"])) for each in kept.bindings] == [
        ("roles/storage.objectUser", {"serviceAccount:veo@example.iam.gserviceaccount.com"})
    ]
    assert bucket.test_iam_permissions(["storage.objects.get"]) == ["storage.objects.get"]


def test_a_request_without_a_token_of_this_identity_is_refused(bucket: Bucket, server: StandIn, identity: Identity, tmp_path: Path) -> None:
    bucket.blob("secret").upload_from_string(b"secret")
    stranger = Identity.load_or_create(tmp_path, identity.token_uri, "elsewhere").access_token("scope")
    refused = ("", "Bearer nonsense", f"Bearer {stranger}", f"Bearer {identity.id_token(identity.client_email, server.url)}")
    paths = (f"/storage/v1/b/{bucket.name}", f"/storage/v1/b/{bucket.name}/o/secret?alt=media", "/v1/projects/p/locations/l/triggers")

    answers = [requests.get(server.url + path, headers={"Authorization": bearer}) for path in paths for bearer in refused]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["error"]["status"] for answer in answers} == {"UNAUTHENTICATED"}
    own = {"Authorization": f"Bearer {identity.access_token('scope')}"}
    assert {requests.get(server.url + path, headers=own).status_code for path in paths} == {200}
