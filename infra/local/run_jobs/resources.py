"""Jobs, executions and operations as Google's own message types: parsed, completed with defaults, and written as JSON. Pure."""

import re
from datetime import datetime, timedelta
from typing import Any

from google.cloud import run_v2

from infra.local.cloud_tasks.wire import GoogleError, parse_message

DEFAULT_MAX_RETRIES = 3  # TaskTemplate.max_retries: "Defaults to 3"
DEFAULT_TIMEOUT = timedelta(minutes=10)  # TaskTemplate.timeout: "Defaults to 600 seconds"
COMPLETED = "Completed"

_JOB_ID = re.compile(r"[a-z]([-a-z0-9]{0,47}[a-z0-9])?")  # CreateJobRequest.job_id and the service's limit of 49 characters
_CANCELLED_CODE, _UNKNOWN_CODE = 1, 2  # google.rpc.Code; which one the service gives for a failed execution is not documented

Message = run_v2.Job | run_v2.Execution


def to_json(message: Message) -> dict[str, Any]:
    """A message as Google writes it: camelCase, enum names, unset fields left out."""
    fields: dict[str, Any] = type(message).to_dict(
        message, use_integers_for_enums=False, preserving_proto_field_name=False, always_print_fields_with_no_presence=False
    )
    return fields


def parse_job(fields: dict[str, Any]) -> run_v2.Job:
    """A job from a request: camelCase or snake_case, unknown fields ignored.

    Raises GoogleError unless it has one container with a command: without an image registry the command is all that can be run.
    """
    job = parse_message(run_v2.Job, fields)
    containers = job.template.template.containers
    if len(containers) != 1:
        raise invalid("This stand-in runs jobs of exactly one container.")
    if not containers[0].command:
        raise invalid("Give the container a command: this stand-in starts local processes, and no image that could name an entrypoint.")
    return job


def parse_overrides(fields: dict[str, Any]) -> run_v2.RunJobRequest.Overrides:
    """The overrides in the body of `:run`."""
    return parse_message(run_v2.RunJobRequest, fields).overrides


def invalid(message: str) -> GoogleError:
    return GoogleError("INVALID_ARGUMENT", message)


def new_job(job: run_v2.Job, name: str, uid: str, now: datetime) -> run_v2.Job:
    """The stored form of a job that was just created. Raises GoogleError for a job id that the service would refuse."""
    if not _JOB_ID.fullmatch(name.rpartition("/")[2]):
        raise invalid("A job id has 1 to 49 lowercase letters, digits and hyphens, starts with a letter and ends with no hyphen.")
    created = run_v2.Job(job)
    created.name, created.uid, created.generation, created.observed_generation = name, uid, 1, 1
    created.create_time = created.update_time = now
    created.execution_count = 0
    template = created.template.template
    if "max_retries" not in template:
        template.max_retries = DEFAULT_MAX_RETRIES
    if not template.timeout:
        template.timeout = DEFAULT_TIMEOUT
    created.template.task_count = created.template.task_count or 1
    created.terminal_condition = run_v2.Condition(type_="Ready", state=run_v2.Condition.State.CONDITION_SUCCEEDED, last_transition_time=now)
    return created


def updated_job(before: run_v2.Job, wanted: run_v2.Job, now: datetime) -> run_v2.Job:
    """The stored form of a job after its replacement by `wanted`: same identity and history, next generation."""
    after = new_job(wanted, before.name, before.uid, now)
    after.create_time, after.execution_count = before.create_time, before.execution_count
    after.latest_created_execution = before.latest_created_execution
    after.generation = after.observed_generation = before.generation + 1
    return after


