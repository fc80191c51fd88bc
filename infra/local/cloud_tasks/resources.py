"""Turns what a caller asks for into a valid queue or task, or refuses it as the service would."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud import tasks_v2

from infra.local.cloud_tasks.delivery import LONGEST_DEADLINE_SECONDS
from infra.local.cloud_tasks.pace import RetryPolicy
from infra.local.cloud_tasks.wire import GoogleError, parse_message

QUEUE_ID = re.compile(r"[A-Za-z0-9-]{1,100}")  # Queue.name
TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")  # Task.name
MAX_DISPATCHES_PER_SECOND = 500.0  # RateLimits.max_dispatches_per_second: maximum and, as created by gcloud, default
MAX_CONCURRENT_DISPATCHES = 5000  # RateLimits.max_concurrent_dispatches
MAX_TASK_BYTES = 100 * 1024  # cloud.google.com/tasks/docs/quotas: maximum task size
MAX_SCHEDULE_AHEAD = timedelta(days=30)  # cloud.google.com/tasks/docs/quotas: maximum schedule time
MAX_URL_CHARACTERS = 2083  # HttpRequest.url
SHORTEST_DEADLINE = timedelta(seconds=15)  # Task.dispatch_deadline
LONGEST_DEADLINE = timedelta(seconds=LONGEST_DEADLINE_SECONDS)
DEFAULT_DEADLINE = timedelta(minutes=10)
# Called, because proto-plus declares enum members as plain integers.
RUNNING = tasks_v2.Queue.State(tasks_v2.Queue.State.RUNNING)
PAUSED = tasks_v2.Queue.State(tasks_v2.Queue.State.PAUSED)
BASIC = tasks_v2.Task.View(tasks_v2.Task.View.BASIC)
FULL = tasks_v2.Task.View(tasks_v2.Task.View.FULL)
POST = tasks_v2.HttpMethod(tasks_v2.HttpMethod.POST)
METHODS_WITH_BODY = (POST, tasks_v2.HttpMethod.PUT, tasks_v2.HttpMethod.PATCH)


def new_queue(parent: str, fields: dict[str, Any]) -> tasks_v2.Queue:
    """Return the running queue that `fields` describe, under the location `parent`."""
    queue = parse_message(tasks_v2.Queue, fields)
    prefix = f"{parent}/queues/"
    if not queue.name.startswith(prefix) or not QUEUE_ID.fullmatch(queue.name.removeprefix(prefix)):
        raise GoogleError("INVALID_ARGUMENT", f"Queue.name must be {prefix}QUEUE_ID, with up to 100 letters, numbers and hyphens.")
    queue.state = RUNNING
    del queue.purge_time
    return _completed(queue)


def changed_queue(queue: tasks_v2.Queue, fields: dict[str, Any], update_mask: str) -> tasks_v2.Queue:
    """Return `queue` with the fields that `update_mask` names (comma-separated; all if empty) taken from `fields`."""
    camel_case_mask = re.sub(r"_(\w)", lambda match: match.group(1).upper(), update_mask)
    asked = parse_message(tasks_v2.UpdateQueueRequest, {"queue": fields, "updateMask": camel_case_mask})
    changed = tasks_v2.Queue(queue)
    if camel_case_mask:
        try:
            asked.update_mask.MergeMessage(tasks_v2.Queue.pb(asked.queue), tasks_v2.Queue.pb(changed), True, True)
        except ValueError as error:
            raise GoogleError("INVALID_ARGUMENT", f"The update mask does not fit a queue: {error}") from error
    else:
        changed = asked.queue
    # Output only, or (name) fixed by the URL.
    changed.name, changed.state, changed.purge_time = queue.name, queue.state, queue.purge_time
    return _completed(changed)


def new_task(queue_name: str, fields: dict[str, Any], now: datetime) -> tasks_v2.Task:
    """Return the task that `fields` describe, named, scheduled and ready to store."""
    task = parse_message(tasks_v2.Task, fields)
    _check_target(task)
    prefix = f"{queue_name}/tasks/"
    task.name = task.name or f"{prefix}{secrets.randbelow(10**19):019d}"
    if not task.name.startswith(prefix) or not TASK_ID.fullmatch(task.name.removeprefix(prefix)):
        raise GoogleError(
            "INVALID_ARGUMENT", f"Task.name must be {prefix}TASK_ID, with up to 500 letters, numbers, hyphens and underscores."
        )
    if task.schedule_time and task.schedule_time - now > MAX_SCHEDULE_AHEAD:
        raise GoogleError("INVALID_ARGUMENT", "Task.schedule_time is too far in the future: the maximum is 30 days.")
    if "dispatch_deadline" not in task:
        task.dispatch_deadline = DEFAULT_DEADLINE
    elif not SHORTEST_DEADLINE <= task.dispatch_deadline <= LONGEST_DEADLINE:
        raise GoogleError("INVALID_ARGUMENT", "Task.dispatch_deadline must be between 15s and 1800s.")
    if len(tasks_v2.Task.serialize(task)) > MAX_TASK_BYTES:
        raise GoogleError("INVALID_ARGUMENT", f"Task size too large: the maximum is {MAX_TASK_BYTES} bytes.")
    task.schedule_time = max(task.schedule_time, now) if task.schedule_time else now
    task.create_time = now.replace(microsecond=0)
    task.http_request.http_method = task.http_request.http_method or POST
    task.dispatch_count = task.response_count = 0
    del task.first_attempt
    del task.last_attempt
    return task


def as_viewed(task: tasks_v2.Task, view: tasks_v2.Task.View) -> tasks_v2.Task:
    """Return `task` as a caller sees it: the body only in the FULL view."""
    seen = tasks_v2.Task(task)
    seen.view = FULL if view == FULL else BASIC
    if seen.view == BASIC:
        seen.http_request.body = b""
    return seen


def asked_view(name: str) -> tasks_v2.Task.View:
    """Return the view that a request names or numbers, BASIC by default."""
    request = parse_message(tasks_v2.GetTaskRequest, {"responseView": int(name) if name.isdecimal() else name or "BASIC"})
    return request.response_view


def retry_policy(queue: tasks_v2.Queue, task: tasks_v2.Task) -> RetryPolicy:
    """Return the policy for `task`: its own retry configuration where it has one, else the queue's."""
    config = _completed_retries(tasks_v2.RetryConfig(task.retry_config)) if "retry_config" in task else queue.retry_config
    return RetryPolicy(
        max_attempts=config.max_attempts,
        max_retry_seconds=config.max_retry_duration.total_seconds() if config.max_retry_duration else 0.0,
        min_backoff_seconds=config.min_backoff.total_seconds(),
        max_backoff_seconds=config.max_backoff.total_seconds(),
        max_doublings=config.max_doublings,
    )


