"""Puts the stand-in together: state on disk, the APIs on top of it, and the task that delivers events."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.identity import Identity
from infra.local.storage.authentication import Authentication
from infra.local.storage.bucket_api import BucketApi
from infra.local.storage.buckets import BucketRepository
from infra.local.storage.contents import Contents
from infra.local.storage.cors import CorsMiddleware, CorsRule
from infra.local.storage.database import Database
from infra.local.storage.delivery import DEFAULT_TIMEOUT_SECONDS, EventDelivery
from infra.local.storage.errors import StorageError
from infra.local.storage.eventarc_api import EventarcApi
from infra.local.storage.object_api import ObjectApi
from infra.local.storage.objects import ObjectRepository
from infra.local.storage.sessions import UploadSessions
from infra.local.storage.triggers import DeliveryQueue, TriggerRepository
from infra.local.storage.upload_api import UploadApi, UploadReceiver
from infra.local.storage.xml_api import XmlApi

# First parts of paths that belong to the JSON APIs; any other first part names a bucket of the XML API.
JSON_ROOTS = ("storage", "upload", "download", "resumable", "batch", "v1", "healthz")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(state: Path, identity: Identity, base_url: str, delivery_timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> ASGIApp:
    """Return the ASGI application on the state directory. `base_url` (no slash at its end) begins the URLs that it hands out."""
    state.mkdir(parents=True, exist_ok=True)
    database, contents = Database(state / "storage.sqlite3"), Contents(state)
    delivery = EventDelivery(DeliveryQueue(database), identity, delivery_timeout_seconds)
    triggers = TriggerRepository(database, base_url)
    buckets = BucketRepository(database)
    objects = ObjectRepository(database, contents, triggers.enqueue_finalized, delivery.wake)
    sessions = UploadSessions(database, contents, objects)
    authentication = Authentication(identity)
    receiver = UploadReceiver(contents, objects, sessions)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        open_sessions = await run_in_threadpool(sessions.expire)
        await run_in_threadpool(contents.sweep, objects.referenced_contents(), open_sessions)
        task = asyncio.create_task(delivery.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        database.close()

    guarded = BucketApi(buckets, base_url).routes() + ObjectApi(objects, base_url).routes() + EventarcApi(triggers).routes()
    app = Starlette(
        routes=[
            Route("/healthz", _healthz),
            *(_with_bearer(route, authentication) for route in guarded),
            *UploadApi(receiver, authentication, base_url).routes(),
            *(Route(f"/{root}/{{rest:path}}", _unknown_method, methods=METHODS) for root in JSON_ROOTS),
            *XmlApi(objects, receiver, authentication, base_url).routes(),
        ],
        exception_handlers={StorageError: _answer_error, HTTPException: _answer_unrouted, ClientDisconnect: _answer_nobody},
        lifespan=lifespan,
    )

    def cors_rules(request: Request) -> list[CorsRule]:
        rules = [CorsRule.of_bucket(entry) for entry in buckets.find_cors(_bucket_in_path(request))]
        session_id = request.query_params.get("upload_id")
        session = sessions.find(session_id) if session_id else None
        return [*rules, CorsRule.of_session(session.origin)] if session and session.origin else rules

    return _EncodedPath(CorsMiddleware(app, cors_rules))


class _EncodedPath:
    """Lets routes match the path as it was sent: `a%2Fb` is one part of a path, and the name of one object."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


def _with_bearer(route: Route, authentication: Authentication) -> Route:
    endpoint = route.endpoint

    async def guarded(request: Request) -> Response:
        authentication.require_bearer(request)
        response: Response = await endpoint(request)
        return response

    return Route(route.path, guarded, methods=list(route.methods or ()))


def _bucket_in_path(request: Request) -> str:
    """Return the bucket that any of the APIs' paths names; empty if none does."""
    parts = [unquote(part) for part in request.scope["path"].split("/")[1:]]
    if parts[0] not in JSON_ROOTS:
        return parts[0]
    after = parts[parts.index("b") + 1 :] if "b" in parts else []
    return after[0] if after else ""


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _unknown_method(request: Request) -> Response:
    message = f"This stand-in has no {request.method} {request.scope['path']}."
    return StorageError(404, "notFound", "NotFound", message).as_json()


def _in_its_form(request: Request, error: StorageError) -> Response:
    return error.as_json() if request.scope["path"].split("/")[1] in JSON_ROOTS else error.as_xml()


async def _answer_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, StorageError):
        raise error
    return _in_its_form(request, error)


async def _answer_unrouted(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    reason, code = ("methodNotAllowed", "MethodNotAllowed") if error.status_code == 405 else ("notFound", "NotFound")
    message = f"{request.method} {request.scope['path']}: {error.detail}"
    return _in_its_form(request, StorageError(error.status_code, reason, code, message, error.headers))


async def _answer_nobody(_: Request, __: Exception) -> Response:
    """The client hung up while it sent a body: what had arrived of a resumable upload is kept, and nobody reads this answer."""
    return Response(status_code=499)
