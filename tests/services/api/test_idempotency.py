"""A request that starts work and comes twice starts it once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.api.dependencies import CurrentUser, UnitOfWork
from services.api.idempotency import Idempotent
from services.core.accounts.model import IdempotencyKey
from services.core.kit.database import Database
from services.core.kit.errors import Conflict
from services.core.kit.ids import new_id
from services.core.projects.model import Project

PATH = "/api/test/projects"
KEY = {"Idempotency-Key": "0b9b9f0e-7d3c-4a55-8b0e-6f6f8e1c2d3a"}


class Order(BaseModel):
    name: str
    limit: int = 1


class Made(BaseModel):
    id: UUID


@dataclass
class Workshop:
    """Makes projects, and can be told to fail or to take its time."""

    fails: bool = False
    began: Event = field(default_factory=Event)
    may_end: Event = field(default_factory=Event)

    def make(self, session: Session, order: Order) -> Made:
        project = Project(id=new_id(), name=order.name, spending_limit_microusd=order.limit)
        session.add(project)
        session.flush()
        self.began.set()
        assert self.may_end.wait(10)
        if self.fails:
            raise Conflict("workshop_closed", "The workshop is closed.")
        return Made(id=project.id)


def workshop_routes(workshop: Workshop) -> APIRouter:
    router = APIRouter(prefix="/api/test")

    @router.post("/projects", status_code=202, response_model=Made)
    def make(order: Order, session: UnitOfWork, once: Idempotent, workshop: Annotated[Workshop, Depends(lambda: workshop)]) -> Response:
        return once.answer(202, lambda: workshop.make(session, order))

    @router.post("/others", status_code=202, response_model=Made)
    def make_other(order: Order, session: UnitOfWork, once: Idempotent, _: CurrentUser) -> Response:
        return once.answer(202, lambda: workshop.make(session, order))

    return router


@pytest.fixture
def workshop() -> Workshop:
    workshop = Workshop()
    workshop.may_end.set()
    return workshop


@pytest.fixture
def client(app: FastAPI, workshop: Workshop) -> Iterator[TestClient]:
    app.include_router(workshop_routes(workshop))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def ada(bearer: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return bearer("ada@example.com") | KEY


def projects(database: Database) -> int:
    with database.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Project)) or 0


def test_a_repeated_request_gets_the_same_answer_and_starts_nothing(client: TestClient, ada: dict[str, str], database: Database) -> None:
    first = client.post(PATH, json={"name": "a"}, headers=ada)
    second = client.post(PATH, json={"name": "a"}, headers=ada)

    assert first.status_code == second.status_code == 202
    assert second.json() == first.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert projects(database) == 1


def test_spacing_and_order_of_the_body_do_not_make_another_request(client: TestClient, ada: dict[str, str]) -> None:
    json_headers = ada | {"content-type": "application/json"}
    client.post(PATH, content=b'{"name": "a", "limit": 2}', headers=json_headers)

    again = client.post(PATH, content=b'{"limit":2,"name":"a"}', headers=json_headers)

    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(("path", "body"), [(PATH, {"name": "b"}), ("/api/test/others", {"name": "a"}), (f"{PATH}?x=1", {"name": "a"})])
def test_a_key_used_for_another_request_is_refused(
    client: TestClient, ada: dict[str, str], path: str, body: Any, database: Database
) -> None:
    client.post(PATH, json={"name": "a"}, headers=ada)

    answer = client.post(path, json=body, headers=ada)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert projects(database) == 1


def test_the_same_key_of_two_people_is_two_keys(
    client: TestClient, ada: dict[str, str], bearer: Callable[[str], dict[str, str]], database: Database
) -> None:
    bob = bearer("bob@example.com") | KEY
    client.post(PATH, json={"name": "a"}, headers=ada)

    answer = client.post(PATH, json={"name": "b"}, headers=bob)

    assert answer.status_code == 202
    assert projects(database) == 2


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"),
        ("", "idempotency_key_invalid"),
        ("x" * 201, "idempotency_key_invalid"),
        ("a b", "idempotency_key_invalid"),
    ],
)
def test_a_route_that_starts_work_needs_a_key(client: TestClient, ada: dict[str, str], key: str | None, code: str) -> None:
    headers = {"Authorization": ada["Authorization"]} | ({} if key is None else {"Idempotency-Key": key})

    answer = client.post(PATH, json={"name": "a"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["advice"]


def test_an_error_undoes_the_key_so_that_a_retry_succeeds(
    client: TestClient, ada: dict[str, str], workshop: Workshop, database: Database
) -> None:
    workshop.fails = True
    assert client.post(PATH, json={"name": "a"}, headers=ada).status_code == 409
    assert projects(database) == 0
    workshop.fails = False

    retried = client.post(PATH, json={"name": "a"}, headers=ada)

    assert retried.status_code == 202
    assert "idempotency-replayed" not in retried.headers
    assert projects(database) == 1


def test_a_duplicate_that_arrives_meanwhile_waits_for_the_first_and_gets_its_answer(
    client: TestClient, ada: dict[str, str], workshop: Workshop, database: Database, wait_for_blocked_transaction: Callable[[], None]
) -> None:
    workshop.may_end.clear()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(client.post, PATH, json={"name": "a"}, headers=ada)
        assert workshop.began.wait(10)
        second = threads.submit(client.post, PATH, json={"name": "a"}, headers=ada)
        wait_for_blocked_transaction()
        assert not second.done()
        workshop.may_end.set()

    assert second.result().json() == first.result().json()
    assert second.result().headers["idempotency-replayed"] == "true"
    assert projects(database) == 1


def test_a_duplicate_of_a_request_that_then_fails_does_the_work_itself(
    client: TestClient, ada: dict[str, str], workshop: Workshop, database: Database, wait_for_blocked_transaction: Callable[[], None]
) -> None:
    workshop.fails = True
    workshop.may_end.clear()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(client.post, PATH, json={"name": "a"}, headers=ada)
        assert workshop.began.wait(10)
        workshop.began.clear()
        second = threads.submit(client.post, PATH, json={"name": "a"}, headers=ada)
        wait_for_blocked_transaction()
        workshop.may_end.set()
        assert first.result().status_code == 409
        assert second.result().status_code == 409
    # Both ran, one after the other, and neither left a trace.
    assert workshop.began.is_set()
    with database.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


def test_nobody_without_a_token_can_use_a_key(client: TestClient) -> None:
    assert client.post(PATH, json={"name": "a"}, headers=KEY).status_code == 401
