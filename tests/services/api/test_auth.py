"""/api/auth: accounts, sessions and the refresh cookie."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from services.core.accounts.model import RefreshToken, User
from services.core.kit.database import Database

PASSWORD = "correct horse battery"
COOKIE = "reelgraph_refresh"

Register = Callable[[str], dict[str, Any]]


def refresh(client: TestClient, token: str) -> Any:
    answer = client.post("/api/auth/refresh", json={"refresh_token": token})
    client.cookies.clear()
    return answer


def test_register_answers_a_token_that_opens_me(client: TestClient) -> None:
    registered = client.post("/api/auth/register", json={"email": "Ada@Example.com", "password": PASSWORD})

    assert registered.status_code == 201
    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {registered.json()['access_token']}"})
    assert me.status_code == 200
    assert me.json()["email"] == "ada@example.com"
    assert me.json()["display_name"] == "ada"
    assert me.json() == registered.json()["user"]
    assert registered.headers["cache-control"] == "no-store"


def test_the_same_address_in_other_letters_is_taken(client: TestClient, register: Register) -> None:
    register("ada@example.com")

    again = client.post("/api/auth/register", json={"email": "ADA@example.com", "password": PASSWORD})

    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"email": "no address"}, "body.email"),
        ({"password": "nine char"}, "body.password"),
        ({"password": "x" * 257}, "body.password"),
        ({"display_name": "   "}, "body.display_name"),
        ({"display_name": "a\x00b"}, "body.display_name"),
        ({"role": "admin"}, "body.role"),
    ],
)
def test_register_refuses_what_does_not_make_an_account(client: TestClient, change: dict[str, str], location: str) -> None:
    answer = client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD, **change})

    assert answer.status_code == 422
    assert [error["location"] for error in answer.json()["errors"]] == [location]


def test_wrong_password_and_unknown_address_get_the_same_answer(client: TestClient, register: Register) -> None:
    register("ada@example.com")
    headers = {"X-Request-Id": "one-and-the-same"}

    wrong = client.post("/api/auth/login", json={"email": "ada@example.com", "password": "wrong password"}, headers=headers)
    unknown = client.post("/api/auth/login", json={"email": "bob@example.com", "password": PASSWORD}, headers=headers)

    assert wrong.status_code == 401
    assert wrong.json()["code"] == "credentials_wrong"
    assert unknown.content == wrong.content


def test_login_accepts_the_address_in_any_letters(client: TestClient, register: Register) -> None:
    register("ada@example.com")

    answer = client.post("/api/auth/login", json={"email": "ADA@EXAMPLE.COM", "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == "ada@example.com"


def test_the_refresh_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: TestClient) -> None:
    answer = client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}={answer.json()['refresh_token']};")
    assert {"HttpOnly", "SameSite=strict", "Path=/api/auth", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_refresh_cookie_is_secure_where_the_visitor_came_by_https(client: TestClient) -> None:
    registration = {"email": "ada@example.com", "password": PASSWORD}

    answer = client.post("/api/auth/register", json=registration, headers={"X-Forwarded-Proto": "https"})

    assert "Secure" in answer.headers["set-cookie"].split("; ")
    assert answer.headers["strict-transport-security"]


def test_a_browser_refreshes_with_the_cookie_alone(client: TestClient) -> None:
    first = client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD}).json()

    second = client.post("/api/auth/refresh")

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert client.cookies.get(COOKIE) == second.json()["refresh_token"]


def test_the_token_in_the_body_wins_over_the_cookie(client: TestClient, register: Register) -> None:
    bob = register("bob@example.com")
    client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD})

    answer = client.post("/api/auth/refresh", json={"refresh_token": bob["refresh_token"]})

    assert answer.json()["user"]["email"] == "bob@example.com"


def test_refresh_without_a_token_is_told_to_sign_in(client: TestClient) -> None:
    answer = client.post("/api/auth/refresh")

    assert (answer.status_code, answer.json()["code"]) == (401, "refresh_token_missing")


def test_a_reused_refresh_token_ends_the_session_for_good(client: TestClient, register: Register, clock: Any) -> None:
    stolen = register("ada@example.com")["refresh_token"]
    newest = refresh(client, stolen).json()["refresh_token"]
    clock.advance(seconds=11)

    reused = refresh(client, stolen)

    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    ended = refresh(client, newest)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")


def test_two_tabs_that_refresh_at_once_both_stay_signed_in(client: TestClient, register: Register, clock: Any) -> None:
    shared = register("ada@example.com")["refresh_token"]
    first_tab = refresh(client, shared)
    clock.advance(seconds=9)

    second_tab = refresh(client, shared)

    assert second_tab.status_code == 200
    assert refresh(client, first_tab.json()["refresh_token"]).status_code == 200
    assert refresh(client, second_tab.json()["refresh_token"]).status_code == 200


def test_logout_ends_the_session_and_takes_the_cookie_back(client: TestClient) -> None:
    token = client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD}).json()["refresh_token"]

    answer = client.post("/api/auth/logout")

    assert answer.status_code == 204
    assert client.cookies.get(COOKIE) is None
    assert refresh(client, token).json()["code"] == "session_ended"


@pytest.mark.parametrize("body", [None, {"refresh_token": "unknown"}])
def test_logout_without_a_session_is_as_good(client: TestClient, body: dict[str, str] | None) -> None:
    assert client.post("/api/auth/logout", json=body).status_code == 204


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Basic YTpi"}, "token_missing"),
        ({"Authorization": "Bearer nonsense"}, "token_invalid"),
    ],
)
def test_me_needs_an_access_token(client: TestClient, headers: dict[str, str], code: str) -> None:
    answer = client.get("/api/auth/me", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.json()["advice"]


def test_the_refresh_cookie_does_not_open_the_api(client: TestClient) -> None:
    client.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD})

    assert client.get("/api/auth/me").json()["code"] == "token_missing"


def test_an_access_token_expires_after_fifteen_minutes(client: TestClient, bearer: Callable[[str], dict[str, str]], clock: Any) -> None:
    headers = bearer("ada@example.com")
    clock.advance(minutes=14, seconds=58)
    assert client.get("/api/auth/me", headers=headers).status_code == 200

    clock.advance(seconds=2)

    assert client.get("/api/auth/me", headers=headers).json()["code"] == "token_expired"


def test_the_token_of_a_deleted_account_is_refused(client: TestClient, bearer: Callable[[str], dict[str, str]], database: Database) -> None:
    headers = bearer("ada@example.com")
    with database.unit_of_work() as session:
        session.execute(delete(User))

    answer = client.get("/api/auth/me", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "account_gone")


def test_neither_password_nor_refresh_token_is_kept_in_clear(client: TestClient, register: Register, database: Database) -> None:
    token = register("ada@example.com")["refresh_token"]

    with database.unit_of_work() as session:
        assert PASSWORD not in session.scalars(select(User.password_hash)).one()
        assert token not in session.scalars(select(RefreshToken.token_hash)).one()
