"""The v2 REST interface of Cloud Run for jobs, executions and operations, as a Starlette application."""

import secrets
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from google.cloud import run_v2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.local.cloud_tasks.wire import (
    BearerCheck,
    GoogleError,
    answer_google_error,
    answer_unknown_path,
    json_body,
    page_size,
    page_start,
    page_token,
)
from infra.local.identity import Identity

from . import resources
from .runner import Runner
from .store import Store

GRACE_SECONDS = 10.0  # what Cloud Run leaves between SIGTERM and SIGKILL
_PAGE_LIMIT = 1000
_LONGEST_WAIT_SECONDS = 60.0
_NEWEST = 2**62  # above every row number

Fields = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """What the endpoints work on."""

    store: Store
    runner: Runner


Handler = Callable[[Service, Request, Fields], Fields]


def create_app(state: Path, identity: Identity | None = None, grace_seconds: float = GRACE_SECONDS) -> Starlette:
    """The application on the jobs under `state`; with an identity, only its tokens are accepted. Executions left unfinished go on."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store = Store(state / "run_jobs.sqlite")
        runner = Runner(store, state / "executions", grace_seconds)
        runner.resume()
        app.state.service = Service(store, runner)
        yield
        await run_in_threadpool(runner.stop)
        store.close()

    return Starlette(
        routes=_routes(),
        lifespan=lifespan,
        middleware=[] if identity is None else [Middleware(BearerCheck, identity=identity)],
        exception_handlers={GoogleError: answer_google_error, 404: answer_unknown_path, 405: answer_unknown_path},
    )


def _routes() -> list[Route]:
    location = "/v2/projects/{project}/locations/{location}"
    job = f"{location}/jobs/{{job}}"
    execution = f"{job}/executions/{{execution}}"
    operation = f"{location}/operations/{{operation}}"
    return [
        Route("/healthz", _healthy),
        _route("POST", f"{job}:run", _run_job),
        _route("POST", f"{location}/jobs", _create_job),
        _route("GET", f"{location}/jobs", _list_jobs),
        _route("GET", job, _get_job),
        _route("PATCH", job, _update_job),
        _route("DELETE", job, _delete_job),
        _route("POST", f"{execution}:cancel", _cancel_execution),
        _route("GET", f"{job}/executions", _list_executions),
        _route("GET", execution, _get_execution),
        _route("POST", f"{operation}:wait", _wait_operation),
        _route("GET", f"{location}/operations", _list_operations),
        _route("GET", operation, _get_operation),
    ]


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _create_job(service: Service, request: Request, body: Fields) -> Fields:
    name = f"{_location(request)}/jobs/{request.query_params.get('jobId') or request.query_params.get('job_id', '')}"
    job = resources.new_job(resources.parse_job(body), name, str(uuid4()), datetime.now(UTC))
    service.store.add_job(job)
    return _done(service, request, job)


def _list_jobs(service: Service, request: Request, _body: Fields) -> Fields:
    size = page_size(request, _PAGE_LIMIT)
    jobs = service.store.list_jobs(_location(request), page_start(request), size)
    answer: Fields = {"jobs": [resources.to_json(job) for job in jobs]}
    return answer | ({"nextPageToken": page_token(jobs[-1].name)} if len(jobs) == size else {})


def _get_job(service: Service, request: Request, _body: Fields) -> Fields:
    return resources.to_json(service.store.job(_job(request)))


def _update_job(service: Service, request: Request, body: Fields) -> Fields:
    wanted, now = resources.parse_job(body), datetime.now(UTC)
    try:
        job = service.store.replace_job(_job(request), lambda before: resources.updated_job(before, wanted, now))
    except GoogleError as error:
        if error.status != "NOT_FOUND" or request.query_params.get("allowMissing") != "true":
            raise
        job = resources.new_job(wanted, _job(request), str(uuid4()), now)
        service.store.add_job(job)
    return _done(service, request, job)


def _delete_job(service: Service, request: Request, _body: Fields) -> Fields:
    job = service.store.delete_job(_job(request))
    job.delete_time = datetime.now(UTC)
    return _done(service, request, job)


def _run_job(service: Service, request: Request, body: Fields) -> Fields:
    overrides, operation = resources.parse_overrides(body), _operation_name(request)
    suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(5))
    name = f"{_job(request)}/executions/{request.path_params['job']}-{suffix}"

    def execution_of(job: run_v2.Job) -> run_v2.Execution:
        return resources.new_execution(job, name, str(uuid4()), overrides, datetime.now(UTC))

    service.store.add_execution(_job(request), execution_of, operation)
    service.runner.start(name)
    return service.store.operation(operation)


def _list_executions(service: Service, request: Request, _body: Fields) -> Fields:
    size = page_size(request, _PAGE_LIMIT)
    numbered = service.store.list_executions(_job(request), _before(request), size)
    answer: Fields = {"executions": [resources.to_json(execution) for _, execution in numbered]}
    return answer | ({"nextPageToken": page_token(str(numbered[-1][0]))} if len(numbered) == size else {})


def _get_execution(service: Service, request: Request, _body: Fields) -> Fields:
    return resources.to_json(service.store.execution(_execution(request)))


def _cancel_execution(service: Service, request: Request, _body: Fields) -> Fields:
    execution = service.store.execution(_execution(request))
    if resources.is_finished(execution):
        raise GoogleError("FAILED_PRECONDITION", f"'{execution.name}' has completed already.")
    service.runner.cancel(execution.name)
    return _done(service, request, execution)


def _get_operation(service: Service, request: Request, _body: Fields) -> Fields:
    return service.store.operation(_operation(request))


def _list_operations(service: Service, request: Request, _body: Fields) -> Fields:
    size = page_size(request, _PAGE_LIMIT)
    numbered = service.store.list_operations(_location(request), _before(request), size)
    answer: Fields = {"operations": [operation for _, operation in numbered]}
    return answer | ({"nextPageToken": page_token(str(numbered[-1][0]))} if len(numbered) == size else {})


def _wait_operation(service: Service, request: Request, body: Fields) -> Fields:
    operation = service.store.operation(_operation(request))
    if not operation["done"]:
        service.runner.wait(operation["metadata"]["name"], _wait_seconds(body))
    return service.store.operation(operation["name"])


def _wait_seconds(body: Fields) -> float:
    try:
        asked = float(str(body.get("timeout", _LONGEST_WAIT_SECONDS)).removesuffix("s"))
    except ValueError as error:
        raise resources.invalid("timeout must be a duration such as '3.5s'.") from error
    return min(max(asked, 0.0), _LONGEST_WAIT_SECONDS)


def _done(service: Service, request: Request, message: resources.Message) -> Fields:
    name = _operation_name(request)
    service.store.add_operation(name, message)
    return service.store.operation(name)


def _before(request: Request) -> int:
    start = page_start(request)
    if start and not start.isdecimal():
        raise resources.invalid("The page token is not one that a list call returned.")
    return int(start or _NEWEST)


def _location(request: Request) -> str:
    return "projects/{project}/locations/{location}".format_map(request.path_params)


def _job(request: Request) -> str:
    return f"{_location(request)}/jobs/{request.path_params['job']}"


def _execution(request: Request) -> str:
    return f"{_job(request)}/executions/{request.path_params['execution']}"


def _operation(request: Request) -> str:
    return f"{_location(request)}/operations/{request.path_params['operation']}"


def _operation_name(request: Request) -> str:
    return f"{_location(request)}/operations/{uuid4()}"


def _route(method: str, path: str, handle: Handler) -> Route:
    """A route whose handler runs in a thread, for SQLite and `:wait` block."""

    async def endpoint(request: Request) -> Response:
        if any(":" in value for value in request.path_params.values()):
            return await answer_unknown_path(request, LookupError())  # another verb of this resource, such as :getIamPolicy
        body = await json_body(request)
        # To go on as if it were a real call would create, run or delete what was only to be checked.
        if body.get("validateOnly") or body.get("validate_only") or request.query_params.get("validateOnly") == "true":
            raise GoogleError("UNIMPLEMENTED", "validate_only is not served by this stand-in.")
        return JSONResponse(await run_in_threadpool(handle, request.app.state.service, request, body))

    asynchronous: Callable[[Request], Awaitable[Response]] = endpoint
    return Route(path, asynchronous, methods=[method])
