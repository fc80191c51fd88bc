"""What a take's manifest says of the request it came from. Manifests are kept for ever, so this reads older ones as far as it can."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, WrapValidator

Value = TypeVar("Value")


def _or_none(value: object, read: Callable[[object], object]) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


Kept = Annotated[Value | None, WrapValidator(_or_none)]
"""A field that is None where the manifest does not hold it, or holds something else under its name."""


class MadeFrom(BaseModel):
    """The request of a take, as far as people ask about it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    model: Kept[str] = None
    prompt: Kept[str] = None
    negative_prompt: Kept[str] = None
    seed: Kept[int] = None
    resolution: Kept[str] = None
    duration_seconds: Kept[int] = None
    aspect_ratio: Kept[str] = None


def made_from(manifest: Mapping[str, Any]) -> MadeFrom:
    """The request in a manifest (jobs.settle writes them)."""
    request = manifest.get("request")
    fields = request if isinstance(request, dict) else {}
    return MadeFrom.model_validate({"model": manifest.get("model"), **fields})
