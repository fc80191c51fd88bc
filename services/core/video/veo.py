"""Veo on Vertex AI: start a render once, ask how it goes, and say in types what each answer means."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, assert_never

from services.core.video.catalogue import find_model
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
from services.core.video.request import (
    ExtendVideo,
    FramesToVideo,
    ImageToVideo,
    MediaInput,
    ReferencesToVideo,
    TextToVideo,
    VideoRequest,
)
from services.core.video.safety import is_refusal, parse_reasons

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.genai import types

    from services.core.video.genai import GoogleModels

INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED = 3, 5, 8  # google.rpc.Code

_ADVICE = {
    INVALID_ARGUMENT: "Change the prompt or the pictures as the message says, then run it again.",
    NOT_FOUND: "Run it again; nothing was billed for an operation that does not exist.",
    RESOURCE_EXHAUSTED: "The provider is out of capacity; run it again in a few minutes.",
}
_ADVICE_ELSE = "The provider failed while rendering and bills nothing for it; run it again."


class VeoDriver:
    """Calls Veo in one project and region. Safe to share between threads; connects on its first call.

    `endpoint` replaces Google's regional address. `credentials` carry the cloud-platform scope.
    """

    def __init__(self, project: str, region: str, credentials: "Credentials", endpoint: str | None = None) -> None:
        self._project = project
        self._region = region
        self._credentials = credentials
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._google: GoogleModels | None = None

    def submit(
        self,
        request: VideoRequest,
        *,
        output_prefix: str,
        video: MediaInput | None = None,
        labels: Mapping[str, str] | None = None,
        timeout_seconds: float = 60.0,
    ) -> SubmitOutcome:
        """Start a render whose files will lie under `output_prefix` (gs://bucket/.../). Sends once, whatever happens.

        `video` is the tail to continue, for an ExtendVideo and nothing else (ValueError otherwise). `labels` go to the billing export: keys
        and values of lower-case letters, digits, - and _. `timeout_seconds` bounds the connection and each wait for bytes.
        """
        if isinstance(request, ExtendVideo) != (video is not None):
            raise ValueError("an extension, and nothing else, is submitted with the video it continues")
        if not (output_prefix.startswith("gs://") and output_prefix.endswith("/")):
            raise ValueError("the output prefix is a gs:// address that ends with a slash")
        google = self._connected()
        model = find_model(request.model).model.id
        answer = google.start_videos(model, *_translated(request, video, output_prefix, labels or {}), timeout_seconds)
        match answer:
            case NotSent() | Rejected() | BlockedAtSubmit() | Unknown():
                return answer
            case operation if operation.name:
                return Accepted(operation.name)
            case _:
                return Unknown("The provider accepted the request and named no operation.")

    def poll(self, operation_name: str, *, timeout_seconds: float = 30.0) -> PollOutcome:
        """How the render goes. Free, and safe to repeat."""
        answer = self._connected().fetch_videos(operation_name, timeout_seconds)
        match answer:
            case Rejected(code="not_found"):
                return Failed(NOT_FOUND, "The provider does not know this operation any more.", _ADVICE[NOT_FOUND])
            case Rejected(message=message):
                return Unreachable(message)
            case BlockedAtSubmit(block):
                return Blocked(block)
            case NotSent(reason):
                return Unreachable(f"Nothing was sent ({reason}).")
            case Unknown(reason):
                return Unreachable(reason)
            case operation:
                return _read(operation)

    def close(self) -> None:
        """Give the connections back; a later call opens new ones."""
        with self._lock:
            if self._google is not None:
                self._google.close()
                self._google = None

    def _connected(self) -> "GoogleModels":
        with self._lock:
            if self._google is None:
                from services.core.video.genai import GoogleModels  # noqa: PLC0415 - cold start: google-genai takes over a second to import

                self._google = GoogleModels(
                    project=self._project, location=self._region, credentials=self._credentials, endpoint=self._endpoint
                )
            return self._google


def _translated(
    request: VideoRequest, video: MediaInput | None, output_prefix: str, labels: Mapping[str, str]
) -> tuple["types.GenerateVideosSource", "types.GenerateVideosConfig"]:
    """The request in google-genai's words. Media travel as gs:// addresses, results are always written to the bucket."""
    from google.genai import types  # noqa: PLC0415 - cold start: see `_connected`

    def image(media: MediaInput) -> types.Image:
        return types.Image(gcs_uri=media.uri, mime_type=media.content_type)

    source = types.GenerateVideosSource(prompt=request.prompt or None)
    config = types.GenerateVideosConfig(
        output_gcs_uri=output_prefix,
        number_of_videos=request.samples,
        duration_seconds=request.duration_seconds,
        resolution=request.resolution,
        aspect_ratio=request.aspect_ratio,
        seed=request.seed,
        negative_prompt=request.negative_prompt or None,
        generate_audio=request.generate_audio,
        person_generation=request.person_generation,
        labels=dict(labels) or None,
    )
    match request:
        case TextToVideo():
            pass
        case ImageToVideo():
            source.image = image(request.image)
        case FramesToVideo():
            source.image = image(request.image)
            config.last_frame = image(request.last_frame)
        case ReferencesToVideo():
            asset = types.VideoGenerationReferenceType.ASSET
            config.reference_images = [
                types.VideoGenerationReferenceImage(image=image(media), reference_type=asset) for media in request.references
            ]
        case ExtendVideo():
            assert video is not None  # submit refused it otherwise
            source.video = types.Video(uri=video.uri, mime_type=video.content_type)
            config.duration_seconds = None  # not a choice: the provider adds 7 s
        case _:
            assert_never(request)
    return source, config


def _read(operation: "types.GenerateVideosOperation") -> PollOutcome:
    """What the state of an operation means. "Done, no error, no videos" is a refusal by the safety filter, not a success."""
    if operation.error:
        return _read_error(operation.error)
    if not operation.done:
        return Pending()
    response = operation.response
    videos = (response.generated_videos if response else None) or []
    reasons = (response.rai_media_filtered_reasons if response else None) or []
    withheld = (response.rai_media_filtered_count if response else None) or len(reasons)
    if not videos:
        return Blocked(parse_reasons(reasons))
    outputs = tuple(item.video.uri for item in videos if item.video and item.video.uri)
    if not outputs:
        # Rendered, so billed, but not where it was told to be written. Not a failure: that would give the money back.
        return Unreachable("The provider reports videos without saying where in the bucket they are.")
    return Finished(outputs, blocked=parse_reasons(reasons) if withheld else None)


def _read_error(error: Mapping[str, object]) -> Blocked | Failed:
    """An operation's google.rpc.Status: {"code": 13, "message": "..."}."""
    code, message = error.get("code"), str(error.get("message") or "The provider gave no reason.")
    if is_refusal(message):
        return Blocked(parse_reasons([message]))
    number = code if isinstance(code, int) else 2  # google.rpc.Code UNKNOWN
    return Failed(number, message, _ADVICE.get(number, _ADVICE_ELSE))
