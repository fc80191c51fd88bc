"""The deployment's description names what exists, and `.env.example` explains every setting."""

import re
from collections import Counter

import pytest

from infra.description import API, DEPLOYMENT, EVENTS_TOPIC, IMAGE_UPLOADED, QUEUE, WORKER
from infra.local.supervisor.layout import PORT_OFFSETS, REPOSITORY
from infra.model import PushSubscription, Service
from services.core.settings import Settings

SETTINGS = {name.upper() for name in Settings.model_fields}
REQUIRED = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}


@pytest.mark.parametrize("described", [*DEPLOYMENT.services, *DEPLOYMENT.jobs], ids=lambda described: described.name)
def test_configures_nothing_but_settings(described: Service) -> None:
    assert set(described.environment) <= SETTINGS
    assert max(Counter(described.environment).values()) == 1


@pytest.mark.parametrize("described", [API, WORKER, DEPLOYMENT.job("migrate")], ids=lambda described: described.name)
def test_what_reads_settings_gets_all_that_have_no_default(described: Service) -> None:
    assert set(described.environment) >= REQUIRED


def test_every_setting_reaches_some_service() -> None:
    assert set().union(*(service.environment for service in DEPLOYMENT.services)) == SETTINGS


def test_queue_and_topic_are_those_that_the_product_uses() -> None:
    assert Settings.model_fields["tasks_queue"].default == QUEUE
    assert Settings.model_fields["events_topic"].default == EVENTS_TOPIC
    assert [queue.name for queue in DEPLOYMENT.queues] == [QUEUE]
    assert EVENTS_TOPIC in {topic.name for topic in DEPLOYMENT.topics}


def test_the_job_that_the_worker_starts_is_described() -> None:
    assert DEPLOYMENT.job(Settings.model_fields["export_job"].default).command == ("python", "-m", "services.exporter")


def test_references_name_what_is_described() -> None:
    services = {service.name for service in DEPLOYMENT.services}
    pushes = [push for topic in DEPLOYMENT.topics for push in topic.subscriptions if isinstance(push, PushSubscription)]
    called = [trigger.service for trigger in DEPLOYMENT.triggers] + [call.service for call in DEPLOYMENT.scheduled_calls]
    assert {*called, *(push.service for push in pushes)} <= services
    assert {push.dead_letter.topic for push in pushes if push.dead_letter} <= {topic.name for topic in DEPLOYMENT.topics}
    assert all((REPOSITORY / topic.schema.path).is_file() for topic in DEPLOYMENT.topics if topic.schema)
    assert {trigger.bucket_suffix for trigger in DEPLOYMENT.triggers} <= {bucket.suffix for bucket in DEPLOYMENT.buckets}


def test_only_the_api_is_public() -> None:
    assert [service.name for service in DEPLOYMENT.services if service.is_public] == ["api"]


def test_no_trigger_fires_on_what_its_function_writes() -> None:
    # image_uploaded writes to media; a trigger filters by bucket only, so one there would run for ever.
    assert "media" not in {trigger.bucket_suffix for trigger in DEPLOYMENT.triggers}


def test_uploads_are_deleted_after_a_day_and_results_are_kept() -> None:
    assert {bucket.suffix: bucket.delete_after_days for bucket in DEPLOYMENT.buckets} == {"uploads": 1, "renders": None, "media": None}


@pytest.mark.parametrize("service", DEPLOYMENT.services, ids=lambda service: service.name)
def test_every_service_has_its_place_in_the_tree_and_a_port(service: Service) -> None:
    assert (REPOSITORY / service.directory).is_dir()
    assert service.name in PORT_OFFSETS


def test_the_function_takes_as_many_events_at_once_as_its_server_has_threads() -> None:
    assert IMAGE_UPLOADED.constants["THREADS"] == str(IMAGE_UPLOADED.concurrency)


def test_the_example_environment_explains_every_setting_and_no_other() -> None:
    text = (REPOSITORY / ".env.example").read_text()
    explained = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)
    assert sorted(explained) == sorted(SETTINGS)


def test_settings_without_default_are_not_commented_out_in_the_example() -> None:
    text = (REPOSITORY / ".env.example").read_text()
    assert set(re.findall(r"^([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) == REQUIRED | {"DATABASE_URL"}
