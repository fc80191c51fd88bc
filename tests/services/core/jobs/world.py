"""A project, its people and the machinery of jobs over a real Postgres: builders, and the worker's part played by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import delete, select

from services.core.accounts.model import User
from services.core.assets.model import Asset
from services.core.budgets.ledger import Balance, job_balance, project_balance
from services.core.budgets.model import BudgetEntry
from services.core.jobs import poll, settle, submit, sweep
from services.core.jobs.admission import admit
from services.core.jobs.model import Job, JobAttempt, JobTransition, Run, RunStep, Take
from services.core.jobs.outputs import output_prefix
from services.core.jobs.plan import Plan, Scope
from services.core.jobs.repository import list_steps
from services.core.jobs.runs import cancel_job, cancel_run, estimate, retry_job, start_run
from services.core.jobs.tools import Tools
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from services.core.projects.model import Node, Project, ProjectEvent
from services.core.projects.operations import Connect, CreateNode, UpdateNode, apply
from services.core.settings import Settings
from tests.services.core.jobs.fakes import FakeClock, FakeGemini, FakeMedia, FakeStore, FakeVeo, Mortality, a_video

FAST = "veo-3.1-fast-generate-001"
LITE = "veo-3.1-lite-generate-001"
BEST = "veo-3.1-generate-001"
CLIP = 8 * 100_000
"""What 8 s of the fast model cost, in microdollars; every video node of these tests is one unless it says otherwise."""
HOP = 7 * 100_000
PROVIDER_DEADLINE = timedelta(minutes=15)


@dataclass(frozen=True)
class Told:
    """A task in the outbox."""

    path: str
    body: dict[str, str]
    at: datetime | None
    row_id: UUID

    @property
    def job_id(self) -> UUID:
        return UUID(self.body["job_id"])


class World:
    """Everything a test of jobs needs. `tools` are what a worker has; nothing is delivered unless a test delivers it."""

    def __init__(self, database: Database, root: Path) -> None:
        self.database = database
        self.mortality = Mortality()
        self.clock = FakeClock(self.mortality)
        self.store = FakeStore(root, self.mortality)
        self.media = FakeMedia(mortality=self.mortality)
        self.veo = FakeVeo()
        self.gemini = FakeGemini()
        self.tools = Tools(settings(), database, self.clock, self.store, self.veo, self.gemini, self.media)
        self.user_id = self.a_user()
        self.project_id = self.a_project()

    # --- people, projects, nodes ---

    def a_user(self) -> UUID:
        user_id = new_id()
        with self.database.unit_of_work() as session:
            session.add(User(id=user_id, email=f"{user_id}@example.com", display_name="Somebody", password_hash="none"))
        return user_id

    def a_project(self, *, limit_microusd: int = 1_000_000_000) -> UUID:
        project_id = new_id()
        with self.database.unit_of_work() as session:
            session.add(Project(id=project_id, name="Trailer", rev=0, spending_limit_microusd=limit_microusd))
        return project_id

    def set_limit(self, limit_microusd: int) -> None:
        with self.database.unit_of_work() as session:
            session.get_one(Project, self.project_id).spending_limit_microusd = limit_microusd

    def a_node(self, type_: str, *, project_id: UUID | None = None, title: str | None = None, **config: Any) -> UUID:
        self.clock.tick(milliseconds=1)
        create = CreateNode(type=type_, title=title, config=config)
        with self.database.unit_of_work() as session:
            apply(session, project_id or self.project_id, create, actor_id=self.user_id, now=self.clock.now)
        return create.node_id

    def a_video(self, *, hops: int = 0, project_id: UUID | None = None, extends: UUID | None = None, **config: Any) -> UUID:
        """A video node of the fast model with a prompt of its own, `hops` extensions, and perhaps a video that it extends."""
        settings_ = {"model": FAST, "prompt": "A fox runs", "extensions": [{"prompt": f"Hop {n}"} for n in range(hops)], **config}
        node_id = self.a_node("video", project_id=project_id, **settings_)
        if extends is not None:
            self.connect(extends, "video", node_id, "video", project_id=project_id)
        return node_id

    def an_image(self, *, state: str = "ready", content: str = "picture") -> UUID:
        """An image node with a file."""
        asset_id = new_id()
        with self.database.unit_of_work() as session:
            session.add(
                Asset(
                    id=asset_id,
                    project_id=self.project_id,
                    kind="image",
                    state=state,
                    file_name="face.png",
                    content_type="image/png",
                    size_bytes=7,
                    bucket="test-media",
                    object_name=f"{self.project_id}/{asset_id}/picture.png",
                    sha256=sha256(content.encode()).hexdigest(),
                )
            )
        return self.a_node("image", asset_id=str(asset_id))

    def connect(self, source: UUID, source_port: str, target: UUID, target_port: str, *, project_id: UUID | None = None) -> None:
        wire = Connect(source_node_id=source, source_port=source_port, target_node_id=target, target_port=target_port)
        with self.database.unit_of_work() as session:
            apply(session, project_id or self.project_id, wire, actor_id=self.user_id, now=self.clock.now)

    def configure(self, node_id: UUID, **config: Any) -> None:
        """Edit settings of a node, as a person does."""
        with self.database.unit_of_work() as session:
            apply(session, self.project_id, UpdateNode(node_id=node_id, config=config), actor_id=self.user_id, now=self.clock.now)

    def pick(self, node_id: UUID, take_id: UUID) -> None:
        """Choose a take, as a person does."""
        with self.database.unit_of_work() as session:
            change = UpdateNode(node_id=node_id, selected_take_id=take_id)
            apply(session, self.project_id, change, actor_id=self.user_id, now=self.clock.now)

    # --- what people do ---

    def run(
        self,
        node_id: UUID | None = None,
        *,
        scope: Scope = "node",
        forced: bool = False,
        user_id: UUID | None = None,
        project_id: UUID | None = None,
    ) -> Run:
        self.clock.tick(milliseconds=1)  # no two presses are at the same time
        with self.database.unit_of_work() as session:
            return start_run(
                session,
                project_id=project_id or self.project_id,
                user_id=user_id or self.user_id,
                scope=scope,
                node_id=node_id,
                forced=forced,
                now=self.clock.now,
            )

    def estimate(self, node_id: UUID | None = None, *, scope: Scope = "node", forced: bool = False) -> Plan:
        with self.database.unit_of_work() as session:
            return estimate(session, self.project_id, scope=scope, node_id=node_id, forced=forced)

    def cancel(self, job_id: UUID) -> None:
        with self.database.unit_of_work() as session:
            cancel_job(session, job_id, now=self.clock.now)

    def cancel_run(self, run_id: UUID) -> Run:
        with self.database.unit_of_work() as session:
            return cancel_run(session, self.project_id, run_id, now=self.clock.now)

    def retry(self, job_id: UUID) -> Job:
        self.clock.tick(milliseconds=1)
        with self.database.unit_of_work() as session:
            return retry_job(session, job_id, user_id=self.user_id, now=self.clock.now)

    # --- what the worker does ---

    def submit(self, job_id: UUID, *, is_redelivery: bool = False) -> None:
        submit.submit(self.tools, job_id, is_redelivery=is_redelivery)

    def poll(self, job_id: UUID) -> None:
        """Poll when it is due."""
        due = self.job(job_id).next_check_at
        self.clock.now = max(self.clock.now, due or self.clock.now)
        poll.poll(self.tools, job_id)

    def wait_for_turn(self, job_id: UUID) -> None:
        """Until a job that was surely not sent may be sent again."""
        self.clock.now = max(self.clock.now, self.job(job_id).next_check_at or self.clock.now)

    def check(self, job_id: UUID) -> None:
        poll.look_for_lost(self.tools, job_id)

    def settle(self, job_id: UUID, *, is_redelivery: bool = False) -> None:
        settle.settle(self.tools, job_id, is_redelivery=is_redelivery)

    def sweep(self) -> dict[str, int]:
        return sweep.sweep_jobs(self.tools)

    def admit(self, model: str = FAST) -> int:
        with self.database.unit_of_work() as session:
            return admit(session, model, now=self.clock.now)

    def finalized(self, name: str, bucket: str = "test-renders") -> None:
        """The bucket tells that an object exists."""
        poll.object_finalized(self.tools, bucket, name)

    def told(self, path: str | None = None) -> list[Told]:
        """Tasks that nobody has delivered, those for now first."""
        with self.database.unit_of_work() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "tasks")).all()
        found = [
            Told(row.payload["path"], row.payload["body"], datetime.fromisoformat(row.payload["at"]) if row.payload["at"] else None, row.id)
            for row in rows
        ]
        found.sort(key=lambda task: (task.at or datetime.min.replace(tzinfo=self.clock.now.tzinfo), task.path, str(task.row_id)))
        return [task for task in found if path is None or task.path == path]

    def forget_told(self) -> None:
        """All tasks so far are lost."""
        with self.database.unit_of_work() as session:
            session.execute(delete(OutboxRow))

    def forget(self, task: Told) -> None:
        """The task was delivered, or is lost."""
        with self.database.unit_of_work() as session:
            session.execute(delete(OutboxRow).where(OutboxRow.id == task.row_id))

    def deliver(self, task: Told) -> None:
        """Do what the worker does with a task; it may be delivered again."""
        job_steps: dict[str, Callable[[Tools, UUID], None]] = {
            "/tasks/submit": submit.submit,
            "/tasks/poll": poll.poll,
            "/tasks/poll-now": poll.poll_now,
            "/tasks/check": poll.look_for_lost,
            "/tasks/settle": settle.settle,
        }
        if task.path == "/tasks/admit":
            self.admit(task.body["model"])
        else:
            job_steps[task.path](self.tools, task.job_id)

    def deliver_due(self, limit: int = 200) -> None:
        """Deliver everything that is due, once each, until nothing is."""
        for _ in range(limit):
            due = [task for task in self.told() if task.at is None or task.at <= self.clock.now]
            if not due:
                return
            self.forget(due[0])
            self.deliver(due[0])
        raise AssertionError("tasks beget tasks without end")

    # --- what the provider does ---

    def render(self, job_id: UUID, *, sample: int = 0, frames: int | None = None, content: str | None = None, attempt: int = -1) -> str:
        """An output of an attempt of the job appears in the renders bucket; returns the object's name."""
        job = self.job(job_id)
        attempt_id = self.attempts(job_id)[attempt].id
        name = f"{output_prefix(job_id, attempt_id)}1234567890/sample_{sample}.mp4"
        usual = 8 * 24 if job.kind == "generate" else 7 * 24
        self.store.put("test-renders", name, content if content is not None else a_video(frames or usual))
        return name

    # --- in one go ---

    def submitted(self, node_id: UUID, **run: Any) -> UUID:
        """A run of the node whose first job the provider accepted; returns the job's id."""
        job_id = self.first_job(self.run(node_id, **run))
        self.submit(job_id)
        return job_id

    def finish(self, job_id: UUID, **render: Any) -> None:
        """From polling to the end: the provider renders one sample, the bucket tells, the take is made."""
        self.finalized(self.render(job_id, **render))
        self.settle(job_id)

    def made(self, node_id: UUID) -> UUID:
        """The node has a take; returns the id of the job that made it."""
        job_id = self.submitted(node_id)
        self.finish(job_id)
        self.forget_told()
        return job_id

    def chain(self, node_id: UUID) -> list[UUID]:
        """The jobs of a run of a node with extensions, in order."""
        return self.job_ids(self.run(node_id))

    def go_on(self, job_id: UUID) -> None:
        """Admit and submit a job that its parent has released."""
        self.forget_told()
        self.admit()
        self.submit(job_id)
        assert self.state(job_id) == "polling"

    # --- what there is ---

    def job(self, job_id: UUID) -> Job:
        with self.database.unit_of_work() as session:
            return session.get_one(Job, job_id)

    def state(self, job_id: UUID) -> str:
        return self.job(job_id).state

    def jobs(self, project_id: UUID | None = None) -> list[Job]:
        """All jobs, oldest first, in the order of their chain."""
        query = select(Job).where(Job.project_id == (project_id or self.project_id)).order_by(Job.created_at, Job.hop, Job.id)
        with self.database.unit_of_work() as session:
            return list(session.scalars(query))

    def steps(self, run: Run) -> list[RunStep]:
        with self.database.unit_of_work() as session:
            return list_steps(session, run.id)

    def first_job(self, run: Run) -> UUID:
        return next(step.job_id for step in self.steps(run) if step.job_id)

    def job_ids(self, run: Run) -> list[UUID]:
        return [step.job_id for step in self.steps(run) if step.job_id]

    def the_run(self, run: Run) -> Run:
        return self.the_run_of(run.id)

    def the_run_of(self, run_id: UUID) -> Run:
        with self.database.unit_of_work() as session:
            return session.get_one(Run, run_id)

    def attempts(self, job_id: UUID) -> list[JobAttempt]:
        with self.database.unit_of_work() as session:
            return list(session.scalars(select(JobAttempt).where(JobAttempt.job_id == job_id).order_by(JobAttempt.number)))

    def transitions(self, job_id: UUID) -> list[str]:
        """The events of a job, in order."""
        with self.database.unit_of_work() as session:
            query = select(JobTransition.event).where(JobTransition.job_id == job_id).order_by(JobTransition.version)
            return list(session.scalars(query))

    def takes(self, job_id: UUID | None = None) -> list[Take]:
        with self.database.unit_of_work() as session:
            query = select(Take).where(Take.project_id == self.project_id).order_by(Take.created_at, Take.sample)
            return list(session.scalars(query.where(Take.job_id == job_id) if job_id else query))

    def asset(self, take: Take) -> Asset:
        with self.database.unit_of_work() as session:
            return session.get_one(Asset, take.asset_id)

    def node(self, node_id: UUID) -> Node:
        with self.database.unit_of_work() as session:
            return session.get_one(Node, node_id)

    def balance(self, job_id: UUID) -> Balance:
        with self.database.unit_of_work() as session:
            return job_balance(session, job_id)

    def balances(self) -> dict[UUID, Balance]:
        """The balance of each job, counted by this class itself."""
        found: dict[UUID, list[BudgetEntry]] = {}
        with self.database.unit_of_work() as session:
            for entry in session.scalars(select(BudgetEntry).where(BudgetEntry.project_id == self.project_id)):
                found.setdefault(entry.job_id, []).append(entry)
        return {
            job_id: Balance(
                sum(entry.reserved_microusd for entry in entries),
                sum(entry.captured_microusd for entry in entries),
                sum(entry.uncertain_microusd for entry in entries),
            )
            for job_id, entries in found.items()
        }

    def project_balance(self) -> Balance:
        with self.database.unit_of_work() as session:
            return project_balance(session, self.project_id)

    def events(self, prefix: str = "") -> list[str]:
        """The types of the project's events, in order."""
        with self.database.unit_of_work() as session:
            query = select(ProjectEvent.type).where(ProjectEvent.project_id == self.project_id).order_by(ProjectEvent.rev)
            return [type_ for type_ in session.scalars(query) if type_.startswith(prefix)]


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does, twenty seconds at most."""
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        Event().wait(0.005)


def reserved(amount: int) -> Balance:
    return Balance(reserved_microusd=amount)


def captured(amount: int) -> Balance:
    return Balance(captured_microusd=amount)


def uncertain(amount: int) -> Balance:
    return Balance(uncertain_microusd=amount)


def settings() -> Settings:
    """Settings that owe nothing to the environment of the test run."""
    return Settings(
        google_cloud_project="test",
        gcs_bucket="test",
        database_url=SecretStr("postgresql+pg8000://nobody@127.0.0.1:1/none"),
        instance_connection_name=None,
        qdrant_host="http://127.0.0.1:1",
        face_function_url="http://127.0.0.1:1",
        jwt_secret=SecretStr("a secret of the tests, long enough for HS256"),
        worker_url="http://worker.test",
        invoker_account="invoker@test.iam.gserviceaccount.com",
        provider_deadline_seconds=round(PROVIDER_DEADLINE.total_seconds()),
    )
