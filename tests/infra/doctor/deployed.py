"""A deployment on Google Cloud as gcloud and REST show it, in which everything is as it should be until a test breaks it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from infra.description import DEPLOYMENT
from infra.gcp import plan
from infra.gcp.gcloud import DeploymentStopped
from infra.gcp.place import Place, cloud_name
from infra.gcp.release import jobs_look, services_look
from infra.gcp.steps import Action, Apis, Arguments, Cloud, Command, Outcome, Policy, Resource

PLACE = Place("my-project", "us-central1", "123456789012")
QUEUES = ("tasks", "queues", "list", "--location=us-central1")
JOBS = ("scheduler", "jobs", "list", "--location=us-central1")
BUCKETS = ("storage", "buckets", "list", "--raw")
PROJECT_ID = "6f1c0d2e-0000-4000-8000-000000000001"


def _in_place(_: Cloud) -> Outcome:
    return "in place"


# What code brings about has tests of its own: here it is in place.
STAGES = tuple(
    replace(stage, steps=[replace(step, bring=_in_place) if isinstance(step, Action) else step for step in stage.steps])
    for stage in plan.stages(DEPLOYMENT, PLACE)
)


class Deployed:
    """A cloud in which everything is as the steps want it, in what gcloud shows of it and in what REST answers. Tests break it."""

    def __init__(self) -> None:
        self.shown: dict[Arguments, Any] = {services_look(PLACE): [], jobs_look(PLACE): []}
        self.answers: dict[str, Any] = {
            f"v2/{queue_name()}/tasks?pageSize=1000": {},
            f"v1/projects/my-project/databases/(default)/documents/projects/{PROJECT_ID}": {"fields": {"rev": {"integerValue": "12"}}},
        }
        self.failures: dict[str, DeploymentStopped] = {}
        """By the first word of what gcloud is asked, or by the API."""
        for stage in STAGES:
            for step in stage.steps:
                self._bring(step)
        self.shown[services_look(PLACE)] = [
            {"metadata": {"name": cloud_name(service)}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
            for service in DEPLOYMENT.services
        ]
        self.shown[jobs_look(PLACE)] = [
            {
                "metadata": {"name": job.name},
                "status": {"latestCreatedExecution": {"name": "x", "completionStatus": "EXECUTION_SUCCEEDED"}},
            }
            for job in DEPLOYMENT.jobs
        ]
        for queue in self.shown[QUEUES]:
            queue |= {"name": queue_name(), "state": "RUNNING"}
        for job in self.shown[JOBS]:
            job |= {"state": "ENABLED", "lastAttemptTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _bring(self, step: object) -> None:
        match step:
            case Resource():
                listing = self.shown.setdefault(step.look, [])
                named: dict[str, Any] = {}
                _set(named, step.field, f"projects/my-project/{step.name}")
                known = next((item for item in listing if _get(item, step.field) == _get(named, step.field)), None)
                if known is None:
                    listing.append(known := named)
                for wanted in (step.ready, step.wanted):
                    _merge(known, json.loads(json.dumps(wanted)))
            case Policy():
                bindings = [{"role": role, "members": [member]} for role, member in step.bindings]
                self.shown.setdefault(step.look, {"bindings": []})["bindings"] += bindings
            case Apis():
                self.shown["services", "list", "--enabled"] = [{"config": {"name": name}} for name in step.names]

    def look(self, arguments: Arguments) -> Any:
        """What gcloud shows."""
        self._fail(arguments[0])
        return self.shown[arguments]

    def run(self, command: Command, found: Mapping[str, Any] | None = None) -> str:
        """Never."""
        raise AssertionError(f"a doctor changes nothing: {command}")

    def rest(self, method: str, api: str, path: str, body: Any = None) -> Any:
        """Reads, and an ID token of the invoker."""
        self._fail(api)
        if api == "iamcredentials":
            assert body == {"audience": PLACE.url("worker"), "includeEmail": True}
            return {"token": "a-token"}
        assert method == "GET"
        if api == "monitoring":
            return self.answers.get("dead letters", {})
        if api == "serviceusage":
            return self.answers.get("quota")
        return self.answers.get(unquote(path))

    def _fail(self, asked: str) -> None:
        if asked in self.failures:
            raise self.failures[asked]


def queue_name() -> str:
    """Its full one."""
    return f"{PLACE.location}/queues/{DEPLOYMENT.queues[0].name}"


def _set(document: dict[str, Any], path: str, value: str) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        document = document.setdefault(parent, {})
    document[last] = value


def _get(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document.get(key, {})
    return document


def _merge(known: dict[str, Any], wanted: Mapping[str, Any]) -> None:
    for key, value in wanted.items():
        if isinstance(value, Mapping) and isinstance(known.get(key), dict):
            _merge(known[key], value)
        else:
            known[key] = value
