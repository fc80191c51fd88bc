"""THE job table: every state, what is certain in it, every event, and what each pair leads to - money included.

Pure. A pair that is not in TRANSITIONS changes nothing: stale and repeated deliveries are normal and answer 200.

| State     | What is certain                                             | If its task comes again, or its worker died              |
|-----------|-------------------------------------------------------------|----------------------------------------------------------|
| waiting   | an input is still being made; nothing sent, money reserved  | wait for the input's job                                 |
| queued    | nothing was sent to the provider; the money is reserved     | wait for admission, then submit                          |
| submitted | an attempt row exists and a submit call began               | lease valid: leave; expired: look under the attempt's    |
|           |                                                             | prefix until the deadline, adopt, else submission_lost   |
| polling   | the operation name is stored                                | poll when due                                            |
| settling  | the outputs' names are stored; they are or will be paid     | copy, probe, stitch, poster, take: each step repeatable  |
| succeeded | the takes exist, the money is captured                      | nothing; a late object of another attempt is adopted     |
| failed    | the end, with cause and advice; money settled or held       | nothing; a late object, or a late answer, is adopted     |
| blocked   | the provider refused; nothing was billed                    | nothing; a late object is adopted                        |
| cancelled | a person ended it, or its input failed                      | nothing; a late object is adopted                        |
"""

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """Where a job is. Running, as people see it, is submitted, polling or settling."""

    WAITING = "waiting"
    QUEUED = "queued"
    SUBMITTED = "submitted"
    POLLING = "polling"
    SETTLING = "settling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class JobEvent(StrEnum):
    """What can happen to a job."""

    INPUTS_READY = "inputs_ready"
    INPUT_FAILED = "input_failed"
    SUBMIT_STARTED = "submit_started"
    NOT_SENT = "not_sent"
    """Surely not started: HTTP 429 or a refused connection."""
    REQUEST_REJECTED = "request_rejected"
    """HTTP 400 and the like: refused before anything was started."""
    OPERATION_NAMED = "operation_named"
    ANSWERED = "answered"
    """A call that returns its result at once (prompt enhancement) returned it."""
    SUBMISSION_LOST = "submission_lost"
    OBJECT_FINALIZED = "object_finalized"
    """An output of any attempt exists in the bucket, whoever told us."""
    PROVIDER_BLOCKED = "provider_blocked"
    SAFETY_RETRY = "safety_retry"
    PROVIDER_FAILED = "provider_failed"
    DEADLINE_PASSED = "deadline_passed"
    SETTLED = "settled"
    OUTPUT_UNREADABLE = "output_unreadable"
    CANCEL_REQUESTED = "cancel_requested"
    NOTHING_CAME = "nothing_came"
    """The last look for an output, a day after the end (cadence.LATE_LOOKS), found none."""


class Money(StrEnum):
    """What a transition does with the money reserved for the job."""

    KEEP = "keep"
    RELEASE = "release"
    """The provider cannot bill: give it back."""
    HOLD = "hold"
    """The provider may bill: keep it aside as uncertain until the output is adopted, or nothing came."""
    LET_GO = "let_go"
    """Nothing came, so nothing was billed: what was uncertain is free again. Should it come after all, it is captured."""
    CAPTURE = "capture"
    """It was rendered: it is paid."""


@dataclass(frozen=True, slots=True)
class Transition:
    """The state an event leads to and what becomes of the money."""

    to: JobState
    money: Money = Money.KEEP


_S, _E, _M = JobState, JobEvent, Money

TRANSITIONS: dict[tuple[JobState, JobEvent], Transition] = {
    (_S.WAITING, _E.INPUTS_READY): Transition(_S.QUEUED),
    (_S.WAITING, _E.INPUT_FAILED): Transition(_S.CANCELLED, _M.RELEASE),
    (_S.WAITING, _E.CANCEL_REQUESTED): Transition(_S.CANCELLED, _M.RELEASE),
    (_S.QUEUED, _E.SUBMIT_STARTED): Transition(_S.SUBMITTED),
    (_S.QUEUED, _E.REQUEST_REJECTED): Transition(_S.FAILED, _M.RELEASE),
    (_S.QUEUED, _E.CANCEL_REQUESTED): Transition(_S.CANCELLED, _M.RELEASE),
    (_S.SUBMITTED, _E.NOT_SENT): Transition(_S.QUEUED),
    (_S.SUBMITTED, _E.REQUEST_REJECTED): Transition(_S.FAILED, _M.RELEASE),
    (_S.SUBMITTED, _E.PROVIDER_BLOCKED): Transition(_S.BLOCKED, _M.RELEASE),
    (_S.SUBMITTED, _E.OPERATION_NAMED): Transition(_S.POLLING),
    (_S.SUBMITTED, _E.ANSWERED): Transition(_S.SUCCEEDED, _M.CAPTURE),
    (_S.SUBMITTED, _E.SUBMISSION_LOST): Transition(_S.FAILED, _M.HOLD),
    (_S.SUBMITTED, _E.CANCEL_REQUESTED): Transition(_S.CANCELLED, _M.HOLD),
    (_S.POLLING, _E.PROVIDER_BLOCKED): Transition(_S.BLOCKED, _M.RELEASE),
    (_S.POLLING, _E.SAFETY_RETRY): Transition(_S.QUEUED),
    (_S.POLLING, _E.PROVIDER_FAILED): Transition(_S.FAILED, _M.RELEASE),
    (_S.POLLING, _E.DEADLINE_PASSED): Transition(_S.FAILED, _M.HOLD),
    (_S.POLLING, _E.CANCEL_REQUESTED): Transition(_S.CANCELLED, _M.HOLD),
    (_S.SETTLING, _E.SETTLED): Transition(_S.SUCCEEDED, _M.CAPTURE),
    (_S.SETTLING, _E.OUTPUT_UNREADABLE): Transition(_S.FAILED, _M.CAPTURE),
    # What may have been billed is held for a day and then given back.
    (_S.FAILED, _E.NOTHING_CAME): Transition(_S.FAILED, _M.LET_GO),
    (_S.CANCELLED, _E.NOTHING_CAME): Transition(_S.CANCELLED, _M.LET_GO),
    # Paid work is never dropped: an object of any attempt is adopted, in whatever state the job is.
    (_S.QUEUED, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    (_S.SUBMITTED, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    (_S.POLLING, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    (_S.SUCCEEDED, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    (_S.FAILED, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    (_S.BLOCKED, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    (_S.CANCELLED, _E.OBJECT_FINALIZED): Transition(_S.SETTLING),
    # The same for a call that answers at once, when its answer came after it was given up.
    (_S.FAILED, _E.ANSWERED): Transition(_S.SUCCEEDED, _M.CAPTURE),
}

END_STATES = frozenset({_S.SUCCEEDED, _S.FAILED, _S.BLOCKED, _S.CANCELLED})
ACTIVE_STATES = frozenset(JobState) - END_STATES
OPEN_AT_PROVIDER = frozenset({_S.SUBMITTED, _S.POLLING})
"""Counted against the provider's cap on operations under way."""


def transition(state: JobState, event: JobEvent) -> Transition | None:
    """What `event` does in `state`; None when it means nothing there."""
    return TRANSITIONS.get((state, event))
