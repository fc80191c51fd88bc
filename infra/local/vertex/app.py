"""The HTTP face of the simulator: Vertex AI's paths as the Google clients call them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from infra.local.identity import Identity
from infra.local.vertex import errors
from infra.local.vertex.behaviour import Directions, apply_words
from infra.local.vertex.catalogue import check_content_model, get_video_model
from infra.local.vertex.content import generate_content
from infra.local.vertex.control import ControlEndpoints
from infra.local.vertex.hang_up import Connections, hang_up
from infra.local.vertex.ledger import Channel, Ledger
from infra.local.vertex.operations import Operations, answer
from infra.local.vertex.refusals import refusal_error
from infra.local.vertex.submission import Submission

VERSIONS = ("v1", "v1beta1", "v1beta")
PUBLISHER = "/publishers/google/models/"


@dataclass(frozen=True)
class Simulator:
    """What the endpoints work with."""

    identity: Identity
    ledger: Ledger
    submission: Submission
    operations: Operations
    connections: Connections


class _NoReply(Response):
    """Sends nothing and cuts the connection."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await hang_up(self._connections, scope["client"])


class _Endpoints:
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def call_model(self, request: Request) -> Response:
        """POST .../models/M:method."""
        if request.path_params["version"] not in VERSIONS:
            return await missing(request)
        model, _, method = request.path_params["call"].partition(":")
        project, location = request.path_params.get("project"), request.path_params.get("location")
        if method == "generateContent":
            return await self._generate_content(request, project, location, model)
        if method not in ("predictLongRunning", "fetchPredictOperation") or project is None or location is None:
            return await missing(request)
        self._check_bearer(request)
        model_path = f"projects/{project}/locations/{location}{PUBLISHER}{model}"
        video_model = get_video_model(project, location, model)
        body = await _json(request)
        if method == "fetchPredictOperation":
            return await self._fetch(model_path, body)
        self._simulator.ledger.count("submits")
        accepted = await run_in_threadpool(self._simulator.submission.submit, model_path, video_model, body)
        self._simulator.operations.start(accepted.operation_name)
        match accepted.reply:
            case "name":
                return JSONResponse({"name": accepted.operation_name})
            case "unavailable":
                raise errors.unavailable()
            case "nothing":
                return _NoReply(self._simulator.connections)

    async def _fetch(self, model_path: str, body: dict[str, Any]) -> Response:
        name = body.get("operationName") or body.get("operation_name")
        if not isinstance(name, str):
            raise errors.invalid_argument("operationName", "is required.")
        self._simulator.ledger.count("polls")
        operation = self._simulator.ledger.find_operation(name)
        if operation is None or not name.startswith(f"{model_path}/"):
            raise errors.not_found(f"Operation {name} was not found under {model_path}.")
        self._simulator.ledger.count_poll(name)
        await self._directions("poll")
        return JSONResponse(await run_in_threadpool(answer, operation))

    async def _generate_content(self, request: Request, project: str | None, location: str | None, model: str) -> Response:
        if not (request.headers.get("x-goog-api-key") or request.query_params.get("key")):
            self._check_bearer(request)
        check_content_model(project, location, model)
        body = await _json(request)
        self._simulator.ledger.count("generate_content")
        directions = await self._directions("generate_content", refuse=False)
        return JSONResponse(generate_content(model, body, directions))

    async def _directions(self, channel: Channel, *, refuse: bool = True) -> Directions:
        """Take what this call is told; wait where it is told to be slow, and refuse where it is told to."""
        directions = apply_words(Directions(), self._simulator.ledger.take_words(channel))
        await asyncio.sleep(directions.delay_seconds)
        if refuse and directions.refusal is not None:
            raise refusal_error(directions.refusal, "operationName")
        return directions

    def _check_bearer(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._simulator.identity.accepts_bearer(token):
            raise errors.unauthenticated()


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise errors.invalid_argument("body", "is not valid JSON.") from error
    if not isinstance(body, dict):
        raise errors.invalid_argument("body", "must be a JSON object.")
    return body


async def missing(request: Request) -> Response:
    """Every other path and method, a GET on an operation among them: 404, as Vertex AI answers."""
    raise errors.not_found(f"The requested URL {request.url.path} was not found on this server.")


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ApiError)
    return JSONResponse(error.body(), status_code=error.code)


def create_app(simulator: Simulator) -> Starlette:
    """Return the ASGI application; while it runs, pending operations are worked on."""
    endpoints, control = _Endpoints(simulator), ControlEndpoints(simulator.ledger, simulator.operations)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        simulator.operations.resume()
        yield
        await simulator.operations.stop()
        simulator.ledger.close()

    routes: list[tuple[str, Callable[[Request], Awaitable[Response]], list[str]]] = [
        ("/healthz", _healthz, ["GET"]),
        ("/{version}/projects/{project}/locations/{location}" + PUBLISHER + "{call}", endpoints.call_model, ["POST"]),
        # With an API key: Vertex AI's express mode, and the Gemini Developer API.
        ("/{version}" + PUBLISHER + "{call}", endpoints.call_model, ["POST"]),
        ("/{version}/models/{call}", endpoints.call_model, ["POST"]),
        *control.routes(),
        ("/{path:path}", missing, ["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    return Starlette(
        routes=[Route(path, endpoint, methods=methods) for path, endpoint, methods in routes],
        exception_handlers={errors.ApiError: _api_error},
        lifespan=lifespan,
    )
