"""The REST surface of Cloud Tasks v2: parse, check, store, wake the dispatcher, answer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from google.cloud import tasks_v2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.local.cloud_tasks.delivery import http_client
from infra.local.cloud_tasks.dispatcher import Dispatcher
from infra.local.cloud_tasks.resources import PAUSED, RUNNING, as_viewed, asked_view, changed_queue, new_queue, new_task, timestamp
from infra.local.cloud_tasks.store import Store, StoredTask
from infra.local.cloud_tasks.wire import (
    BearerCheck,
    GoogleError,
    answer_google_error,
    answer_unknown_path,
    json_body,
    message_response,
    page_size,
    page_start,
    page_token,
)
from infra.local.identity import Identity

LOCATION = "/v2/projects/{project}/locations/{location}"
QUEUES = LOCATION + "/queues"
QUEUE = QUEUES + "/{queue}"
TASKS = QUEUE + "/tasks"
TASK = TASKS + "/{task}"


class _CloudTasks:
    """The methods of google.cloud.tasks.v2.CloudTasks, by the names of that service."""

    def __init__(self, store: Store, dispatcher: Dispatcher, now: Callable[[], float]) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._now = now

    async def create_queue(self, request: Request) -> Response:
        queue = new_queue(_location_name(request), await json_body(request))
        if self._store.find_queue(queue.name):
            raise GoogleError("ALREADY_EXISTS", "Queue already exists")
        return self._saved(queue)

    async def list_queues(self, request: Request) -> Response:
        if request.query_params.get("filter"):
            raise GoogleError("UNIMPLEMENTED", "The stand-in lists queues without a filter.")
        size = page_size(request, maximum=9800)
        queues = self._store.list_queues(_location_name(request), page_start(request), limit=size + 1)
        token = page_token(queues[size - 1].name) if len(queues) > size else ""
        return message_response(tasks_v2.ListQueuesResponse(queues=queues[:size], next_page_token=token))

    async def get_queue(self, request: Request) -> Response:
        return message_response(self._queue(request))

    async def update_queue(self, request: Request) -> Response:
        fields = await json_body(request)
        name = _queue_name(request)
        queue = self._store.find_queue(name)
        if queue is None:
            # "The queue to create or update": UpdateQueueRequest.queue.
            return self._saved(new_queue(_location_name(request), fields | {"name": name}))
        mask = request.query_params.get("updateMask") or request.query_params.get("update_mask") or ""
        return self._saved(changed_queue(queue, fields, mask))

    async def delete_queue(self, request: Request) -> Response:
        if not self._store.delete_queue(_queue_name(request)):
            raise GoogleError("NOT_FOUND", "Queue does not exist.")
        return JSONResponse({})

    async def pause_queue(self, request: Request) -> Response:
        queue = self._queue(request)
        queue.state = PAUSED
        return self._saved(queue)

    async def resume_queue(self, request: Request) -> Response:
        queue = self._queue(request)
        queue.state = RUNNING
        return self._saved(queue)

    async def purge_queue(self, request: Request) -> Response:
        queue = self._queue(request)
        queue.purge_time = timestamp(self._now())
        self._store.purge(queue, self._now())
        return message_response(queue)

    async def get_iam_policy(self, request: Request) -> Response:
        return JSONResponse(json.loads(self._store.iam_policy(self._queue(request).name)))

    async def set_iam_policy(self, request: Request) -> Response:
        policy = (await json_body(request)).get("policy", {})
        self._store.save_iam_policy(self._queue(request).name, json.dumps(policy))
        return JSONResponse(policy)

    async def create_task(self, request: Request) -> Response:
        fields = await json_body(request)
        queue_name = _queue_name(request)
        if self._store.find_queue(queue_name) is None:
            message = "Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize."
            raise GoogleError("NOT_FOUND", message)
        now = self._now()
        task = new_task(queue_name, fields.get("task") or {}, timestamp(now))
        view = asked_view(str(fields.get("responseView") or fields.get("response_view") or ""))
        if self._store.name_is_taken(task.name, now):
            raise GoogleError("ALREADY_EXISTS", "Requested entity already exists")
        self._store.add_task(task, queue_name)
        self._dispatcher.wake()
        return message_response(as_viewed(task, view))

    async def list_tasks(self, request: Request) -> Response:
        queue, size, view = self._queue(request), page_size(request, maximum=1000), _query_view(request)
        found = self._store.list_tasks(queue.name, page_start(request), limit=size + 1)
        token = page_token(found[size - 1].task.name) if len(found) > size else ""
        tasks = [as_viewed(stored.task, view) for stored in found[:size]]
        return message_response(tasks_v2.ListTasksResponse(tasks=tasks, next_page_token=token))

    async def get_task(self, request: Request) -> Response:
        return message_response(as_viewed(self._task(request).task, _query_view(request)))

    async def delete_task(self, request: Request) -> Response:
        self._store.end_task(self._task(request).task.name, self._now())
        return JSONResponse({})

    async def run_task(self, request: Request) -> Response:
        """Dispatch at once, whatever the queue's state, limits and schedule. A task in flight is not sent a second time."""
        fields = await json_body(request)
        stored = self._task(request)
        view = asked_view(str(fields.get("responseView") or fields.get("response_view") or ""))
        if not self._dispatcher.start(stored):
            stored = self._task(request)
        return message_response(as_viewed(stored.task, view))

    def _saved(self, queue: tasks_v2.Queue) -> Response:
        self._store.save_queue(queue)
        self._dispatcher.wake()
        return message_response(queue)

    def _queue(self, request: Request) -> tasks_v2.Queue:
        queue = self._store.find_queue(_queue_name(request))
        if queue is None:
            raise GoogleError("NOT_FOUND", "Queue does not exist.")
        return queue

    def _task(self, request: Request) -> StoredTask:
        stored = self._store.find_task(f"{_queue_name(request)}/tasks/{request.path_params['task']}")
        if stored is None:
            raise GoogleError("NOT_FOUND", "Task does not exist: it was never created, has run, or was deleted.")
        return stored


