"""What an execution of the job does: takes in, film out. Only it imports this module, for it loads FFmpeg."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import cast
from uuid import uuid5

import structlog

from services.core.assets.model import Asset
from services.core.exports.advance import advance
from services.core.exports.lease import Attempt, heartbeat, keep_lease, take_lease
from services.core.exports.model import Export
from services.core.exports.repository import list_clips, lock_export
from services.core.exports.rules import SHORT_SIDE, Resolution
from services.core.exports.states import ExportEvent
from services.core.exports.tools import ExportTools
from services.core.kit.errors import Problem
from services.core.projects.repository import get_project
from services.core.video.media.film import film
from services.core.video.media.probe import probe
from services.core.video.media.results import VideoProbe
from services.core.video.media.stills import poster, thumbnail

log = structlog.get_logger()

POSTER_WIDTH = 1280
# How much of the whole each part is, about: encoding takes longest.
_FETCHED, _MADE = 0.05, 0.92


@dataclass(frozen=True)
class _Source:
    """A clip in the bucket."""

    bucket: str
    object_name: str


@dataclass(frozen=True)
class _Plan:
    """What is to be made, as the row says. `base` is what the names of its objects begin with."""

    base: str
    file_name: str
    short_side: int | None
    sources: tuple[_Source, ...]


@dataclass(frozen=True)
class _Stored:
    """The film as it lies in the bucket."""

    probe: VideoProbe
    sha256: str


def make(tools: ExportTools, attempt: Attempt, lost: Callable[[], object]) -> bool:
    """Make the film of an attempt and mark its export succeeded; or failed, where its clips cannot become a film.

    False, and nothing done, where the attempt is over or another execution is at it. `lost` is called from another thread where the
    export is cancelled or goes on without us. Whatever else goes wrong is raised, and leaves the row to the next attempt.
    """
    if not take_lease(tools, attempt):
        return False
    with heartbeat(tools, attempt, lost) as progress:

        def tell(done: float) -> None:
            progress.done = done

        plan = _plan(tools, attempt)
        try:
            stored = _store(tools, attempt, plan, tell)
        except Problem as problem:
            if problem.status >= 500:  # ours: the next attempt may fare better
                raise
            _give_up(tools, attempt, problem)
            return True
    _finish(tools, attempt, plan, stored)
    return True


def _plan(tools: ExportTools, attempt: Attempt) -> _Plan:
    with tools.database.unit_of_work() as session:
        export = session.get_one(Export, attempt.export_id)
        name = get_project(session, export.project_id).name
        clips = list_clips(session, export.project_id, export.take_ids)
    resolution = cast(Resolution, export.resolution)  # a constraint of the table says so
    return _Plan(
        base=f"{export.project_id}/exports/{export.id}",
        file_name=f"{name} ({resolution}).mp4".replace("/", "-"),
        short_side=SHORT_SIDE[resolution],
        sources=tuple(_Source(clip.bucket, clip.object_name) for clip in clips if clip.bucket and clip.object_name),
    )


def _store(tools: ExportTools, attempt: Attempt, plan: _Plan, tell: Callable[[float], None]) -> _Stored:
    """Make the film and its stills and put them into the bucket. What lies there already, an earlier attempt made: it is kept."""
    bucket, name = tools.settings.media_bucket, f"{plan.base}/film.mp4"
    with tempfile.TemporaryDirectory(prefix="export-") as folder_name:
        folder = Path(folder_name)
        video, picture, small = folder / "film.mp4", folder / "poster.jpg", folder / "thumbnail.webp"
        if tools.store.exists(bucket, name):
            tools.store.download(bucket, name, video)
        else:
            _make(tools, plan, folder, video, tell)
            if not keep_lease(tools, attempt, _MADE):
                raise Overtaken(attempt)
            if not tools.store.create(bucket, name, video, "video/mp4"):
                tools.store.download(bucket, name, video)
        seen = probe(video)
        at_seconds = min(0.5, seen.duration_seconds / 2)
        poster(video, at_seconds, POSTER_WIDTH, picture)
        thumbnail(video, small, at_seconds)
        tools.store.create(bucket, f"{plan.base}/poster.jpg", picture, "image/jpeg")
        tools.store.create(bucket, f"{plan.base}/thumbnail.webp", small, "image/webp")
        with video.open("rb") as file:
            return _Stored(seen, file_digest(file, "sha256").hexdigest())


class Overtaken(Exception):
    """The export was cancelled, or another execution is at it."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(f"attempt {attempt.number} at export {attempt.export_id} is not ours any more")


def _make(tools: ExportTools, plan: _Plan, folder: Path, video: Path, tell: Callable[[float], None]) -> None:
    paths: dict[_Source, Path] = {}
    for number, source in enumerate(plan.sources):
        if source not in paths:
            paths[source] = folder / f"clip-{number}.mp4"
            tools.store.download(source.bucket, source.object_name, paths[source])
        tell(_FETCHED * (number + 1) / len(plan.sources))
    film([paths[source] for source in plan.sources], plan.short_side, video, lambda done: tell(_FETCHED + (_MADE - _FETCHED) * done))
    for path in paths.values():
        path.unlink()  # on Cloud Run, /tmp is memory


def _finish(tools: ExportTools, attempt: Attempt, plan: _Plan, stored: _Stored) -> None:
    now = tools.clock()
    seen, bucket = stored.probe, tools.settings.media_bucket
    with tools.database.unit_of_work() as session:
        export = lock_export(session, attempt.export_id)
        if not attempt.is_ours(export):
            raise Overtaken(attempt)
        asset = Asset(
            id=uuid5(export.id, "film"),
            project_id=export.project_id,
            kind="video",
            state="ready",
            file_name=plan.file_name,
            content_type="video/mp4",
            size_bytes=seen.size_bytes,
            bucket=bucket,
            object_name=f"{plan.base}/film.mp4",
            poster_object=f"{plan.base}/poster.jpg",
            thumbnail_object=f"{plan.base}/thumbnail.webp",
            sha256=stored.sha256,
            width=seen.width,
            height=seen.height,
            duration_seconds=seen.duration_seconds,
            frames=seen.frames,
            has_audio=seen.has_audio,
            created_by=export.user_id,
            created_at=now,
            ready_at=now,
        )
        session.add(asset)
        session.flush()
        advance(session, export, ExportEvent.FINISHED, now=now, asset_id=asset.id, progress=1.0)


def _give_up(tools: ExportTools, attempt: Attempt, problem: Problem) -> None:
    with tools.database.unit_of_work() as session:
        export = lock_export(session, attempt.export_id)
        if attempt.is_ours(export):
            reason = {"cause": problem.code, "message": problem.message, "advice": problem.advice or "Choose other clips."}
            advance(session, export, ExportEvent.GIVEN_UP, now=tools.clock(), **reason)
