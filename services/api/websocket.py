"""/ws/projects/{id}: edits in, events out, in the project's order, from any cursor on.

The socket follows the project's log in Postgres: every instance looks at the projects it has sockets for each quarter of a
second, and at once where one of its own sockets or requests changed something. What a client missed is replayed from its cursor.

Messages to the client:  {"kind": "events", "events": [...], "cursor": n}
                         {"kind": "applied", "operation_id": "...", "rev": n}
                         {"kind": "refused", "operation_id": "...", "problem": {...}}
Messages from it:        {"kind": "operation", "operation": {...}}   (services.core.projects.operations)
                         {"kind": "ping"}                            answered by {"kind": "pong"}
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI, Query, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from services.core.accounts import tickets
from services.core.accounts.authorization import Action, authorize
from services.core.bootstrap import Container
from services.core.kit.errors import Invalid, Problem, TooLarge, Unavailable
from services.core.projects import events
from services.core.projects.operations import Operation, apply

log = structlog.get_logger()
router = APIRouter()

FOLLOW_SECONDS = 0.25  # across instances an event arrives within this time
REAUTHORIZE_SECONDS = 30.0  # a member who was removed loses an open socket within this time
MESSAGE_LIMIT_CHARACTERS = 2 * 1024 * 1024  # as much as a request may have
LARGEST_CURSOR = 2**63 - 1  # a bigint of Postgres
CLOSE_UNAUTHENTICATED, CLOSE_FORBIDDEN, CLOSE_GONE = 4401, 4403, 4404
CLOSE_FAILED = 1011  # RFC 6455, section 7.4.1: an unexpected condition; the client opens another one and goes on from its cursor

Result = TypeVar("Result")


class _Ping(BaseModel):
    kind: Literal["ping"]


class _Edit(BaseModel):
    kind: Literal["operation"]
    operation: Operation


class _NamedOperation(BaseModel):
    operation_id: UUID


class _NamedEdit(BaseModel):
    operation: _NamedOperation


_MESSAGE: TypeAdapter[_Ping | _Edit] = TypeAdapter(Annotated[_Ping | _Edit, Field(discriminator="kind")])


class _Ended(Exception):
    """One half of a socket has ended, so the other half ends too."""


@dataclass(eq=False)
class _Follower:
    """One socket, whose it is, and how far it has been told."""

    socket: WebSocket
    project_id: UUID
    user_id: UUID
    cursor: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The sockets of this instance, by project."""

    def __init__(self, container: Container, slots: asyncio.Semaphore) -> None:
        self.container = container
        self.reauthorize_seconds = REAUTHORIZE_SECONDS
        self.follow_seconds = FOLLOW_SECONDS
        self._slots = slots
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followers: dict[UUID, set[_Follower]] = {}

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Call `work`, which opens a transaction, in a thread, as soon as there is room for its connection.

        Requests wait for the same room (see `dependencies._database_slot`): sockets that all wake at one event would otherwise hold
        every thread while they wait for connections, and requests that hold those would find no thread to go on.
        """
        async with self._slots:
            return await run_in_threadpool(work, *arguments)

    @contextmanager
    def joined(self, follower: _Follower) -> Iterator[None]:
        """Tell a socket about its project until the end of the block."""
        followers = self._followers.setdefault(follower.project_id, set())
        followers.add(follower)
        try:
            yield
        finally:
            followers.discard(follower)
            if not followers:
                self._followers.pop(follower.project_id, None)

    def wake(self, project_id: UUID) -> None:
        """Something of this instance changed a project: look now."""
        for follower in self._followers.get(project_id, ()):
            follower.wake.set()

    def wake_soon(self, project_ids: Collection[UUID]) -> None:
        """The same for several projects and from any thread, such as those in which requests commit."""
        if self._loop is None:
            return  # nobody follows: the application was not started
        for project_id in project_ids:
            self._loop.call_soon_threadsafe(self.wake, project_id)

    async def follow(self) -> None:
        """Wake the sockets of projects that moved on; one statement for all projects of this instance."""
        self._loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.follow_seconds)
            if not self._followers:
                continue
            try:
                revisions = await self.run(self._revisions, list(self._followers))
            except Exception:
                log.exception("sockets.follow_failed")
                continue
            for project_id, rev in revisions.items():
                for follower in self._followers.get(project_id, ()):
                    if follower.cursor < rev:
                        follower.wake.set()

    def _revisions(self, project_ids: list[UUID]) -> dict[UUID, int]:
        with self.container.database.unit_of_work() as session:
            return events.revisions(session, project_ids)


@asynccontextmanager
async def following(app: FastAPI) -> AsyncIterator[None]:
    """The life of the hub, as the application's lifespan."""
    task = asyncio.create_task(app.state.hub.follow())
    yield
    task.cancel()


@router.websocket("/ws/projects/{project_id}")
async def follow_project(
    socket: WebSocket, project_id: UUID, ticket: str = "", cursor: Annotated[int, Query(ge=0, le=LARGEST_CURSOR)] = 0
) -> None:
    """Open with a one-use ticket; `cursor` is the last event the client knows."""
    hub: Hub = socket.app.state.hub
    if not _origin_is_ours(socket, hub.container):
        await socket.close(CLOSE_FORBIDDEN, "origin not allowed")
        return
    try:
        user_id = await hub.run(_redeem, hub.container, ticket, project_id)
    except Problem as problem:
        await socket.accept()
        await socket.close(CLOSE_UNAUTHENTICATED if problem.status == 401 else CLOSE_GONE, problem.code)
        return
    await socket.accept()
    follower = _Follower(socket, project_id, user_id, cursor)
    follower.wake.set()
    with hub.joined(follower):
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_tell(hub, follower))
                group.create_task(_listen(hub, follower))
        except* (_Ended, WebSocketDisconnect):
            pass
        except* Exception:
            log.exception("socket.failed", project_id=str(project_id))
            with suppress(RuntimeError):  # it may have gone meanwhile
                await socket.close(CLOSE_FAILED, "internal_error")


