"""Passwords: hashed with Argon2id, and compared so that the time taken does not tell whether the account exists."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage Cheat Sheet, Argon2id, first choice for servers: 19 MiB, 2 passes, 1 lane. The library's own default takes 64 MiB
# for each sign-in, which a small instance cannot hold for forty at once.
MEMORY_KIBIBYTES = 19_456
PASSES = 2
LANES = 1


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIBIBYTES, parallelism=LANES)


def _normal_form(password: str) -> str:
    """The same characters whatever keyboard typed them (NIST SP 800-63B asks for NFKC or NFKD)."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the Argon2id hash, with its salt and parameters, to be stored."""
    return _hasher().hash(_normal_form(password))


def password_matches(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one that was hashed.

    `password_hash` None stands for an account that does not exist: the answer is False after the work of a comparison, because
    an answer that came sooner would tell a stranger which addresses have accounts.
    """
    if password_hash is None:
        hash_password(password)
        return False
    try:
        return _hasher().verify(password_hash, _normal_form(password))
    except (VerificationError, InvalidHashError):  # the second: an account that was given no usable password
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's; only a sign-in, which knows the password, can renew it."""
    return _hasher().check_needs_rehash(password_hash)
