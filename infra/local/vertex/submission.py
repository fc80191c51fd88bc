"""Accepts a predictLongRunning call: reads its inputs, checks the rules, decides how it will end, and stores that with its bill."""

import dataclasses
import hashlib
import io
import json
import secrets
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, assert_never

from PIL import Image, UnidentifiedImageError

from infra.local.vertex import behaviour, errors
from infra.local.vertex.behaviour import Blocked, Directions, Empty, OperationError, Partial, Rendered, Unavailable
from infra.local.vertex.catalogue import VideoModel, frame_size
from infra.local.vertex.ledger import JournalEntry, Ledger
from infra.local.vertex.object_store import ObjectMissingError, ObjectStore, StoreUnavailableError
from infra.local.vertex.plan import Failure, Nothing, Plan, Videos
from infra.local.vertex.refusals import refusal_error
from infra.local.vertex.render.input_video import UnreadableVideoError, probe
from infra.local.vertex.render.specification import (
    ExtensionSource,
    ImageSource,
    ReferencesSource,
    RenderSpecification,
    Source,
    TextSource,
)
from infra.local.vertex.rules import (
    CheckedRequest,
    ExtensionRequest,
    ImageRequest,
    ReferenceRequest,
    TextRequest,
    check_extension_input,
    check_request,
)
from infra.local.vertex.wire import Media, WireRequest, parse_request

RenderSpeed = Literal["auto", "veryfast", "ultrafast"]
FILE_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "video/mp4": ".mp4"}


@dataclass(frozen=True)
class Accepted:
    """An operation was stored. `reply` is what the caller gets to see of it."""

    operation_name: str
    reply: Literal["name", "unavailable", "nothing"]


class Submission:
    """The submit side of the simulated service. Inputs are copied below `directory`, so that rendering needs nothing else later."""

    def __init__(self, ledger: Ledger, store: ObjectStore, directory: Path, render_speed: RenderSpeed) -> None:
        self._ledger = ledger
        self._store = store
        self._directory = directory
        self._render_speed = render_speed

    def submit(self, model_path: str, model: VideoModel, body: dict[str, Any]) -> Accepted:
        """Accept the call or raise ApiError; `model_path` is projects/.../models/M, below which the operation is named."""
        request = parse_request(body)
        digest = request_digest(model.name, request)
        directions = self._directions(request, digest)
        started = isinstance(directions.refusal, Unavailable) and directions.refusal.started
        if directions.refusal is not None and not started:
            raise refusal_error(directions.refusal)
        checked = check_request(request, model, portrait_references=directions.portrait_references)
        operation_id = str(uuid.uuid4())
        try:
            source, aspect_ratio, content_digest = self._fetch(checked, operation_id, directions)
        except errors.ApiError:
            shutil.rmtree(self._directory / operation_id, ignore_errors=True)
            raise
        specifications = self._specifications(request, checked, source, aspect_ratio, f"{digest}/{content_digest}")
        folder = request.storage_uri.child(str(secrets.randbelow(9 * 10**18) + 10**18)) if request.storage_uri else None
        plan = Plan(
            ending=_ending(directions, specifications),
            folder=None if folder is None else str(folder),
            linger_seconds=directions.linger_seconds,
        )
        name, now = f"{model_path}/operations/{operation_id}", time.time()
        entry = _journal_entry(name, model, request, checked, plan, digest, now)
        self._ledger.accept(name, model.name, plan, entry, ready_at=now + directions.delay_seconds, held=directions.held)
        if directions.reply_lost:
            return Accepted(name, "nothing")
        return Accepted(name, "unavailable" if started else "name")

    def _directions(self, request: WireRequest, digest: str) -> Directions:
        try:
            told = behaviour.apply_words(Directions(), self._ledger.take_words("submit"))
            words = behaviour.words_in_prompt(request.prompt)
            transient = any(word.partition(":")[0] in behaviour.TRANSIENT_WORDS for word in words)
            if transient and not self._ledger.strikes_now(digest):
                words = tuple(word for word in words if word.partition(":")[0] not in behaviour.TRANSIENT_WORDS)
            return behaviour.apply_words(told, words)
        except behaviour.UnknownBehaviourError as error:
            raise errors.invalid_argument("prompt", f"{error}.") from error

    def _fetch(self, checked: CheckedRequest, operation_id: str, directions: Directions) -> tuple[Source, str, str]:
        """Copy the inputs; return the source to render, the aspect ratio, and a digest of what the inputs hold."""
        folder, digest = self._directory / operation_id, hashlib.sha256()

        def copy(media: Media) -> Path:
            content = self._content(media)
            digest.update(hashlib.sha256(content).digest())
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{len(list(folder.iterdir()))}{FILE_SUFFIXES[media.mime_type]}"
            path.write_bytes(content)
            if media.mime_type != "video/mp4":
                _check_picture(media, content)
            return path

        source: Source
        aspect_ratio = checked.aspect_ratio or "16:9"
        match checked.input:
            case TextRequest():
                source = TextSource()
            case ImageRequest(first=first, last=last):
                source = ImageSource(first=copy(first), last=None if last is None else copy(last))
            case ReferenceRequest(images=images):
                source = ReferencesSource(images=tuple(copy(image) for image in images))
            case ExtensionRequest(video=video):
                path = copy(video)
                try:
                    aspect_ratio = check_extension_input(probe(path), checked.aspect_ratio)
                except UnreadableVideoError as error:
                    raise errors.invalid_argument("video", f"{error}.") from error
                source = ExtensionSource(video=path, form=directions.extension_form)
            case unknown:
                assert_never(unknown)
        return source, aspect_ratio, digest.hexdigest()

    def _content(self, media: Media) -> bytes:
        if isinstance(media.location, bytes):
            return media.location
        try:
            return self._store.read(media.location)
        except ObjectMissingError as error:
            raise errors.invalid_argument(f"{media.field}.gcsUri", f"{media.location} does not exist.") from error
        except StoreUnavailableError as error:
            raise errors.unavailable() from error

    def _specifications(
        self, request: WireRequest, checked: CheckedRequest, source: Source, aspect_ratio: str, digest: str
    ) -> tuple[RenderSpecification, ...]:
        seed = secrets.randbelow(2**32) if request.seed is None else request.seed
        width, height = frame_size(checked.resolution, aspect_ratio)
        preset = self._render_speed
        if preset == "auto":
            preset = "veryfast" if checked.resolution == "720p" else "ultrafast"
        return tuple(
            RenderSpecification(
                source=source,
                prompt=behaviour.without_words(request.prompt),
                style_digest=hashlib.sha256(f"{digest}/{seed}/{sample}".encode()).hexdigest(),
                duration_seconds=checked.duration_seconds,
                width=width,
                height=height,
                audio=request.generate_audio,
                preset=preset,
            )
            for sample in range(request.sample_count)
        )


