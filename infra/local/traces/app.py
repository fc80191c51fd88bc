"""OTLP/HTTP in (https://opentelemetry.io/docs/specs/otlp/#otlphttp), pages and JSON out."""

import gzip
import zlib
from dataclasses import asdict

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no annotations
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .page import list_page, root_of, trace_page
from .store import TraceStore, parse_spans

PROTOBUF = "application/x-protobuf"


def create_app(store: TraceStore) -> Starlette:
    """The collector over `store`."""

    async def collect(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != PROTOBUF:
            return PlainTextResponse(f"Only {PROTOBUF} is taken.", 415)
        try:
            store.add(parse_spans(_plain(await request.body(), request.headers.get("content-encoding", ""))))
        except (DecodeError, OSError, EOFError, zlib.error) as error:
            return PlainTextResponse(f"Not an ExportTraceServiceRequest: {type(error).__name__}", 400)
        return Response(ExportTraceServiceResponse().SerializeToString(), media_type=PROTOBUF)

    async def front(_request: Request) -> Response:
        return HTMLResponse(list_page(store.recent()))

    async def trace(request: Request) -> Response:
        spans = store.trace(request.path_params["trace_id"])
        return HTMLResponse(trace_page(spans)) if spans else PlainTextResponse("There is no such trace (any more).", 404)

    async def traces_json(_request: Request) -> Response:
        return JSONResponse([{"trace_id": spans[0].trace_id, "root": root_of(spans).name, "spans": len(spans)} for spans in store.recent()])

    async def trace_json(request: Request) -> Response:
        return JSONResponse([asdict(span) for span in store.trace(request.path_params["trace_id"])])

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/", front),
            Route("/healthz", healthy),
            Route("/traces/{trace_id}", trace),
            Route("/v1/traces", collect, methods=["POST"]),
            Route("/api/traces", traces_json),
            Route("/api/traces/{trace_id}", trace_json),
        ]
    )


def _plain(body: bytes, encoding: str) -> bytes:
    match encoding:
        case "gzip":
            return gzip.decompress(body)
        case "deflate":
            return zlib.decompress(body)
        case _:
            return body
