"""Whatever happens in whatever order: money is where the state says, nothing is paid twice, nothing paid is lost, and everything ends."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.core.budgets.ledger import Balance
from services.core.jobs.model import Job
from services.core.jobs.states import ACTIVE_STATES, END_STATES, JobState
from services.core.kit.database import Database
from services.core.kit.errors import Conflict
from services.core.video.outcomes import (
    Accepted,
    Blocked,
    BlockedAtSubmit,
    Failed,
    Finished,
    NotSent,
    Pending,
    PollOutcome,
    Rejected,
    SubmitOutcome,
    Unknown,
    Unreachable,
)
from services.core.video.safety import SafetyCategory, block_of
from tests.services.core.jobs.fakes import Killed, StorageDown, Submit, a_video
from tests.services.core.jobs.world import World

FILTERED = block_of(SafetyCategory.VIDEO_SAFETY)
MOST_JOBS = 14
LIVES = count()
A_WHILE = timedelta(minutes=20)
A_MOMENT = timedelta(seconds=6)  # after which the sweep holds a job to be overdue

MOVES = {
    "somebody_runs_a_node": 3,
    "somebody_cancels_a_run": 1,
    "somebody_cancels_a_job": 1,
    "somebody_retries_a_job": 2,
    "the_next_submit_goes_otherwise": 3,
    "an_operation_ends": 5,
    "the_bucket_tells": 4,
    "a_task_is_delivered": 5,
    "everything_due_is_delivered": 6,
    "all_tasks_are_lost": 1,
    "storage_fails": 1,
    "time_passes": 4,
    "the_sweep_comes": 2,
}
"""What can happen (methods of Life), and how often it does."""

SCRIPTS = st.lists(st.sampled_from([move for move, weight in MOVES.items() for _ in range(weight)]), min_size=15, max_size=45)


class Provider:
    """What is true at the provider, whatever its answers make us believe: which operations it began, and what came of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._replies: list[str] = []
        self.operations: dict[str, str] = {}
        """The state of each operation by the prefix that it writes to: rendering, rendered, blocked or failed."""
        self._prefixes: dict[str, str] = {}
        world.veo.answer_submit = self._answer_submit
        world.veo.answer_poll = self._answer_poll

    def will_reply(self, reply: str) -> None:
        """How the next submit goes, and whether its reply arrives."""
        self._replies = [reply]

    def falls_silent(self) -> None:
        """It never answers again."""
        self._world.veo.answer_submit = lambda submit: Unknown("timeout")
        self._world.veo.answer_poll = lambda operation_name: Unreachable("no answer")

    def _answer_submit(self, submit: Submit) -> SubmitOutcome:
        reply = self._replies.pop() if self._replies else "accepted"
        if reply in ("accepted", "reply lost", "worker dies"):
            prefix = submit.output_prefix.removeprefix("gs://test-renders/")
            self._prefixes[f"operations/{len(self.operations)}"] = prefix
            self.operations[prefix] = "rendering"
        match reply:
            case "accepted":
                return Accepted(f"operations/{len(self.operations) - 1}")
            case "quota":
                return NotSent("quota", 5.0)
            case "refused":
                return NotSent("refused")
            case "rejected":
                return Rejected("invalid_argument", "No.", "Change it.", "request")
            case "blocked at once":
                return BlockedAtSubmit(FILTERED)
            case "worker dies":
                raise Killed
            case _:
                return Unknown("timeout")

    def _answer_poll(self, operation_name: str) -> PollOutcome:
        prefix = self._prefixes[operation_name]
        match self.operations[prefix]:
            case "rendered":
                names = sorted(stored.name for stored in self._world.store.list_under("test-renders", prefix))
                return Finished(tuple(f"gs://test-renders/{name}" for name in names))
            case "blocked":
                return Blocked(FILTERED)
            case "failed":
                return Failed(13, "Internal error.", "Run it again.")
            case _:
                return Pending()


