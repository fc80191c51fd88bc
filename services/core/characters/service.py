"""From an inspected picture to a character: who it may be, who it is, and the pictures that go with each generation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.assets import service as assets
from services.core.assets.model import Asset
from services.core.characters import identity
from services.core.characters.analysis import ADVICE, Analyzed, FaceAnalyzed, FoundFace, Rejected, face_problem
from services.core.characters.index import FaceIndex, FaceRow, IndexUnavailable
from services.core.characters.model import Character, Face
from services.core.kit.clock import Clock
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.kit.ids import new_id
from services.core.outbox.rows import add_task
from services.core.projects import events
from services.core.projects.pictures import shown_faces
from services.core.projects.repository import get_project

log = structlog.get_logger()

NEIGHBOURS = 5
_RECOGNISABLE = (Face.character_id.is_not(None), Face.embedding.is_not(None))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Faces that Postgres believes to be in the index, and those that are; None where the index cannot be used now."""

    believed: int
    indexed: int | None


class Characters:
    """Characters of all projects. Postgres is the truth; the index is a copy that may be behind or gone."""

    def __init__(self, database: Database, index: FaceIndex, clock: Clock) -> None:
        self._database = database
        self._index = index
        self._clock = clock

    def record_analysis(self, message: FaceAnalyzed) -> bool:
        """Commit what the face function found; False where it was committed before or the upload is gone.

        The original leaves quarantine: a task deletes it, since it may carry the place where the photo was taken.
        """
        outcome, now = message.outcome, self._clock()
        with self._database.unit_of_work() as session:
            asset = assets.lock_pending(session, message.project_id, message.asset_id)
            if asset is None:
                return False
            if isinstance(outcome, Rejected):
                advice = ADVICE.get(outcome.code, ADVICE["image_unreadable"])
                assets.reject(session, asset, code=outcome.code, message=outcome.message, advice=advice, now=now)
                assets.show_on_nodes(session, asset, now=now)
            else:
                self._accept(session, asset, outcome, now)
            add_task(session, "/tasks/delete-original", {"asset_id": str(asset.id)})
        self.index_new_faces(asset_id=message.asset_id)
        return True

    def _accept(self, session: Session, asset: Asset, outcome: Analyzed, now: datetime) -> None:
        asset.bucket, asset.object_name = outcome.image.bucket, outcome.image.name
        asset.thumbnail_object = outcome.thumbnail.name
        asset.sha256, asset.size_bytes, asset.content_type = outcome.sha256, outcome.size_bytes, outcome.content_type
        asset.width, asset.height = outcome.width, outcome.height
        if outcome.faces and asset.consent_at is None:
            asset.problem = {
                "code": "consent_missing",
                "message": "Nobody confirmed consent to face analysis.",
                "advice": ADVICE["consent_missing"],
            }
        else:
            self._keep_faces(session, asset, outcome.faces, now)
        assets.mark_ready(session, asset, now=now)
        assets.show_on_nodes(session, asset, now=now)

    def _keep_faces(self, session: Session, asset: Asset, found: Sequence[FoundFace], now: datetime) -> None:
        """Store the faces; make a character of the only good one unless it is somebody known."""
        faces = [_face_row(asset, ordinal, face, now) for ordinal, face in enumerate(found)]
        session.add_all(faces)
        session.flush()
        problem = face_problem(list(found))
        if problem is not None:
            asset.problem = {"code": problem.code, "message": problem.message, "advice": problem.advice}
            return
        face = next(face for face, seen in zip(faces, found, strict=True) if not seen.problems)
        match = self._match(session, face)
        if match is None:
            self._create(session, asset, face, name=_name_from(asset.file_name), now=now)
            return
        face.match_character_id, face.match_distance, face.match_verdict = match.character_id, match.distance, match.verdict
        session.flush()

    def _match(self, session: Session, face: Face) -> identity.Match | None:
        """Whom this face resembles. The index only says where to look; faces that it has not taken yet are looked at as well.

        Asked while the project is locked, so that two photos of one new person at the same moment do not become two characters.
        """
        assert face.embedding is not None
        known = select(Face.character_id, Face.embedding).where(
            *_RECOGNISABLE, Face.project_id == face.project_id, Face.embedder_id == face.embedder_id
        )
        try:
            neighbours = self._index.nearest(face.project_id, face.embedding, NEIGHBOURS)
            known = known.where(Face.id.in_([neighbour.face_id for neighbour in neighbours]) | Face.indexed_at.is_(None))
        except IndexUnavailable:
            log.warning("faces.index_unavailable", project_id=str(face.project_id))
        references: dict[UUID, list[list[float]]] = {}
        for character_id, embedding in session.execute(known):
            if character_id is not None and embedding is not None:
                references.setdefault(character_id, []).append(embedding)
        return identity.best_match(face.embedding, references)

    def create(self, session: Session, *, project_id: UUID, face_id: UUID, name: str) -> Character:
        """A character of a face that a person picked: out of several, or although it resembles somebody known.

        A face that is a character by itself already stays that character, under the new name; one of several references of a
        character leaves it.
        """
        face = _face_to_decide(session, project_id, face_id)
        asset = assets.get_asset(session, face.asset_id)
        now = self._clock()
        if face.character_id is not None and list_faces(session, character_ids=[face.character_id]) == [face]:
            character = get_character(session, project_id, face.character_id)
            character.name = name
            session.flush()
            self._show_everywhere(session, _shown_with(session, character.id), now)
        else:
            character = self._create(session, asset, face, name=name, now=now)
        self._show_decision(session, asset, now)
        return character

    def assign(self, session: Session, *, project_id: UUID, character_id: UUID, face_id: UUID) -> Character:
        """Take the offer: this face is that character. Its picture is a reference from now on."""
        face = _face_to_decide(session, project_id, face_id)
        character = get_character(session, project_id, character_id)
        if face.character_id not in (None, character_id):
            raise Conflict("face_is_assigned", "This face belongs to another character already.", "Delete that character first.")
        face.character_id, face.indexed_at = character_id, None
        session.flush()
        self._show_decision(session, assets.get_asset(session, face.asset_id), self._clock())
        return character

    def _show_everywhere(self, session: Session, pictures: Sequence[Asset], now: datetime) -> None:
        for asset in pictures:
            assets.show_on_nodes(session, asset, now=now)

    def _show_decision(self, session: Session, asset: Asset, now: datetime) -> None:
        asset.problem = None
        assets.show_on_nodes(session, asset, now=now)
        add_task(session, "/tasks/index-faces", {"asset_id": str(asset.id)})

    def rename(self, session: Session, character: Character, *, name: str, actor_id: UUID) -> None:
        """Give a character another name, also on the nodes that show it."""
        get_project(session, character.project_id, lock=True)
        character.name = name
        session.flush()
        self._show_everywhere(session, _shown_with(session, character.id), self._clock())
        changed = {"character_id": str(character.id), "name": name}
        events.append(session, character.project_id, "character.updated", changed, at=self._clock(), actor_id=actor_id)

    def delete(self, session: Session, *, project_id: UUID, character_id: UUID) -> None:
        """Forget a person: the character and the embeddings of all its faces, here and in the index."""
        get_project(session, project_id, lock=True)
        character = get_character(session, project_id, character_id)
        faces = list(session.scalars(select(Face).where(Face.character_id == character_id)))
        pictures = _shown_with(session, character_id)
        for face in faces:
            session.delete(face)
        session.delete(character)
        session.flush()
        now = self._clock()
        self._show_everywhere(session, pictures, now)
        for face in faces:
            _forget_in_index(session, face.id)
        events.append(session, project_id, "character.deleted", {"character_id": str(character_id)}, at=now)

    def index_new_faces(self, *, asset_id: UUID | None = None, limit: int = 200) -> int:
        """Bring faces to the index that are not in it yet; returns how many. What fails now is tried by the next sweep."""
        query = select(Face).where(*_RECOGNISABLE, Face.indexed_at.is_(None)).limit(limit)
        with self._database.unit_of_work() as session:
            faces = list(session.scalars(query.where(Face.asset_id == asset_id) if asset_id else query))
        done = 0
        for face in faces:
            assert face.embedding is not None
            try:
                self._index.upsert(face.id, face.embedding, face.project_id, face.character_id)
            except IndexUnavailable:
                log.warning("faces.index_unavailable", face_id=str(face.id))
                return done
            with self._database.unit_of_work() as session:
                same = (Face.id == face.id) & (Face.character_id == face.character_id)
                session.execute(update(Face).where(same).values(indexed_at=self._clock()))
                if session.get(Face, face.id) is None:
                    # Forgotten between our reading and our writing: what was forgotten must not come back.
                    _forget_in_index(session, face.id)
            done += 1
        return done

    def forget_face(self, face_id: UUID) -> None:
        """Remove a face from the index; raises IndexUnavailable, so that the task comes again."""
        self._index.delete_faces([face_id])

    def forget_project(self, project_id: UUID) -> None:
        """Remove all faces of a project from the index; raises IndexUnavailable, so that the task comes again."""
        self._index.delete_project(project_id)

    def rebuild_index(self) -> int:
        """Make the index anew from Postgres; returns how many faces it holds."""

        def rows() -> Iterator[FaceRow]:
            with self._database.unit_of_work() as session:
                faces = session.scalars(select(Face).where(*_RECOGNISABLE)).all()
            for face in faces:
                assert face.embedding is not None
                yield FaceRow(face.id, face.embedding, face.project_id, face.character_id)

        # A generator, read after the index has looked at what it holds: a face that arrives meanwhile is not taken for a stale one.
        return self._index.rebuild(rows()).written

    def compare_index(self) -> Comparison:
        """What Postgres believes to be in the index, and what is."""
        believed = select(func.count()).select_from(Face).where(*_RECOGNISABLE, Face.indexed_at.is_not(None))
        with self._database.unit_of_work() as session:
            faces = session.scalar(believed) or 0
        try:
            return Comparison(faces, self._index.count())
        except IndexUnavailable:
            return Comparison(faces, None)

    def _create(self, session: Session, asset: Asset, face: Face, *, name: str, now: datetime) -> Character:
        if asset.consent_at is None:
            raise Invalid("consent_missing", "Nobody confirmed consent to face analysis.", ADVICE["consent_missing"])
        character = Character(id=new_id(), project_id=asset.project_id, name=name, consent_at=asset.consent_at, created_at=now)
        session.add(character)
        session.flush()
        face.character_id, face.indexed_at = character.id, None
        session.flush()
        told = {"character_id": str(character.id), "asset_id": str(asset.id)}
        events.append(session, asset.project_id, "character.created", told, at=now)
        return character


