"""Reads predictLongRunning requests off the wire, with keys in camelCase or snake_case; unknown keys are ignored, as Google does."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from infra.local.vertex.errors import invalid_argument
from infra.local.vertex.object_store import ObjectUri

Value = TypeVar("Value")


@dataclass(frozen=True)
class Media:
    """A picture or video in a request: in a bucket or within the request itself. `field` is where it stood."""

    field: str
    mime_type: str
    location: ObjectUri | bytes


@dataclass(frozen=True)
class WireRequest:
    """A request as it was sent: typed, but no rule between fields is checked yet. None means that it was not sent."""

    prompt: str
    image: Media | None
    last_frame: Media | None
    video: Media | None
    references: tuple[Media, ...]
    has_mask: bool
    sample_count: int
    duration_seconds: int | None
    frames_per_second: int | None
    aspect_ratio: str | None
    resolution: str | None
    person_generation: str | None
    negative_prompt: str | None
    generate_audio: bool
    seed: int | None
    storage_uri: ObjectUri | None
    labels: dict[str, str]


def find_field(message: Mapping[str, Any], name: str) -> Any:
    """Return the value of a camelCase field, which may be sent in snake_case too; None where it is missing."""
    if name in message:
        return message[name]
    return message.get(re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name))


def parse_request(body: Mapping[str, Any]) -> WireRequest:
    """Read the body of predictLongRunning; ApiError 400 naming the field that has the wrong type."""
    instances = body.get("instances")
    if not isinstance(instances, list) or len(instances) != 1 or not isinstance(instances[0], dict):
        raise invalid_argument("instances", "must be a list of exactly one instance.")
    instance, parameters = instances[0], body.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise invalid_argument("parameters", "must be an object.")
    labels = _typed(body, "labels", dict) or {}
    sample_count = _typed(parameters, "sampleCount", int)
    generate_audio = _typed(parameters, "generateAudio", bool)
    return WireRequest(
        prompt=_typed(instance, "prompt", str) or "",
        image=_media(instance, "image", "image"),
        last_frame=_media(instance, "lastFrame", "lastFrame"),
        video=_media(instance, "video", "video"),
        references=_references(instance),
        has_mask=find_field(instance, "mask") is not None,
        sample_count=1 if sample_count is None else sample_count,
        duration_seconds=_typed(parameters, "durationSeconds", int),
        frames_per_second=_typed(parameters, "fps", int),
        aspect_ratio=_typed(parameters, "aspectRatio", str),
        resolution=_typed(parameters, "resolution", str),
        person_generation=_typed(parameters, "personGeneration", str),
        negative_prompt=_typed(parameters, "negativePrompt", str),
        generate_audio=True if generate_audio is None else generate_audio,
        seed=_typed(parameters, "seed", int),
        storage_uri=_object_uri(_typed(parameters, "storageUri", str), "storageUri"),
        labels={str(key): str(label) for key, label in labels.items()},
    )


def _typed(message: Mapping[str, Any], name: str, kind: type[Value]) -> Value | None:
    value = find_field(message, name)
    if value is None:
        return None
    # In Python a bool is an int; on the wire it is not.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise invalid_argument(name, f"must be of type {kind.__name__}.")
    return value


def _object_uri(uri: str | None, field: str) -> ObjectUri | None:
    if uri is None:
        return None
    try:
        return ObjectUri.parse(uri)
    except ValueError as error:
        raise invalid_argument(field, f"{error}.") from error


def _references(instance: Mapping[str, Any]) -> tuple[Media, ...]:
    found = []
    for index, reference in enumerate(_typed(instance, "referenceImages", list) or []):
        field = f"referenceImages[{index}]"
        if not isinstance(reference, dict):
            raise invalid_argument(field, "must be an object.")
        kind = find_field(reference, "referenceType")
        if not isinstance(kind, str) or kind.upper() != "ASSET":
            raise invalid_argument(f"{field}.referenceType", "must be ASSET.")
        media = _media(reference, "image", f"{field}.image")
        if media is None:
            raise invalid_argument(f"{field}.image", "is required.")
        found.append(media)
    return tuple(found)


def _media(message: Mapping[str, Any], name: str, field: str) -> Media | None:
    sent = find_field(message, name)
    if sent is None:
        return None
    if not isinstance(sent, dict):
        raise invalid_argument(field, "must be an object.")
    uri = _object_uri(_typed(sent, "gcsUri", str), f"{field}.gcsUri")
    encoded = _typed(sent, "bytesBase64Encoded", str)
    mime_type = _typed(sent, "mimeType", str)
    if not mime_type:
        raise invalid_argument(f"{field}.mimeType", "is required.")
    if (uri is None) == (encoded is None):
        raise invalid_argument(field, "needs exactly one of gcsUri and bytesBase64Encoded.")
    if uri is not None:
        return Media(field, mime_type, uri)
    try:
        # JSON encoders of Google proto types use either alphabet.
        return Media(field, mime_type, base64.b64decode((encoded or "").translate(str.maketrans("-_", "+/")), validate=True))
    except binascii.Error as error:
        raise invalid_argument(f"{field}.bytesBase64Encoded", "is not valid base64.") from error
