"""All that can come of a call to a provider, as values: whoever makes a call has to say what each one means for the money. Pure."""

from dataclasses import dataclass
from typing import Literal

from services.core.video.safety import SafetyBlock


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider works on it and may bill for it."""

    operation_name: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely nothing was started: the same request may be sent again.

    `quota` is HTTP 429, with the wait the provider asked for where it did; `refused` is a connection that was never made.
    """

    reason: Literal["quota", "refused"]
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused before anything was started; the same request would be refused again.

    `code` is the provider's status in lower case (`invalid_argument`, `permission_denied`). `category` says who can do something about it:
    the person who wrote the request, or the operator of the service.
    """

    code: str
    message: str
    advice: str
    category: Literal["request", "operator"]


@dataclass(frozen=True, slots=True)
class BlockedAtSubmit:
    """Refused by the safety filter before anything was started."""

    block: SafetyBlock


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have started, and be billed: never send it again by itself. `reason` holds no words of the request."""

    reason: str


CallFailure = NotSent | Rejected | BlockedAtSubmit | Unknown
SubmitOutcome = Accepted | CallFailure


@dataclass(frozen=True, slots=True)
class Pending:
    """Still being made."""


@dataclass(frozen=True, slots=True)
class Finished:
    """At least one video exists. `outputs` are gs:// addresses; `blocked` is set where the filter withheld some of the videos."""

    outputs: tuple[str, ...]
    blocked: SafetyBlock | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """The safety filter withheld everything; nothing is billed."""

    block: SafetyBlock


@dataclass(frozen=True, slots=True)
class Failed:
    """The operation ended in an error; nothing is billed. `code` is a google.rpc.Code: 3 invalid, 5 not found, 8 quota, 13 internal."""

    code: int
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer about the operation: ask again. `reason` holds no words of the request."""

    reason: str


PollOutcome = Pending | Finished | Blocked | Failed | Unreachable
