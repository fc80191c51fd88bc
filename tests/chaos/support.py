"""What all tests of dying processes ask in the end: was it made once, shown once and paid once?"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from infra.local.supervisor.stack import LocalStack
from tests.journeys.support import Studio


def check_made_once(studio: Studio, node_id: str, job_id: str, *, cost_microusd: int, before_microusd: int = 0) -> None:
    """Fail unless the job has succeeded with one take, by one submit, captured once; `before_microusd` was captured earlier."""
    job = studio.wait_for_state(job_id, "succeeded", "failed", "blocked", "cancelled")
    assert (job["state"], job["attempts"]) == ("succeeded", 1)
    assert [take["job_id"] for take in studio.takes(node_id)].count(job_id) == 1
    assert len(studio.simulator.journal(job_id)) == 1
    assert studio.money() == (before_microusd + cost_microusd, 0, 0)
    node = studio.person.node(studio.project_id, node_id)
    assert (node["state"], node["selected_take_id"]) == ("succeeded", studio.takes(node_id)[0]["id"])


@contextmanager
def frozen(stack: LocalStack, part: str) -> Iterator[None]:
    """The part does nothing in the block, as if its machine had stopped: calls to it hang."""
    group = stack.pids[part]
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        if psutil.pid_exists(group):
            os.killpg(group, signal.SIGCONT)