def timestamp(seconds: float) -> datetime:
    """Return seconds since 1970 as the aware datetime that messages take."""
    return datetime.fromtimestamp(seconds, UTC)


def _check_target(task: tasks_v2.Task) -> None:
    if "app_engine_http_request" in task:
        raise GoogleError("UNIMPLEMENTED", "The stand-in dispatches HTTP tasks only, not App Engine tasks.")
    request = task.http_request
    if not request.url.startswith(("http://", "https://")) or len(request.url) > MAX_URL_CHARACTERS:
        raise GoogleError("INVALID_ARGUMENT", "HttpRequest.url must begin with http:// or https:// and have at most 2083 characters.")
    if request.body and request.http_method and request.http_method not in METHODS_WITH_BODY:
        raise GoogleError("INVALID_ARGUMENT", "HttpRequest.body is allowed only with POST, PUT and PATCH.")
    if "oidc_token" in request and not request.oidc_token.service_account_email:
        raise GoogleError("INVALID_ARGUMENT", "OidcToken.service_account_email is required.")
    if "oauth_token" in request and not request.oauth_token.service_account_email:
        raise GoogleError("INVALID_ARGUMENT", "OAuthToken.service_account_email is required.")


def _completed(queue: tasks_v2.Queue) -> tasks_v2.Queue:
    """Check the limits of `queue` and fill in what Cloud Tasks picks by default."""
    if "http_target" in queue or "app_engine_routing_override" in queue:
        raise GoogleError("UNIMPLEMENTED", "The stand-in has no queue-level HTTP target and no App Engine routing.")
    limits = queue.rate_limits
    limits.max_dispatches_per_second = limits.max_dispatches_per_second or MAX_DISPATCHES_PER_SECOND
    limits.max_concurrent_dispatches = limits.max_concurrent_dispatches or 1000
    if not 0 < limits.max_dispatches_per_second <= MAX_DISPATCHES_PER_SECOND:
        raise GoogleError("INVALID_ARGUMENT", "RateLimits.max_dispatches_per_second must be positive and at most 500.")
    if not 0 < limits.max_concurrent_dispatches <= MAX_CONCURRENT_DISPATCHES:
        raise GoogleError("INVALID_ARGUMENT", "RateLimits.max_concurrent_dispatches must be positive and at most 5000.")
    # Output only. Published `gcloud tasks queues describe` outputs show 100 for 500/s and 10 for 1/s and 5/s.
    limits.max_burst_size = max(10, round(limits.max_dispatches_per_second / 5))
    queue.retry_config = _completed_retries(queue.retry_config)
    return queue


def _completed_retries(config: tasks_v2.RetryConfig) -> tasks_v2.RetryConfig:
    """Check a retry configuration and fill in the defaults that `gcloud tasks queues describe` shows of a new queue."""
    config.max_attempts = config.max_attempts or 100
    config.max_doublings = config.max_doublings or 16
    if "min_backoff" not in config:
        config.min_backoff = timedelta(seconds=0.1)
    if "max_backoff" not in config:
        config.max_backoff = timedelta(hours=1)
    if config.max_attempts < -1:
        raise GoogleError("INVALID_ARGUMENT", "RetryConfig.max_attempts must be at least -1.")
    if not timedelta() <= config.min_backoff <= config.max_backoff:
        raise GoogleError("INVALID_ARGUMENT", "RetryConfig.min_backoff must not be negative or exceed max_backoff.")
    return config