def _origin_is_ours(socket: WebSocket, container: Container) -> bool:
    """Browsers send Origin: only our own pages may open a socket. Programs send none; they need the ticket all the same."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    host = socket.headers.get("host", "")
    return origin in {f"https://{host}", f"http://{host}"} or origin in container.settings.allowed_origins


def _redeem(container: Container, ticket: str, project_id: UUID) -> UUID:
    with container.database.unit_of_work() as session:
        user_id = tickets.redeem(session, ticket, project_id, container.clock())
        authorize(session, user_id, project_id, Action.VIEW_PROJECT)
        return user_id


async def _tell(hub: Hub, follower: _Follower) -> None:
    """Send events as they come, in order; ask now and then whether this person may still see them."""
    clock = asyncio.get_running_loop().time
    authorized_until = clock() + hub.reauthorize_seconds
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(authorized_until):
                await follower.wake.wait()
        follower.wake.clear()
        if clock() >= authorized_until:
            try:
                await hub.run(_authorize, hub.container, follower)
            except Problem as problem:
                await follower.socket.close(CLOSE_FORBIDDEN, problem.code)
                raise _Ended from problem
            authorized_until = clock() + hub.reauthorize_seconds
        while found := await hub.run(_after, hub.container, follower):
            follower.cursor = found[-1]["rev"]
            await follower.socket.send_text(json.dumps({"kind": "events", "events": found, "cursor": follower.cursor}))


def _authorize(container: Container, follower: _Follower) -> None:
    with container.database.unit_of_work() as session:
        authorize(session, follower.user_id, follower.project_id, Action.VIEW_PROJECT)


def _after(container: Container, follower: _Follower) -> list[dict[str, Any]]:
    with container.database.unit_of_work() as session:
        return [event.document() for event in events.list_after(session, follower.project_id, follower.cursor)]


async def _listen(hub: Hub, follower: _Follower) -> None:
    """Answer what the client sends, one message after the other."""
    while True:
        message = await follower.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise _Ended
        answer = await _answer(hub, follower, message.get("text"))
        if answer["kind"] == "applied":
            hub.wake(follower.project_id)
        await follower.socket.send_text(json.dumps(answer))


async def _answer(hub: Hub, follower: _Follower, text: str | None) -> dict[str, Any]:
    """Apply one message; a refusal is an answer, never the end of the socket."""
    operation_id: str | None = None
    try:
        message = _parse(text)
        if isinstance(message, _Ping):
            return {"kind": "pong"}
        operation_id = str(message.operation.operation_id)
        rev = await hub.run(_apply, hub.container, follower, message.operation)
        return {"kind": "applied", "operation_id": operation_id, "rev": rev}
    except Problem as problem:
        refusal = problem
    except Exception as error:
        refusal = _unexpected(error)
    return {"kind": "refused", "operation_id": operation_id or _operation_id(text), "problem": refusal.document()}


def _parse(text: str | None) -> _Ping | _Edit:
    if text is not None and len(text) > MESSAGE_LIMIT_CHARACTERS:
        raise TooLarge("request_too_large", "This message is larger than we take.", "Send less at once.")
    try:
        return _MESSAGE.validate_json(text or "")
    except ValidationError as error:
        # Where and of what kind each fault is; never the value, which may be a prompt.
        faults = [{"location": ".".join(map(str, fault["loc"])), "type": fault["type"]} for fault in error.errors(include_url=False)]
        advice = "Send what schemas/operation.json describes; `errors` lists what does not fit."
        raise Invalid("operation_invalid", "This message is no operation.", advice, errors=faults) from None


def _operation_id(text: str | None) -> str | None:
    """The id of an operation that is no valid one otherwise, so that the client knows which of its edits was refused."""
    with suppress(ValidationError):
        return str(_NamedEdit.model_validate_json(text or "").operation.operation_id)
    return None


def _apply(container: Container, follower: _Follower, operation: Operation) -> int:
    with container.database.unit_of_work() as session:
        authorize(session, follower.user_id, follower.project_id, Action.EDIT_GRAPH)
        return apply(session, follower.project_id, operation, actor_id=follower.user_id, now=container.clock())


def _unexpected(error: Exception) -> Problem:
    """What a request would be answered where something else than a Problem comes of it (services.core.kit.http_errors)."""
    details = error.orig.args[0] if isinstance(error, DBAPIError) and error.orig is not None and error.orig.args else None
    if isinstance(details, dict) and str(details.get("C", "")).startswith("22"):  # SQLSTATE class 22: the value itself cannot be kept
        return Invalid("value_not_storable", "A text holds a NUL character, or a number is too large to be kept.")
    log.error("socket.edit_failed", exc_info=error)
    if isinstance(error, SQLAlchemyError):
        return Unavailable("database_unavailable", "The database does not answer just now.", "Try again in a moment.")
    return Problem("internal_error", "Something went wrong on our side.", "Try again; if it stays, report it.")
