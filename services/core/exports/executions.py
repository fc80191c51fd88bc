"""Executions of the Cloud Run job that makes films: the one adapter over google-cloud-run."""

from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from services.core.kit.telemetry import carried
from services.core.settings import Settings

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LOOK_SECONDS = 30.0
_LATEST = 100  # executions that are looked through for one whose name was lost; newest first, and it is minutes old


class NotStarted(Exception):
    """Cloud Run refused: surely no execution was started. Its text is Cloud Run's."""


class ExecutionsUnavailable(Exception):
    """Cloud Run did not answer, or with a fault of its own: whether it did anything is unknown."""


class Executions:
    """Cloud Run. Names are short: the last part of an execution's full name. The clients are made on first use: they take a second."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def start(self, export_id: UUID, attempt: int, *, timeout: timedelta) -> str:
        """Start an execution for this attempt and return its name. Raises NotStarted, ExecutionsUnavailable."""
        from google.api_core import exceptions  # noqa: PLC0415  # with the clients, on first use

        # Upper case, as in https://opentelemetry.io/docs/specs/otel/context/env-carriers/
        trace = {name.upper(): value for name, value in carried().items()}
        environment = [{"name": name, "value": value} for name, value in (work_environment(export_id, attempt) | trace).items()]
        overrides = {"container_overrides": [{"env": environment}]}
        try:
            operation = self._jobs.run_job(request={"name": self._job, "overrides": overrides}, timeout=timeout.total_seconds())
        except exceptions.ClientError as error:
            raise NotStarted(f"{type(error).__name__}: {error.message}") from error
        except self._faults as error:
            raise ExecutionsUnavailable(type(error).__name__) from error
        return _short(operation.metadata.name)

    def find(self, export_id: UUID, attempt: int) -> str | None:
        """The newest execution that was started for this attempt, if there is one. Raises ExecutionsUnavailable."""
        wanted = work_environment(export_id, attempt).items()
        try:
            for number, execution in enumerate(self._executions.list_executions(parent=self._job, timeout=LOOK_SECONDS)):
                if wanted <= {variable.name: variable.value for variable in execution.template.containers[0].env}.items():
                    return _short(execution.name)
                if number >= _LATEST:
                    break
        except self._faults as error:
            raise ExecutionsUnavailable(type(error).__name__) from error
        return None

    def has_ended(self, name: str) -> bool:
        """Whether an execution is over, however it ended; also where Cloud Run knows it no more. Raises ExecutionsUnavailable."""
        from google.api_core import exceptions  # noqa: PLC0415  # with the clients, on first use

        try:
            execution = self._executions.get_execution(name=f"{self._job}/executions/{name}", timeout=LOOK_SECONDS)
        except exceptions.NotFound:
            return True
        except self._faults as error:
            raise ExecutionsUnavailable(type(error).__name__) from error
        return bool(execution.completion_time)

    def cancel(self, name: str) -> None:
        """End an execution; one that has ended, or is gone, is fine. Raises ExecutionsUnavailable."""
        from google.api_core import exceptions  # noqa: PLC0415  # with the clients, on first use

        try:
            self._executions.cancel_execution(name=f"{self._job}/executions/{name}", timeout=LOOK_SECONDS)
        except (exceptions.NotFound, exceptions.BadRequest):  # FAILED_PRECONDITION: it has completed already
            return
        except self._faults as error:
            raise ExecutionsUnavailable(type(error).__name__) from error

    @cached_property
    def _jobs(self) -> Any:
        from google.cloud import run_v2  # noqa: PLC0415  # cold start, see the class

        return run_v2.JobsClient(**self._options)

    @cached_property
    def _executions(self) -> Any:
        from google.cloud import run_v2  # noqa: PLC0415  # cold start, see the class

        return run_v2.ExecutionsClient(**self._options)

    @cached_property
    def _options(self) -> dict[str, Any]:
        import google.auth  # noqa: PLC0415  # with the clients, on first use

        credentials, _ = google.auth.default(scopes=[SCOPE])
        endpoint = self._settings.run_endpoint
        # REST, not gRPC: no second network stack in the process, and any endpoint by its plain URL.
        return {"transport": "rest", "credentials": credentials, "client_options": {"api_endpoint": endpoint} if endpoint else None}

    @cached_property
    def _faults(self) -> tuple[type[Exception], ...]:
        from google.api_core import exceptions  # noqa: PLC0415  # with the clients, on first use
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  # with the clients, on first use

        return exceptions.GoogleAPIError, GoogleAuthError, OSError  # requests' errors are OSErrors

    @property
    def _job(self) -> str:
        settings = self._settings
        return f"projects/{settings.google_cloud_project}/locations/{settings.google_cloud_region}/jobs/{settings.export_job}"


def work_environment(export_id: UUID, attempt: int) -> dict[str, str]:
    """What an execution is told to do, and by which it is known again."""
    return {"EXPORT_ID": str(export_id), "EXPORT_ATTEMPT": str(attempt)}


def _short(name: str) -> str:
    return name.rpartition("/")[2]