class Life:
    """One project, two video nodes, and everything that can happen to them."""

    def __init__(self, database: Database, folder: Path, dice: random.Random) -> None:
        self.world = World(database, folder)
        self.world.forget_told()  # of an earlier life
        self.world.clock.tick(days=2 * next(LIVES))  # the rate of a model is counted over all projects
        self.dice = dice
        self.provider = Provider(self.world)
        self.untold: list[str] = []
        self.rendered: list[str] = []
        self.nodes = [self.world.a_video(hops=dice.randint(0, 2), samples=dice.randint(1, 2)), self.world.a_video(prompt="A bear")]
        self.runs: list[UUID] = []
        self.somebody_runs_a_node()

    def somebody_runs_a_node(self) -> None:
        if len(self.world.jobs()) < MOST_JOBS:
            self.runs.append(self.world.run(self.dice.choice(self.nodes), forced=self.dice.random() < 0.3).id)

    def somebody_cancels_a_run(self) -> None:
        self.world.cancel_run(self.dice.choice(self.runs))

    def somebody_cancels_a_job(self) -> None:
        self.world.cancel(self.dice.choice(self.world.jobs()).id)

    def somebody_retries_a_job(self) -> None:
        jobs = self.world.jobs()
        failed = [job.id for job in jobs if job.can_retry]
        if failed and len(jobs) < MOST_JOBS:
            with suppress(Conflict):  # retried already, or the same work is under way
                self.world.retry(self.dice.choice(failed))

    def the_next_submit_goes_otherwise(self) -> None:
        others = ["reply lost", "worker dies", "never arrives", "quota", "refused", "rejected", "blocked at once"]
        self.provider.will_reply(self.dice.choice(others))

    def an_operation_ends(self) -> None:
        rendering = [prefix for prefix, state in self.provider.operations.items() if state == "rendering"]
        if not rendering:
            return
        prefix = self.dice.choice(rendering)
        job = self.world.job(UUID(prefix.split("/")[0]))
        how = self.dice.choice(["rendered", "rendered", "rendered", "blocked", "failed"])
        self.provider.operations[prefix] = how
        asked = int(job.request["samples"])
        delivered = self.dice.sample(range(asked), self.dice.randint(1, asked)) if how == "rendered" else []
        for number in delivered:
            name = f"{prefix}1/sample_{number}.mp4"
            self.world.store.put("test-renders", name, a_video(192 if job.kind == "generate" else 168))
            self.rendered.append(name)
            self.untold.append(name)

    def the_bucket_tells(self) -> None:
        if self.untold:
            name = self.dice.choice(self.untold)
            self.world.finalized(name)
            if self.dice.random() < 0.7:
                self.untold.remove(name)

    def a_task_is_delivered(self) -> None:
        """In any order, perhaps by a worker that dies at it, perhaps to come again."""
        world = self.world
        due = [task for task in world.told() if task.at is None or task.at <= world.clock.now]
        if due:
            task = self.dice.choice(due)
            world.mortality.dies_at(self.dice.choice([None, None, *range(1, 24)]))
            with mishaps(world):
                world.deliver(task)
            if self.dice.random() < 0.7:
                world.forget(task)

    def everything_due_is_delivered(self) -> None:
        self.world.clock.tick(seconds=self.dice.choice([0, 10]))
        with mishaps(self.world):
            self.world.deliver_due()

    def all_tasks_are_lost(self) -> None:
        self.world.forget_told()

    def storage_fails(self) -> None:
        self.world.store.is_down = True

    def time_passes(self) -> None:
        self.world.clock.tick(seconds=self.dice.choice([1, 10, 60, 120, 900]))
        self.world.store.is_down = self.world.store.is_down and self.dice.random() < 0.5

    def the_sweep_comes(self) -> None:
        self.world.sweep()

    def check(self) -> None:
        """What is true at every moment."""
        jobs, balances = self.world.jobs(), self.world.balances()
        for job in jobs:
            balance = balances[job.id]
            assert min(balance.reserved_microusd, balance.captured_microusd, balance.uncertain_microusd) >= 0
            _check_money(job, balance)
        # Of the operations that one job began, all but one were refused by the filter, and those are not billed.
        for job in jobs:
            states = [state for prefix, state in self.provider.operations.items() if prefix.startswith(str(job.id))]
            assert sum(state != "blocked" for state in states) <= 1, states
        active = [(job.node_id, job.cache_key) for job in jobs if job.state in ACTIVE_STATES and job.cache_key]
        assert len(active) == len(set(active))

    def end(self) -> None:
        """The provider never answers again; tasks that are told are delivered, time passes, and the sweep comes."""
        world = self.world
        world.store.is_down = False
        self.provider.falls_silent()
        world.forget_told()
        for _ in range(150):
            jobs = world.jobs()
            due = [job.next_check_at for job in jobs if job.next_check_at is not None]
            if not due and all(job.state in END_STATES for job in jobs):
                break
            world.clock.now = max(world.clock.now + A_WHILE, min(due, default=world.clock.now) + A_MOMENT)
            world.sweep()
            world.deliver_due()
        self.check()
        for name in self.untold:  # however late the bucket tells
            world.finalized(name)
        world.deliver_due()
        self.check()
        self._check_end()

    def _check_end(self) -> None:
        world = self.world
        jobs = world.jobs()
        assert {job.state for job in jobs} <= END_STATES
        # Every object that the provider made is a take, once, and paid, once.
        assert sorted(take.manifest["output"]["name"] for take in world.takes()) == sorted(self.rendered)
        for job in jobs:
            delivered = sum(name.startswith(str(job.id)) for name in self.rendered)
            assert world.balance(job.id).captured_microusd == _price(job) * delivered
        assert all(world.the_run_of(run_id).state != "running" for run_id in self.runs)
        assert {world.node(node_id).state for node_id in self.nodes} <= {"idle", "succeeded", "failed", "blocked", "cancelled"}


@contextmanager
def mishaps(world: World) -> Iterator[None]:
    """A worker may die, and answers 500 where storage is down."""
    try:
        with suppress(Killed, StorageDown):
            yield
    finally:
        world.mortality.dies_at(None)


def _price(job: Job) -> int:
    return job.cost_microusd // int(job.request["samples"])


def _check_money(job: Job, balance: Balance) -> None:
    settled = _price(job) * len(job.outputs)
    match JobState(job.state):
        case JobState.WAITING | JobState.QUEUED | JobState.SUBMITTED | JobState.POLLING:
            assert balance == Balance(reserved_microusd=job.cost_microusd)
        case JobState.SETTLING:
            assert balance.reserved_microusd + balance.uncertain_microusd in (0, job.cost_microusd)
            assert balance.captured_microusd < settled
        case JobState.SUCCEEDED:
            assert balance == Balance(captured_microusd=settled)
            assert settled > 0
        case JobState.BLOCKED:
            assert balance == Balance()
        case JobState.FAILED | JobState.CANCELLED:
            assert balance in (Balance(), Balance(uncertain_microusd=job.cost_microusd), Balance(captured_microusd=settled))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(script=SCRIPTS, dice=st.randoms(use_true_random=False))
def test_whatever_happens_no_paid_work_is_lost_or_paid_twice_and_everything_ends(
    database: Database, script: list[str], dice: random.Random
) -> None:
    with TemporaryDirectory() as folder:
        life = Life(database, Path(folder), dice)
        for move in script:
            getattr(life, move)()
            life.check()
        life.end()
