"""What probes find, in plain values, and how Google's APIs and the stand-ins that speak them write it in JSON."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class QueueFacts:
    """A Cloud Tasks queue. `late_seconds` is for how long its most overdue task should have been delivered, None where none is.

    `attempts` and `answer` are those of that task: how often it was delivered, and how the last delivery was answered.
    """

    name: str
    state: str
    late_seconds: float | None = None
    attempts: int = 0
    answer: str = ""


@dataclass(frozen=True)
class ScheduledCallFacts:
    """A Cloud Scheduler job. `code` is the gRPC status of its last run, 0 where that went well; no age where it never ran."""

    name: str
    state: str
    last_seconds_ago: float | None
    code: int = 0
    message: str = ""


@dataclass(frozen=True)
class ServiceFacts:
    """A Cloud Run service: whether its newest revision is ready, and what Cloud Run says of it."""

    name: str
    is_ready: bool
    message: str = ""


@dataclass(frozen=True)
class ExecutionFacts:
    """The last execution of a Cloud Run job; no status where there was none."""

    job: str
    name: str
    status: str | None


@dataclass(frozen=True)
class BacklogFacts:
    """What waits in a Pub/Sub subscription now and waited an hour ago."""

    subscription: str
    messages: int
    messages_before: int
    is_dead_letter: bool


@dataclass(frozen=True)
class QuotaFacts:
    """How many requests a minute Google allows for a model, and how many we send."""

    model: str
    allowed_per_minute: int
    used_per_minute: int


@dataclass(frozen=True)
class LiveFacts:
    """What the document of a project says of its revision; None where there is no document."""

    project_id: str
    found_rev: int | None


def queue_facts(queue: Json, tasks: Iterable[Json], now: datetime) -> QueueFacts:
    """From google.cloud.tasks.v2.Queue and its tasks."""
    name, state = _short(queue["name"]), str(queue.get("state", "RUNNING"))
    due = [(age, task) for task in tasks if (age := seconds_since(task["scheduleTime"], now)) > 0]
    if not due:
        return QueueFacts(name, state)
    age, task = max(due, key=lambda pair: pair[0])
    answer = task.get("lastAttempt", {}).get("responseStatus", {})
    return QueueFacts(name, state, age, int(task.get("dispatchCount", 0)), str(answer.get("message", "")))


def scheduled_call_facts(job: Json, now: datetime) -> ScheduledCallFacts:
    """From google.cloud.scheduler.v1.Job."""
    status, last = job.get("status", {}), job.get("lastAttemptTime")
    age = seconds_since(last, now) if last else None
    code, message = int(status.get("code", 0)), str(status.get("message", ""))
    return ScheduledCallFacts(_short(job["name"]), str(job.get("state", "")), age, code, message)


def service_facts(service: Json) -> ServiceFacts:
    """From serving.knative.dev/v1 Service, as gcloud shows it."""
    conditions = {condition["type"]: condition for condition in service.get("status", {}).get("conditions", [])}
    ready = conditions.get("Ready", {})
    return ServiceFacts(service["metadata"]["name"], ready.get("status") == "True", str(ready.get("message", "")))


def execution_facts(job: Json) -> ExecutionFacts:
    """From run.googleapis.com/v1 Job, as gcloud shows it."""
    last = job.get("status", {}).get("latestCreatedExecution", {})
    return ExecutionFacts(job["metadata"]["name"], str(last.get("name", "")), last.get("completionStatus"))


def backlog_facts(time_series: Iterable[Json], dead_letters: Sequence[str]) -> list[BacklogFacts]:
    """From google.monitoring.v3.TimeSeries of pubsub.googleapis.com/subscription/num_undelivered_messages, newest point first."""
    found = []
    for series in time_series:
        name = series["resource"]["labels"]["subscription_id"]
        counts = [int(point["value"]["int64Value"]) for point in series.get("points", [])]
        if counts:
            found.append(BacklogFacts(name, counts[0], counts[-1], name in dead_letters))
    return found


def quota_of(metric: Json, base_model: str, region: str) -> int | None:
    """From google.api.serviceusage.v1beta1.ConsumerQuotaMetric: the limit of the most specific bucket that fits; None where none does."""
    limits = [
        (len(dimensions), int(bucket.get("effectiveLimit", 0)))
        for limit in metric.get("consumerQuotaLimits", [])
        if limit.get("unit", "").startswith("1/min")
        for bucket in limit.get("quotaBuckets", [])
        if (dimensions := bucket.get("dimensions", {})).get("base_model") == base_model and dimensions.get("region", region) == region
    ]
    return max(limits)[1] if limits else None


def revision_of(document: Json | None) -> int | None:
    """From google.firestore.v1.Document of a project."""
    value = (document or {}).get("fields", {}).get("rev", {}).get("integerValue")
    return None if value is None else int(value)


def seconds_since(moment: str, now: datetime) -> float:
    """Since an RFC 3339 time, which may have nanoseconds; less than 0 for one to come."""
    return (now - datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", moment).replace("Z", "+00:00"))).total_seconds()


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]
