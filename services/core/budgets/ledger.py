"""Money: what a job has set aside, and moving it. Every movement is an entry; balances are sums.

Amounts are whole millionths of a US dollar, so that nothing is lost in rounding.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.core.budgets.model import BudgetEntry
from services.core.kit.errors import LimitReached
from services.core.kit.ids import new_id

MICROUSD = 1_000_000


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums over entries. `committed` is what counts against a limit."""

    reserved_microusd: int = 0
    captured_microusd: int = 0
    uncertain_microusd: int = 0

    @property
    def committed_microusd(self) -> int:
        """Paid, set aside, or perhaps billed."""
        return self.reserved_microusd + self.captured_microusd + self.uncertain_microusd


def project_balance(session: Session, project_id: UUID) -> Balance:
    """The balance of a whole project."""
    return _balance(session, BudgetEntry.project_id == project_id)


def job_balance(session: Session, job_id: UUID) -> Balance:
    """The balance of one job."""
    return _balance(session, BudgetEntry.job_id == job_id)


def _balance(session: Session, condition: ColumnElement[bool]) -> Balance:
    row = session.execute(
        select(
            func.coalesce(func.sum(BudgetEntry.reserved_microusd), 0),
            func.coalesce(func.sum(BudgetEntry.captured_microusd), 0),
            func.coalesce(func.sum(BudgetEntry.uncertain_microusd), 0),
        ).where(condition)
    ).one()
    return Balance(int(row[0]), int(row[1]), int(row[2]))


def check_limit(session: Session, project_id: UUID, *, limit_microusd: int, estimate_microusd: int) -> None:
    """Raise LimitReached where `estimate_microusd` more would pass the limit. Call with the project's row locked.

    What costs nothing is never refused, also where late outputs or a lowered limit have carried the project past it.
    """
    left = max(0, limit_microusd - project_balance(session, project_id).committed_microusd)
    if estimate_microusd > left:
        raise LimitReached(
            "spending_limit_reached",
            f"This run may cost {dollars(estimate_microusd)}, but {dollars(left)} is left of the project's limit of "
            f"{dollars(limit_microusd)}.",
            "Raise the project's spending limit, or run fewer nodes, a cheaper model or a shorter clip.",
            estimate_microusd=estimate_microusd,
            left_microusd=left,
            limit_microusd=limit_microusd,
        )


def reserve(session: Session, *, project_id: UUID, job_id: UUID, amount_microusd: int, now: datetime) -> None:
    """Set money aside for a job that was just created."""
    _enter(session, project_id, job_id, "reserve", now, reserved=amount_microusd)


def release(session: Session, *, project_id: UUID, job_id: UUID, now: datetime) -> None:
    """Give back what is set aside: the provider cannot bill."""
    balance = job_balance(session, job_id)
    if balance.reserved_microusd:
        _enter(session, project_id, job_id, "release", now, reserved=-balance.reserved_microusd)


def hold(session: Session, *, project_id: UUID, job_id: UUID, now: datetime) -> None:
    """The provider may have billed: what is set aside becomes uncertain until it is adopted or let go."""
    balance = job_balance(session, job_id)
    if balance.reserved_microusd:
        reserved = balance.reserved_microusd
        _enter(session, project_id, job_id, "hold", now, reserved=-reserved, uncertain=reserved)


def let_go(session: Session, *, project_id: UUID, job_id: UUID, now: datetime) -> None:
    """Give back what is uncertain as well: what was perhaps billed never came."""
    balance = job_balance(session, job_id)
    if balance.reserved_microusd or balance.uncertain_microusd:
        _enter(session, project_id, job_id, "release", now, reserved=-balance.reserved_microusd, uncertain=-balance.uncertain_microusd)


def capture(session: Session, *, project_id: UUID, job_id: UUID, total_microusd: int, now: datetime) -> int:
    """The job's outputs cost `total_microusd` in all; what was set aside or uncertain beyond that is free again.

    Returns how much of it had not been captured before.
    """
    balance = job_balance(session, job_id)
    captured = total_microusd - balance.captured_microusd
    if captured or balance.reserved_microusd or balance.uncertain_microusd:
        _enter(
            session,
            project_id,
            job_id,
            "capture",
            now,
            reserved=-balance.reserved_microusd,
            captured=captured,
            uncertain=-balance.uncertain_microusd,
        )
    return captured


def _enter(
    session: Session,
    project_id: UUID,
    job_id: UUID,
    reason: str,
    now: datetime,
    *,
    reserved: int = 0,
    captured: int = 0,
    uncertain: int = 0,
) -> None:
    earlier = session.scalar(
        select(func.count()).select_from(BudgetEntry).where(BudgetEntry.job_id == job_id, BudgetEntry.reason == reason)
    )
    session.add(
        BudgetEntry(
            id=new_id(),
            project_id=project_id,
            job_id=job_id,
            reason=reason,
            sequence=earlier or 0,
            reserved_microusd=reserved,
            captured_microusd=captured,
            uncertain_microusd=uncertain,
            at=now,
        )
    )
    session.flush()


def dollars(microusd: int) -> str:
    """An amount for people, to the cent: $3.20."""
    return f"${microusd / MICROUSD:,.2f}"
