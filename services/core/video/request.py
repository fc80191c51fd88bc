"""What is asked of a video model: a union of five kinds, its price and its cache key. Pure; stored with the job, checked by `rules`."""

import hashlib
import json
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.core.video.catalogue import CATALOGUE_VERSION, DEFAULT_MODEL, find_model

PersonGeneration = Literal["dont_allow", "allow_adult", "allow_all"]


class MediaInput(BaseModel):
    """A picture or video in a bucket that the provider reads by itself. `sha256` is of its bytes, in lower-case hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_id: UUID
    bucket: str
    object_name: str
    content_type: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def uri(self) -> str:
        """gs://bucket/object"""
        return f"gs://{self.bucket}/{self.object_name}"


class _Request(BaseModel):
    """What all kinds share. `rules` checks the values that depend on the model, so that a person reads a sentence about each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = DEFAULT_MODEL
    prompt: str = ""
    negative_prompt: str | None = None
    resolution: str = "720p"
    aspect_ratio: str = "16:9"
    samples: int = 1
    seed: int | None = None
    generate_audio: bool = True
    person_generation: PersonGeneration = "allow_adult"


class TextToVideo(_Request):
    """A video from words alone."""

    mode: Literal["text"] = "text"
    duration_seconds: int = 8


class ImageToVideo(_Request):
    """A video that starts with a picture."""

    mode: Literal["image"] = "image"
    duration_seconds: int = 8
    image: MediaInput


class FramesToVideo(_Request):
    """A video that starts with one picture and ends with another."""

    mode: Literal["frames"] = "frames"
    duration_seconds: int = 8
    image: MediaInput
    last_frame: MediaInput


class ReferencesToVideo(_Request):
    """A video in which the people or things of the pictures appear."""

    mode: Literal["references"] = "references"
    duration_seconds: int = 8
    references: tuple[MediaInput, ...]


class ExtendVideo(_Request):
    """7 more seconds of a video. What is sent of it, its tail, is cut just before the submit, so no video is named here."""

    mode: Literal["extend"] = "extend"
    duration_seconds: Literal[7] = 7
    hop: int = Field(ge=1)
    """1 for the first extension of a chain."""


VideoRequest = TextToVideo | ImageToVideo | FramesToVideo | ReferencesToVideo | ExtendVideo
_ADAPTER: TypeAdapter[VideoRequest] = TypeAdapter(Annotated[VideoRequest, Field(discriminator="mode")])


def parse_request(document: dict[str, Any]) -> VideoRequest:
    """The request that `model_dump(mode="json")` wrote. Raises pydantic.ValidationError where the document is none."""
    return _ADAPTER.validate_python(document, strict=False)


def inputs_of(request: VideoRequest) -> tuple[MediaInput, ...]:
    """The pictures a request is made from, in the order that counts."""
    match request:
        case TextToVideo() | ExtendVideo():
            return ()
        case ImageToVideo():
            return (request.image,)
        case FramesToVideo():
            return (request.image, request.last_frame)
        case ReferencesToVideo():
            return request.references
        case _:
            assert_never(request)


def price_microusd(request: VideoRequest) -> int:
    """What all samples cost if all are delivered, in millionths of a US dollar; an extension bills its 7 new seconds.

    Invalid for an unknown model and for an unknown price: nothing is rendered that cannot be counted.
    """
    model = find_model(request.model).model
    return request.samples * request.duration_seconds * model.price_of(request.resolution)


def cache_key(request: VideoRequest, *, parent_sha256: str | None = None) -> str:
    """Digest of everything that decides the result, 64 hexadecimal digits: two requests with one key would make the same video.

    Pictures count by their bytes, not by where they lie. `parent_sha256` is of the video that an ExtendVideo continues, and stands for all
    that came before it, so the number of the hop does not count. Raises ValueError for an ExtendVideo without it, or another kind with it.
    """
    if isinstance(request, ExtendVideo) != (parent_sha256 is not None):
        raise ValueError("an extension, and nothing else, is keyed by the video it continues")
    fields = request.model_dump(mode="json", exclude={"image", "last_frame", "references", "hop"})
    deciding = {
        **fields,
        "model": find_model(request.model).model.id,
        "catalogue": CATALOGUE_VERSION,
        "inputs": [media.sha256 for media in inputs_of(request)],
        "parent": parent_sha256,
    }
    canonical = json.dumps(deciding, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
