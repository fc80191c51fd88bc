"""The settle step: from what the provider wrote to takes that people can play. Every part of it can be done again."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import structlog
from opentelemetry.trace import Span
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.assets.model import Asset
from services.core.jobs import cadence
from services.core.jobs.advance import advance, price_per_sample
from services.core.jobs.model import Job, Take
from services.core.jobs.outputs import Output
from services.core.jobs.reasons import not_stored_reason, unreadable_reason
from services.core.jobs.repository import get_take, lock_job
from services.core.jobs.states import JobEvent, JobState
from services.core.jobs.tasks import add_job_task, note_job, step_span
from services.core.jobs.tools import Tools
from services.core.kit.errors import Problem
from services.core.kit.telemetry import span
from services.core.projects.model import Node
from services.core.video.catalogue import CATALOGUE_VERSION
from services.core.video.media.errors import IncompatibleVideo, UnexpectedExtension, UnreadableVideo
from services.core.video.media.results import VideoProbe
from services.core.video.request import cache_key, parse_request

log = structlog.get_logger()

POSTER_WIDTH = 1280


@dataclass(frozen=True)
class _Parent:
    """What an extension is appended to."""

    take: Take
    asset: Asset
    tail_frames: int


@dataclass(frozen=True)
class _Stored:
    """The objects of one take and what the video is."""

    object_name: str
    poster_object: str
    thumbnail_object: str
    sha256: str
    probe: VideoProbe
    is_master: bool
    """False where an extension could not be appended and is kept by itself."""


def settle(tools: Tools, job_id: UUID, *, is_redelivery: bool = False) -> None:
    """Make takes of all outputs that have none, then end the job. Held by one worker at a time, for a lease.

    A redelivered task takes over at once: its first worker died. Were it only slow, both would make the same takes.
    """
    with step_span("settle", job_id) as step:
        if _take_lease(tools, job_id, is_redelivery=is_redelivery):
            _settle(tools, job_id, step)


def _settle(tools: Tools, job_id: UUID, step: Span) -> None:
    unreadable: dict[str, Problem] = {}
    try:
        while (todo := _next_output(tools, job_id, unreadable)) is not None:
            job, output, parent = todo
            note_job(step, job)
            try:
                with span("take.store", {"reelgraph.job.id": str(job_id), "reelgraph.take.sample": output.sample}):
                    stored = _store(tools, job, output, parent)
            except UnreadableVideo as problem:
                # Its siblings are good: go on with them.
                unreadable[output.name] = problem
                continue
            _record_take(tools, job_id, output, stored)
    except Exception as error:
        log.exception("job.settling_failed", job_id=str(job_id))
        _try_later(tools, job_id, type(error).__name__)


def _take_lease(tools: Tools, job_id: UUID, *, is_redelivery: bool) -> bool:
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        is_held = job.lease_until is not None and job.lease_until > now
        is_put_off = job.lease_until is None and not cadence.is_due(job.next_check_at, now)
        if job.state != JobState.SETTLING or is_put_off or (is_held and not is_redelivery):
            return False
        if job.settle_attempts >= cadence.SETTLE_ATTEMPTS:
            # Each attempt before ended its process, or this one would have been told.
            reason = not_stored_reason(job.settle_attempts, "the process ended each time")
            advance(session, job, JobEvent.OUTPUT_UNREADABLE, now=now, reason=reason)
            return False
        job.lease_until = job.next_check_at = now + cadence.SETTLE_LEASE
        job.settle_attempts += 1
    return True


def _next_output(tools: Tools, job_id: UUID, unreadable: Mapping[str, Problem]) -> tuple[Job, Output, _Parent | None] | None:
    """The next output without a take; None when there is none left but the unreadable, and the job has ended with that."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.SETTLING:
            return None
        taken = {(str(take.attempt_id), take.sample) for take in session.scalars(select(Take).where(Take.job_id == job_id))}
        for known in job.outputs:
            output = Output(**known)
            if (output.attempt_id, output.sample) not in taken and output.name not in unreadable:
                job.lease_until = job.next_check_at = now + cadence.SETTLE_LEASE
                return job, output, _parent(session, job)
        _end(session, job, has_takes=bool(taken), unreadable=unreadable, now=now)
    return None