def _location_name(request: Request) -> str:
    return f"projects/{request.path_params['project']}/locations/{request.path_params['location']}"


def _queue_name(request: Request) -> str:
    return f"{_location_name(request)}/queues/{request.path_params['queue']}"


def _query_view(request: Request) -> tasks_v2.Task.View:
    return asked_view(request.query_params.get("responseView") or request.query_params.get("response_view") or "")


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


def _routes(service: _CloudTasks) -> list[Route]:
    # A path with a verb comes before the same path without one, which would match it too.
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "/healthz", _healthz),
        ("POST", TASK + ":run", service.run_task),
        ("GET", TASK, service.get_task),
        ("DELETE", TASK, service.delete_task),
        ("POST", TASKS, service.create_task),
        ("GET", TASKS, service.list_tasks),
        ("POST", QUEUE + ":pause", service.pause_queue),
        ("POST", QUEUE + ":resume", service.resume_queue),
        ("POST", QUEUE + ":purge", service.purge_queue),
        ("POST", QUEUE + ":getIamPolicy", service.get_iam_policy),
        ("POST", QUEUE + ":setIamPolicy", service.set_iam_policy),
        ("GET", QUEUE, service.get_queue),
        ("PATCH", QUEUE, service.update_queue),
        ("DELETE", QUEUE, service.delete_queue),
        ("POST", QUEUES, service.create_queue),
        ("GET", QUEUES, service.list_queues),
    ]
    return [Route(path, endpoint, methods=[method]) for method, path, endpoint in table]


def create_app(state: Path, identity: Identity, now: Callable[[], float] = time.time) -> Starlette:
    """Return the ASGI application over the SQLite file in directory `state`; dispatching runs while its lifespan does."""
    store = Store(state / "cloud_tasks.sqlite3")
    client = http_client()
    dispatcher = Dispatcher(store, client, identity, now)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client, asyncio.TaskGroup() as group:
            dispatching = group.create_task(dispatcher.run())
            yield
            dispatching.cancel()
        store.close()

    return Starlette(
        routes=_routes(_CloudTasks(store, dispatcher, now)),
        middleware=[Middleware(BearerCheck, identity=identity)],
        exception_handlers={GoogleError: answer_google_error, 404: answer_unknown_path, 405: answer_unknown_path},
        lifespan=lifespan,
    )
