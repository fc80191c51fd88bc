"""What the API answers about nodes, files, jobs, takes, runs and characters: typed, and the same in every route."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from services.core.assets.model import Asset
from services.core.assets.objects import ObjectStore
from services.core.assets.service import READ_LIFETIME
from services.core.budgets.ledger import Balance
from services.core.characters.model import Character, Face
from services.core.characters.service import list_faces
from services.core.jobs.manifest import made_from
from services.core.jobs.model import Job, Run, RunStep, Take
from services.core.jobs.repository import find_covers
from services.core.projects.model import Connection, Node, Project
from services.core.projects.pictures import ShownFace, shown_faces
from services.core.projects.repository import count_nodes


class PositionAnswer(BaseModel):
    """Canvas units, top left corner."""

    x: float
    y: float


class NodeAnswer(BaseModel):
    """A node; `status` explains its state: stage and progress while it moves, cause and advice when it ended badly."""

    id: UUID
    type: str
    title: str
    position: PositionAnswer
    config: dict[str, Any]
    state: str
    status: dict[str, Any]
    version: int
    selected_take_id: UUID | None

    @classmethod
    def of(cls, node: Node) -> "NodeAnswer":
        """The answer for `node`."""
        return cls(
            id=node.id,
            type=node.type,
            title=node.title,
            position=PositionAnswer(x=node.position_x, y=node.position_y),
            config=node.config,
            state=node.state,
            status=node.status,
            version=node.version,
            selected_take_id=node.selected_take_id,
        )


class ConnectionAnswer(BaseModel):
    """A wire."""

    id: UUID
    source_node_id: UUID
    source_port: str
    target_node_id: UUID
    target_port: str

    @classmethod
    def of(cls, wire: Connection) -> "ConnectionAnswer":
        """The answer for `wire`."""
        return cls(
            id=wire.id,
            source_node_id=wire.source_node_id,
            source_port=wire.source_port,
            target_node_id=wire.target_node_id,
            target_port=wire.target_port,
        )


class MoneyAnswer(BaseModel):
    """In millionths of a US dollar: what may be spent, what was paid, set aside, and perhaps billed."""

    spending_limit_microusd: int
    captured_microusd: int
    reserved_microusd: int
    uncertain_microusd: int

    @classmethod
    def of(cls, project: Project, balance: Balance) -> "MoneyAnswer":
        """The answer for a project and its balance."""
        return cls(
            spending_limit_microusd=project.spending_limit_microusd,
            captured_microusd=balance.captured_microusd,
            reserved_microusd=balance.reserved_microusd,
            uncertain_microusd=balance.uncertain_microusd,
        )


class ProjectAnswer(BaseModel):
    """A project in a list."""

    id: UUID
    name: str
    role: str
    rev: int
    accepts_commands: bool = Field(description="Whether messages on the commands topic may start runs here (docs/pubsub.md).")
    node_count: int = Field(description="Nodes on the canvas, frames and notes included.")
    thumbnail_url: str | None = Field(
        description="320 px of the newest take, else of the newest picture; signed for one hour and a secret. Null where there is neither."
    )
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of_all(cls, projects: Sequence[tuple[Project, str]], session: Session, store: ObjectStore) -> "list[ProjectAnswer]":
        """The answers for projects as a person with these roles sees them; in as many queries for a thousand as for one."""
        ids = [project.id for project, _ in projects]
        counts, covers = count_nodes(session, ids), find_covers(session, ids)
        return [
            cls(
                id=project.id,
                name=project.name,
                role=role,
                rev=project.rev,
                accepts_commands=project.accepts_commands,
                node_count=counts.get(project.id, 0),
                thumbnail_url=store.signed_url(*covers[project.id], lifetime=READ_LIFETIME) if project.id in covers else None,
                created_at=project.created_at,
                updated_at=project.updated_at,
            )
            for project, role in projects
        ]

    @classmethod
    def of(cls, project: Project, role: str, session: Session, store: ObjectStore) -> "ProjectAnswer":
        """The answer for one project."""
        return cls.of_all([(project, role)], session, store)[0]


class AssetAnswer(BaseModel):
    """A file. Addresses are signed for one hour and are secrets; ask again for fresh ones."""

    id: UUID
    project_id: UUID
    node_id: UUID | None
    kind: str
    state: str
    file_name: str
    content_type: str
    size_bytes: int
    width: int | None
    height: int | None
    duration_seconds: float | None
    frames: int | None
    has_audio: bool | None
    sha256: str | None
    problem: dict[str, Any] | None = Field(description="Why it was rejected, or what keeps its face from becoming a character.")
    url: str | None
    thumbnail_url: str | None
    poster_url: str | None
    created_at: datetime

    @classmethod
    def of(cls, asset: Asset, store: ObjectStore, lifetime: timedelta = READ_LIFETIME) -> "AssetAnswer":
        """The answer for `asset`, with addresses that `store` signs."""

        def signed(name: str | None) -> str | None:
            if asset.state != "ready" or asset.bucket is None or name is None:
                return None
            return store.signed_url(asset.bucket, name, lifetime=lifetime)

        return cls(
            id=asset.id,
            project_id=asset.project_id,
            node_id=asset.node_id,
            kind=asset.kind,
            state=asset.state,
            file_name=asset.file_name,
            content_type=asset.content_type,
            size_bytes=asset.size_bytes,
            width=asset.width,
            height=asset.height,
            duration_seconds=asset.duration_seconds,
            frames=asset.frames,
            has_audio=asset.has_audio,
            sha256=asset.sha256,
            problem=asset.problem,
            url=signed(asset.object_name),
            thumbnail_url=signed(asset.thumbnail_object),
            poster_url=signed(asset.poster_object),
            created_at=asset.created_at,
        )


class TakeAnswer(BaseModel):
    """A result of a video node."""

    id: UUID
    node_id: UUID
    job_id: UUID
    sample: int
    hop: int = Field(description="How many extensions the whole video holds.")
    parent_take_id: UUID | None
    cost_microusd: int
    created_at: datetime
    model: str | None = Field(description="As was asked for, like the six below; null where the take was made before this was kept.")
    prompt: str | None
    negative_prompt: str | None
    seed: int | None = Field(description="Null also where nobody set one.")
    resolution: str | None
    duration_seconds: int | None = Field(description="Of this clip as asked for: 7 for an extension. The asset says how long the video is.")
    aspect_ratio: str | None
    asset: AssetAnswer

    @classmethod
    def of(cls, take: Take, asset: Asset, store: ObjectStore) -> "TakeAnswer":
        """The answer for `take`."""
        made = made_from(take.manifest)
        return cls(
            id=take.id,
            node_id=take.node_id,
            job_id=take.job_id,
            sample=take.sample,
            hop=take.hop,
            parent_take_id=take.parent_take_id,
            cost_microusd=take.cost_microusd,
            created_at=take.created_at,
            model=made.model,
            prompt=made.prompt,
            negative_prompt=made.negative_prompt,
            seed=made.seed,
            resolution=made.resolution,
            duration_seconds=made.duration_seconds,
            aspect_ratio=made.aspect_ratio,
            asset=AssetAnswer.of(asset, store),
        )


class JobAnswer(BaseModel):
    """One piece of paid work."""

    id: UUID
    project_id: UUID
    run_id: UUID | None
    node_id: UUID
    kind: str
    hop: int
    state: str
    model: str
    cost_microusd: int
    attempts: int
    polls: int
    cause: str | None
    category: str | None
    message: str | None
    advice: str | None
    can_retry: bool
    cancel_requested: bool
    created_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobAnswer":
        """The answer for `job`."""
        return cls(
            id=job.id,
            project_id=job.project_id,
            run_id=job.run_id,
            node_id=job.node_id,
            kind=job.kind,
            hop=job.hop,
            state=job.state,
            model=job.model,
            cost_microusd=job.cost_microusd,
            attempts=job.attempts,
            polls=job.polls,
            cause=job.cause,
            category=job.category,
            message=job.message,
            advice=job.advice,
            can_retry=job.can_retry,
            cancel_requested=job.cancel_requested_at is not None,
            created_at=job.created_at,
            submitted_at=job.submitted_at,
            finished_at=job.finished_at,
        )


class RunStepAnswer(BaseModel):
    """One clip of a run: made by a job, or there before."""

    node_id: UUID
    hop: int
    job_id: UUID | None
    take_id: UUID | None


class RunAnswer(BaseModel):
    """A run."""

    id: UUID
    project_id: UUID
    scope: str
    node_id: UUID | None
    forced: bool
    state: str
    estimate_microusd: int
    steps: list[RunStepAnswer]
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: Run, steps: list[RunStep]) -> "RunAnswer":
        """The answer for `run` and its steps in order."""
        return cls(
            id=run.id,
            project_id=run.project_id,
            scope=run.scope,
            node_id=run.node_id,
            forced=run.forced,
            state=run.state,
            estimate_microusd=run.estimate_microusd,
            steps=[RunStepAnswer(node_id=s.node_id, hop=s.hop, job_id=s.job_id, take_id=s.take_id) for s in steps],
            created_at=run.created_at,
            finished_at=run.finished_at,
        )


class FaceAnswer(ShownFace):
    """A face in a picture; `match` offers a character it seems to be. Its embedding never leaves."""

    @classmethod
    def of_all(cls, faces: Sequence[Face], session: Session) -> "list[FaceAnswer]":
        """The answers for `faces`, in their order."""
        shown = {face.id: face for face in shown_faces(session, face_ids=[face.id for face in faces])}
        return [cls.model_validate(shown[face.id].document()) for face in faces]


class CharacterAnswer(BaseModel):
    """A character and the pictures that show it."""

    id: UUID
    project_id: UUID
    name: str
    created_at: datetime
    faces: list[FaceAnswer]
    asset_ids: list[UUID]

    @classmethod
    def of(cls, character: Character, session: Session) -> "CharacterAnswer":
        """The answer for `character`."""
        (answer,) = cls.of_all([character], session)
        return answer

    @classmethod
    def of_all(cls, characters: Sequence[Character], session: Session) -> "list[CharacterAnswer]":
        """The answers for `characters`, in their order; however many they are, their faces are asked for at once."""
        faces = list_faces(session, character_ids=[character.id for character in characters])
        shown = FaceAnswer.of_all(faces, session)
        found: dict[UUID | None, list[tuple[Face, FaceAnswer]]] = {}
        for face, answer in zip(faces, shown, strict=True):
            found.setdefault(face.character_id, []).append((face, answer))
        return [
            cls(
                id=character.id,
                project_id=character.project_id,
                name=character.name,
                created_at=character.created_at,
                faces=[answer for _, answer in found.get(character.id, [])],
                asset_ids=[face.asset_id for face, _ in found.get(character.id, [])],
            )
            for character in characters
        ]