def new_execution(job: run_v2.Job, name: str, uid: str, overrides: run_v2.RunJobRequest.Overrides, now: datetime) -> run_v2.Execution:
    """An execution of the job as it is now, with the overrides of one run. Raises GoogleError for a container that the job has not."""
    template = run_v2.TaskTemplate(job.template.template)
    for override in overrides.container_overrides:
        _override(template.containers[0], override)
    if overrides.timeout:
        template.timeout = overrides.timeout
    execution = run_v2.Execution(
        name=name,
        uid=uid,
        generation=1,
        job=job.name.rpartition("/")[2],
        labels=dict(job.labels),
        task_count=overrides.task_count or job.template.task_count,
        parallelism=job.template.parallelism,
        template=template,
        create_time=now,
        update_time=now,
    )
    set_completed(execution, run_v2.Condition.State.CONDITION_RECONCILING, "Waiting for execution to complete.", now)
    return execution


def set_completed(
    execution: run_v2.Execution,
    state: int,
    message: str,
    now: datetime,
    reason: int | None = None,
) -> None:
    """Set the one condition that callers read: whether the execution completed, and how."""
    condition = run_v2.Condition(
        type_=COMPLETED, state=state, message=message, last_transition_time=now, **({} if reason is None else {"execution_reason": reason})
    )
    execution.conditions = [condition]
    execution.reconciling = state == run_v2.Condition.State.CONDITION_RECONCILING
    execution.update_time = now


def completed_condition(execution: run_v2.Execution) -> run_v2.Condition:
    return next(condition for condition in execution.conditions if condition.type_ == COMPLETED)


def is_finished(execution: run_v2.Execution) -> bool:
    return bool(execution.completion_time)


def reference(execution: run_v2.Execution) -> run_v2.ExecutionReference:
    """How a job shows its latest execution."""
    status = run_v2.ExecutionReference.CompletionStatus
    succeeded = completed_condition(execution).state == run_v2.Condition.State.CONDITION_SUCCEEDED
    return run_v2.ExecutionReference(
        name=execution.name.rpartition("/")[2],
        create_time=execution.create_time,
        completion_time=execution.completion_time,
        completion_status=_ended_status(execution, succeeded=succeeded) if is_finished(execution) else status.EXECUTION_RUNNING,
    )


def done_operation(name: str, message: Message) -> dict[str, Any]:
    """A long-running operation that ended at once, as creating and deleting do here."""
    return {"name": name, "metadata": _any(message), "done": True, "response": _any(message)}


def run_operation(name: str, execution: run_v2.Execution) -> dict[str, Any]:
    """The long-running operation of `:run`: it lasts as long as its execution and fails as it does."""
    operation: dict[str, Any] = {"name": name, "metadata": _any(execution), "done": is_finished(execution)}
    if is_finished(execution):
        condition = completed_condition(execution)
        if condition.state == run_v2.Condition.State.CONDITION_SUCCEEDED:
            operation["response"] = _any(execution)
        else:
            cancelled = condition.execution_reason == run_v2.Condition.ExecutionReason.CANCELLED
            operation["error"] = {"code": _CANCELLED_CODE if cancelled else _UNKNOWN_CODE, "message": condition.message}
    return operation


def _ended_status(execution: run_v2.Execution, *, succeeded: bool) -> int:
    status = run_v2.ExecutionReference.CompletionStatus
    if succeeded:
        return status.EXECUTION_SUCCEEDED
    cancelled = completed_condition(execution).execution_reason == run_v2.Condition.ExecutionReason.CANCELLED
    return status.EXECUTION_CANCELLED if cancelled else status.EXECUTION_FAILED


def _override(container: run_v2.Container, override: run_v2.RunJobRequest.Overrides.ContainerOverride) -> None:
    if override.name and override.name != container.name:
        raise invalid(f"The job has no container named '{override.name}'.")
    if override.clear_args or override.args:
        container.args = list(override.args)
    replaced = {variable.name for variable in override.env}
    container.env = [*(variable for variable in container.env if variable.name not in replaced), *override.env]


def _any(message: Message) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.cloud.run.v2.{type(message).__name__}", **to_json(message)}
