"""Delivery of the outbox: the request that committed delivers its own rows, the sweep what was left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from opentelemetry.trace import SpanKind
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from services.core.kit.clock import Clock
from services.core.kit.database import Database
from services.core.kit.telemetry import TRACEPARENT, span
from services.core.outbox.model import OutboxRow

CLAIM = timedelta(seconds=30)  # longer than every dispatcher's own timeout: two deliverers of one row are rare, and harmless
MAX_DELAY = timedelta(minutes=10)

# Span of a delivery: its name, kind and attributes (https://opentelemetry.io/docs/specs/semconv/messaging/ and .../database/).
_DELIVERY: dict[str, tuple[str, SpanKind, dict[str, str]]] = {
    "tasks": ("send task", SpanKind.PRODUCER, {"messaging.system": "gcp_cloud_tasks", "messaging.operation.type": "send"}),
    "events": ("send event", SpanKind.PRODUCER, {"messaging.system": "gcp_pubsub", "messaging.operation.type": "send"}),
    "live": ("write document", SpanKind.CLIENT, {"db.system.name": "gcp.firestore", "db.operation.name": "write"}),
}

log = structlog.get_logger()


class DeliveryFailed(Exception):
    """The other side did not take it; the row stays and is tried again."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A row that is ours for as long as CLAIM."""

    id: UUID
    destination: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime


class Dispatcher(Protocol):
    """Delivers rows of one destination. Delivering a row twice must do no more than delivering it once."""

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        """Deliver, or raise DeliveryFailed."""


class Drain:
    """Claims rows, hands them to their dispatcher, deletes what was delivered. Holds no transaction while it delivers."""

    def __init__(self, database: Database, dispatchers: Mapping[str, Dispatcher], clock: Clock) -> None:
        self._database = database
        self._dispatchers = dispatchers
        self._clock = clock

    def deliver(self, row_ids: Sequence[UUID]) -> int:
        """Deliver these rows, in the order given, as far as nobody else is at them; returns how many were delivered.

        Never raises: what was committed stays committed, and what could not be delivered stays in the outbox. Where a destination
        does not take a row, its other rows are left for the next sweep, so that nobody waits for it once for each row.
        """
        delivered = 0
        down: set[str] = set()
        lags: dict[str, float] = {}
        try:
            for row_id in row_ids:
                row = self._claim(row_id, down)
                if row is None:
                    continue
                try:
                    self._dispatch(row)
                except DeliveryFailed as failure:
                    log.warning("outbox.delivery_failed", **_facts(row), reason=str(failure))
                    down.add(row.destination)
                    self._put_back(row, str(failure))
                except Exception as error:
                    # A fault of one dispatcher must not fail the request that committed, nor keep other rows from delivery.
                    log.exception("outbox.delivery_crashed", **_facts(row))
                    self._put_back(row, type(error).__name__)
                else:
                    self._delete(row)
                    delivered += 1
                    lag = max(0.0, (self._clock() - row.created_at).total_seconds())
                    lags[row.destination] = max(lag, lags.get(row.destination, 0.0))
        except SQLAlchemyError:
            log.exception("outbox.database_failed")
        if lags:
            log.info("outbox.delivered", rows=delivered, **{f"{name}_lag_seconds": round(lag, 3) for name, lag in lags.items()})
        return delivered

    def deliver_due(self, limit: int = 500) -> int:
        """Deliver rows that are due and unclaimed, the longest due first; returns how many were delivered."""
        now = self._clock()
        with self._database.unit_of_work() as session:
            due = session.scalars(
                select(OutboxRow.id)
                .where(OutboxRow.not_before <= now, or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until < now))
                .order_by(OutboxRow.not_before)
                .limit(limit)
            ).all()
        return self.deliver(due)

    def _dispatch(self, row: _Claimed) -> None:
        name, kind, attributes = _DELIVERY[row.destination]
        what = str(row.payload.get("path") or row.payload.get("kind", "fact"))
        facts = {**attributes, "reelgraph.outbox.row": str(row.id), "reelgraph.outbox.what": what}
        with span(name, facts, kind=kind, within=row.payload.get(TRACEPARENT)):
            self._dispatchers[row.destination].dispatch(row.id, row.payload)

    def _claim(self, row_id: UUID, down: Collection[str]) -> _Claimed | None:
        now = self._clock()
        with self._database.unit_of_work() as session:
            row = session.execute(
                update(OutboxRow)
                .where(
                    OutboxRow.id == row_id,
                    OutboxRow.destination.not_in(down),
                    or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until < now),
                )
                .values(claimed_until=now + CLAIM, attempts=OutboxRow.attempts + 1)
                .returning(OutboxRow.destination, OutboxRow.payload, OutboxRow.attempts, OutboxRow.created_at)
            ).one_or_none()
        return _Claimed(row_id, row.destination, row.payload, row.attempts, row.created_at) if row else None

    def _delete(self, row: _Claimed) -> None:
        with self._database.unit_of_work() as session:
            session.execute(delete(OutboxRow).where(OutboxRow.id == row.id))

    def _put_back(self, row: _Claimed, reason: str) -> None:
        delay = min(MAX_DELAY, timedelta(seconds=2 ** min(row.attempts, 10)))
        with self._database.unit_of_work() as session:
            session.execute(
                update(OutboxRow)
                .where(OutboxRow.id == row.id)
                .values(claimed_until=None, not_before=self._clock() + delay, last_error=reason[:500])
            )


def _facts(row: _Claimed) -> dict[str, Any]:
    return {"row_id": str(row.id), "destination": row.destination, "attempts": row.attempts}
