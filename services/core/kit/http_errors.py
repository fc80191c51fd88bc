"""How errors are answered: everything that goes wrong becomes a problem document (RFC 9457) with a stable code and a request id.

What the code raises                     Status, code
Problem                                  its own (services.core.kit.errors)
RequestValidationError                   422 request_invalid, with a location and a message for each fault, never the value sent
HTTPException (router, body limit)       its own status, and the name of that status as code
SQLAlchemyError: value cannot be kept    422 value_not_storable: a NUL character, a number beyond its column
SQLAlchemyError: database away or busy   503 database_unavailable
anything else                            500 internal_error, logged with its stack at the border
"""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.core.kit.errors import Invalid, Problem, TooLarge, Unavailable
from services.core.kit.ids import new_id

MEDIA_TYPE = "application/problem+json"
REQUEST_ID_HEADER = "X-Request-Id"
ACCEPTED_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
RETRY_AFTER_SECONDS = 2

# SQLSTATE codes, from https://www.postgresql.org/docs/16/errcodes-appendix.html
VALUE_NOT_STORABLE = {"22003", "22021", "22P05"}  # number out of range, NUL in a text, NUL in a JSON string
TRY_AGAIN = {"40001", "40P01", "53300", "57P01", "57P02", "57P03"}  # serialization, deadlock, too many connections, shutting down

log = structlog.get_logger()


class ProblemDocument(BaseModel):
    """What every error is answered with; a problem may have further members that are its facts."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(description="/problems/ and the code")
    title: str
    status: int
    code: str = Field(description="Stable; for programs.")
    detail: str = Field(description="What happened, and to which thing; for people.")
    advice: str | None = Field(default=None, description="What to do about it; for people.")
    request_id: str | None = Field(default=None, description="Names this request in the logs.")


def install_error_handlers(app: FastAPI) -> None:
    """Answer the errors of `app` as the table above says. The border itself is a middleware, see `Border`."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(SQLAlchemyError, _answer_database_error)


def problem_response(problem: Problem) -> JSONResponse:
    """The HTTP answer that carries `problem`."""
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return _document_response(problem.status, problem.document(), headers)


def request_too_large() -> TooLarge:
    """The refusal of a body beyond the limit. Files do not come this way: they are uploaded to a signed URL."""
    return TooLarge("request_too_large", "The body of the request is larger than we take.", "Send less at once.")


class Border:
    """Outermost middleware but for headers: gives each request an id and answers what nobody else caught.

    Starlette's own handler for `Exception` would do, but it raises the exception again, so every fault would be logged twice.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = told if ACCEPTED_REQUEST_ID.fullmatch(told) else str(new_id())
        answer_began = False

        async def send_with_request_id(message: Message) -> None:
            nonlocal answer_began
            if message["type"] == "http.response.start":
                answer_began = True
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_request_id)
            except Exception:
                log.exception("request.failed", method=scope["method"], path=scope["path"])
                if answer_began:
                    raise  # too late for another answer: the server cuts the connection, so that half an answer is not taken for a whole
                fault = Problem("internal_error", "Something went wrong on our side.", "Try again; if it stays, report the request id.")
                await problem_response(fault)(scope, receive, send_with_request_id)


def _document_response(status: int, document: dict[str, object], headers: dict[str, str]) -> JSONResponse:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    traced = {**document, "request_id": request_id} if request_id else document
    return JSONResponse(traced, status, headers, media_type=MEDIA_TYPE)


async def _answer_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request.refused", code=error.code, exc_info=error)
    return problem_response(error)


async def _answer_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [{"location": ".".join(map(str, fault["loc"])), "message": _message(fault)} for fault in error.errors()]
    advice = "Correct what `errors` lists and send it again."
    return problem_response(Invalid("request_invalid", "The request does not have the form we expect.", advice, errors=faults))


def _message(fault: dict[str, Any]) -> str:
    """What is wrong, without the value: it may be a password or a prompt, and messages end up in logs and screenshots."""
    context = fault.get("ctx", {})
    if fault["type"] == "json_invalid":
        return "Not valid JSON"
    if fault["type"] == "union_tag_invalid":
        return f"{context['discriminator']} should be one of {context['expected_tags']}"
    # A parser's own words follow the colon or comma, and quote what it stumbled over.
    message = str(fault["msg"])
    for words in (context.get("reason"), context.get("error")):
        if isinstance(words, str):
            message = message.removesuffix(words).rstrip(" :,")
    return message


async def _answer_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return problem_response(request_too_large())
    title = HTTPStatus(error.status_code).phrase
    code = re.sub(r"[^a-z]+", "_", title.lower())
    document = {"type": f"/problems/{code}", "title": title, "status": error.status_code, "code": code, "detail": str(error.detail)}
    return _document_response(error.status_code, document, dict(error.headers or {}))


async def _answer_database_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SQLAlchemyError)
    state = _sqlstate(error)
    if state in VALUE_NOT_STORABLE:
        return problem_response(Invalid("value_not_storable", "A text holds a NUL character, or a number is too large to be kept."))
    if state in TRY_AGAIN or isinstance(error, InterfaceError | PoolTimeoutError):
        log.warning("database.unavailable", exc_info=error)
        return problem_response(Unavailable("database_unavailable", "The database does not answer just now.", "Try again in a moment."))
    raise error  # to the border


def _sqlstate(error: SQLAlchemyError) -> str | None:
    """The five-character code Postgres gave, where it gave one; pg8000 has it under C of its only argument."""
    arguments: Sequence[Any] = error.orig.args if isinstance(error, DBAPIError) and error.orig else ()
    return arguments[0].get("C") if arguments and isinstance(arguments[0], dict) else None
