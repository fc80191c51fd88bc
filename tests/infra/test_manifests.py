"""Cloud Run's documents say what the description says, and every setting has a value, a secret or a reason to have neither."""

import json
import re
from dataclasses import replace

import pytest

from infra.description import API, DEPLOYMENT, WORKER
from infra.gcp import manifests, table
from infra.gcp.environments import LEFT_ALONE, CanvasKey, values
from infra.gcp.place import Place
from infra.gcp.steps import contains
from infra.model import Job, Service
from services.core.settings import Settings

PLACE = Place("my-project", "us-central1", "123456789012")
KEY = CanvasKey("public")
IMAGES: manifests.Images = {name: f"{PLACE.registry}/my-project/reelgraph/{name}@sha256:{'0' * 64}" for name in manifests.IMAGES}
EVERYTHING = [*DEPLOYMENT.services, *DEPLOYMENT.jobs]


def document(service: Service, images: manifests.Images = IMAGES) -> manifests.Document:
    return manifests.service(service, DEPLOYMENT, PLACE, images, KEY, "source")


@pytest.mark.parametrize("described", EVERYTHING, ids=lambda described: described.name)
def test_every_setting_has_a_value_or_is_a_secret_or_is_left_alone(described: Service | Job) -> None:
    given = set(values(described, DEPLOYMENT, PLACE, KEY)) | set(DEPLOYMENT.secrets_of(described))
    # Only who signs is told as whom.
    assert set(described.environment) - given - LEFT_ALONE <= {"SIGNING_ACCOUNT"}
    assert not set(given) & LEFT_ALONE


def test_the_product_takes_the_values_as_its_settings() -> None:
    secrets = dict.fromkeys(DEPLOYMENT.secrets_of(API), "x" * 40)
    given = {**values(API, DEPLOYMENT, PLACE, KEY), **secrets}
    taken = Settings.model_validate({name.lower(): value for name, value in given.items()})
    assert taken.signing_account == "reelgraph-api@my-project.iam.gserviceaccount.com"
    assert taken.db_user == "reelgraph-api@my-project.iam"
    assert taken.uploads_bucket == PLACE.bucket("uploads")
    assert taken.worker_url == "https://worker-123456789012.us-central1.run.app"
    assert "reelgraph-image-uploaded@my-project.iam.gserviceaccount.com" in taken.caller_accounts


def test_no_secret_is_in_a_document() -> None:
    for service in DEPLOYMENT.services:
        (container,) = document(service)["spec"]["template"]["spec"]["containers"]
        by_name = {variable["name"]: variable for variable in container["env"]}
        assert all("value" not in by_name[setting] for setting in DEPLOYMENT.secrets_of(service))
        assert len(by_name) == len(container["env"])


def test_a_revision_is_named_after_what_it_consists_of() -> None:
    names = {service.name: document(service)["spec"]["template"]["metadata"]["name"] for service in DEPLOYMENT.services}
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{0,61}[a-z0-9]", name) for name in names.values())
    other = document(WORKER, {**IMAGES, "backend": IMAGES["backend"].replace("0" * 64, "1" * 64)})
    larger = document(replace(WORKER, memory_mib=4096))
    assert len({names["worker"], *(one["spec"]["template"]["metadata"]["name"] for one in (other, larger))}) == 3


def test_a_new_revision_has_no_traffic_but_where_none_serves() -> None:
    new = document(API)
    first, next_one = manifests.with_traffic(new, None), manifests.with_traffic(new, "api-before")
    assert [share["percent"] for share in first["spec"]["traffic"]] == [100]
    assert {share["revisionName"]: share["percent"] for share in next_one["spec"]["traffic"]} == {
        "api-before": 100,
        new["spec"]["template"]["metadata"]["name"]: 0,
    }


def test_the_pools_of_all_instances_fit_into_the_database() -> None:
    pool = Settings.model_fields["db_pool_size"].default + 2  # "two more may join for a moment", .env.example
    instances = sum(service.max_instances for service in DEPLOYMENT.services if "INSTANCE_CONNECTION_NAME" in service.environment)
    jobs = len(DEPLOYMENT.jobs)
    assert pool * (instances + jobs) < DEPLOYMENT.foundation.database.max_connections


def test_a_found_resource_may_have_more_than_is_wanted_and_write_it_otherwise() -> None:
    found = {"maxAttempts": "20", "minBackoff": "1.0s", "filters": [{"name": "a", "more": 1}], "other": True}
    assert contains(found, {"maxAttempts": 20, "filters": [{"name": "a"}], "missing": False})
    assert not contains(found, {"maxAttempts": 21})
    assert not contains(found, {"filters": []})


def test_the_documented_tables_are_those_of_the_description() -> None:
    assert not table.write(DEPLOYMENT, is_check=True), "docs/deployment.md is stale: python -m infra.gcp table"


def test_documents_are_json() -> None:
    assert json.loads(json.dumps(document(API))) == document(API)
