"""What each HTTP request leaves behind: one span, and one line in the log with its route, status and duration; never its query."""

from time import perf_counter

import structlog
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.core.kit.telemetry import TRACEPARENT, flush_spans, mark_failed, start_span

UNOBSERVED = ("/healthz", "/readyz")
"""Asked by platforms every few seconds."""

log = structlog.get_logger()


class Observed:
    """Outermost middleware. With `flushes` an answer waits until its spans are sent.

    Cloud Run takes the CPU away once the last byte is out, and a batch that waits for its time may then wait for the next request.
    Whoever calls a worker does not mind the milliseconds; people do, so the api sends its spans in the background.
    """

    def __init__(self, app: ASGIApp, *, flushes: bool = False) -> None:
        self._app = app
        self._flushes = flushes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNOBSERVED:
            await self._app(scope, receive, send)
            return
        began, status, is_over = perf_counter(), 500, False
        attributes = {"http.request.method": scope["method"], "url.scheme": scope.get("scheme", "http")}
        server = start_span(scope["method"], attributes, kind=SpanKind.SERVER, within=Headers(scope=scope).get(TRACEPARENT))

        async def end() -> None:
            nonlocal is_over
            if is_over:
                return
            is_over, route = True, _route(scope)
            if route is not None:
                server.update_name(f"{scope['method']} {route}")
                server.set_attribute("http.route", route)
            server.set_attribute("http.response.status_code", status)
            if status >= 500:
                mark_failed(server, str(status))
            seconds = perf_counter() - began
            request = {"requestMethod": scope["method"], "requestUrl": route or "", "status": status, "latency": f"{seconds:.6f}s"}
            log.info("request.answered", route=route, status=status, duration_seconds=round(seconds, 6), httpRequest=request)
            is_recorded = server.is_recording()
            server.end()
            if self._flushes and is_recorded:
                await run_in_threadpool(flush_spans)

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                await end()
            await send(message)

        with trace.use_span(server, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            try:
                await self._app(scope, receive, send_observed)
            finally:
                await end()


def _route(scope: Scope) -> str | None:
    """The template of the route that answered; None for files of the canvas and for what is not there."""
    route: str | None = getattr(scope.get("route"), "path", None)
    return route
