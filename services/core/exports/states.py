"""The states of an export, and the one table of how they change. Pure.

| State     | What is certain                                          | If its task comes again, or a worker died                        |
|-----------|----------------------------------------------------------|------------------------------------------------------------------|
| queued    | no execution of it is under way                          | begin the next attempt                                           |
| running   | an attempt was committed, and an execution of it was     | its execution is known: ask how it is; else look for it among    |
|           | or is being asked for                                    | the executions, and after two minutes begin the next attempt     |
| succeeded | the film is an asset                                     | nothing                                                          |
| failed    | the end, with cause and advice                           | nothing                                                          |
| cancelled | a person ended it                                        | stop the execution; it also stops by itself when it next looks   |

The execution works only while it holds the row's lease for the attempt it was started for: of two, one ends at once. Its object is
written only where none is. So there is never a second film, however often an execution is started.
"""

from collections.abc import Mapping
from enum import StrEnum


class ExportState(StrEnum):
    """Where an export is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExportEvent(StrEnum):
    """What happens to one."""

    ATTEMPT_BEGAN = "attempt_began"
    ATTEMPT_LOST = "attempt_lost"
    FINISHED = "finished"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


ACTIVE_STATES = frozenset({ExportState.QUEUED, ExportState.RUNNING})

_TABLE: Mapping[tuple[ExportState, ExportEvent], ExportState] = {
    (ExportState.QUEUED, ExportEvent.ATTEMPT_BEGAN): ExportState.RUNNING,
    (ExportState.QUEUED, ExportEvent.CANCELLED): ExportState.CANCELLED,
    (ExportState.RUNNING, ExportEvent.ATTEMPT_LOST): ExportState.QUEUED,
    (ExportState.RUNNING, ExportEvent.FINISHED): ExportState.SUCCEEDED,
    (ExportState.RUNNING, ExportEvent.GIVEN_UP): ExportState.FAILED,
    (ExportState.RUNNING, ExportEvent.CANCELLED): ExportState.CANCELLED,
}


def transition(state: ExportState, event: ExportEvent) -> ExportState | None:
    """Where `event` leads from `state`; None where it means nothing there."""
    return _TABLE.get((state, event))
