"""What a render worker is asked for: everything that decides the pixels, so that the same specification renders the same video."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FRAMES_PER_SECOND = 24  # Veo's only frame rate
SAMPLE_RATE_HZ = 48_000
ExtensionForm = Literal["tail_plus_new", "new_only"]


class _Specification(BaseModel):
    model_config = ConfigDict(frozen=True)


class TextSource(_Specification):
    """A picture made up from the prompt."""

    kind: Literal["text"] = "text"


class ImageSource(_Specification):
    """A given picture that moves; with `last`, it changes into that one."""

    kind: Literal["image"] = "image"
    first: Path
    last: Path | None = None


class ReferencesSource(_Specification):
    """One to three pictures, shown together and then one after the other."""

    kind: Literal["references"] = "references"
    images: tuple[Path, ...] = Field(min_length=1, max_length=3)


class ExtensionSource(_Specification):
    """A video that goes on from its last frame."""

    kind: Literal["extension"] = "extension"
    video: Path
    form: ExtensionForm


Source = Annotated[TextSource | ImageSource | ReferencesSource | ExtensionSource, Field(discriminator="kind")]


class RenderSpecification(_Specification):
    """One video. `duration_seconds` counts what is new: an extension in the form tail_plus_new is longer by its input."""

    source: Source
    prompt: str
    style_digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="sha256 of everything that chooses colours, camera move and chord")
    duration_seconds: int
    width: int
    height: int
    audio: bool
    preset: Literal["ultrafast", "veryfast"]


class RenderOrder(_Specification):
    """What one worker process does: each specification becomes the file of the same position, which appears whole or not at all."""

    specifications: tuple[RenderSpecification, ...]
    outputs: tuple[Path, ...]
    crash: bool = Field(default=False, description="die as a native library would, to show that only this operation fails")
