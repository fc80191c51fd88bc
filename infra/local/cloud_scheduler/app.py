"""The REST surface of Cloud Scheduler v1."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.local.cloud_scheduler.jobs import Job, changed_job, new_job
from infra.local.cloud_scheduler.runner import Runner
from infra.local.cloud_scheduler.store import Store
from infra.local.cloud_tasks.delivery import http_client
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

JOBS = "/v1/projects/{project}/locations/{location}/jobs"
JOB = JOBS + "/{job}"


class _CloudScheduler:
    """The methods of google.cloud.scheduler.v1.CloudScheduler, by the names of that service."""

    def __init__(self, store: Store, runner: Runner, now: Callable[[], float]) -> None:
        self._store = store
        self._runner = runner
        self._now = now

    async def create_job(self, request: Request) -> Response:
        job = new_job(_location_name(request), await json_body(request), self._moment())
        if self._store.find_job(job.name):
            raise GoogleError("ALREADY_EXISTS", f"Job {job.name} already exists.")
        return self._scheduled(job)

    async def list_jobs(self, request: Request) -> Response:
        size = page_size(request, maximum=500)
        jobs = self._store.list_jobs(f"{_location_name(request)}/jobs/", page_start(request), limit=size + 1)
        page = {"jobs": [job.to_wire() for job in jobs[:size]]}
        return JSONResponse(page | ({"nextPageToken": page_token(jobs[size - 1].name)} if len(jobs) > size else {}))

    async def get_job(self, request: Request) -> Response:
        return JSONResponse(self._job(request).to_wire())

    async def update_job(self, request: Request) -> Response:
        fields = await json_body(request)
        mask = request.query_params.get("updateMask") or request.query_params.get("update_mask") or ""
        return self._scheduled(changed_job(self._job(request), fields, mask, self._moment()))

    async def delete_job(self, request: Request) -> Response:
        self._store.delete_job(self._job(request).name)
        return JSONResponse({})

    async def pause_job(self, request: Request) -> Response:
        return self._in_state(request, "PAUSED")

    async def resume_job(self, request: Request) -> Response:
        return self._in_state(request, "ENABLED")

    async def run_job(self, request: Request) -> Response:
        """Run now, even if paused; the schedule stays as it is."""
        job = self._job(request)
        self._runner.start(job)
        return JSONResponse(job.to_wire())

    def _in_state(self, request: Request, state: Literal["ENABLED", "PAUSED"]) -> Response:
        return self._scheduled(self._job(request).model_copy(update={"state": state}))

    def _scheduled(self, job: Job) -> Response:
        return JSONResponse(self._runner.schedule(job).to_wire())

    def _job(self, request: Request) -> Job:
        job = self._store.find_job(f"{_location_name(request)}/jobs/{request.path_params['job']}")
        if job is None:
            raise GoogleError("NOT_FOUND", "Job not found.")
        return job

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _location_name(request: Request) -> str:
    return f"projects/{request.path_params['project']}/locations/{request.path_params['location']}"


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


def _routes(service: _CloudScheduler) -> list[Route]:
    # A path with a verb comes before the same path without one, which would match it too.
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "/healthz", _healthz),
        ("POST", JOB + ":pause", service.pause_job),
        ("POST", JOB + ":resume", service.resume_job),
        ("POST", JOB + ":run", service.run_job),
        ("GET", JOB, service.get_job),
        ("PATCH", JOB, service.update_job),
        ("DELETE", JOB, service.delete_job),
        ("POST", JOBS, service.create_job),
        ("GET", JOBS, service.list_jobs),
    ]
    return [Route(path, endpoint, methods=[method]) for method, path, endpoint in table]


def create_app(state: Path, identity: Identity, now: Callable[[], float] = time.time) -> Starlette:
    """Return the ASGI application over the SQLite file in directory `state`; jobs run while its lifespan does."""
    store = Store(state / "cloud_scheduler.sqlite3")
    client = http_client()
    runner = Runner(store, client, identity, now)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        runner.skip_what_was_missed()
        async with client, asyncio.TaskGroup() as group:
            running = group.create_task(runner.run())
            yield
            running.cancel()
        store.close()

    return Starlette(
        routes=_routes(_CloudScheduler(store, runner, now)),
        middleware=[Middleware(BearerCheck, identity=identity)],
        exception_handlers={GoogleError: answer_google_error, 404: answer_unknown_path, 405: answer_unknown_path},
        lifespan=lifespan,
    )
