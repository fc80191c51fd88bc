"""Every error is a problem document that names its request and never repeats what was sent."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
import structlog
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel, EmailStr, Field, SecretStr
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.api.dependencies import UnitOfWork
from services.core.kit.errors import Conflict, Unauthenticated, Unavailable

SECRET = "a-value-that-must-not-come-back"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Form(BaseModel):
    email: EmailStr | None = None
    password: SecretStr | None = Field(default=None, min_length=100)
    id: UUID | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    color: Literal["red"] | None = None
    count: int | None = None


def failing_routes() -> APIRouter:
    router = APIRouter(prefix="/api/test")

    @router.get("/problem")
    def problem() -> None:
        raise Conflict("node_moved", "The node moved.", "Read it again.", version=7)

    @router.get("/http-exception")
    def http_exception() -> None:
        raise HTTPException(418, "Short and stout", {"X-Pot": "tea"})

    @router.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError(SECRET)

    @router.get("/unauthenticated")
    def unauthenticated() -> None:
        raise Unauthenticated("token_missing", "Who are you?")

    @router.get("/unavailable")
    def unavailable() -> None:
        raise Unavailable("model_unavailable", "The model does not answer.")

    @router.get("/pool-exhausted")
    def pool_exhausted() -> None:
        raise PoolTimeoutError("all connections are in use")

    @router.post("/form")
    def form(_: Form) -> None:
        return None

    @router.get("/sql")
    def sql(session: UnitOfWork, statement: str, value: str) -> None:
        session.execute(text(statement), {"value": value})

    return router


@pytest.fixture
def failing(app: FastAPI) -> Iterator[TestClient]:
    app.include_router(failing_routes())
    with TestClient(app) as client:
        yield client


def test_a_problem_is_answered_as_problem_json_with_its_facts(failing: TestClient) -> None:
    answer = failing.get("/api/test/problem", headers={"X-Request-Id": "request-0001"})

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/node_moved",
        "title": "Node moved",
        "status": 409,
        "code": "node_moved",
        "detail": "The node moved.",
        "advice": "Read it again.",
        "version": 7,
        "request_id": "request-0001",
    }


def test_an_unexpected_exception_is_logged_with_its_stack_and_told_only_by_request_id(failing: TestClient) -> None:
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        answer = failing.get("/api/test/bug")

    assert answer.status_code == 500
    document = answer.json()
    assert document["code"] == "internal_error"
    assert SECRET not in answer.text
    assert document["request_id"] == answer.headers["x-request-id"]
    (line,) = [line for line in logs if line["event"] == "request.failed"]
    assert line["request_id"] == document["request_id"]
    assert line["exc_info"]
    assert line["path"] == "/api/test/bug"


def test_an_internal_error_carries_the_security_headers_too(failing: TestClient) -> None:
    assert failing.get("/api/test/bug").headers["x-content-type-options"] == "nosniff"


def test_a_request_id_that_could_forge_a_log_line_is_replaced(failing: TestClient) -> None:
    answer = failing.get("/api/test/problem", headers={"X-Request-Id": "short; and strange"})

    assert UUID(answer.headers["x-request-id"])


def test_an_http_exception_keeps_its_status_and_headers(failing: TestClient) -> None:
    answer = failing.get("/api/test/http-exception")

    assert answer.status_code == 418
    assert answer.headers["x-pot"] == "tea"
    assert answer.json()["code"] == "i_m_a_teapot"
    assert answer.json()["detail"] == "Short and stout"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"), [("GET", "/api/nothing", 404, "not_found"), ("DELETE", "/api/auth/me", 405, "method_not_allowed")]
)
def test_what_the_router_refuses_is_a_problem(failing: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = failing.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("body", "location", "message"),
    [
        ({"email": f"{SECRET}@@x"}, "body.email", "value is not a valid email address"),
        ({"password": SECRET}, "body.password", "Value should have at least 100 items after validation, not 31"),
        ({"id": SECRET}, "body.id", "Input should be a valid UUID"),
        ({"pet": {"kind": SECRET}}, "body.pet", "'kind' should be one of 'cat', 'dog'"),
        ({"color": SECRET}, "body.color", "Input should be 'red'"),
        ({"count": SECRET}, "body.count", "Input should be a valid integer, unable to parse string as an integer"),
    ],
)
def test_a_validation_error_names_the_place_and_never_the_value(
    failing: TestClient, body: dict[str, Any], location: str, message: str
) -> None:
    answer = failing.post("/api/test/form", json=body)

    assert answer.status_code == 422
    document = answer.json()
    assert document["code"] == "request_invalid"
    assert document["errors"] == [{"location": location, "message": message}]
    assert SECRET not in answer.text


def test_a_body_that_is_not_json_is_a_problem_and_is_not_repeated(failing: TestClient) -> None:
    answer = failing.post("/api/test/form", content=f'{{"{SECRET}', headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"location": "body.1", "message": "Not valid JSON"}]
    assert SECRET not in answer.text


def test_a_lone_surrogate_is_refused_before_it_reaches_the_database(failing: TestClient) -> None:
    answer = failing.post("/api/test/form", content=b'{"email": "\\ud800@example.com"}', headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == "body.email"


def test_unauthenticated_says_how_to_authenticate(failing: TestClient) -> None:
    assert failing.get("/api/test/unauthenticated").headers["www-authenticate"] == "Bearer"


def test_unavailable_says_when_to_come_back(failing: TestClient) -> None:
    assert int(failing.get("/api/test/unavailable").headers["retry-after"]) > 0


def test_a_pool_without_a_free_connection_is_unavailable_and_not_a_fault(failing: TestClient) -> None:
    answer = failing.get("/api/test/pool-exhausted")

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT CAST(:value AS text)", "a\x00b"),
        ("SELECT CAST(:value AS jsonb)", '{"a": "\\u0000"}'),
        ("SELECT CAST(CAST(:value AS numeric) AS bigint)", "9223372036854775808"),
    ],
)
def test_a_value_that_postgres_cannot_keep_is_the_callers_fault(failing: TestClient, statement: str, value: str) -> None:
    answer = failing.get("/api/test/sql", params={"statement": statement, "value": value})

    assert (answer.status_code, answer.json()["code"]) == (422, "value_not_storable")


def test_a_fault_in_our_sql_is_an_internal_error(failing: TestClient) -> None:
    answer = failing.get("/api/test/sql", params={"statement": "SELECT no_such_column WHERE 'a' = :value", "value": SECRET})

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert SECRET not in answer.text


def test_a_connection_that_the_database_cut_is_unavailable(failing: TestClient) -> None:
    answer = failing.get("/api/test/sql", params={"statement": "SELECT pg_terminate_backend(pg_backend_pid()), :value", "value": "x"})

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
