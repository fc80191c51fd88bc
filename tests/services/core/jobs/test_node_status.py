"""What a node shows for each combination of its jobs. Pure."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.core.jobs.node_status import JobView, node_status
from services.core.jobs.states import JobState

STARTED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STAGES = {JobState.SUBMITTED: "sending", JobState.POLLING: "rendering", JobState.SETTLING: "finishing"}


def a_view(state: JobState, *, hop: int = 0, kind: str = "generate", **details: Any) -> JobView:
    ended = state in (JobState.SUCCEEDED, JobState.FAILED, JobState.BLOCKED, JobState.CANCELLED)
    known: dict[str, Any] = {
        "submitted_at": None if state in (JobState.WAITING, JobState.QUEUED) else STARTED,
        "finished_at": STARTED + timedelta(seconds=90) if ended else None,
        "expected_seconds": 60,
        "cause": None,
        "category": None,
        "message": None,
        "advice": None,
        "can_retry": False,
    }
    return JobView(id=UUID(int=hop + 1), kind=kind, state=state, hop=hop, hops=2, **(known | details))


def test_a_node_without_jobs_is_idle() -> None:
    assert node_status([]) == ("idle", {})


@pytest.mark.parametrize(("state", "stage"), STAGES.items())
def test_a_running_node_says_at_which_stage_since_when_and_for_how_long(state: JobState, stage: str) -> None:
    assert node_status([a_view(state)]) == (
        "running",
        {
            "job_id": str(UUID(int=1)),
            "hop": 0,
            "hops": 2,
            "stage": stage,
            "started_at": STARTED.isoformat(),
            "expected_seconds": 60,
        },
    )


def test_a_prompt_that_is_being_enhanced_says_so() -> None:
    assert node_status([a_view(JobState.SUBMITTED, kind="enhance")])[1]["stage"] == "enhancing"


@pytest.mark.parametrize(("one", "other"), list(product(JobState, JobState)), ids=str)
def test_of_two_jobs_the_one_that_moves_is_shown_and_at_rest_the_worst(one: JobState, other: JobState) -> None:
    ranks = [
        ("running", {JobState.SUBMITTED, JobState.POLLING, JobState.SETTLING}),
        ("queued", {JobState.QUEUED}),
        ("waiting", {JobState.WAITING}),
        ("failed", {JobState.FAILED}),
        ("blocked", {JobState.BLOCKED}),
        ("cancelled", {JobState.CANCELLED}),
        ("succeeded", {JobState.SUCCEEDED}),
    ]
    expected = next(name for name, states in ranks if {one, other} & states)
    assert node_status([a_view(one), a_view(other, hop=1)])[0] == expected


def test_a_chain_shows_the_hop_that_is_under_way() -> None:
    jobs = [a_view(JobState.SUCCEEDED), a_view(JobState.POLLING, hop=1), a_view(JobState.WAITING, hop=2)]
    state, status = node_status(jobs)
    assert (state, status["hop"], status["hops"]) == ("running", 1, 2)


def test_a_bad_end_says_why_and_what_to_do() -> None:
    why: dict[str, Any] = {
        "cause": "safety_filter",
        "category": "violence",
        "message": "It was refused.",
        "advice": "Soften it.",
        "can_retry": True,
    }
    state, status = node_status([a_view(JobState.SUCCEEDED), a_view(JobState.BLOCKED, hop=1, **why)])
    assert (state, status["seconds"], status["hop"]) == ("blocked", 90.0, 1)
    assert why.items() <= status.items()


def test_a_success_says_how_long_it_took_and_nothing_of_causes() -> None:
    state, status = node_status([a_view(JobState.SUCCEEDED)])
    assert (state, status) == ("succeeded", {"job_id": str(UUID(int=1)), "hop": 0, "hops": 2, "seconds": 90.0})


def test_the_worst_end_is_shown_with_its_own_reason_and_not_that_of_its_dependents() -> None:
    jobs = [a_view(JobState.FAILED, cause="provider_error_13"), a_view(JobState.CANCELLED, hop=1, cause="input_failed")]
    assert node_status(jobs)[1]["cause"] == "provider_error_13"
