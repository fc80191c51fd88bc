"""The Job resource of Cloud Scheduler v1: its JSON, its limits and defaults, and when it runs next."""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from croniter import croniter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from infra.local.cloud_tasks.delivery import LONGEST_DEADLINE_SECONDS
from infra.local.cloud_tasks.pace import RetryPolicy
from infra.local.cloud_tasks.wire import GoogleError

JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")  # Job.name
UNSUPPORTED_TARGETS = ("pubsubTarget", "appEngineHttpTarget")
# What a caller cannot set; UpdateJob ignores it.
OUTPUT_ONLY = ("name", "state", "status", "userUpdateTime", "scheduleTime", "lastAttemptTime")


def _seconds_from_wire(value: object) -> object:
    return value[:-1] if isinstance(value, str) and value.endswith("s") else value


def _seconds_to_wire(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


# Seconds; "30s" on the wire (google.protobuf.Duration).
Seconds = Annotated[float, BeforeValidator(_seconds_from_wire), PlainSerializer(_seconds_to_wire)]


class _Resource(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class OidcToken(_Resource):
    """Asks for an ID token; the audience defaults to the target's URI."""

    service_account_email: str = Field(min_length=1)
    audience: str = ""


class HttpTarget(_Resource):
    """The request that a run sends. `body` is base64, of either alphabet."""

    uri: str = Field(pattern=r"^https?://")
    http_method: Literal["POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    oidc_token: OidcToken | None = None

    @field_validator("body")
    @classmethod
    def _is_base64(cls, body: str) -> str:
        base64.urlsafe_b64decode(body)
        return body

    @property
    def content(self) -> bytes:
        """The decoded body."""
        return base64.b64decode(self.body.replace("-", "+").replace("_", "/"))


class RetryConfig(_Resource):
    """How a failed run is repeated before its next scheduled time. The defaults are the service's."""

    retry_count: int = Field(default=0, ge=0, le=5)
    max_retry_duration: Seconds = Field(default=0.0, ge=0)
    min_backoff_duration: Seconds = Field(default=5.0, ge=0)
    max_backoff_duration: Seconds = Field(default=3600.0, ge=0)
    max_doublings: int = Field(default=5, ge=0)

    @property
    def policy(self) -> RetryPolicy:
        """The same rules as a task's retries; `retry_count` does not count the first attempt."""
        return RetryPolicy(
            max_attempts=self.retry_count + 1,
            max_retry_seconds=self.max_retry_duration,
            min_backoff_seconds=self.min_backoff_duration,
            max_backoff_seconds=self.max_backoff_duration,
            max_doublings=self.max_doublings,
        )


class Job(_Resource):
    """A cron job. Times are RFC 3339 strings, as on the wire."""

    name: str
    description: str = ""
    schedule: str
    time_zone: str = "Etc/UTC"
    http_target: HttpTarget
    retry_config: RetryConfig = RetryConfig()
    attempt_deadline: Seconds = Field(default=180.0, ge=15, le=LONGEST_DEADLINE_SECONDS)
    state: Literal["ENABLED", "PAUSED"] = "ENABLED"
    user_update_time: str = ""
    schedule_time: str = ""
    last_attempt_time: str = ""
    status: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _schedule_can_be_computed(self) -> "Job":
        if len(self.schedule.split()) != 5 or not croniter.is_valid(self.schedule):
            raise ValueError(f"schedule {self.schedule!r} is not a unix-cron expression of five fields")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError) as error:
            raise ValueError(f"time_zone {self.time_zone!r} is not in the tz database") from error
        return self

    def next_run(self, after: datetime) -> datetime:
        """Return the first scheduled time after `after`, in UTC."""
        local = after.astimezone(ZoneInfo(self.time_zone))
        following: datetime = croniter(self.schedule, local).get_next(datetime)
        return following.astimezone(UTC)

    def to_wire(self) -> dict[str, Any]:
        """Return Google's JSON of the job: camelCase, empty fields left out."""
        return _without_empty(self.model_dump(by_alias=True, exclude_none=True))


def new_job(parent: str, fields: Mapping[str, Any], now: datetime) -> Job:
    """Return the enabled job that `fields` describe, under the location `parent`; GoogleError if they are not valid."""
    asked = {name: value for name, value in _camel_case(fields).items() if name == "name" or name not in OUTPUT_ONLY}
    job = _validated(asked | {"userUpdateTime": rfc3339(now)})
    prefix = f"{parent}/jobs/"
    if not job.name.startswith(prefix) or not JOB_ID.fullmatch(job.name.removeprefix(prefix)):
        raise GoogleError("INVALID_ARGUMENT", f"Job.name must be {prefix}JOB_ID, with up to 500 letters, numbers, hyphens and underscores.")
    return job


def changed_job(job: Job, fields: Mapping[str, Any], update_mask: str, now: datetime) -> Job:
    """Return `job` with the fields that `update_mask` names (comma-separated; all that can be set if empty) taken from `fields`."""
    asked = _camel_case(fields)
    current = job.to_wire()
    settable = {to_camel(name) for name in Job.model_fields} - set(OUTPUT_ONLY)
    for path in update_mask.split(",") if update_mask else sorted(settable):
        names = [to_camel(name) for name in path.strip().split(".")]
        if names[0] not in settable:
            raise GoogleError("INVALID_ARGUMENT", f"The update mask names {path!r}, which cannot be changed.")
        _copy(asked, current, names)
    return _validated(current | {"userUpdateTime": rfc3339(now)})


def rfc3339(moment: datetime) -> str:
    """Return `moment` as the services write it: UTC, microseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _validated(fields: Mapping[str, Any]) -> Job:
    for unsupported in UNSUPPORTED_TARGETS:
        if unsupported in fields:
            raise GoogleError("UNIMPLEMENTED", f"The stand-in has HTTP targets only, no {unsupported}.")
    target = fields.get("httpTarget")
    if isinstance(target, Mapping) and "oauthToken" in target:
        raise GoogleError("UNIMPLEMENTED", "The stand-in signs OIDC tokens only, no OAuth tokens.")
    try:
        return Job.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'job'}: {problem['msg']}" for problem in error.errors())
        raise GoogleError("INVALID_ARGUMENT", problems) from error


def _without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: _without_empty(value) if isinstance(value, Mapping) else value for name, value in fields.items()}
    return {name: value for name, value in kept.items() if value not in ("", {})}


def _camel_case(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return `fields` with snake_case names turned to camelCase, except the names inside a headers map."""
    return {
        to_camel(name): _camel_case(value) if isinstance(value, Mapping) and name != "headers" else value for name, value in fields.items()
    }


def _copy(source: Mapping[str, Any], target: dict[str, Any], names: list[str]) -> None:
    """Set the field at the path `names` of `target` as it is in `source`, or clear it where `source` has none."""
    first, *rest = names
    if rest:
        inner, asked = dict(target.get(first, {})), source.get(first, {})
        if not isinstance(asked, Mapping):
            raise GoogleError("INVALID_ARGUMENT", f"{first} must be an object.")
        _copy(asked, inner, rest)
        target[first] = inner
    elif first in source:
        target[first] = source[first]
    else:
        target.pop(first, None)
