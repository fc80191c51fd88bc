"""What is wrong, and its mend, for every kind of fact; and how Google's APIs write these facts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from infra.doctor import facts
from infra.doctor.cloud import CloudMends
from infra.doctor.facts import BacklogFacts, ExecutionFacts, LiveFacts, QueueFacts, QuotaFacts, ScheduledCallFacts, ServiceFacts
from infra.doctor.findings import Finding, exit_code, in_order
from infra.doctor.rules import Fact, examine, examine_inside
from infra.gcp.place import Place
from services.worker.diagnostics import Diagnostics

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MENDS = CloudMends(Place("my-project", "us-central1", "123"))
WHERE = "PROJECT=my-project REGION=us-central1"
REGIONAL = "--location=us-central1 --project=my-project"
LOG = (
    "gcloud logging read 'resource.labels.service_name=worker OR resource.labels.job_name=worker' "
    "--freshness=1h --limit=50 --project=my-project"
)
PROJECT = UUID(int=7)

WELL: list[Fact] = [
    QueueFacts("jobs", "RUNNING"),
    QueueFacts("jobs", "RUNNING", late_seconds=100, attempts=3, answer="HTTP status code 500"),
    ScheduledCallFacts("sweep", "ENABLED", last_seconds_ago=None),
    ScheduledCallFacts("sweep", "ENABLED", last_seconds_ago=70),
    ServiceFacts("api", is_ready=True),
    ExecutionFacts("migrate", "", None),
    ExecutionFacts("migrate", "migrate-1", "EXECUTION_SUCCEEDED"),
    ExecutionFacts("export", "export-1", "EXECUTION_RUNNING"),
    BacklogFacts("pipeline-command", 10, 0, is_dead_letter=False),
    BacklogFacts("dead", 0, 3, is_dead_letter=True),
    QuotaFacts("veo", allowed_per_minute=50, used_per_minute=50),
]
ILL: list[tuple[Fact, str]] = [
    (
        QueueFacts("jobs", "PAUSED", late_seconds=9999),
        f"error   queue jobs: is paused, so nothing is rendered. Mend: gcloud tasks queues resume jobs {REGIONAL}",
    ),
    (
        QueueFacts("jobs", "RUNNING", 600, 9, "HTTP status code 500"),
        "error   queue jobs: is stuck: its oldest task is 10 min late, after 9 attempts, the last time with 'HTTP status code 500'. "
        f"Mend: see why the worker does not take it: {LOG}",
    ),
    (
        ScheduledCallFacts("sweep", "PAUSED", 10),
        "error   scheduled call sweep: is paused: what got stuck stays stuck, and nothing is tried again. "
        f"Mend: gcloud scheduler jobs resume sweep {REGIONAL}",
    ),
    (
        ScheduledCallFacts("sweep", "ENABLED", 30, code=7, message="403"),
        f"error   scheduled call sweep: failed 30 s ago with code 7 (403). Mend: see why the worker refused: {LOG}",
    ),
    (
        ScheduledCallFacts("sweep", "ENABLED", 400),
        f"error   scheduled call sweep: ran 7 min ago for the last time. Mend: gcloud scheduler jobs run sweep {REGIONAL}",
    ),
    (
        ServiceFacts("worker", is_ready=False, message="container failed to start"),
        f"error   service worker: is not ready: container failed to start. Mend: see why: {LOG}; then: make deploy {WHERE}",
    ),
    (
        ExecutionFacts("migrate", "migrate-1", "EXECUTION_FAILED"),
        f"error   job migrate: failed the last time it ran. Mend: see why: {LOG.replace('worker', 'migrate')}; then: "
        "gcloud run jobs execute migrate --wait --region=us-central1 --project=my-project",
    ),
    (
        ExecutionFacts("export", "export-1", "EXECUTION_FAILED"),
        f"warning job export: failed the last time it ran. Mend: see why: {LOG.replace('worker', 'export')}",
    ),
    (
        BacklogFacts("dead", 5, 2, is_dead_letter=True),
        "error   subscription dead: has 5 dead letters, 3 more than an hour ago. "
        "Mend: each says why it was refused: gcloud pubsub subscriptions pull dead --limit=10 --project=my-project",
    ),
    (
        BacklogFacts("dead", 5, 5, is_dead_letter=True),
        "warning subscription dead: has 5 dead letters. "
        "Mend: each says why it was refused: gcloud pubsub subscriptions pull dead --limit=10 --project=my-project",
    ),
    (
        QuotaFacts("veo", allowed_per_minute=10, used_per_minute=50),
        "warning quota of veo: may be called 10 times a minute here, and we count on 50: renders will wait. "
        "Mend: ask for more at https://console.cloud.google.com/iam-admin/quotas, or lower requests_per_minute in the catalogue of models",
    ),
]


@pytest.mark.parametrize("fact", WELL, ids=str)
def test_what_is_well_is_not_mentioned(fact: Fact) -> None:
    assert list(examine(fact, MENDS)) == []


@pytest.mark.parametrize(("fact", "line"), ILL, ids=lambda value: type(value).__name__)
def test_what_is_wrong_is_one_line_with_its_mend(fact: Fact, line: str) -> None:
    assert [finding.line for finding in examine(fact, MENDS)] == [line]


def diagnostics(**changes: Any) -> Diagnostics:
    well = {
        "migrations": {"newest": "b", "current": "b"},
        "outbox": {"tasks": {"rows": 3, "oldest_seconds": 5}},
        "jobs": {"polling": {"jobs": 2, "oldest_seconds": 300, "overdue_seconds": 3}},
        "neglected_seconds": 20,
        "live": "firestore",
        "events": "pubsub",
        "revision": {"project_id": PROJECT, "rev": 12, "written_seconds_ago": 60},
        "faces": {"believed": 4, "indexed": 4},
    }
    return Diagnostics.model_validate(well | changes)


LIVE = LiveFacts(str(PROJECT), 12)


@pytest.mark.parametrize("live", [LIVE, None, LiveFacts(str(PROJECT), 13)])
def test_a_healthy_inside_is_not_mentioned(live: LiveFacts | None) -> None:
    assert list(examine_inside(diagnostics(), live, MENDS)) == []


def test_a_revision_of_a_moment_ago_may_be_on_its_way() -> None:
    moving = diagnostics(revision={"project_id": PROJECT, "rev": 13, "written_seconds_ago": 2})
    assert list(examine_inside(moving, LIVE, MENDS)) == []


@pytest.mark.parametrize(
    ("changes", "live", "thing", "what", "mend"),
    [
        (
            {"migrations": {"newest": "b", "current": None}},
            LIVE,
            "database",
            "is at migration none, and the code is written for b.",
            "gcloud run jobs execute migrate --wait",
        ),
        (
            {"outbox": {"events": {"rows": 2, "oldest_seconds": 7200, "attempts": 5, "reason": "PermissionDenied"}}},
            LIVE,
            "outbox of events",
            "2 effects were not delivered to Pub/Sub; the oldest waits 2 h, 5 attempts, the last one: PermissionDenied.",
            f"make doctor DO=sweep {WHERE}",
        ),
        ({"neglected_seconds": 200}, LIVE, "sweep", "has not come for 3 min", f"make doctor DO=sweep {WHERE}"),
        (
            {"jobs": {"settling": {"jobs": 4, "oldest_seconds": 900, "overdue_seconds": 400}}},
            LIVE,
            "jobs that are settling",
            "4 in this state, and nobody has looked at the most neglected one for 7 min.",
            f"make doctor DO=sweep {WHERE}",
        ),
        (
            {},
            LiveFacts(str(PROJECT), 11),
            "Firestore",
            f"listeners hear nothing: project {PROJECT} is at revision 11 there, at 12 in Postgres.",
            f"make doctor DO=reproject {WHERE}",
        ),
        ({}, LiveFacts(str(PROJECT), None), "Firestore", "has no document", f"make doctor DO=reproject {WHERE}"),
        ({"faces": {"believed": 4, "indexed": None}}, LIVE, "Qdrant", "the worker does not reach it", f"make deploy {WHERE}"),
        ({"faces": {"believed": 4, "indexed": 1}}, LIVE, "Qdrant", "has 1 of 4 faces", f"make doctor DO=reindex-faces {WHERE}"),
    ],
)
def test_what_is_wrong_inside_is_named_with_its_mend(changes: dict[str, Any], live: LiveFacts, thing: str, what: str, mend: str) -> None:
    [finding] = examine_inside(diagnostics(**changes), live, MENDS)

    assert (finding.severity, finding.thing) == ("error", thing)
    assert what in finding.what
    assert mend in finding.mend


def test_errors_come_first_each_once_and_only_they_are_a_failure() -> None:
    error, warning = Finding("error", "a", "is\nbroken.", "mend it"), Finding("warning", "b", "may break.", "watch it")

    assert in_order([warning, error, warning]) == [error, warning]
    assert error.line == "error   a: is broken. Mend: mend it"
    assert [exit_code(findings) for findings in ([], [warning], [warning, error])] == [0, 0, 1]


# How Google's APIs write it


def test_the_most_overdue_task_says_how_late_a_queue_is() -> None:
    tasks: list[dict[str, Any]] = [
        {"scheduleTime": "2026-11-23T12:05:00Z"},
        {"scheduleTime": "2026-11-23T11:59:00.123456789Z"},
        {
            "scheduleTime": "2026-11-23T11:50:00Z",
            "dispatchCount": 4,
            "lastAttempt": {"responseStatus": {"code": 14, "message": "HTTP status code 503"}},
        },
    ]
    queue = {"name": "projects/p/locations/r/queues/jobs", "state": "RUNNING"}

    assert facts.queue_facts(queue, tasks, NOW) == QueueFacts("jobs", "RUNNING", 600, 4, "HTTP status code 503")
    assert facts.queue_facts(queue, tasks[:1], NOW) == QueueFacts("jobs", "RUNNING")


def test_a_scheduler_job_says_how_its_last_run_ended() -> None:
    job = {"name": "projects/p/locations/r/jobs/sweep", "state": "ENABLED"}
    ran = job | {"lastAttemptTime": "2026-11-23T11:59:30Z", "status": {"code": 13}}

    assert facts.scheduled_call_facts(job, NOW) == ScheduledCallFacts("sweep", "ENABLED", None)
    assert facts.scheduled_call_facts(ran, NOW) == ScheduledCallFacts("sweep", "ENABLED", 30, 13)


@pytest.mark.parametrize(("status", "is_ready"), [("True", True), ("False", False), ("Unknown", False)])
def test_a_service_is_ready_when_cloud_run_says_so(status: str, is_ready: bool) -> None:
    conditions = [{"type": "RoutesReady", "status": "True"}, {"type": "Ready", "status": status, "message": "why"}]
    found = facts.service_facts({"metadata": {"name": "api"}, "status": {"conditions": conditions}})

    assert found == ServiceFacts("api", is_ready, "why")
    assert not facts.service_facts({"metadata": {"name": "api"}}).is_ready


def test_the_last_execution_of_a_job() -> None:
    job = {
        "metadata": {"name": "migrate"},
        "status": {"latestCreatedExecution": {"name": "migrate-x", "completionStatus": "EXECUTION_FAILED"}},
    }

    assert facts.execution_facts(job) == ExecutionFacts("migrate", "migrate-x", "EXECUTION_FAILED")
    assert facts.execution_facts({"metadata": {"name": "migrate"}}) == ExecutionFacts("migrate", "", None)


def test_a_backlog_now_and_an_hour_ago() -> None:
    def series(name: str, *counts: int) -> dict[str, Any]:
        points = [{"value": {"int64Value": str(count)}} for count in counts]
        return {"resource": {"labels": {"subscription_id": name}}, "points": points}

    assert facts.backlog_facts([series("dead", 5, 4, 1), series("others", 2), series("new")], ["dead"]) == [
        BacklogFacts("dead", 5, 1, is_dead_letter=True),
        BacklogFacts("others", 2, 2, is_dead_letter=False),
    ]


def test_the_quota_of_a_model_in_its_region() -> None:
    def bucket(limit: int, **dimensions: str) -> dict[str, Any]:
        return {"effectiveLimit": str(limit), "dimensions": dimensions}

    buckets = [
        bucket(5),
        bucket(30, base_model="veo-3.1-generate-001"),
        bucket(50, base_model="veo-3.1-generate-001", region="us-central1"),
        bucket(1, base_model="veo-3.1-generate-001", region="europe-west4"),
    ]
    metric = {
        "consumerQuotaLimits": [{"unit": "1/d/{project}"}, {"unit": "1/min/{project}/{region}/{base_model}", "quotaBuckets": buckets}]
    }

    assert facts.quota_of(metric, "veo-3.1-generate-001", "us-central1") == 50
    assert facts.quota_of(metric, "veo-3.1-generate-001", "asia-east1") == 30
    assert facts.quota_of(metric, "veo-4", "us-central1") is None
    assert facts.quota_of({}, "veo-3.1-generate-001", "us-central1") is None


def test_the_revision_in_a_document() -> None:
    assert facts.revision_of({"fields": {"rev": {"integerValue": "12"}}}) == 12
    assert facts.revision_of({"fields": {}}) is None
    assert facts.revision_of(None) is None