def _end(session: Session, job: Job, *, has_takes: bool, unreadable: Mapping[str, Problem], now: datetime) -> None:
    if unreadable and not has_takes:
        reason = unreadable_reason(next(iter(unreadable.values())).message)
        advance(session, job, JobEvent.OUTPUT_UNREADABLE, now=now, reason=reason)
        return
    delivered = sum(1 for output in job.outputs if output["attempt_id"] == str(job.attempt_id))
    # Settled from what lay there while the latest attempt had not delivered all: the rest may come, and its event be lost.
    is_whole = delivered >= int(job.request.get("samples", 1))
    advance(session, job, JobEvent.SETTLED, now=now, next_check_at=None if is_whole else cadence.next_late_look(now, now))


def _parent(session: Session, job: Job) -> _Parent | None:
    if job.parent_take_id is None:
        return None
    take, asset = get_take(session, job.parent_take_id)
    assert job.tail is not None
    return _Parent(take, asset, int(job.tail["frames"]))


def _store(tools: Tools, job: Job, output: Output, parent: _Parent | None) -> _Stored:
    """Download, append where it is an extension, make stills, upload. Objects that exist already are kept as they are."""
    base = f"{job.project_id}/{job.id}/{output.attempt_id}-{output.sample}"
    poster_object, thumbnail_object = f"{base}/poster.jpg", f"{base}/thumbnail.webp"
    bucket = tools.settings.media_bucket
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        video, poster, thumbnail = folder / "video.mp4", folder / "poster.jpg", folder / "thumbnail.webp"
        object_name, is_master, probe = _store_video(tools, base, output, parent, video)
        tools.media.poster(video, min(0.5, probe.duration_seconds / 2), POSTER_WIDTH, poster)
        tools.media.thumbnail(video, thumbnail, min(0.5, probe.duration_seconds / 2))
        tools.store.create(bucket, poster_object, poster, "image/jpeg")
        tools.store.create(bucket, thumbnail_object, thumbnail, "image/webp")
        with video.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
    return _Stored(object_name, poster_object, thumbnail_object, sha256, probe, is_master)


def _store_video(tools: Tools, base: str, output: Output, parent: _Parent | None, video: Path) -> tuple[str, bool, VideoProbe]:
    """Bring the take's video to `video` and into the bucket; returns its object, and whether it is whole, not a clip by itself."""
    bucket = tools.settings.media_bucket
    # The name says which of the two it is, so that a repetition knows it without doing the work again.
    names = {True: f"{base}/video.mp4", False: f"{base}/clip.mp4"}
    for is_master, name in names.items():
        if tools.store.exists(bucket, name):
            # Settled before up to here: what people may already have seen is the take, not a second rendering of it.
            tools.store.download(bucket, name, video)
            return name, is_master, tools.media.probe(video)
    is_master = _make_video(tools, output, parent, video)
    probe = tools.media.probe(video)  # before it is stored: nothing unreadable is
    if not tools.store.create(bucket, names[is_master], video, "video/mp4"):
        tools.store.download(bucket, names[is_master], video)
        probe = tools.media.probe(video)
    return names[is_master], is_master, probe


def _make_video(tools: Tools, output: Output, parent: _Parent | None, video: Path) -> bool:
    if parent is None:
        tools.store.download(output.bucket, output.name, video)
        return True
    returned, master = video.parent / "returned.mp4", video.parent / "master.mp4"
    tools.store.download(output.bucket, output.name, returned)
    assert parent.asset.bucket and parent.asset.object_name
    tools.store.download(parent.asset.bucket, parent.asset.object_name, master)
    try:
        tools.media.append(master, returned, parent.tail_frames, video)
    except (UnexpectedExtension, IncompatibleVideo, UnreadableVideo) as problem:
        # It was paid for: a person shall have it, even where it cannot be appended.
        log.warning("job.extension_unexpected", code=problem.code)
        returned.replace(video)
        return False
    return True


