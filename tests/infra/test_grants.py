"""Each account has the roles that its deployable's code needs, and no others: what the code gets to is read from the source."""

import ast
from collections.abc import Iterator

import pytest

from infra.access import INVOKER, Account, Grant
from infra.description import DEPLOYMENT, EVENTS_TOPIC, QUEUE
from infra.gcp import grants
from infra.gcp.place import Place
from infra.model import FinalizeTrigger, Job, PushSubscription, ScheduledCall, Service
from services.core.settings import Settings
from tests.infra.reach import Reached, files_of, reach

ENTRIES = {
    "api": files_of("services.api"),
    "worker": files_of("services.worker"),
    "export": files_of("services.exporter"),
    "migrate": ("services.migrations.__main__",),
    "image_uploaded": ("functions.image_uploaded.main",),
    "video_rendered": ("functions.video_rendered.main",),
    "pipeline_command": ("functions.pipeline_command.main",),
}
DEPLOYED: dict[str, Service | Job] = {**{one.name: one for one in DEPLOYMENT.services}, **{one.name: one for one in DEPLOYMENT.jobs}}
# Clients and functions of Google's that are in the code if, and only if, it does this; with the roles that takes.
USES = {
    ("VeoDriver", "GeminiDriver"): [("roles/aiplatform.user", "project", "")],
    ("CloudTasksDispatcher",): [
        ("roles/cloudtasks.enqueuer", "queue", QUEUE),
        ("roles/iam.serviceAccountUser", "account", INVOKER),
    ],
    ("PubSubDispatcher",): [("roles/pubsub.publisher", "topic", EVENTS_TOPIC)],
    ("FirestoreDispatcher",): [("roles/datastore.user", "project", "")],
    ("make_engine",): [("roles/cloudsql.client", "project", ""), ("roles/cloudsql.instanceUser", "project", "")],
    ("fetch_id_token",): [("roles/run.invoker", "service", "worker")],
    ("TraceExport",): [("roles/telemetry.tracesWriter", "project", "")],
}
# Methods of ObjectStore, and of the storage client that image_uploaded uses itself.
READS = {"download", "exists", "find", "list_under", "get_blob", "download_as_bytes"}
CREATES = {"create", "start_upload", "upload_from_string"}
DELETES = {"delete"}
# Roles by what they let do, from the least: https://cloud.google.com/storage/docs/access-control/iam-roles
BUCKET_ROLES = {
    "roles/storage.objectCreator": {"create"},
    "roles/storage.objectViewer": {"read"},
    "roles/storage.objectUser": {"create", "read", "delete"},
}


def needed(name: str) -> set[tuple[str, str, str]]:
    """The roles that a deployable's code and configuration ask for, on buckets apart."""
    reached, described = reach(*ENTRIES[name]), DEPLOYED[name]
    wanted = {grant for clients, roles in USES.items() if reached.names & set(clients) for grant in roles}
    if {"start", "cancel"} & {method for method, _ in reached.calls_on("executions")}:
        wanted |= {("roles/run.jobsExecutorWithOverrides", "job", "export"), ("roles/run.viewer", "job", "export")}
    if reached.names & {"signed_url", "find_signature"}:
        wanted.add(("roles/iam.serviceAccountTokenCreator", "account", name))
    if "PublisherClient" in reached.names and "PubSubDispatcher" not in reached.names:
        assert isinstance(described, Service)
        wanted |= {("roles/pubsub.publisher", "topic", value) for key, value in described.constants.items() if key.endswith("_TOPIC")}
    secrets = {secret.name for secret in DEPLOYMENT.foundation.secrets if secret.setting in described.environment}
    return wanted | {("roles/secretmanager.secretAccessor", "secret", secret) for secret in secrets}


def held(account: Account) -> set[tuple[str, str, str]]:
    return {(grant.role, grant.kind, grant.name) for grant in account.grants if grant.kind != "bucket"}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_account_has_the_roles_that_its_code_needs_and_no_others(name: str) -> None:
    assert held(DEPLOYMENT.account(DEPLOYED[name].account)) == needed(name)


def verbs(reached: Reached) -> dict[str, set[str]]:
    """What the code does to buckets: "create", "read", "delete", each with the buckets that it names, "" for one that it is told."""
    found: dict[str, set[str]] = {}
    for method, function in (*reached.calls_on("store"), *reached.calls_on("blob"), *reached.calls_on("bucket()")):
        verb = "read" if method in READS else "create" if method in CREATES else "delete" if method in DELETES else None
        if verb is not None:
            found.setdefault(verb, set()).update(named_buckets(function) or {""})
    if "signed_url" in reached.names:
        found.setdefault("read", set()).add("")  # whoever holds the URL reads as the account that signed it
    return found


