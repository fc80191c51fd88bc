"""Passwords are hashed well, compared fairly, and hashed anew when the parameters change."""

from statistics import median
from time import process_time

from argon2 import PasswordHasher

from services.core.accounts.passwords import hash_password, needs_rehash, password_matches

PASSWORD = "correct horse battery"


def test_a_password_matches_its_own_hash_only() -> None:
    stored = hash_password(PASSWORD)

    assert password_matches(PASSWORD, stored)
    assert not password_matches(PASSWORD + " ", stored)


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_the_same_characters_typed_on_another_keyboard_match() -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"

    assert password_matches(decomposed, hash_password(composed))


def test_an_account_that_does_not_exist_has_no_password() -> None:
    assert not password_matches(PASSWORD, None)
    assert not password_matches("", None)


def test_an_unknown_account_costs_the_work_of_a_known_one() -> None:
    stored = hash_password(PASSWORD)

    def seconds(password_hash: str | None) -> float:
        began = process_time()
        password_matches("a wrong password", password_hash)
        return process_time() - began

    known, unknown = (median(seconds(password_hash) for _ in range(5)) for password_hash in (stored, None))

    assert 0.5 < unknown / known < 2  # processor time; an answer without the work would be a thousand times faster


def test_a_hash_of_other_parameters_is_still_accepted_and_asks_to_be_renewed() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)

    assert password_matches(PASSWORD, old)
    assert needs_rehash(old)
    assert not needs_rehash(hash_password(PASSWORD))


def test_an_account_that_was_given_no_usable_password_matches_nothing() -> None:
    assert not password_matches(PASSWORD, "")
    assert not password_matches("none", "none")
