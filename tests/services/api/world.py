"""People, and studios: projects that hold one of everything that has an address. Built by the product's own services, so that they fit."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.core.accounts.authorization import Role
from services.core.accounts.model import ProjectMember, User
from services.core.accounts.tokens import issue_access_token
from services.core.assets.model import Asset
from services.core.assets.objects import ObjectStore, StoredObject
from services.core.bootstrap import Container
from services.core.characters.analysis import FaceAnalyzed
from services.core.characters.identity import Embedding
from services.core.characters.index import FaceIndex, IndexUnavailable, Neighbour
from services.core.characters.service import list_faces
from services.core.exports.service import start_export
from services.core.jobs.advance import advance
from services.core.jobs.model import Job, Take
from services.core.jobs.reasons import Reason
from services.core.jobs.repository import list_steps, lock_job
from services.core.jobs.runs import start_run
from services.core.jobs.states import JobEvent
from services.core.kit.ids import new_id
from services.core.projects import service
from services.core.projects.operations import Connect, CreateNode, DeleteNode, UpdateNode, apply

JOB_COST_MICROUSD = 3_200_000  # 8 s of the default model at 0.40 dollars a second


class MemoryStore(ObjectStore):
    """Buckets that only remember: our own store without Cloud Storage behind it."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], int] = {}
        self.uploads: list[dict[str, object]] = []

    def list_under(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        for (of_bucket, name), size_bytes in list(self.objects.items()):
            if of_bucket == bucket and name.startswith(prefix):
                yield StoredObject(bucket, name, 1, size_bytes)

    def find(self, bucket: str, name: str) -> StoredObject | None:
        size_bytes = self.objects.get((bucket, name))
        return None if size_bytes is None else StoredObject(bucket, name, 1, size_bytes)

    def exists(self, bucket: str, name: str) -> bool:
        return (bucket, name) in self.objects

    def delete(self, bucket: str, name: str) -> None:
        self.objects.pop((bucket, name), None)

    def start_upload(self, bucket: str, name: str, *, content_type: str, size_bytes: int, origin: str | None) -> str:
        self.uploads.append({"name": name, "content_type": content_type, "size_bytes": size_bytes, "origin": origin})
        return f"https://storage.test/upload/{bucket}/{name}?session={len(self.uploads)}"

    def signed_url(self, bucket: str, name: str, *, lifetime: timedelta, file_name: str | None = None) -> str:
        return f"https://storage.test/{bucket}/{name}?lifetime={lifetime.total_seconds():.0f}" + (f"&as={file_name}" if file_name else "")


class AbsentIndex(FaceIndex):
    """Qdrant is away: characters then compare with the faces in Postgres, and index later."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")

    def upsert(self, face_id: UUID, embedding: Embedding, project_id: UUID, character_id: UUID | None) -> None:
        raise IndexUnavailable("away")

    def nearest(self, project_id: UUID, embedding: Embedding, limit: int) -> list[Neighbour]:
        raise IndexUnavailable("away")

    def count(self) -> int:
        raise IndexUnavailable("away")


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and the headers by which they call."""

    id: UUID
    email: str
    headers: dict[str, str]

    def once(self) -> dict[str, str]:
        """The headers for starting one piece of work."""
        return {**self.headers, "Idempotency-Key": str(new_id())}


@dataclass(frozen=True)
class Studio:
    """A project with its people and one of everything. `video_id` is wired to prompt and picture; `loose_id` is a video without wires.

    The newcomer has an account and is no member yet. The choice is a picture with two faces, of which nobody has picked one.
    """

    project_id: UUID
    owner: Person
    editor: Person
    viewer: Person
    newcomer: Person
    image_id: UUID
    prompt_id: UUID
    video_id: UUID
    loose_id: UUID
    deleted_id: UUID
    connection_id: UUID
    asset_id: UUID
    pending_asset_id: UUID
    face_id: UUID
    character_id: UUID
    choice_asset_id: UUID
    choice_face_id: UUID
    run_id: UUID
    job_id: UUID
    failed_job_id: UUID
    take_id: UUID
    export_id: UUID

    def person(self, role: Role) -> Person:
        """The member of that role."""
        return {Role.OWNER: self.owner, Role.EDITOR: self.editor, Role.VIEWER: self.viewer}[role]


def a_face(**changes: object) -> dict[str, object]:
    """A good face as the function finds it; its features are equal for everybody."""
    face: dict[str, object] = {
        "bbox": {"x": 0.3, "y": 0.2, "width": 0.4, "height": 0.5},
        "detection_score": 0.98,
        "quality": {"score": 0.9, "width_px": 400, "problems": []},
        "embedding": [0.1] * 128,
        "embedder_id": "dlib-resnet-v1",
    }
    return face | changes


@dataclass
class World:
    """Makes people and projects in the database of the test."""

    container: Container
    made: int = field(default=0)

    def person(self, name: str) -> Person:
        """Somebody with an account and a valid token."""
        self.made += 1
        email = f"{name}-{self.made}@example.com"
        user = User(id=new_id(), email=email, display_name=name.title(), password_hash="")
        with self.container.database.unit_of_work() as session:
            session.add(user)
        token = issue_access_token(self.container.settings.jwt_secret, user.id, self.now)
        return Person(user.id, email, {"Authorization": f"Bearer {token.value}"})

    @property
    def now(self) -> datetime:
        return self.container.clock()

    def project(self, owner: Person, *, editor: Person | None = None, viewer: Person | None = None) -> UUID:
        """An empty project."""
        with self.container.database.unit_of_work() as session:
            project = service.create_project(session, owner_id=owner.id, name="Trailer", now=self.now)
            for person, role in ((editor, Role.EDITOR), (viewer, Role.VIEWER)):
                if person is not None:
                    session.add(ProjectMember(project_id=project.id, user_id=person.id, role=role))
        return project.id

    def node(self, project_id: UUID, by: Person, type_: str, **config: object) -> UUID:
        """A node."""
        with self.container.database.unit_of_work() as session:
            operation = CreateNode(type=type_, config=config)
            apply(session, project_id, operation, actor_id=by.id, now=self.now)
        return operation.node_id

    def wire(self, project_id: UUID, by: Person, source: tuple[UUID, str], target: tuple[UUID, str]) -> UUID:
        """A connection."""
        with self.container.database.unit_of_work() as session:
            ends = {"source_node_id": source[0], "source_port": source[1], "target_node_id": target[0], "target_port": target[1]}
            operation = Connect.model_validate(ends)
            apply(session, project_id, operation, actor_id=by.id, now=self.now)
        return operation.connection_id

    def upload(self, project_id: UUID, by: Person, *, node_id: UUID | None = None, consent: bool = True) -> UUID:
        """A picture whose bytes are on their way."""
        asset = Asset(
            id=new_id(),
            project_id=project_id,
            node_id=node_id,
            kind="image",
            state="pending",
            file_name="ada.jpg",
            content_type="image/jpeg",
            size_bytes=1000,
            consent_at=self.now if consent else None,
            created_by=by.id,
            created_at=self.now,
        )
        with self.container.database.unit_of_work() as session:
            session.add(asset)
            session.flush()
            if node_id is not None:
                change = UpdateNode(node_id=node_id, config={"asset_id": str(asset.id)})
                apply(session, project_id, change, actor_id=by.id, now=self.now)
        return asset.id

    def inspected(self, project_id: UUID, asset_id: UUID, *faces: dict[str, object], rejected: tuple[str, str] | None = None) -> UUID:
        """The picture after the face function looked at it."""
        outcome: dict[str, object] = {
            "kind": "analyzed",
            "width": 1024,
            "height": 768,
            "sha256": asset_id.hex * 2,
            "size_bytes": 900,
            "content_type": "image/jpeg",
            "image": {"bucket": self.container.settings.media_bucket, "name": f"{project_id}/{asset_id}/image.jpg"},
            "thumbnail": {"bucket": self.container.settings.media_bucket, "name": f"{project_id}/{asset_id}/thumbnail.webp"},
            "faces": list(faces),
        }
        if rejected is not None:
            outcome = {"kind": "rejected", "code": rejected[0], "message": rejected[1]}
        message = {
            "bucket": self.container.settings.uploads_bucket,
            "name": f"{project_id}/{asset_id}/original",
            "generation": "1",
            "project_id": project_id,
            "asset_id": asset_id,
            "outcome": outcome,
        }
        assert self.container.characters.record_analysis(FaceAnalyzed.model_validate(message))
        return asset_id

    def picture(self, project_id: UUID, by: Person, *, node_id: UUID | None = None) -> UUID:
        """A ready picture without a face."""
        return self.inspected(project_id, self.upload(project_id, by, node_id=node_id))

    def take(self, project_id: UUID, job_id: UUID, *, manifest: dict[str, object] | None = None) -> UUID:
        """A result of a job, as settling leaves it; with another manifest where one is given."""
        with self.container.database.unit_of_work() as session:
            job = session.get_one(Job, job_id)
            asset = _video_of(job, self.container.settings.media_bucket, self.now)
            session.add(asset)
            session.flush()
            take = Take(
                id=new_id(),
                project_id=project_id,
                node_id=job.node_id,
                job_id=job_id,
                attempt_id=new_id(),
                sample=0,
                hop=0,
                asset_id=asset.id,
                cache_key=None,
                cost_microusd=JOB_COST_MICROUSD,
                manifest={"model": job.model, "request": job.request} if manifest is None else manifest,
                created_at=self.now,
            )
            session.add(take)
        return take.id

    def export(self, project_id: UUID, by: Person, *take_ids: UUID) -> UUID:
        """A film that nobody has begun to make."""
        with self.container.database.unit_of_work() as session:
            export = start_export(session, project_id=project_id, user_id=by.id, take_ids=take_ids, resolution="source", now=self.now)
        return export.id

    def run(self, project_id: UUID, by: Person, node_id: UUID) -> tuple[UUID, UUID]:
        """A run of one node: its id and that of its first job, which is queued and admitted."""
        with self.container.database.unit_of_work() as session:
            run = start_run(session, project_id=project_id, user_id=by.id, scope="node", node_id=node_id, forced=False, now=self.now)
            job_id = list_steps(session, run.id)[0].job_id
        assert job_id is not None
        return run.id, job_id

    def fail(self, job_id: UUID, *, can_retry: bool = True) -> None:
        """The provider refused a job before anything was started."""
        with self.container.database.unit_of_work() as session:
            reason = Reason("provider_error_13", "The model failed.", "Retry it.", can_retry=can_retry)
            assert advance(session, lock_job(session, job_id), JobEvent.REQUEST_REJECTED, now=self.now, reason=reason)

    def studio(self) -> Studio:
        """A project with one of everything."""
        owner, editor, viewer = (self.person(name) for name in ("owner", "editor", "viewer"))
        project_id = self.project(owner, editor=editor, viewer=viewer)
        image_id = self.node(project_id, owner, "image")
        prompt_id = self.node(project_id, owner, "prompt", text="a lighthouse at dawn")
        video_id = self.node(project_id, owner, "video")
        loose_id = self.node(project_id, owner, "video", prompt="a harbour at night")
        deleted_id = self.node(project_id, owner, "prompt", text="an old idea")
        self._delete_node(project_id, owner, deleted_id)
        connection_id = self.wire(project_id, owner, (prompt_id, "prompt"), (video_id, "prompt"))
        self.wire(project_id, owner, (image_id, "image"), (video_id, "image"))
        asset_id = self.inspected(project_id, self.upload(project_id, owner, node_id=image_id), a_face())
        choice_asset_id = self.inspected(project_id, self.upload(project_id, owner), a_face(), a_face())
        _, failed_job_id = self.run(project_id, owner, loose_id)
        self.fail(failed_job_id)
        run_id, job_id = self.run(project_id, owner, video_id)
        take_id = self.take(project_id, failed_job_id)
        with self.container.database.unit_of_work() as session:
            (face,) = list_faces(session, asset_id=asset_id)
            choice_face = list_faces(session, asset_id=choice_asset_id)[0]
        assert face.character_id is not None
        return Studio(
            project_id=project_id,
            owner=owner,
            editor=editor,
            viewer=viewer,
            newcomer=self.person("newcomer"),
            image_id=image_id,
            prompt_id=prompt_id,
            video_id=video_id,
            loose_id=loose_id,
            deleted_id=deleted_id,
            connection_id=connection_id,
            asset_id=asset_id,
            pending_asset_id=self.upload(project_id, owner),
            face_id=face.id,
            character_id=face.character_id,
            choice_asset_id=choice_asset_id,
            choice_face_id=choice_face.id,
            run_id=run_id,
            job_id=job_id,
            failed_job_id=failed_job_id,
            take_id=take_id,
            export_id=self.export(project_id, owner, take_id),
        )

    def _delete_node(self, project_id: UUID, by: Person, node_id: UUID) -> None:
        with self.container.database.unit_of_work() as session:
            apply(session, project_id, DeleteNode(node_id=node_id), actor_id=by.id, now=self.now)


def _video_of(job: Job, bucket: str, now: datetime) -> Asset:
    id_ = new_id()
    return Asset(
        id=id_,
        project_id=job.project_id,
        node_id=job.node_id,
        kind="video",
        state="ready",
        file_name="video.mp4",
        content_type="video/mp4",
        size_bytes=2000,
        bucket=bucket,
        object_name=f"{job.project_id}/{job.id}/video.mp4",
        thumbnail_object=f"{job.project_id}/{job.id}/{id_}/thumbnail.webp",
        sha256=id_.hex * 2,
        width=1280,
        height=720,
        duration_seconds=8.0,
        frames=192,
        has_audio=True,
        created_at=now,
        ready_at=now,
    )
