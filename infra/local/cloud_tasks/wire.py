"""What Google's REST APIs have in common on the wire: errors, bearer tokens, page tokens, JSON of the clients' own message types."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.json_format import ParseError  # type: ignore[import-untyped] # protobuf ships no annotations
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.identity import Identity

# google.rpc.Code names that the stand-ins answer with, and their HTTP codes (google/rpc/code.proto).
HTTP_CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "UNIMPLEMENTED": 501,
}

Message = TypeVar("Message")


@dataclass
class GoogleError(Exception):
    """A refusal that the caller reads as {"error": {"code", "message", "status"}}."""

    status: str
    message: str

    def response(self) -> JSONResponse:
        """Return the refusal in Google's JSON shape."""
        code = HTTP_CODES[self.status]
        return JSONResponse({"error": {"code": code, "message": self.message, "status": self.status}}, status_code=code)


async def answer_google_error(_: Request, error: Exception) -> Response:
    """Exception handler for Starlette applications that raise GoogleError."""
    if not isinstance(error, GoogleError):
        raise error
    return error.response()


async def answer_unknown_path(request: Request, _: Exception) -> Response:
    """Exception handler for 404 and 405: a method the stand-in lacks must not look like a missing resource."""
    return GoogleError("UNIMPLEMENTED", f"The stand-in has no {request.method} {request.url.path}.").response()


class BearerCheck:
    """ASGI middleware that refuses a bearer token the local identity did not issue.

    A request without one passes: gcloud with `auth/disable_credentials` sends none.
    """

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] == "http":
            scheme, _, token = Request(scope).headers.get("authorization", "").partition(" ")
            if scheme and (scheme.lower() != "bearer" or not self._identity.accepts_bearer(token)):
                refusal = GoogleError("UNAUTHENTICATED", "Request had invalid authentication credentials.")
                return await refusal.response()(scope, receive, send)
        await self._app(scope, receive, send)


async def json_body(request: Request) -> dict[str, Any]:
    """Return the request's JSON object, {} for an empty body; GoogleError if it is something else."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise GoogleError("INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from error
    if not isinstance(body, dict):
        raise GoogleError("INVALID_ARGUMENT", "Invalid JSON payload received. The body must be an object.")
    return body


def parse_message(message_type: type[Message], fields: dict[str, Any]) -> Message:
    """Return `fields` as the client library's own message; GoogleError if they do not fit.

    Names may be camelCase or snake_case; unknown ones are ignored.
    """
    try:
        message: Message = message_type.from_json(json.dumps(fields), ignore_unknown_fields=True)  # type: ignore[attr-defined] # proto-plus
    except ParseError as error:
        raise GoogleError("INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from error
    return message


def message_response(message: Any) -> Response:
    """Answer with a client library message as Google's JSON: camelCase, enums by name, defaults left out."""
    content = type(message).to_json(message, use_integers_for_enums=False, always_print_fields_with_no_presence=False, indent=None)
    return Response(content, media_type="application/json")


def page_size(request: Request, maximum: int) -> int:
    """Return the page size that a list request asks for, at most `maximum`, which is also the default."""
    asked = _parameter(request, "pageSize", "page_size")
    if asked and not asked.isdecimal():
        raise GoogleError("INVALID_ARGUMENT", "page_size must be a number that is not negative.")
    return min(int(asked or 0) or maximum, maximum)


def page_start(request: Request) -> str:
    """Return the name after which the asked page starts, "" for the first page."""
    try:
        return base64.b64decode(_parameter(request, "pageToken", "page_token"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise GoogleError("INVALID_ARGUMENT", "The page token is not one that a list call returned.") from error


def page_token(last_name: str) -> str:
    """Return the token of the page that starts after `last_name`."""
    return base64.urlsafe_b64encode(last_name.encode()).decode()


def _parameter(request: Request, camel_case: str, snake_case: str) -> str:
    parameters = request.query_params
    return parameters.get(camel_case) or parameters.get(snake_case) or ""
