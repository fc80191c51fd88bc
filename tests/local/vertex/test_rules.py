"""The rules of Veo: each broken one is refused with 400 and the name of the field, and is never billed."""

from pathlib import Path
from typing import Any

import pytest
from google.genai import errors, types

from infra.local.vertex.errors import ApiError
from infra.local.vertex.render.input_video import VideoShape
from infra.local.vertex.rules import check_extension_input
from tests.local.vertex.support import Vertex, write_plain_video

PHOTO = types.Image(gcs_uri="gs://uploads/portrait.png", mime_type="image/png")
VIDEO = types.Video(uri="gs://uploads/short.mp4", mime_type="video/mp4")
ASSET = types.VideoGenerationReferenceImage(image=PHOTO, reference_type=types.VideoGenerationReferenceType.ASSET)
STYLE = types.VideoGenerationReferenceImage(image=PHOTO, reference_type=types.VideoGenerationReferenceType.STYLE)

BROKEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("durationSeconds: must be 4, 6 or 8", {}, {"duration_seconds": 5}),
    ("durationSeconds: must be 8 when resolution is 1080p", {}, {"resolution": "1080p"}),
    ("durationSeconds: must be 8 when resolution is 4k", {}, {"resolution": "4k", "duration_seconds": 6}),
    ("aspectRatio: must be 16:9 or 9:16", {}, {"aspect_ratio": "1:1"}),
    ("resolution: must be one of", {}, {"resolution": "480p"}),
    ("fps: must be 24", {}, {"fps": 30}),
    ("sampleCount: must be 1 to 4", {}, {"number_of_videos": 5}),
    ("sampleCount: must be 1 to 4", {}, {"number_of_videos": 0}),
    ("seed: must be 0 to", {}, {"seed": -1}),
    ("personGeneration: must be one of", {}, {"person_generation": "everyone"}),
    ("storageUri: must have the form gs://", {}, {"output_gcs_uri": "renders/job"}),
    ("prompt: is required", {"prompt": " "}, {}),
    ("lastFrame: needs image", {}, {"last_frame": PHOTO}),
    ("image: cannot be combined with video", {"image": PHOTO, "video": VIDEO}, {}),
    (
        "image.gcsUri: gs://uploads/none.png does not exist",
        {"image": types.Image(gcs_uri="gs://uploads/none.png", mime_type="image/png")},
        {},
    ),
    ("image: is not a picture", {"image": types.Image(image_bytes=b"text", mime_type="image/png")}, {}),
    ("image.mimeType: must be one of", {"image": types.Image(image_bytes=b"text", mime_type="image/gif")}, {}),
    ("image.mimeType: is required", {"image": types.Image(gcs_uri="gs://uploads/portrait.png")}, {}),
    ("referenceImages: must be at most 3", {}, {"duration_seconds": 8, "reference_images": [ASSET] * 4}),
    ("referenceImages[0].referenceType: must be ASSET", {}, {"duration_seconds": 8, "reference_images": [STYLE]}),
    ("durationSeconds: must be 8 with referenceImages", {}, {"reference_images": [ASSET]}),
    (
        "aspectRatio: 9:16 is not supported with referenceImages",
        {},
        {"duration_seconds": 8, "reference_images": [ASSET], "aspect_ratio": "9:16"},
    ),
    ("image: cannot be combined with referenceImages", {"image": PHOTO}, {"duration_seconds": 8, "reference_images": [ASSET]}),
    ("video: cannot be combined with referenceImages", {"video": VIDEO}, {"duration_seconds": 8, "reference_images": [ASSET]}),
    ("lastFrame: cannot be combined with referenceImages", {}, {"duration_seconds": 8, "reference_images": [ASSET], "last_frame": PHOTO}),
    ("resolution: a video extension must be 720p", {"video": VIDEO}, {"duration_seconds": None, "resolution": "1080p"}),
    ("durationSeconds: a video extension always adds 7 seconds", {"video": VIDEO}, {"duration_seconds": 8}),
    ("video: must be 1 to 30 seconds long, is 0.5 seconds", {"video": VIDEO}, {"duration_seconds": None}),
    ("video: must be 720p", {"video": types.Video(uri="gs://uploads/small.mp4", mime_type="video/mp4")}, {"duration_seconds": None}),
    ("video: the file cannot be decoded", {"video": types.Video(video_bytes=b"text", mime_type="video/mp4")}, {"duration_seconds": None}),
]


@pytest.fixture(scope="module")
def with_videos(shared_vertex: Vertex) -> Path:
    """An input video that is too short and one that is too small, in the bucket."""
    uploads = shared_vertex.buckets / "uploads"
    write_plain_video(uploads / "short.mp4", 1280, 720, frames=12)
    return write_plain_video(uploads / "small.mp4", 640, 360, frames=48)


@pytest.mark.usefixtures("with_videos")
@pytest.mark.parametrize(("message", "source", "config"), BROKEN, ids=[message for message, _, _ in BROKEN])
def test_a_broken_rule_is_refused_by_name_and_not_billed(
    vertex: Vertex, message: str, source: dict[str, Any], config: dict[str, Any]
) -> None:
    before = len(vertex.journal())

    with pytest.raises(errors.ClientError) as refusal:
        vertex.submit(source.get("prompt", "A lighthouse"), source={key: part for key, part in source.items() if key != "prompt"}, **config)

    assert (refusal.value.code, refusal.value.status) == (400, "INVALID_ARGUMENT")
    assert (refusal.value.message or "").startswith(message)
    assert len(vertex.journal()) == before


def test_lite_makes_no_4k(vertex: Vertex) -> None:
    with pytest.raises(errors.ClientError, match=r"resolution: 4k is not supported by veo-3\.1-lite-generate-001"):
        vertex.videos.models.generate_videos(
            model="veo-3.1-lite-generate-001",
            source=types.GenerateVideosSource(prompt="A lighthouse"),
            config=types.GenerateVideosConfig(resolution="4k", duration_seconds=8),
        )


@pytest.mark.parametrize(
    ("shape", "asked", "answer"),
    [
        (VideoShape(30.02, 1280, 720), None, "16:9"),
        (VideoShape(1.0, 720, 1280), "9:16", "9:16"),
        (VideoShape(31.0, 1280, 720), None, "video: must be 1 to 30 seconds long, is 31.0 seconds."),
        (VideoShape(8.0, 1280, 720), "9:16", "aspectRatio: must be that of the input video, 16:9, was 9:16."),
        (VideoShape(8.0, 1920, 1080), None, "video: must be 720p in 16:9 or 9:16, is 1920x1080."),
    ],
)
def test_the_measured_input_of_an_extension_decides(shape: VideoShape, asked: str | None, answer: str) -> None:
    try:
        result = check_extension_input(shape, asked)
    except ApiError as error:
        result = error.message

    assert result == answer


def test_upright_references_are_allowed_where_the_capability_is_switched_on(vertex: Vertex) -> None:
    vertex.next_submits(["portrait_references", "blocked"])

    assert vertex.submit(duration_seconds=8, reference_images=[ASSET], aspect_ratio="9:16")
