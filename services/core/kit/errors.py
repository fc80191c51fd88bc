"""What can go wrong in words for people: one tree of problems, answered over HTTP as RFC 9457 problem+json.

Problem                    500
├── Invalid                422  the request is understood and cannot be done as it stands
├── Unauthenticated        401  nobody, or somebody whose proof is stale
├── Forbidden              403  somebody who may not
├── NotFound               404
├── Conflict               409  true of the request, but not of the present state
├── LimitReached           402  it would cost more than may be spent
├── TooLarge               413
├── TooManyRequests        429
└── Unavailable            503  a service we stand on does not answer; trying again is safe
"""

from typing import ClassVar


class Problem(Exception):
    """Something a person can act on.

    `code` is stable and for programs; `message` says what happened and to which thing; `advice` says what to do.
    `facts` are extra members of the problem document, JSON values only, never prompts, faces or tokens.
    """

    status: ClassVar[int] = 500

    def __init__(self, code: str, message: str, advice: str = "", **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice
        self.facts = facts

    def document(self) -> dict[str, object]:
        """The problem+json body."""
        return {
            "type": f"/problems/{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.message,
            **({"advice": self.advice} if self.advice else {}),
            **self.facts,
        }


class Invalid(Problem):
    """The request is understood and cannot be done as it stands."""

    status = 422


class Unauthenticated(Problem):
    """Nobody, or somebody whose proof is stale."""

    status = 401


class Forbidden(Problem):
    """Somebody who may not."""

    status = 403


class NotFound(Problem):
    """No such thing, or none that this caller may know of."""

    status = 404


class Conflict(Problem):
    """True of the request, but not of the present state."""

    status = 409


class LimitReached(Problem):
    """It would cost more than may be spent."""

    status = 402


class TooLarge(Problem):
    """More bytes than we take."""

    status = 413


class TooManyRequests(Problem):
    """Too often from one place."""

    status = 429


class Unavailable(Problem):
    """A service we stand on does not answer; trying again is safe."""

    status = 503
