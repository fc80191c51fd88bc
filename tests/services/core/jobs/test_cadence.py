"""Times of the job machine and names of outputs. Pure."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.core.jobs import cadence
from services.core.jobs.outputs import Output, merge, output_prefix, parse_output, parse_uri
from services.core.kit.ids import new_id
from tests.services.core.jobs.world import PROVIDER_DEADLINE

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JOB, ATTEMPT = UUID(int=1), UUID(int=2)


def test_a_submit_times_out_well_before_its_lease_ends() -> None:
    assert cadence.SUBMIT_TIMEOUT < cadence.SUBMIT_LEASE < PROVIDER_DEADLINE


def test_what_is_due_within_a_second_is_due() -> None:
    assert cadence.is_due(None, NOW)
    assert cadence.is_due(NOW, NOW)
    assert cadence.is_due(NOW + cadence.EARLY, NOW)
    assert not cadence.is_due(NOW + cadence.EARLY + timedelta(milliseconds=1), NOW)


def test_delays_of_unsent_submits_double_up_to_five_minutes_and_are_up_to_a_half_longer() -> None:
    for attempts, least in enumerate([5, 10, 20, 40, 80, 160, 300, 300], start=1):
        most = least + min(least / 2, 60)
        assert timedelta(seconds=least) <= cadence.not_sent_delay(new_id(), attempts, None) < timedelta(seconds=most)
    assert timedelta(seconds=42) <= cadence.not_sent_delay(new_id(), 9, 42.0) < timedelta(seconds=63)
    assert timedelta(hours=1) <= cadence.not_sent_delay(new_id(), 9, 3600.0) < timedelta(hours=1, minutes=1)


def test_jobs_that_were_turned_away_together_come_back_one_after_the_other() -> None:
    delays = [cadence.not_sent_delay(UUID(int=number), 1, 10.0).total_seconds() for number in range(500)]
    by_second = [sum(second <= delay < second + 1 for delay in delays) for second in range(10, 15)]

    assert sum(by_second) == 500
    assert min(by_second) > 50
    one = UUID(int=1)
    assert cadence.not_sent_delay(one, 1, 10.0) == cadence.not_sent_delay(one, 1, 10.0) != cadence.not_sent_delay(one, 2, 10.0)


def test_delays_of_settling_double_up_to_ten_minutes_and_last_for_hours() -> None:
    delays = [cadence.settle_delay(attempts) for attempts in range(1, cadence.SETTLE_ATTEMPTS)]
    assert delays[:3] == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert max(delays) == timedelta(minutes=10)
    assert timedelta(hours=3) < sum(delays, timedelta()) < timedelta(hours=6)


def test_late_looks_are_few_and_come_one_after_the_other() -> None:
    now, looks = NOW, []
    while (look := cadence.next_late_look(NOW, now)) is not None:
        looks.append(look - NOW)
        now = look
    assert looks == sorted(set(cadence.LATE_LOOKS))


def test_an_output_s_name_leads_back_to_its_job_and_attempt() -> None:
    name = f"{output_prefix(JOB, ATTEMPT)}8472/sample_3.mp4"
    output = Output("renders", name, str(ATTEMPT), 3)
    assert parse_output("renders", name) == (JOB, output)
    assert parse_uri(f"gs://renders/{name}") == (JOB, output)


@pytest.mark.parametrize("name", ["", "a.mp4", f"{JOB}/sample_0.mp4", f"{JOB}/{ATTEMPT}/sample_0.mp4.part", f"{JOB}/{ATTEMPT}/other.mp4"])
def test_other_names_lead_nowhere(name: str) -> None:
    assert parse_output("renders", name) is None
    assert parse_uri(name) is None


def test_a_name_that_only_looks_like_an_output_leads_nowhere() -> None:
    assert parse_output("renders", f"{'-' * 36}/{ATTEMPT}/sample_0.mp4") is None


def test_merging_keeps_each_object_once_and_numbers_no_two_alike() -> None:
    first = Output("renders", f"{output_prefix(JOB, ATTEMPT)}1/sample_0.mp4", str(ATTEMPT), 0)
    second = Output("renders", f"{output_prefix(JOB, ATTEMPT)}1/sample_1.mp4", str(ATTEMPT), 1)
    twin = Output("renders", f"{output_prefix(JOB, ATTEMPT)}2/sample_0.mp4", str(ATTEMPT), 0)
    known = merge([], [second, first])
    assert [output["sample"] for output in known] == [0, 1]
    assert merge(known, [first, second]) == known
    three = merge(known, [twin])
    assert [(output["sample"], output["name"]) for output in three] == [(0, first.name), (1, second.name), (2, twin.name)]
    assert merge(three, [twin, first]) == three
