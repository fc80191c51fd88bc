"""Cross-origin requests: a bucket's CORS configuration and the origin of a resumable session, for preflights and responses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What the service uses where `maxAgeSeconds` is missing.
DEFAULT_MAX_AGE_SECONDS = 3600
# Headers that every cross-origin request may carry (Fetch standard, CORS-safelisted request headers).
SAFELISTED_HEADERS = {"accept", "accept-language", "content-language", "range"}
SESSION_HEADERS = ("Content-Type", "Content-Range", "Range", "ETag", "Location", "x-goog-generation", "x-goog-hash", "X-GUploader-UploadID")


@dataclass(frozen=True)
class CorsRule:
    """One entry of a bucket's `cors`: which origins may use which methods, and which headers they may send and read."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    max_age_seconds: int
    any_request_header: bool = False

    @classmethod
    def of_bucket(cls, entry: dict[str, Any]) -> Self:
        """Read an entry as the client wrote it."""
        return cls(
            origins=tuple(entry.get("origin") or ()),
            methods=tuple(method.upper() for method in entry.get("method") or ()),
            headers=tuple(entry.get("responseHeader") or ()),
            max_age_seconds=int(entry.get("maxAgeSeconds") or DEFAULT_MAX_AGE_SECONDS),
        )

    @classmethod
    def of_session(cls, origin: str) -> Self:
        """Allow the origin for which a resumable session was created to use that session."""
        return cls((origin,), ("PUT", "POST", "DELETE"), SESSION_HEADERS, DEFAULT_MAX_AGE_SECONDS, any_request_header=True)

    def allows(self, origin: str, method: str, request_headers: Sequence[str] = ()) -> bool:
        """Whether the origin may send this method with these (lower-case) headers."""
        allowed = {header.lower() for header in self.headers} | SAFELISTED_HEADERS
        return (
            ("*" in self.origins or origin in self.origins)
            and ("*" in self.methods or method in self.methods)
            and (self.any_request_header or "*" in allowed or allowed.issuperset(request_headers))
        )

    def allowed_origin(self, origin: str) -> str:
        """Return the value of Access-Control-Allow-Origin for an origin that is allowed."""
        return "*" if "*" in self.origins else origin


class CorsMiddleware:
    """Answers preflights and adds the headers a browser needs; `rules_for` looks up the rules of a request in a thread."""

    def __init__(self, app: ASGIApp, rules_for: Callable[[Request], list[CorsRule]]) -> None:
        self._app = app
        self._rules_for = rules_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope) if scope["type"] == "http" else None
        if request is None or "origin" not in request.headers:
            await self._app(scope, receive, send)
            return
        rules = await run_in_threadpool(self._rules_for, request)
        if request.method == "OPTIONS":
            await _preflight(request, rules)(scope, receive, send)
            return
        origin = request.headers["origin"]
        rule = next((rule for rule in rules if rule.allows(origin, request.method)), None)

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                if rule is not None:
                    headers["Access-Control-Allow-Origin"] = rule.allowed_origin(origin)
                    headers["Access-Control-Expose-Headers"] = ", ".join(rule.headers)
            await send(message)

        await self._app(scope, receive, send_with_cors)


def _preflight(request: Request, rules: list[CorsRule]) -> Response:
    """Return 200 with the permission, or 200 without it: the browser then refuses, as with the service."""
    origin = request.headers["origin"]
    method = request.headers.get("access-control-request-method", "").upper()
    wanted = [header.strip().lower() for header in request.headers.get("access-control-request-headers", "").split(",") if header.strip()]
    rule = next((rule for rule in rules if rule.allows(origin, method, wanted)), None)
    headers = {"Vary": "Origin"}
    if rule is not None:
        headers |= {
            "Access-Control-Allow-Origin": rule.allowed_origin(origin),
            "Access-Control-Allow-Methods": ",".join(rule.methods),
            "Access-Control-Allow-Headers": ",".join(wanted),
            "Access-Control-Max-Age": str(rule.max_age_seconds),
        }
    return Response(headers=headers)