def _record_take(tools: Tools, job_id: UUID, output: Output, stored: _Stored) -> None:
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        attempt_id = UUID(output.attempt_id)
        take_id = uuid5(job.id, f"{attempt_id}-{output.sample}")
        if session.get(Take, take_id) is not None:
            return
        asset = _asset(tools, job, take_id, stored, now)
        session.add(asset)
        session.flush()
        parent = get_take(session, job.parent_take_id) if job.parent_take_id else None
        hop, parent_sha256 = (parent[0].hop + 1, parent[1].sha256) if parent else (0, None)
        take = Take(
            id=take_id,
            project_id=job.project_id,
            node_id=job.node_id,
            job_id=job.id,
            attempt_id=attempt_id,
            sample=output.sample,
            hop=hop,
            parent_take_id=job.parent_take_id,
            asset_id=asset.id,
            # Not the job's key: a late output's job may have had to leave it to another one (advance.free_key).
            cache_key=cache_key(parse_request(job.request), parent_sha256=parent_sha256) if stored.is_master else None,
            cost_microusd=price_per_sample(job),
            manifest=_manifest(job, output, stored),
            created_at=now,
        )
        session.add(take)
        session.flush()
        _select(session, job, take)


def _asset(tools: Tools, job: Job, take_id: UUID, stored: _Stored, now: datetime) -> Asset:
    probe = stored.probe
    return Asset(
        id=uuid5(take_id, "video"),
        project_id=job.project_id,
        node_id=job.node_id,
        kind="video",
        state="ready",
        file_name=f"video-{str(take_id)[:8]}.mp4",
        content_type="video/mp4",
        size_bytes=probe.size_bytes,
        bucket=tools.settings.media_bucket,
        object_name=stored.object_name,
        poster_object=stored.poster_object,
        thumbnail_object=stored.thumbnail_object,
        sha256=stored.sha256,
        width=probe.width,
        height=probe.height,
        duration_seconds=probe.duration_seconds,
        frames=probe.frames,
        has_audio=probe.has_audio,
        created_by=job.user_id,
        created_at=now,
        ready_at=now,
    )


def _manifest(job: Job, output: Output, stored: _Stored) -> dict[str, Any]:
    """All that is needed to make this take again, or to say where it came from."""
    return {
        "model": job.model,
        "catalogue_version": CATALOGUE_VERSION,
        "request": job.request,
        "operation_name": job.operation_name,
        "output": asdict(output),
        "parent_take_id": str(job.parent_take_id) if job.parent_take_id else None,
        "tail": job.tail,
        "sha256": stored.sha256,
        # Remuxing may drop C2PA credentials; the SynthID watermark of the provider is in the pictures and stays.
        "provenance": {"synthid": True, "c2pa_kept": job.parent_take_id is None},
    }


def _select(session: Session, job: Job, take: Take) -> None:
    """Show the result of the newest job; of several samples the first, unless the person picks another."""
    node = session.get_one(Node, job.node_id, with_for_update=True)
    shown = session.get(Take, node.selected_take_id) if node.selected_take_id else None
    if shown is None or (take.sample < shown.sample if shown.job_id == job.id else not _is_newer(session, shown.job_id, job)):
        node.selected_take_id = take.id


def _is_newer(session: Session, other_id: UUID, job: Job) -> bool:
    return session.get_one(Job, other_id).created_at > job.created_at


def _try_later(tools: Tools, job_id: UUID, error: str) -> None:
    """Come back with growing delays: it is paid for. After hours of failure a person has to look."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.SETTLING:
            return
        if job.settle_attempts >= cadence.SETTLE_ATTEMPTS:
            reason = not_stored_reason(job.settle_attempts, error)
            advance(session, job, JobEvent.OUTPUT_UNREADABLE, now=now, reason=reason)
            return
        job.lease_until = None
        job.next_check_at = now + cadence.settle_delay(job.settle_attempts)
        add_job_task(session, job, "/tasks/settle", at=job.next_check_at)