def request_digest(model: str, request: WireRequest) -> str:
    """sha256 of what was asked for: two submits of the same thing have the same, wherever the output goes and however it is labelled."""

    def plain(value: object) -> object:
        return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)

    fields = dataclasses.asdict(dataclasses.replace(request, storage_uri=None, labels={}))
    return hashlib.sha256(json.dumps([model, fields], sort_keys=True, default=plain).encode()).hexdigest()


def _journal_entry(
    name: str, model: VideoModel, request: WireRequest, checked: CheckedRequest, plan: Plan, digest: str, now: float
) -> JournalEntry:
    return JournalEntry(
        operation_name=name,
        model=model.name,
        labels=request.labels,
        duration_seconds=checked.duration_seconds,
        samples=request.sample_count,
        billed_samples=len(plan.ending.sample_numbers) if isinstance(plan.ending, Videos) else 0,
        storage_uri=None if request.storage_uri is None else str(request.storage_uri),
        request_digest=digest,
        submitted_at=now,
        status=plan.journal_status,
    )


def _ending(directions: Directions, specifications: tuple[RenderSpecification, ...]) -> Videos | Nothing | Failure:
    numbers = tuple(range(len(specifications)))
    match directions.outcome:
        case Rendered():
            return Videos(specifications=specifications, sample_numbers=numbers, crash=directions.crash)
        case Blocked(support_code=code):
            return Nothing(reasons=(_reason(code),) * len(numbers))
        case Partial(filtered=filtered, support_code=code) if filtered >= len(numbers):
            return Nothing(reasons=(_reason(code),) * len(numbers))
        case Partial(filtered=filtered, support_code=code):
            return Videos(specifications=specifications[filtered:], sample_numbers=numbers[filtered:], reasons=(_reason(code),) * filtered)
        case Empty():
            return Nothing()
        case OperationError(code=error_code, message=message):
            return Failure(code=error_code, message=message)
        case unknown:
            assert_never(unknown)


def _reason(support_code: str) -> str:
    return (
        "Veo could not generate 1 videos because the input or the output violates Vertex AI's usage guidelines. "
        "You will not be charged for this request. If you think this was an error, send feedback. "
        f"Support codes: {support_code}"
    )


def _check_picture(media: Media, content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise errors.invalid_argument(media.field, "is not a picture that can be decoded.") from error
