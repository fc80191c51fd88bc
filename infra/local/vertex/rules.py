"""The rules between the fields of a Veo request: pure checks, each refusing with 400 and the name of the field."""

from dataclasses import dataclass

from infra.local.vertex.catalogue import FRAME_SIZES, VideoModel, frame_size
from infra.local.vertex.errors import invalid_argument
from infra.local.vertex.render.input_video import VideoShape
from infra.local.vertex.wire import Media, WireRequest

DURATIONS_SECONDS = (4, 6, 8)
LONGEST_SECONDS = 8
EXTENSION_SECONDS = 7
EXTENSION_INPUT_SECONDS = (1, 30)
ASPECT_RATIOS = ("16:9", "9:16")
PERSON_GENERATION = ("dont_allow", "allow_adult", "allow_all")
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")
LARGEST_SEED = 2**32 - 1
# A measured length may miss the nominal one by the padding of the last audio packet.
LENGTH_TOLERANCE_SECONDS = 0.1


@dataclass(frozen=True)
class TextRequest:
    """A video from words."""


@dataclass(frozen=True)
class ImageRequest:
    """A video that starts with a picture, and may end with another."""

    first: Media
    last: Media | None


@dataclass(frozen=True)
class ReferenceRequest:
    """A video with the things or people of one to three pictures in it."""

    images: tuple[Media, ...]


@dataclass(frozen=True)
class ExtensionRequest:
    """Seven seconds more of a video. Its shape is checked when the file has been read."""

    video: Media


Input = TextRequest | ImageRequest | ReferenceRequest | ExtensionRequest


@dataclass(frozen=True)
class CheckedRequest:
    """A request that keeps every rule, with the defaults filled in. `aspect_ratio` None: as the input video's."""

    input: Input
    duration_seconds: int
    resolution: str
    aspect_ratio: str | None


def check_request(request: WireRequest, model: VideoModel, *, portrait_references: bool = False) -> CheckedRequest:
    """Return what to make; ApiError 400 INVALID_ARGUMENT with the first rule that is broken."""
    asked = _input(request)
    _check_independent_fields(request)
    resolution = request.resolution or "720p"
    if resolution not in FRAME_SIZES:
        raise invalid_argument("resolution", f"must be one of {', '.join(FRAME_SIZES)}, was {resolution!r}.")
    if resolution not in model.resolutions:
        raise invalid_argument("resolution", f"{resolution} is not supported by {model.name}.")
    if isinstance(asked, ExtensionRequest):
        if resolution != "720p":
            raise invalid_argument("resolution", "a video extension must be 720p.")
        if request.duration_seconds not in (None, EXTENSION_SECONDS):
            raise invalid_argument("durationSeconds", f"a video extension always adds {EXTENSION_SECONDS} seconds.")
        return CheckedRequest(asked, EXTENSION_SECONDS, resolution, request.aspect_ratio)
    duration = LONGEST_SECONDS if request.duration_seconds is None else request.duration_seconds
    aspect_ratio = request.aspect_ratio or "16:9"
    if duration not in DURATIONS_SECONDS:
        raise invalid_argument("durationSeconds", f"must be 4, 6 or 8, was {duration}.")
    if resolution != "720p" and duration != LONGEST_SECONDS:
        raise invalid_argument("durationSeconds", f"must be 8 when resolution is {resolution}, was {duration}.")
    if isinstance(asked, ReferenceRequest):
        if duration != LONGEST_SECONDS:
            raise invalid_argument("durationSeconds", f"must be 8 with referenceImages, was {duration}.")
        if aspect_ratio == "9:16" and not portrait_references:
            raise invalid_argument("aspectRatio", "9:16 is not supported with referenceImages.")
    return CheckedRequest(asked, duration, resolution, aspect_ratio)


def check_extension_input(shape: VideoShape, aspect_ratio: str | None) -> str:
    """Check the measured input of an extension and return its aspect ratio."""
    shortest, longest = EXTENSION_INPUT_SECONDS
    if not shortest - LENGTH_TOLERANCE_SECONDS <= shape.duration_seconds <= longest + LENGTH_TOLERANCE_SECONDS:
        raise invalid_argument("video", f"must be {shortest} to {longest} seconds long, is {shape.duration_seconds:.1f} seconds.")
    for candidate in ASPECT_RATIOS:
        if (shape.width, shape.height) == frame_size("720p", candidate):
            if aspect_ratio not in (None, candidate):
                raise invalid_argument("aspectRatio", f"must be that of the input video, {candidate}, was {aspect_ratio}.")
            return candidate
    raise invalid_argument("video", f"must be 720p in 16:9 or 9:16, is {shape.width}x{shape.height}.")


def _input(request: WireRequest) -> Input:
    _check_combinations(request)
    for media in (request.image, request.last_frame, *request.references):
        if media is not None and media.mime_type not in IMAGE_TYPES:
            raise invalid_argument(f"{media.field}.mimeType", f"must be one of {', '.join(IMAGE_TYPES)}, was {media.mime_type!r}.")
    if request.video is not None:
        if request.video.mime_type != "video/mp4":
            raise invalid_argument("video.mimeType", f"must be video/mp4, was {request.video.mime_type!r}.")
        return ExtensionRequest(request.video)
    if request.image is not None:
        return ImageRequest(request.image, request.last_frame)
    if not request.prompt.strip():
        raise invalid_argument("prompt", "is required.")
    return ReferenceRequest(request.references) if request.references else TextRequest()


def _check_combinations(request: WireRequest) -> None:
    if request.has_mask:
        raise invalid_argument("mask", "is not supported by this model.")
    if len(request.references) > 3:
        raise invalid_argument("referenceImages", f"must be at most 3, were {len(request.references)}.")
    for field, media in (("image", request.image), ("video", request.video), ("lastFrame", request.last_frame)):
        if media is not None and request.references:
            raise invalid_argument(field, "cannot be combined with referenceImages.")
        if media is not None and field != "video" and request.video is not None:
            raise invalid_argument(field, "cannot be combined with video.")
    if request.last_frame is not None and request.image is None:
        raise invalid_argument("lastFrame", "needs image, the first frame.")


def _check_independent_fields(request: WireRequest) -> None:
    if not 1 <= request.sample_count <= 4:
        raise invalid_argument("sampleCount", f"must be 1 to 4, was {request.sample_count}.")
    if request.aspect_ratio not in (None, *ASPECT_RATIOS):
        raise invalid_argument("aspectRatio", f"must be 16:9 or 9:16, was {request.aspect_ratio!r}.")
    if request.frames_per_second not in (None, 24):
        raise invalid_argument("fps", f"must be 24, was {request.frames_per_second}.")
    if request.person_generation not in (None, *PERSON_GENERATION):
        raise invalid_argument("personGeneration", f"must be one of {', '.join(PERSON_GENERATION)}, was {request.person_generation!r}.")
    if request.seed is not None and not 0 <= request.seed <= LARGEST_SEED:
        raise invalid_argument("seed", f"must be 0 to {LARGEST_SEED}, was {request.seed}.")
