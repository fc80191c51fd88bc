"""Access tokens are ours, for us, and short-lived."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from services.core.accounts.tokens import ACCESS_TOKEN_LIFETIME, CLAIMS, digest, issue_access_token, read_access_token
from services.core.kit.errors import Unauthenticated
from services.core.kit.ids import new_id

SECRET = SecretStr("a secret of the tests, long enough for HS256")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
USER = new_id()


def claims(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def refusal(token: str, now: datetime = NOW) -> str:
    with pytest.raises(Unauthenticated) as refused:
        read_access_token(SECRET, token, now)
    assert refused.value.advice
    return refused.value.code


def test_a_token_tells_whose_it_is() -> None:
    token = issue_access_token(SECRET, USER, NOW)

    assert read_access_token(SECRET, token.value, NOW) == USER
    assert set(claims(token.value)) == set(CLAIMS)


def test_two_tokens_of_one_second_differ() -> None:
    assert issue_access_token(SECRET, USER, NOW).value != issue_access_token(SECRET, USER, NOW).value


def test_a_token_lives_fifteen_minutes() -> None:
    token = issue_access_token(SECRET, USER, NOW)

    assert token.expires_at == NOW + timedelta(minutes=15)
    assert read_access_token(SECRET, token.value, token.expires_at - timedelta(seconds=1)) == USER
    assert refusal(token.value, token.expires_at) == "token_expired"


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_token_without_one_of_its_claims_is_refused(claim: str) -> None:
    lacking = claims(issue_access_token(SECRET, USER, NOW).value)
    del lacking[claim]

    assert refusal(jwt.encode(lacking, SECRET.get_secret_value(), "HS256")) == "token_invalid"


@pytest.mark.parametrize("change", [{"aud": "firestore"}, {"iss": "somebody"}, {"sub": "not an id"}, {"exp": "tomorrow"}])
def test_a_token_signed_with_our_secret_for_another_purpose_is_refused(change: dict[str, Any]) -> None:
    other = claims(issue_access_token(SECRET, USER, NOW).value) | change

    assert refusal(jwt.encode(other, SECRET.get_secret_value(), "HS256")) == "token_invalid"


def test_a_token_of_another_secret_is_refused() -> None:
    assert refusal(issue_access_token(SecretStr("x" * 32), USER, NOW).value) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["none", "HS384"])
def test_a_token_of_another_algorithm_is_refused(algorithm: str) -> None:
    content = claims(issue_access_token(SECRET, USER, NOW).value)
    key = "" if algorithm == "none" else SECRET.get_secret_value() + "x" * 16

    assert refusal(jwt.encode(content, key, algorithm)) == "token_invalid"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "ключ"])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) == "token_invalid"


def test_an_expired_token_of_another_secret_is_not_called_expired() -> None:
    """The claims of a token that does not verify are not ours to judge."""
    stale = issue_access_token(SecretStr("x" * 32), USER, NOW - 2 * ACCESS_TOKEN_LIFETIME)

    assert refusal(stale.value) == "token_invalid"


def test_a_digest_is_stable_and_does_not_contain_the_secret() -> None:
    assert digest("ticket") == digest("ticket") != digest("Ticket")
    assert len(digest("ticket")) == 64
