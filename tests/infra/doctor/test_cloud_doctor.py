"""`make doctor PROJECT=...`: a deployment as described has nothing wrong; each thing that is missing or broken is named with its mend."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.description import COMMANDS_DEAD_LETTER_TOPIC, DEPLOYMENT
from infra.doctor.__main__ import main
from infra.doctor.cloud import look_at_deployment
from infra.doctor.drift import compare
from infra.doctor.findings import Finding
from infra.doctor.worker import WorkerAway
from infra.gcp.gcloud import DeploymentStopped, NotThere
from infra.gcp.release import jobs_look, services_look
from infra.gcp.steps import Action, Arguments, Cloud, Command, Outcome, Stage
from services.core.video.catalogue import list_models
from tests.infra.doctor.deployed import BUCKETS, JOBS, PLACE, PROJECT_ID, QUEUES, STAGES, Deployed, queue_name

REDO = "make deploy PROJECT=my-project REGION=us-central1"
DIAGNOSTICS: dict[str, Any] = {
    "migrations": {"newest": "b", "current": "b"},
    "outbox": {},
    "jobs": {},
    "neglected_seconds": 0,
    "live": "firestore",
    "events": "pubsub",
    "revision": {"project_id": PROJECT_ID, "rev": 12, "written_seconds_ago": 60},
    "faces": {"believed": 0, "indexed": 0},
}


@pytest.fixture
def deployed() -> Deployed:
    return Deployed()


def look(deployed: Deployed, diagnostics: dict[str, Any] | WorkerAway = DIAGNOSTICS) -> list[Finding]:
    def ask(url: str, path: str, token: str, timeout_seconds: float) -> dict[str, Any]:
        assert (url, path, token) == (PLACE.url("worker"), "/diagnostics", "a-token")
        if isinstance(diagnostics, WorkerAway):
            raise diagnostics
        return diagnostics

    return look_at_deployment(DEPLOYMENT, PLACE, STAGES, deployed, 4, ask)


def test_a_deployment_as_described_has_nothing_wrong(deployed: Deployed) -> None:
    assert look(deployed) == []


def pause_queue(deployed: Deployed) -> None:
    deployed.shown[QUEUES][0]["state"] = "PAUSED"


def overdue_task(deployed: Deployed) -> None:
    at = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    deployed.answers[f"v2/{queue_name()}/tasks?pageSize=1000"] = {"tasks": [{"scheduleTime": at, "dispatchCount": 2}]}


def pause_sweep(deployed: Deployed) -> None:
    deployed.shown[JOBS][0]["state"] = "PAUSED"


def failing_sweep(deployed: Deployed) -> None:
    deployed.shown[JOBS][0]["status"] = {"code": 7}


def api_off(deployed: Deployed) -> None:
    enabled = deployed.shown["services", "list", "--enabled"]
    enabled[:] = [item for item in enabled if item["config"]["name"] != "aiplatform.googleapis.com"]


def policy_of(deployed: Deployed, *look: str) -> list[dict[str, Any]]:
    bindings: list[dict[str, Any]] = deployed.shown[look]["bindings"]
    return bindings


def role_missing(deployed: Deployed) -> None:
    bindings = policy_of(deployed, "projects", "get-iam-policy", "my-project")
    bindings[:] = [binding for binding in bindings if binding["role"] != "roles/aiplatform.user"]


def role_too_many(deployed: Deployed) -> None:
    member = f"serviceAccount:{PLACE.email('api')}"
    policy_of(deployed, "projects", "get-iam-policy", "my-project").append({"role": "roles/owner", "members": [member, "user:a@b.c"]})


def secret_without_value(deployed: Deployed) -> None:
    deployed.shown["secrets", "versions", "list", "jwt-secret", "--filter=state=ENABLED"] = []


def bucket(deployed: Deployed, suffix: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in deployed.shown[BUCKETS] if item["name"].endswith(f"-{suffix}"))
    return found


def without_cors(deployed: Deployed) -> None:
    bucket(deployed, "media")["cors"] = []


def open_to_the_public(deployed: Deployed) -> None:
    bucket(deployed, "media")["iamConfiguration"]["publicAccessPrevention"] = "inherited"


def no_bucket(deployed: Deployed) -> None:
    deployed.shown[BUCKETS].remove(bucket(deployed, "uploads"))


def no_subscription(deployed: Deployed) -> None:
    found = deployed.shown["pubsub", "subscriptions", "list"]
    found[:] = [item for item in found if not item["name"].endswith("/pipeline-command")]


def database_starting(deployed: Deployed) -> None:
    deployed.shown["sql", "instances", "list"][0]["state"] = "MAINTENANCE"


def service_broken(deployed: Deployed) -> None:
    deployed.shown[services_look(PLACE)][0]["status"]["conditions"][0] |= {"status": "False", "message": "Image not found"}


def service_gone(deployed: Deployed) -> None:
    del deployed.shown[services_look(PLACE)][1]


def migration_failed(deployed: Deployed) -> None:
    deployed.shown[jobs_look(PLACE)][0]["status"]["latestCreatedExecution"]["completionStatus"] = "EXECUTION_FAILED"


def dead_letters(deployed: Deployed) -> None:
    points = [{"value": {"int64Value": "4"}}, {"value": {"int64Value": "1"}}]
    series = {"resource": {"labels": {"subscription_id": COMMANDS_DEAD_LETTER_TOPIC}}, "points": points}
    deployed.answers["dead letters"] = {"timeSeries": [series]}


def little_quota(deployed: Deployed) -> None:
    buckets = [{"effectiveLimit": "5", "dimensions": {"base_model": list_models()[0].id}}]
    deployed.answers["quota"] = {"consumerQuotaLimits": [{"unit": "1/min/{project}", "quotaBuckets": buckets}]}


def dead_listener(deployed: Deployed) -> None:
    deployed.answers = {path: answer for path, answer in deployed.answers.items() if "documents" not in path}


@pytest.mark.parametrize(
    ("breaks", "severity", "thing", "what", "mend"),
    [
        (pause_queue, "error", "queue reelgraph-jobs", "is paused", "gcloud tasks queues resume reelgraph-jobs"),
        (overdue_task, "error", "queue reelgraph-jobs", "its oldest task is 3 h late", "gcloud logging read"),
        (pause_sweep, "error", "scheduled call sweep", "is paused", "gcloud scheduler jobs resume sweep"),
        (failing_sweep, "error", "scheduled call sweep", "with code 7", "gcloud logging read"),
        (api_off, "error", "API aiplatform.googleapis.com", "is switched off", "gcloud services enable aiplatform.googleapis.com"),
        (
            role_missing,
            "error",
            "reelgraph-worker",
            "lacks roles/aiplatform.user on project, without which it may not call Veo and Gemini",
            REDO,
        ),
        (role_too_many, "warning", "reelgraph-api", "has roles/owner on project, which it has no need of", REDO),
        (secret_without_value, "error", "value of secret jwt-secret", "is missing", REDO),
        (without_cors, "error", "bucket my-project-reelgraph-media", "cors differs", REDO),
        (open_to_the_public, "error", "bucket my-project-reelgraph-media", 'publicAccessPrevention is "inherited", not "enforced"', REDO),
        (no_bucket, "error", "bucket my-project-reelgraph-uploads", "is missing", REDO),
        (no_subscription, "error", "subscription pipeline-command", "is missing", REDO),
        (database_starting, "error", "Cloud SQL reelgraph", 'is not ready: state is "MAINTENANCE", not "RUNNABLE"', REDO),
        (service_broken, "error", "service api", "is not ready: Image not found", "gcloud logging read"),
        (service_gone, "error", "service worker", "it was never released", REDO),
        (migration_failed, "error", "job migrate", "failed the last time", "gcloud run jobs execute migrate"),
        (
            dead_letters,
            "error",
            f"subscription {COMMANDS_DEAD_LETTER_TOPIC}",
            "has 4 dead letters, 3 more",
            "gcloud pubsub subscriptions pull",
        ),
        (little_quota, "warning", "quota of veo-3.1-generate-001", "may be called 5 times a minute", "iam-admin/quotas"),
        (dead_listener, "error", "Firestore", "has no document", "make doctor DO=reproject"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_broken_is_named_with_its_mend(
    deployed: Deployed, breaks: Callable[[Deployed], None], severity: str, thing: str, what: str, mend: str
) -> None:
    breaks(deployed)

    [finding] = look(deployed)

    assert finding.severity == severity
    assert finding.thing.startswith(thing)
    assert what in finding.what
    assert mend in finding.mend


def test_a_worker_that_does_not_answer_is_named(deployed: Deployed) -> None:
    [finding] = look(deployed, WorkerAway("answers 503 to GET /diagnostics"))

    assert finding.line.startswith("error   service worker: answers 503 to GET /diagnostics. Mend: see why: gcloud logging read")


def test_a_worker_of_another_version_is_named(deployed: Deployed) -> None:
    [finding] = look(deployed, {"outbox": {}})

    assert "answers /diagnostics as another version does" in finding.what


def test_who_may_not_act_as_the_invoker_is_told_how(deployed: Deployed) -> None:
    deployed.failures["iamcredentials"] = DeploymentStopped("  POST ...\nanswered:\n  403 PERMISSION_DENIED\nWhat to do: ask an owner.")

    [finding] = look(deployed)

    assert "could not be looked at: POST ... answered: 403 PERMISSION_DENIED" in finding.what
    assert "gcloud iam service-accounts add-iam-policy-binding reelgraph-invoker@my-project" in finding.mend
    assert "roles/iam.serviceAccountOpenIdTokenCreator" in finding.mend


def test_what_may_not_be_looked_at_is_an_error_with_its_advice(deployed: Deployed) -> None:
    deployed.failures["cloudtasks"] = DeploymentStopped("  GET ...\nanswered:\n  403 denied\nWhat to do: the account needs roles/viewer.")

    [finding] = look(deployed)

    assert finding.line == "error   queues: could not be looked at: GET ... answered: 403 denied. Mend: the account needs roles/viewer."


def test_an_api_that_is_off_is_said_once_not_by_everything_that_needs_it(deployed: Deployed) -> None:
    deployed.failures["sql"] = DeploymentStopped("Cloud SQL Admin API has not been used in project 1 before or it is disabled.")

    assert look(deployed) == []


def test_what_belongs_to_something_missing_is_not_said_again(deployed: Deployed) -> None:
    secret_list = ("secrets", "list")
    deployed.shown[secret_list] = []

    def gone(arguments: Arguments) -> Any:
        if arguments[:2] == ("secrets", "versions") or arguments[:2] == ("secrets", "get-iam-policy"):
            raise NotThere("NOT_FOUND")
        return Deployed.look(deployed, arguments)

    deployed.look = gone  # type: ignore[method-assign]  # a cloud in which one more thing is missing

    assert [finding.thing for finding in look(deployed)] == [f"secret {secret.name}" for secret in DEPLOYMENT.foundation.secrets]


def test_what_code_would_change_is_found_without_changing_it(deployed: Deployed) -> None:
    def bring(cloud: Cloud) -> Outcome:
        assert cloud.rest("GET", "firebaserules", "v1/nothing") is None
        cloud.rest("POST", "firebaserules", "v1/rulesets", {})
        raise AssertionError("nothing may be changed")

    def run(cloud: Cloud) -> Outcome:
        assert cloud.look(QUEUES)
        cloud.run(Command(("beta", "services", "identity", "create", "--service=x")))
        raise AssertionError("nothing may be changed")

    stages = [Stage("Some", (Action("Firestore's rules", bring), Action("Google's agent", run))), Stage("Release", (Action("build", run),))]

    assert [finding.line for finding in compare(stages, deployed, REDO, {}, 2)] == [
        f"error   Firestore's rules: is not as described: a deployment would POST firebaserules/v1/rulesets. Mend: {REDO}",
        f"error   Google's agent: is not as described: a deployment would gcloud beta services identity create. Mend: {REDO}",
    ]


@pytest.fixture
def somebodys_gcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program called gcloud on the path."""

    def put(script: str) -> None:
        program = tmp_path / "gcloud"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return put


def test_who_is_not_logged_in_is_told_so_at_once(somebodys_gcloud: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    somebodys_gcloud("echo 'ERROR: (gcloud) You do not currently have an active account: gcloud auth login' >&2; exit 1")

    assert main(["--project", "my-project"]) == 1

    said = capsys.readouterr().err
    assert "gcloud projects describe my-project" in said
    assert "Log in with `gcloud auth login`" in said
