"""A project with finished videos, buckets in a folder, and a Cloud Run that does what a test says; the rest is the product."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from services.core.assets.model import Asset
from services.core.exports import follow
from services.core.exports.executions import Executions, ExecutionsUnavailable
from services.core.exports.lease import Attempt
from services.core.exports.make import make
from services.core.exports.model import Export
from services.core.exports.rules import Resolution
from services.core.exports.service import cancel_export, start_export
from services.core.exports.tools import ExportTools
from services.core.jobs.model import Job, Take
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.projects.model import ProjectEvent
from tests.services.core.jobs.fakes import FakeClock, FakeStore, Mortality
from tests.services.core.jobs.world import Told, settings
from tests.services.core.jobs.world import World as JobsWorld
from tests.services.core.video.media_clips import Clip, write_clip


@dataclass
class FakeExecutions(Executions):
    """Executions that only exist. `answers` says what the next starts meet with; without it they start."""

    started: dict[str, tuple[UUID, int]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    cancelled: list[str] = field(default_factory=list)
    answers: deque[Exception] = field(default_factory=deque)
    loses_answers: bool = False
    is_away: bool = False

    def start(self, export_id: UUID, attempt: int, *, timeout: timedelta) -> str:
        if self.answers:
            raise self.answers.popleft()
        name = f"export-{len(self.started)}"
        self.started[name] = (export_id, attempt)
        if self.loses_answers:
            raise ExecutionsUnavailable("ReadTimeout")
        return name

    def find(self, export_id: UUID, attempt: int) -> str | None:
        self._answer()
        return next((name for name, work in reversed(self.started.items()) if work == (export_id, attempt)), None)

    def has_ended(self, name: str) -> bool:
        self._answer()
        return name in self.ended

    def cancel(self, name: str) -> None:
        self._answer()
        self.cancelled.append(name)

    def _answer(self) -> None:
        if self.is_away:
            raise ExecutionsUnavailable("ServiceUnavailable")


class World:
    """What a test of exports needs. Nothing is delivered unless a test does so."""

    def __init__(self, database: Database, root: Path) -> None:
        self._root = root
        self.jobs = JobsWorld(database, root / "jobs")
        self.database, self.project_id, self.user_id = database, self.jobs.project_id, self.jobs.user_id
        self.mortality = Mortality()
        self.clock = FakeClock(self.mortality)
        self.store = FakeStore(root / "buckets", self.mortality)
        self.executions = FakeExecutions()
        self.tools = ExportTools(settings(), database, self.clock, self.store, self.executions)
        self.node_id = self.jobs.a_video()

    # --- what people do ---

    def a_take(self, clip: Clip | None = None, *, duration_seconds: float = 0.25, size: tuple[int, int] = (160, 90)) -> UUID:
        """A finished video of the project; where a clip is given, with its bytes in the bucket."""
        asset_id, name = new_id(), f"{self.project_id}/{new_id()}/video.mp4"
        if clip is not None:
            path = self._root / "buckets" / "test-media" / name
            path.parent.mkdir(parents=True)
            write_clip(path, clip)
        with self.database.unit_of_work() as session:
            job = _a_job(self)
            session.add(job)
            session.add(
                Asset(
                    id=asset_id,
                    project_id=self.project_id,
                    kind="video",
                    state="ready",
                    file_name="video.mp4",
                    content_type="video/mp4",
                    size_bytes=1000,
                    bucket="test-media",
                    object_name=name,
                    sha256=asset_id.hex * 2,
                    width=size[0],
                    height=size[1],
                    duration_seconds=duration_seconds,
                )
            )
            session.flush()
            take = Take(
                id=new_id(),
                project_id=self.project_id,
                node_id=self.node_id,
                job_id=job.id,
                attempt_id=new_id(),
                sample=0,
                hop=0,
                asset_id=asset_id,
                cost_microusd=0,
                manifest={},
            )
            session.add(take)
        return take.id

    def export(self, *take_ids: UUID, resolution: Resolution = "source") -> UUID:
        film = take_ids or (self.a_take(),)
        people = {"project_id": self.project_id, "user_id": self.user_id}
        with self.database.unit_of_work() as session:
            return start_export(session, **people, take_ids=film, resolution=resolution, now=self.clock.now).id

    def cancel(self, export_id: UUID) -> None:
        with self.database.unit_of_work() as session:
            cancel_export(session, self.project_id, export_id, now=self.clock.now)

    # --- what worker and job do ---

    def follow(self, export_id: UUID) -> None:
        """Look when it is due."""
        due = self.row(export_id).next_check_at
        self.clock.now = max(self.clock.now, due or self.clock.now)
        follow.follow(self.tools, export_id)

    def running(self, *take_ids: UUID, resolution: Resolution = "source") -> tuple[UUID, str]:
        """An export whose first execution was started; its id and that execution's name."""
        export_id = self.export(*take_ids, resolution=resolution)
        self.follow(export_id)
        execution = self.row(export_id).execution
        assert execution is not None
        return export_id, execution

    def make(self, export_id: UUID, execution: str, attempt: int = 1) -> bool:
        """The job's part, whole."""
        return make(self.tools, Attempt(export_id, attempt, execution), lost=lambda: None)

    # --- what there is ---

    def row(self, export_id: UUID) -> Export:
        with self.database.unit_of_work() as session:
            return session.get_one(Export, export_id)

    def told(self, path: str) -> list[Told]:
        return self.jobs.told(path)

    def films(self) -> list[Asset]:
        """The files that exports made."""
        with self.database.unit_of_work() as session:
            return list(session.scalars(select(Asset).where(Asset.object_name.like("%/exports/%"))))

    def created(self, name: str) -> list[str]:
        """The objects of this file name that were written."""
        return [created for created in self.store.created if created.endswith(f"/{name}")]

    def events(self) -> list[str]:
        with self.database.unit_of_work() as session:
            query = select(ProjectEvent.type).where(ProjectEvent.project_id == self.project_id).order_by(ProjectEvent.rev)
            return [type_ for type_ in session.scalars(query) if type_.startswith("export.")]


def _a_job(world: World) -> Job:
    return Job(
        id=new_id(),
        project_id=world.project_id,
        node_id=world.node_id,
        user_id=world.user_id,
        kind="generate",
        state="succeeded",
        model="veo",
        request={},
        cost_microusd=0,
    )