def get_character(session: Session, project_id: UUID, character_id: UUID) -> Character:
    """The character; NotFound also where it belongs to another project."""
    character = session.get(Character, character_id)
    if character is None or character.project_id != project_id:
        raise NotFound("character_not_found", f"There is no character {character_id} in this project.", "It may have been deleted.")
    return character


def get_face(session: Session, project_id: UUID, face_id: UUID) -> Face:
    """The face, locked; NotFound also where it belongs to another project."""
    query = select(Face).where(Face.id == face_id, Face.project_id == project_id)
    face = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if face is None:
        raise NotFound("face_not_found", f"There is no face {face_id} in this project.", "Its picture may have been deleted.")
    return face


def list_characters(session: Session, project_id: UUID) -> list[Character]:
    """The characters of a project, newest first."""
    return list(session.scalars(select(Character).where(Character.project_id == project_id).order_by(Character.created_at.desc())))


def list_faces(session: Session, *, asset_id: UUID | None = None, character_ids: Sequence[UUID] | None = None) -> list[Face]:
    """Faces of a picture or of characters, the largest first, older pictures first."""
    query = select(Face).order_by(Face.created_at, Face.ordinal)
    if asset_id is not None:
        query = query.where(Face.asset_id == asset_id)
    if character_ids is not None:
        query = query.where(Face.character_id.in_(character_ids))
    return list(session.scalars(query))


