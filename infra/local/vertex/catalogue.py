"""The models that exist, what each can do, and where it is served; every other name answers 404, as retired models do."""

from dataclasses import dataclass

from infra.local.vertex.errors import ApiError, not_found

FRAME_SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}  # 16:9; 9:16 swaps the sides
VIDEO_LOCATION = "us-central1"
CONTENT_LOCATION = "global"


@dataclass(frozen=True)
class VideoModel:
    """A Veo model. The preview ids of 3.1 are shut down and therefore missing here."""

    name: str
    resolutions: tuple[str, ...]


VIDEO_MODELS = {
    model.name: model
    for model in (
        VideoModel("veo-3.1-generate-001", ("720p", "1080p", "4k")),
        VideoModel("veo-3.1-fast-generate-001", ("720p", "1080p", "4k")),
        VideoModel("veo-3.1-lite-generate-001", ("720p", "1080p")),
    )
}
CONTENT_MODELS = ("gemini-3.8-flash",)


def frame_size(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = FRAME_SIZES[resolution]
    return (width, height) if aspect_ratio == "16:9" else (height, width)


def get_video_model(project: str, location: str, name: str) -> VideoModel:
    """Return the Veo model; ApiError 404 where it is unknown or not served in `location`."""
    if name not in VIDEO_MODELS or location != VIDEO_LOCATION:
        raise _missing(project, location, name, VIDEO_LOCATION if name in VIDEO_MODELS else None)
    return VIDEO_MODELS[name]


def check_content_model(project: str | None, location: str | None, name: str) -> None:
    """ApiError 404 unless Gemini `name` is served in `location`; requests with an API key name neither project nor location."""
    if name not in CONTENT_MODELS or location not in (None, CONTENT_LOCATION):
        raise _missing(project or "-", location or "-", name, CONTENT_LOCATION if name in CONTENT_MODELS else None)


def _missing(project: str, location: str, name: str, served_in: str | None) -> ApiError:
    resource = f"projects/{project}/locations/{location}/publishers/google/models/{name}"
    advice = f" It is served in location {served_in}." if served_in else ""
    return not_found(f"Publisher Model `{resource}` was not found or your project does not have access to it.{advice}")
