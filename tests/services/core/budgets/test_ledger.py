"""The ledger: sums that never go negative and never lose a microdollar, in whatever order money is moved."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.core.accounts.model import User
from services.core.budgets import ledger
from services.core.budgets.ledger import Balance
from services.core.budgets.model import BudgetEntry
from services.core.jobs.model import Job
from services.core.kit.database import Database
from services.core.kit.errors import LimitReached
from services.core.kit.ids import new_id
from services.core.projects.model import Node, Project

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICE = 800_000


@pytest.fixture
def project_id(database: Database) -> UUID:
    project_id = new_id()
    with database.unit_of_work() as session:
        session.add(Project(id=project_id, name="Trailer", spending_limit_microusd=10 * PRICE))
    return project_id


def a_job(database: Database, project_id: UUID) -> UUID:
    job_id, node_id, user_id = new_id(), new_id(), new_id()
    with database.unit_of_work() as session:
        session.add(User(id=user_id, email=f"{user_id}@example.com", display_name="Somebody", password_hash="none"))
        session.add(Node(id=node_id, project_id=project_id, type="video", title="Video", position_x=0, position_y=0, config={}))
        session.flush()
        session.add(
            Job(
                id=job_id,
                project_id=project_id,
                node_id=node_id,
                user_id=user_id,
                kind="generate",
                state="queued",
                model="m",
                request={},
                cost_microusd=PRICE,
            )
        )
    return job_id


def move(database: Database, project_id: UUID, job_id: UUID, name: str, outputs: int) -> Balance:
    """Do one movement; returns the job's balance after it."""
    with database.unit_of_work() as session:
        match name:
            case "release":
                ledger.release(session, project_id=project_id, job_id=job_id, now=NOW)
            case "hold":
                ledger.hold(session, project_id=project_id, job_id=job_id, now=NOW)
            case "let_go":
                ledger.let_go(session, project_id=project_id, job_id=job_id, now=NOW)
            case _:
                ledger.capture(session, project_id=project_id, job_id=job_id, total_microusd=outputs * PRICE, now=NOW)
        return ledger.job_balance(session, job_id)


def reserve(database: Database, project_id: UUID) -> UUID:
    job_id = a_job(database, project_id)
    with database.unit_of_work() as session:
        ledger.reserve(session, project_id=project_id, job_id=job_id, amount_microusd=PRICE, now=NOW)
    return job_id


@pytest.mark.parametrize(
    ("movements", "expected"),
    [
        ([], Balance(reserved_microusd=PRICE)),
        (["release"], Balance()),
        (["hold"], Balance(uncertain_microusd=PRICE)),
        (["capture"], Balance(captured_microusd=PRICE)),
        (["hold", "capture"], Balance(captured_microusd=PRICE)),
        (["release", "capture"], Balance(captured_microusd=PRICE)),
        (["release", "hold"], Balance()),
        (["hold", "release"], Balance(uncertain_microusd=PRICE)),
        (["capture", "release", "hold"], Balance(captured_microusd=PRICE)),
        (["hold", "let_go"], Balance()),
        (["let_go"], Balance()),
        (["hold", "let_go", "capture"], Balance(captured_microusd=PRICE)),
        (["hold", "capture", "let_go"], Balance(captured_microusd=PRICE)),
    ],
    ids=str,
)
def test_each_movement_does_what_it_says(database: Database, project_id: UUID, movements: list[str], expected: Balance) -> None:
    job_id = reserve(database, project_id)
    for name in movements:
        move(database, project_id, job_id, name, 1)
    with database.unit_of_work() as session:
        assert ledger.job_balance(session, job_id) == expected
        assert ledger.project_balance(session, project_id) == expected


@pytest.mark.parametrize("name", ["release", "hold", "capture"])
def test_a_repeated_movement_writes_no_entry(database: Database, project_id: UUID, name: str) -> None:
    job_id = reserve(database, project_id)
    for _ in range(3):
        move(database, project_id, job_id, name, 1)
    with database.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(BudgetEntry).where(BudgetEntry.reason == name)) == 1


movements = st.lists(st.sampled_from(["release", "hold", "let_go", "capture", "deliver"]), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=movements)
def test_no_sum_ever_goes_negative_and_what_was_delivered_is_what_is_captured(
    database: Database, project_id: UUID, script: list[str]
) -> None:
    job_id = reserve(database, project_id)
    outputs = 1
    captured = 0
    for name in script:
        if name == "deliver":
            outputs += 1
            continue
        balance = move(database, project_id, job_id, name, outputs)
        captured = outputs * PRICE if name == "capture" else captured
        assert min(balance.reserved_microusd, balance.captured_microusd, balance.uncertain_microusd) >= 0
        assert balance.captured_microusd == captured
        assert balance.reserved_microusd + balance.uncertain_microusd in (0, PRICE)
        assert balance.reserved_microusd == 0
    with database.unit_of_work() as session:
        entries = session.scalars(select(BudgetEntry).where(BudgetEntry.job_id == job_id)).all()
        total = Balance(
            sum(entry.reserved_microusd for entry in entries),
            sum(entry.captured_microusd for entry in entries),
            sum(entry.uncertain_microusd for entry in entries),
        )
        assert total == ledger.job_balance(session, job_id)


def test_letting_go_twice_writes_one_entry_that_gives_back_what_was_uncertain(database: Database, project_id: UUID) -> None:
    job_id = reserve(database, project_id)
    for name in ("hold", "let_go", "let_go"):
        move(database, project_id, job_id, name, 1)
    with database.unit_of_work() as session:
        (entry,) = session.scalars(select(BudgetEntry).where(BudgetEntry.job_id == job_id, BudgetEntry.reason == "release")).all()
        assert (entry.reserved_microusd, entry.captured_microusd, entry.uncertain_microusd) == (0, 0, -PRICE)


def test_a_limit_counts_what_is_paid_set_aside_and_uncertain(database: Database, project_id: UUID) -> None:
    for name in ("none", "hold", "capture"):
        job_id = reserve(database, project_id)
        if name != "none":
            move(database, project_id, job_id, name, 1)
    with database.unit_of_work() as session:
        ledger.check_limit(session, project_id, limit_microusd=4 * PRICE, estimate_microusd=PRICE)
        with pytest.raises(LimitReached) as refused:
            ledger.check_limit(session, project_id, limit_microusd=4 * PRICE, estimate_microusd=PRICE + 1)
    assert refused.value.facts["left_microusd"] == PRICE
    assert "$0.80 is left" in refused.value.message


def test_what_costs_nothing_is_within_every_limit(database: Database, project_id: UUID) -> None:
    reserve(database, project_id)
    with database.unit_of_work() as session:
        ledger.check_limit(session, project_id, limit_microusd=0, estimate_microusd=0)


@pytest.mark.parametrize(("microusd", "text"), [(0, "$0.00"), (3_200_000, "$3.20"), (59_200_000, "$59.20"), (1_234_567_890, "$1,234.57")])
def test_amounts_for_people_are_to_the_cent(microusd: int, text: str) -> None:
    assert ledger.dollars(microusd) == text