def reference_assets(session: Session, asset_id: UUID) -> list[Asset]:
    """The other pictures of the character in this picture, best face first: Veo takes pictures, not vectors."""
    character_ids = select(Face.character_id).where(Face.asset_id == asset_id, Face.character_id.is_not(None))
    rows = session.execute(
        select(Asset, Face)
        .join(Face, Face.asset_id == Asset.id)
        .where(Face.character_id.in_(character_ids), Asset.id != asset_id, Asset.state == "ready")
    ).all()
    best = sorted(rows, key=lambda row: (-float(row[1].quality.get("score", 0)), str(row[0].id)))
    return list({asset.id: asset for asset, _ in best}.values())


def require_one_face(session: Session, asset: Asset, faces: list[Face]) -> Face:
    """The face that counts in a picture: the assigned one, else the only good one.

    Raises the picture's problem, with the faces to pick from.
    """
    for face in faces:
        if face.character_id is not None:
            return face
    if asset.problem is not None:
        choices = [face.document() for face in shown_faces(session, face_ids=[face.id for face in faces])]
        raise Invalid(asset.problem["code"], asset.problem["message"], asset.problem["advice"], asset_id=str(asset.id), faces=choices)
    for face in faces:
        if not face.quality.get("problems"):
            return face
    raise Invalid("face_forgotten", "The face in this picture was forgotten with its character.", "Upload the picture again.")


def _shown_with(session: Session, character_id: UUID) -> list[Asset]:
    """The pictures whose nodes name this character: with a face of it, or one that may be."""
    named = select(Face.asset_id).where((Face.character_id == character_id) | (Face.match_character_id == character_id))
    return list(session.scalars(select(Asset).where(Asset.id.in_(named)).order_by(Asset.id)))


def _forget_in_index(session: Session, face_id: UUID) -> None:
    add_task(session, "/tasks/forget-face", {"face_id": str(face_id)})


def _face_row(asset: Asset, ordinal: int, found: FoundFace, now: datetime) -> Face:
    return Face(
        id=uuid5(asset.id, f"face-{ordinal}"),
        project_id=asset.project_id,
        asset_id=asset.id,
        ordinal=ordinal,
        bbox=found.bbox,
        quality={**found.quality, "detection_score": found.detection_score},
        embedder_id=found.embedder_id,
        embedding=found.embedding,
        created_at=now,
    )


def _face_to_decide(session: Session, project_id: UUID, face_id: UUID) -> Face:
    """The face for a decision of whose it is, with its project locked; Invalid where it cannot be recognised."""
    get_project(session, project_id, lock=True)
    face = get_face(session, project_id, face_id)
    if face.embedding is None:
        raise Invalid("face_unclear", "The features of this face cannot be seen well enough.", ADVICE["face_unclear"])
    return face


def _name_from(file_name: str) -> str:
    """A first name for a character from the file it came in; people rename it."""
    stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip()
    return stem[:80].capitalize() or "Character"
