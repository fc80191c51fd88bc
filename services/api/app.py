"""The application: routes, the middleware around them, and the canvas as static files on the same origin."""

import asyncio
import base64
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api import websocket
from services.api.dependencies import TheContainer
from services.api.idempotency import REPLAYED_HEADER
from services.api.routes import ROUTERS
from services.core.bootstrap import Container
from services.core.kit.errors import Unavailable
from services.core.kit.http_errors import (
    MEDIA_TYPE,
    REQUEST_ID_HEADER,
    Border,
    ProblemDocument,
    install_error_handlers,
    problem_response,
    request_too_large,
)
from services.core.kit.observed import Observed
from services.core.settings import SettingsError

BODY_LIMIT_BYTES = 2 * 1024 * 1024  # JSON only; a canvas of a thousand nodes is a few hundred kilobytes
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"  # kept, but asked about with its ETag each time: a deployment shows at once
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
STATIC_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
API_HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


def create_app(container: Container) -> FastAPI:
    """The application that serves `container`. Raises SettingsError where CANVAS_DIRECTORY names no directory."""
    app = ReelgraphApi(
        title="Reelgraph",
        version="1",
        summary="A node canvas for AI video.",
        lifespan=websocket.following,
        openapi_url="/api/openapi.json",
        docs_url=None,  # both pages load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect is built from the Host header, which is not the public one behind a proxy
        generate_unique_id_function=_operation_id,
        responses={"default": {"description": "A problem", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
        middleware=[
            Middleware(Observed),
            *_cross_origin(container.settings.allowed_origins),
            Middleware(SecurityHeaders),
            Middleware(Border),
            Middleware(BodyLimit),
        ],
    )
    app.state.container = container
    app.state.database_slots = asyncio.Semaphore(container.settings.db_pool_size)
    app.state.hub = websocket.Hub(container, app.state.database_slots)
    install_error_handlers(app)
    for router in (service_router, *ROUTERS, websocket.router):
        app.include_router(router)
    if container.settings.canvas_directory is not None:
        app.router.default = _canvas(Path(container.settings.canvas_directory))
    return app


service_router = APIRouter(tags=["service"])


class Health(BaseModel):
    """The state of this process."""

    status: Literal["ok"] = "ok"


class FirestoreConfig(BaseModel):
    """Where the browser listens. An API key of Firebase names the project and is public; the rules protect the data."""

    project: str
    emulator_host: str | None = Field(description="host:port of the emulator; null for the real service")
    api_key: str | None


class RuntimeConfig(BaseModel):
    """What the canvas has to know about the installation it was served by, so that one build serves all of them."""

    live: Literal["firestore", "ws"] = Field(description="How node states arrive.")
    events: Literal["pubsub", "direct"]
    firestore: FirestoreConfig | None = Field(description="Null unless `live` is firestore.")


@service_router.get("/healthz")
async def healthz() -> Health:
    """The process is up. Asks nobody else, so that an outage of the database does not restart every instance."""
    return Health()


@service_router.get("/readyz")
def readyz(container: TheContainer) -> Health:
    """The database answers."""
    try:
        container.database.is_ready()
    except SQLAlchemyError as error:
        raise Unavailable("database_unavailable", "The database does not answer.", "Try again in a moment.") from error
    return Health()


@service_router.get("/config.json")
async def config(container: TheContainer, response: Response) -> RuntimeConfig:
    """Run-time settings for the browser; nothing secret."""
    response.headers["Cache-Control"] = REVALIDATE
    settings = container.settings
    firestore = FirestoreConfig(
        project=settings.google_cloud_project, emulator_host=settings.firestore_emulator_host, api_key=settings.firebase_api_key
    )
    return RuntimeConfig(live=settings.live, events=settings.events, firestore=firestore if settings.live == "firestore" else None)


class ReelgraphApi(FastAPI):
    """FastAPI whose description also holds the schema of the problem document, under its own media type."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description, made once."""
        if self.openapi_schema is None:
            schema = get_openapi(title=self.title, version=self.version, summary=self.summary, routes=self.routes)
            schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = ProblemDocument.model_json_schema()
            self.openapi_schema = schema
        return self.openapi_schema


def _operation_id(route: APIRoute) -> str:
    """Function names, so that generated clients read like the code: `startRun`, not `start_run_api_projects__project_id__runs_post`."""
    return route.name


def _cross_origin(allowed_origins: tuple[str, ...]) -> list[Middleware]:
    """Nothing, as the canvas has our own origin - except for `make dev`, where another server hands it out."""
    if not allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(allowed_origins),
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID_HEADER, REPLAYED_HEADER, "Retry-After"],
        )
    ]


class SecurityHeaders:
    """Adds what makes a browser careful. A route or the canvas may set its own value first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = {**STATIC_HEADERS, **(API_HEADERS if scope["path"].startswith("/api") else {})}
        if Headers(scope=scope).get("x-forwarded-proto") == "https":
            added["Strict-Transport-Security"] = "max-age=31536000"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses bodies over 2 MB: at once where the length is declared, else as soon as they have grown over it.

    Starlette has one too, but it answers plain text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > BODY_LIMIT_BYTES:
            await problem_response(request_too_large())(scope, receive, send)
            return
        size_bytes = 0

        async def receive_counted() -> Message:
            nonlocal size_bytes
            message = await receive()
            size_bytes += len(message.get("body", b""))
            if size_bytes > BODY_LIMIT_BYTES:
                raise HTTPException(413)  # the only kind of error that FastAPI lets through while it reads a body
            return message

        await self._app(scope, receive_counted, send)


def _canvas(directory: Path) -> ASGIApp:
    """The canvas for whatever no route answers. As the router's default it never hides a 405 of a route."""
    if not directory.is_dir():
        raise SettingsError(f"The service cannot start.\n  CANVAS_DIRECTORY: {directory} is not a directory; build the canvas first.")
    return GZipMiddleware(CanvasFiles(directory=directory, html=True), minimum_size=1024, compresslevel=5)


class CanvasFiles(StaticFiles):
    """The static export of the canvas: `/canvas` is canvas.html, and what does not exist is 404.html."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find the file of a path. Next.js writes a page as `name.html` and keeps its data in a directory `name`."""
        for candidate in (path, f"{path}.html", os.path.join(path, "index.html")):
            full_path, found = super().lookup_path(candidate)
            if found is not None and stat.S_ISREG(found.st_mode):
                return full_path, found
        return "", None

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, the 404 page, or for programs, a problem."""
        if scope["method"] not in ("GET", "HEAD") or path == "api" or path.startswith("api/"):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        found = response.status_code < 400
        response.headers["Cache-Control"] = IMMUTABLE if found and path.startswith("_next/static/") else REVALIDATE
        if response.headers.get("content-type", "").startswith("text/html"):
            page = self.lookup_path(path if found else "404.html")[0]
            response.headers["Content-Security-Policy"] = await run_in_threadpool(_page_policy, Path(page))
        return response


def _page_policy(page: Path) -> str:
    """Scripts run only from our own files, and inline only those that the build wrote into this page, known by their hash."""
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE_SCRIPT.findall(page.read_bytes())]
    scripts = " ".join(["'self'", *(f"'sha256-{value}'" for value in hashes)])
    return f"script-src {scripts}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
