"""How a call is told to misbehave: words such as `blocked:15236754`, from a queue, a setting, or `[simulate:...]` in the prompt."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from infra.local.vertex.render.specification import ExtensionForm

DEFAULT_SUPPORT_CODE = "42237218"  # video safety, see the vendor's list of support codes
PROMPT_WORD = re.compile(r"\s*\[simulate:([^\]]*)\]")


class UnknownBehaviourError(ValueError):
    """A word that means nothing here; a typing error must not pass for good behaviour."""


@dataclass(frozen=True)
class Quota:
    """429 with RetryInfo; nothing starts."""

    retry_seconds: float = 3


@dataclass(frozen=True)
class Unavailable:
    """503. When `started`, the operation runs and is billed all the same."""

    started: bool = False


@dataclass(frozen=True)
class BadRequest:
    """400 INVALID_ARGUMENT."""

    message: str = "The request was refused."


@dataclass(frozen=True)
class Rendered:
    """The videos that were asked for."""


@dataclass(frozen=True)
class Blocked:
    """The safety filter takes everything."""

    support_code: str = DEFAULT_SUPPORT_CODE


@dataclass(frozen=True)
class Partial:
    """The safety filter takes the first `filtered` samples; the siblings keep their numbers."""

    filtered: int = 1
    support_code: str = DEFAULT_SUPPORT_CODE


@dataclass(frozen=True)
class OperationError:
    """The operation ends in an error with a google.rpc.Code."""

    code: int = 13
    message: str = "Internal error. Please try again later."


@dataclass(frozen=True)
class Empty:
    """Done, no error, no videos, no reason."""


Refusal = Quota | Unavailable | BadRequest
Outcome = Rendered | Blocked | Partial | OperationError | Empty


@dataclass(frozen=True)
class Directions:
    """Everything one call is told. The default is good behaviour."""

    refusal: Refusal | None = None
    outcome: Outcome = Rendered()
    reply_lost: bool = False
    delay_seconds: float = 0.0
    linger_seconds: float = 0.0
    held: bool = False
    crash: bool = False
    truncated: bool = False
    portrait_references: bool = False
    extension_form: ExtensionForm = "tail_plus_new"


def _extension_form(directions: Directions, argument: str) -> Directions:
    match argument:
        case "tail_plus_new":
            return replace(directions, extension_form="tail_plus_new")
        case "new_only":
            return replace(directions, extension_form="new_only")
        case _:
            raise UnknownBehaviourError("extension_form is tail_plus_new or new_only")


def _partial(directions: Directions, argument: str) -> Directions:
    count, _, code = argument.partition(":")
    return replace(directions, outcome=Partial(int(count or 1), code or DEFAULT_SUPPORT_CODE))


def _unavailable(directions: Directions, argument: str) -> Directions:
    if argument not in ("", "started", "not_started"):
        raise UnknownBehaviourError("unavailable is followed by started or not_started")
    return replace(directions, refusal=Unavailable(started=argument == "started"))


def _error(directions: Directions, argument: str) -> Directions:
    return replace(directions, outcome=OperationError(int(argument or 13)))


WORDS: dict[str, Callable[[Directions, str], Directions]] = {
    "slow": lambda directions, seconds: replace(directions, delay_seconds=float(seconds or 10)),
    "done_later": lambda directions, seconds: replace(directions, linger_seconds=float(seconds or 5)),
    "hold": lambda directions, _: replace(directions, held=True),
    "quota": lambda directions, seconds: replace(directions, refusal=Quota(float(seconds or 3))),
    "unavailable": _unavailable,
    "bad_request": lambda directions, message: replace(directions, refusal=BadRequest(message) if message else BadRequest()),
    "lost_reply": lambda directions, _: replace(directions, reply_lost=True),
    "blocked": lambda directions, code: replace(directions, outcome=Blocked(code or DEFAULT_SUPPORT_CODE)),
    "partial": _partial,
    "operation_error": _error,
    "error": _error,
    "passing_error": _error,
    "empty": lambda directions, _: replace(directions, outcome=Empty()),
    "render_crash": lambda directions, _: replace(directions, crash=True),
    "truncated": lambda directions, _: replace(directions, truncated=True),
    "extension_form": _extension_form,
    "portrait_references": lambda directions, _: replace(directions, portrait_references=True),
    "ok": lambda directions, _: directions,
}
# Written into a prompt, these strike every other submit of a request, so that a person sees the retry succeed.
TRANSIENT_WORDS = frozenset({"quota", "unavailable", "lost_reply", "passing_error"})


def apply_words(directions: Directions, words: Iterable[str]) -> Directions:
    """Return `directions` changed by each word in turn; UnknownBehaviourError names a word that is none."""
    for word in words:
        name, _, argument = word.partition(":")
        if name not in WORDS:
            raise UnknownBehaviourError(f"{name!r} is not a behaviour; there are {', '.join(WORDS)}")
        try:
            directions = WORDS[name](directions, argument)
        except UnknownBehaviourError:
            raise
        except ValueError as error:
            raise UnknownBehaviourError(f"{argument!r} cannot follow {name!r}") from error
    return directions


def words_in_prompt(prompt: str) -> tuple[str, ...]:
    """The words of all `[simulate:...]` in a prompt, in order."""
    return tuple(PROMPT_WORD.findall(prompt))


def without_words(prompt: str) -> str:
    """The prompt as a person meant it."""
    return PROMPT_WORD.sub("", prompt).strip()
