"""A problem over HTTP: its status by its kind, and members a program and a person can both use."""

import pytest

from services.core.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

STATUSES = {
    Problem: 500,
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    LimitReached: 402,
    TooLarge: 413,
    TooManyRequests: 429,
    Unavailable: 503,
}


@pytest.mark.parametrize("kind", STATUSES)
def test_each_kind_of_problem_has_its_status(kind: type[Problem]) -> None:
    assert kind("some_code", "It happened.").document()["status"] == STATUSES[kind]


def test_every_kind_of_problem_is_known_here() -> None:
    here = {kind for kind in Problem.__subclasses__() if kind.__module__ == Problem.__module__}

    assert here | {Problem} == set(STATUSES)


def test_a_problem_says_what_happened_what_to_do_and_what_is_known() -> None:
    problem = Conflict("node_is_busy", "'Opening' is running.", "Cancel its job first.", node_id="n")

    assert str(problem) == "'Opening' is running."
    assert problem.document() == {
        "type": "/problems/node_is_busy",
        "title": "Node is busy",
        "status": 409,
        "code": "node_is_busy",
        "detail": "'Opening' is running.",
        "advice": "Cancel its job first.",
        "node_id": "n",
    }
    assert "advice" not in Invalid("x", "No.").document()