def named_buckets(function: ast.AST) -> set[str]:
    attributes = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    return {bucket.suffix for bucket in DEPLOYMENT.buckets if f"{bucket.suffix}_bucket" in attributes}


def bucket_grants(account: Account) -> Iterator[tuple[Grant, set[str]]]:
    yield from ((grant, BUCKET_ROLES[grant.role]) for grant in account.grants if grant.kind == "bucket")


@pytest.mark.parametrize("name", ["api", "worker", "export"])
def test_an_account_may_do_to_buckets_what_its_code_does(name: str) -> None:
    account, done = DEPLOYMENT.account(DEPLOYED[name].account), verbs(reach(*ENTRIES[name]))
    allowed = {(verb, grant.name) for grant, may in bucket_grants(account) for verb in may}

    assert {(verb, bucket) for verb, buckets in done.items() for bucket in buckets if bucket} <= allowed
    # What it is told the bucket of was made by us, or by Veo.
    assert all(("read", "media") in allowed for buckets in [done.get("read", set())] if "" in buckets)
    for grant, may in bucket_grants(account):
        assert may & done.keys(), f"{name} does nothing that {grant.role} on {grant.name} is for"
        assert may != {"read"} or grant.name in done["read"] or grant.name == "media", f"{name} reads nothing in {grant.name}"
        assert "delete" not in may or grant.name in done.get("delete", set()), f"{name} deletes nothing in {grant.name}"
        assert may != {"create"} or grant.name in done["create"], f"{name} creates nothing in {grant.name}"


@pytest.mark.parametrize("name", ["video_rendered", "pipeline_command", "migrate"])
def test_who_touches_no_objects_has_no_role_on_a_bucket(name: str) -> None:
    assert verbs(reach(*ENTRIES[name])) == {}
    assert list(bucket_grants(DEPLOYMENT.account(name))) == []


def test_the_function_reads_uploads_and_writes_pictures_without_replacing_any() -> None:
    names = reach(*ENTRIES["image_uploaded"]).names
    assert {"get_blob", "upload_from_string", "if_generation_match"} & names == {"get_blob", "upload_from_string"}
    assert not names & {"delete_blob", "rewrite", "compose"}
    assert {(grant.role, grant.name) for grant, _ in bucket_grants(DEPLOYMENT.account("image_uploaded"))} == {
        ("roles/storage.objectViewer", "uploads"),
        ("roles/storage.objectCreator", "media"),
        ("roles/storage.objectViewer", "media"),
    }


def test_only_vertex_writes_renders() -> None:
    writers = {
        member
        for grant, member in grants.granted(DEPLOYMENT, Place("p", "us-central1", "1"))
        if (grant.kind, grant.name) == ("bucket", "renders") and grant.role != "roles/storage.objectViewer"
    }
    assert writers == {"serviceAccount:service-1@gcp-sa-aiplatform.iam.gserviceaccount.com"}


def test_the_invoker_may_call_what_is_called_with_its_token_and_nothing_else() -> None:
    pushed = [one for topic in DEPLOYMENT.topics for one in topic.subscriptions if isinstance(one, PushSubscription)]
    calls: list[FinalizeTrigger | ScheduledCall | PushSubscription] = [*DEPLOYMENT.triggers, *DEPLOYMENT.scheduled_calls, *pushed]
    called = {one.service for one in calls}
    assert {one.account for one in calls} == {INVOKER}
    # The queue's tasks go to the worker, and to the function whose URL is a setting (services/core/outbox/cloud_tasks.py).
    assert {grant.name for grant in DEPLOYMENT.account(INVOKER).grants if grant.kind == "service"} == called | {"worker", "image_uploaded"}


def test_the_deployer_may_be_everybody_that_is_deployed_and_nobody_else() -> None:
    may_be = {grant.name for grant in DEPLOYMENT.account("deployer").grants if grant.role == "roles/iam.serviceAccountUser"}
    assert may_be == {one.account for one in DEPLOYED.values()}


def test_every_account_is_used_and_every_deployable_has_its_own() -> None:
    accounts = [one.account for one in DEPLOYED.values()]
    assert len(set(accounts)) == len(accounts)
    assert {account.name for account in DEPLOYMENT.accounts} == {*accounts, INVOKER, "deployer", "qdrant"}


def test_secrets_are_settings_that_hide_their_value() -> None:
    for secret in DEPLOYMENT.foundation.secrets:
        assert "SecretStr" in str(Settings.model_fields[secret.setting.lower()].annotation)
