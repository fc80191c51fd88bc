"""Why jobs end badly, in words for people: stable cause, what happened, what to do. All of it in one place."""

from dataclasses import dataclass

from services.core.jobs.states import JobState
from services.core.kit.errors import Problem
from services.core.video.outcomes import Failed, NotSent, Rejected
from services.core.video.safety import SafetyBlock

_ADOPTED = "If the video arrives after all, it is added to the node's takes."


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause, the provider's category where it named one, and whether doing the same once more can help."""

    cause: str
    message: str
    advice: str
    category: str | None = None
    can_retry: bool = False


def blocked_reason(block: SafetyBlock) -> Reason:
    """The provider's filter said no; nothing was billed."""
    return Reason("safety_filter", block.message, block.advice, block.category, can_retry=block.retryable)


def rejected_reason(rejected: Rejected) -> Reason:
    """The provider refused the request before starting anything."""
    return Reason(f"rejected_{rejected.code}", rejected.message, rejected.advice, rejected.category)


def not_sent_reason(outcome: NotSent) -> Reason:
    """The provider took nothing for hours."""
    what = "has no quota left for it" if outcome.reason == "quota" else "cannot be reached"
    return Reason(
        f"not_sent_{outcome.reason}",
        f"The provider {what}, and did not take the request for hours; nothing was paid.",
        "Retry later, or choose another model.",
        "provider",
        can_retry=True,
    )


def input_unusable_reason(problem: Problem) -> Reason:
    """The video to extend exists and cannot be extended."""
    return Reason("input_unusable", f"The video cannot be extended: {problem.message}", problem.advice or "Extend another video.")


def input_unavailable_reason() -> Reason:
    """The end of the video to extend could not be fetched or cut for an hour."""
    return Reason(
        "input_unavailable",
        "The end of the video to extend could not be prepared; nothing was sent or paid.",
        "Retry when storage works again.",
        "service",
        can_retry=True,
    )


def provider_failed_reason(failed: Failed) -> Reason:
    """The operation ended in an error; the provider does not bill for those."""
    return Reason(f"provider_error_{failed.code}", failed.message, failed.advice, "provider", can_retry=True)


def cancelled_reason(*, sent: bool) -> Reason:
    """A person ended it."""
    if sent:
        return Reason("cancelled", "Cancelled while the provider was at work; it may still bill for it.", _ADOPTED, can_retry=True)
    return Reason("cancelled", "Cancelled before anything was sent; nothing was paid.", "Run it again when you like.", can_retry=True)


def input_failed_reason(title: str, state: JobState) -> Reason:
    """What it needs was not made."""
    what = {JobState.BLOCKED: "was blocked", JobState.CANCELLED: "was cancelled"}.get(state, "failed")
    return Reason("input_failed", f"It needs {title!r}, which {what}.", "Mend that one and run from there.")


def timed_out_reason() -> Reason:
    """The deadline passed while the provider was still at it."""
    return Reason(
        "timed_out",
        "The provider did not finish in time; it may still bill for it.",
        f"Retry when you like. {_ADOPTED}",
        "provider",
        can_retry=True,
    )


def lost_reason(kind: str) -> Reason:
    """Nobody knows whether the submit arrived."""
    if kind == "enhance":
        return Reason("submission_lost", "The request was sent, but no answer came.", "Enhance it again.", "provider", can_retry=True)
    return Reason(
        "submission_lost",
        "The request was sent, but no answer came, and nothing arrived until the provider's deadline. It may have been billed.",
        f"Retry when you like; it is sent anew, and may be billed anew. {_ADOPTED}",
        "provider",
        can_retry=True,
    )


def unreadable_reason(problem: str) -> Reason:
    """The provider delivered something that is no video."""
    return Reason(
        "output_unreadable",
        f"The provider delivered a file that cannot be used: {problem}",
        "The file is kept. Run the node again, and report the job's id to whoever runs this service.",
        "provider",
        can_retry=True,
    )


def not_stored_reason(attempts: int, error: str) -> Reason:
    """The video exists, and could not be stored for hours."""
    return Reason(
        "output_not_stored",
        f"The video was made, but could not be stored after {attempts} attempts ({error}).",
        "It is still in the renders bucket; when storage works again, retrying makes use of it.",
        "service",
        can_retry=True,
    )
