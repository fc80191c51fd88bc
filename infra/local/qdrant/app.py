"""Qdrant's REST interface as a Starlette application over the embedded engine."""

import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import qdrant_edge
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import points
from .collections import Collection, Collections, Settings
from .errors import InternalError, MalformedBody, QdrantError, WrongInput

SERVER_VERSION = "1.20.0"  # the client warns when its own minor version is further than one away

Endpoint = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger("infra.local.qdrant")

_INDEX_TYPES = {
    "keyword": qdrant_edge.PayloadSchemaType.Keyword,
    "integer": qdrant_edge.PayloadSchemaType.Integer,
    "float": qdrant_edge.PayloadSchemaType.Float,
    "geo": qdrant_edge.PayloadSchemaType.Geo,
    "text": qdrant_edge.PayloadSchemaType.Text,
    "bool": qdrant_edge.PayloadSchemaType.Bool,
    "datetime": qdrant_edge.PayloadSchemaType.Datetime,
    "uuid": qdrant_edge.PayloadSchemaType.Uuid,
}

# What a server reports for options that this stand-in has no use for: every search here is exact.
_HNSW_DEFAULTS = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000}
_OPTIMIZER_DEFAULTS = {
    "deleted_threshold": 0.2,
    "vacuum_min_vector_number": 1000,
    "default_segment_number": 0,
    "flush_interval_sec": 5,
}


def create_app(collections: Collections) -> Starlette:
    """The application on collections that are open; it closes them when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.collections = collections
        yield
        await run_in_threadpool(collections.close)

    return Starlette(routes=_routes(), lifespan=lifespan, exception_handlers={QdrantError: _refused, Exception: _failed})


def _routes() -> list[Route]:
    one = "/collections/{collection}"
    return [
        Route("/", _root),
        *(Route(path, _healthy) for path in ("/healthz", "/livez", "/readyz")),
        Route("/collections", _answering(_list_collections)),
        Route(one, _answering(_describe)),
        Route(one, _answering(_create), methods=["PUT"]),
        Route(one, _answering(_delete), methods=["DELETE"]),
        Route(f"{one}/exists", _answering(_exists)),
        Route(f"{one}/index", _answering(_create_index), methods=["PUT"]),
        Route(f"{one}/index/{{field}}", _answering(_delete_index), methods=["DELETE"]),
        _points(f"{one}/points", points.upsert, method="PUT"),
        _points(f"{one}/points", points.retrieve),
        _points(f"{one}/points/delete", points.delete),
        _points(f"{one}/points/payload", points.set_payload),
        _points(f"{one}/points/payload", points.overwrite_payload, method="PUT"),
        _points(f"{one}/points/payload/delete", points.delete_payload),
        _points(f"{one}/points/payload/clear", points.clear_payload),
        _points(f"{one}/points/scroll", points.scroll),
        _points(f"{one}/points/count", points.count),
        _points(f"{one}/points/query", points.query),
        _points(f"{one}/points/query/batch", points.query_batch),
    ]


async def _root(_request: Request) -> Response:
    return JSONResponse({"title": "qdrant - vector search engine", "version": SERVER_VERSION})


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("healthz check passed")


def _list_collections(collections: Collections, _request: Request, _body: dict[str, Any]) -> Any:
    return {"collections": [{"name": name} for name in collections.names()]}


def _describe(collections: Collections, request: Request, _body: dict[str, Any]) -> Any:
    collection = _named(collections, request)
    settings, held = collection.settings, collection.shard.info()
    return {
        "status": "green",
        "optimizer_status": "ok",
        "points_count": held.points_count,
        "indexed_vectors_count": held.indexed_vectors_count,
        "segments_count": held.segments_count,
        "config": {
            "params": {"vectors": {"size": settings.size, "distance": settings.distance}},
            "hnsw_config": _HNSW_DEFAULTS | {option: value for option, value in settings.hnsw_config.items() if value is not None},
            "optimizer_config": _OPTIMIZER_DEFAULTS,
        },
        "payload_schema": {
            field: {"data_type": _index_type_name(index.data_type), "points": index.points} for field, index in held.payload_schema.items()
        },
    }


def _create(collections: Collections, request: Request, body: dict[str, Any]) -> Any:
    collections.create(request.path_params["collection"], Settings.parse(body))
    return True


def _delete(collections: Collections, request: Request, _body: dict[str, Any]) -> Any:
    return collections.delete(request.path_params["collection"])


def _exists(collections: Collections, request: Request, _body: dict[str, Any]) -> Any:
    return {"exists": request.path_params["collection"] in collections}


def _create_index(collections: Collections, request: Request, body: dict[str, Any]) -> Any:
    """Index one payload field. Parameters beside the type (is_tenant, on_disk) only tune a real server and are accepted unheard."""
    schema = body.get("field_schema")
    name = schema.get("type") if isinstance(schema, dict) else schema
    if name not in _INDEX_TYPES or not isinstance(body.get("field_name"), str):
        raise MalformedBody(f"expected field_name and a field_schema of {', '.join(_INDEX_TYPES)}")
    operation = qdrant_edge.UpdateOperation.create_field_index(body["field_name"], _INDEX_TYPES[name])
    return {"operation_id": _named(collections, request).write(operation), "status": "completed"}


def _delete_index(collections: Collections, request: Request, _body: dict[str, Any]) -> Any:
    operation = qdrant_edge.UpdateOperation.delete_field_index(request.path_params["field"])
    return {"operation_id": _named(collections, request).write(operation), "status": "completed"}


def _points(path: str, operation: points.Operation, *, method: str = "POST") -> Route:
    def handle(collections: Collections, request: Request, body: dict[str, Any]) -> Any:
        return points.run(operation, _named(collections, request), body)

    return Route(path, _answering(handle), methods=[method])


def _named(collections: Collections, request: Request) -> Collection:
    return collections.get(request.path_params["collection"])


def _answering(handle: Callable[[Collections, Request, dict[str, Any]], Any]) -> Endpoint:
    """An endpoint that parses the body, runs `handle` in a thread, for the engine blocks, and wraps its result as Qdrant does."""

    async def endpoint(request: Request) -> Response:
        started = time.perf_counter()
        body = _parse(await request.body())
        result = await run_in_threadpool(handle, request.app.state.collections, request, body)
        return JSONResponse({"result": result, "status": "ok", "time": time.perf_counter() - started})

    return endpoint


def _parse(raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        body = json.loads(raw, parse_constant=_not_json)
    except ValueError as error:
        raise MalformedBody(str(error)) from error
    if not isinstance(body, dict):
        raise MalformedBody("expected an object")
    return body


def _not_json(constant: str) -> NoReturn:
    raise WrongInput(f"{constant} is not a number that JSON knows")  # Python's reader would let NaN through


def _index_type_name(data_type: qdrant_edge.PayloadSchemaType) -> str:
    return next(name for name, known in _INDEX_TYPES.items() if known == data_type)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, QdrantError)
    if isinstance(error, InternalError):
        _log.error("%s", error.message)
    return JSONResponse({"status": {"error": error.message}, "time": 0.0}, status_code=error.status)


def _failed(_request: Request, error: Exception) -> Response:
    return JSONResponse({"status": {"error": f"Service internal error: {type(error).__name__}"}, "time": 0.0}, status_code=500)
