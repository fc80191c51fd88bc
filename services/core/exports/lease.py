"""The hold that one execution has on an attempt at an export: taken, renewed while it works, checked before anything is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.exc import SQLAlchemyError

from services.core.exports.model import Export
from services.core.exports.rules import HEARTBEAT, LEASE
from services.core.exports.states import ExportState
from services.core.exports.tools import ExportTools

log = structlog.get_logger()


@dataclass(frozen=True)
class Attempt:
    """An attempt at an export, and the execution (its short name) that works at it."""

    export_id: UUID
    number: int
    execution: str

    def is_current(self) -> ColumnElement[bool]:
        """Whether a row still is at this attempt."""
        return (Export.id == self.export_id) & (Export.attempt == self.number) & (Export.state == ExportState.RUNNING)

    def is_ours(self, export: Export) -> bool:
        """Whether a locked row is at this attempt, and in this execution's hands."""
        return (export.state, export.attempt, export.execution) == (ExportState.RUNNING, self.number, self.execution)


@dataclass
class Progress:
    """How much is done, 0 to 1; written by the one who works, read by the heartbeat."""

    done: float = 0.0


def take_lease(tools: ExportTools, attempt: Attempt) -> bool:
    """Become the one that works at an attempt. False where it is over, or another execution works at it."""
    now = tools.clock()
    free = or_(Export.lease_until.is_(None), Export.lease_until < now, Export.execution == attempt.execution)
    with tools.database.unit_of_work() as session:
        taken = session.execute(
            update(Export)
            .where(attempt.is_current(), free)
            .values(execution=attempt.execution, lease_until=now + LEASE)
            .returning(Export.id)
        )
        return taken.scalar() is not None


def keep_lease(tools: ExportTools, attempt: Attempt, done: float) -> bool:
    """Renew the lease and tell how much is done. False where the attempt is over, or another execution has it."""
    with tools.database.unit_of_work() as session:
        kept = session.execute(
            update(Export)
            .where(attempt.is_current(), Export.execution == attempt.execution)
            .values(lease_until=tools.clock() + LEASE, progress=done)
            .returning(Export.id)
        )
        return kept.scalar() is not None


@contextmanager
def heartbeat(tools: ExportTools, attempt: Attempt, lost: Callable[[], object]) -> Iterator[Progress]:
    """Renew the lease every few seconds in the block; call `lost`, once and from another thread, where it is not ours any more.

    A database that does not answer is waited for: should another execution take over meanwhile, the end of the work finds out.
    """
    progress, over = Progress(), threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT.total_seconds()):
            try:
                if not keep_lease(tools, attempt, progress.done):
                    lost()
                    return
            except SQLAlchemyError as error:
                log.warning("export.heartbeat_failed", export_id=str(attempt.export_id), reason=type(error).__name__)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        over.set()
        thread.join()
