"""What watches a deployment: metrics made of log lines, alerts, the dashboard and objectives, as files under monitoring/; and tracing.

The files are in the formats of the APIs that gcloud passes them to. Objectives have no gcloud command: their API is
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services.serviceLevelObjectives
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DIRECTORY = Path(__file__).parent / "monitoring"
PROJECT = "{project}"
"""Stands for the project's id in the files."""

Kind = Literal["metric", "slo", "policy", "dashboard"]


@dataclass(frozen=True)
class MonitoringFile:
    """One resource. `name` is its id, or where Google gives the id (policies, the dashboard), our own name for it."""

    kind: Kind
    name: str

    @property
    def path(self) -> Path:
        """Its file."""
        folder = {"metric": "metrics", "slo": "slos", "policy": "policies"}
        return DIRECTORY / f"{self.name}.json" if self.kind == "dashboard" else DIRECTORY / folder[self.kind] / f"{self.name}.json"

    def content(self, project: str) -> str:
        """The file for a project, as JSON."""
        return self.path.read_text().replace(PROJECT, project)


# The service that the objectives belong to (POST .../v3/projects/{project}/services?serviceId=...).
MONITORED_SERVICE_ID = "reelgraph"
MONITORED_SERVICE: Mapping[str, object] = {"displayName": "Reelgraph", "custom": {}}

_METRICS = (
    "errors",
    "events_lag_seconds",
    "job_overhead_seconds",
    "job_provider_seconds",
    "job_waiting_seconds",
    "jobs_ended",
    "live_lag_seconds",
    "oldest_outbox_seconds",
    "oldest_overdue_seconds",
    "oldest_queued_seconds",
    "open_operations",
    "outbox_rows",
    "queued_jobs",
    "spend_microusd",
    "sweeps",
    "tasks_lag_seconds",
)
_SLOS = ("api-availability", "api-latency", "job-overhead", "job-success", "live-lag")
_POLICIES = (
    "burn-api-availability",
    "burn-job-success",
    "errors",
    "jobs-failing",
    "jobs-overdue",
    "live-slow",
    "outbox-stuck",
    "overhead-high",
    "spend-fast",
    "sweep-silent",
)

MONITORING: tuple[MonitoringFile, ...] = (
    *(MonitoringFile("metric", f"reelgraph_{name}") for name in _METRICS),
    *(MonitoringFile("slo", name) for name in _SLOS),
    *(MonitoringFile("policy", name) for name in _POLICIES),
    MonitoringFile("dashboard", "dashboard"),
)
"""In the order in which they need each other: objectives and alerts are refused while their metrics do not exist."""

# What lets an account send spans to telemetry.googleapis.com
# https://docs.cloud.google.com/iam/docs/roles-permissions/telemetry
TRACING_ROLE = "roles/telemetry.tracesWriter"
# For every service and job of the image `backend`.
TRACING_ENVIRONMENT: Mapping[str, str] = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://telemetry.googleapis.com",
    # Seconds, in the Python SDK. The worker waits for it before it answers, once; see services/core/kit/trace_export.py.
    "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    "OTEL_BSP_SCHEDULE_DELAY": "1000",
    # By the trace's id alone, so that all services decide alike. Not `parentbased_`: the parent of a request is Cloud Run's own
    # front end, which samples one request in ten seconds (https://cloud.google.com/run/docs/trace#trace_sampling_rate).
    "OTEL_TRACES_SAMPLER": "traceidratio",
    "OTEL_TRACES_SAMPLER_ARG": "1.0",
}
