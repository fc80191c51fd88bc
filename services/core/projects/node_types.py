"""The catalogue of node types: ports, and the settings each type keeps. Pure; the canvas and the API read it.

Image, prompt and video work: something flows in or out of them. Frames and notes order the canvas; they have no ports, and runs
take no notice of them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.core.kit.errors import Invalid

NodeTypeName = Literal["image", "prompt", "video", "frame", "note"]
PROMPT_CHARACTERS = 4000
NOTE_CHARACTERS = 4000


class PortType(StrEnum):
    """What flows through a wire; a wire fits where both ends have the same type."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Port:
    """A place on a node where wires end. `wires` is how many may end at an input; outputs take any number."""

    name: str
    type: PortType
    title: str
    wires: int = 1


class NodeConfig(BaseModel):
    """Settings of a node; unknown fields are refused, so that a typing error never silently changes what is paid for."""

    model_config = ConfigDict(extra="forbid")


class ImageConfig(NodeConfig):
    """A picture; its face, if it has one, belongs to a character."""

    asset_id: UUID | None = None


class EnhancedPrompt(BaseModel):
    """What Gemini made of `of_text`."""

    of_text: str
    enhanced_prompt: str
    negative_prompt: str
    shot_notes: list[str]


class PromptConfig(NodeConfig):
    """A text; the person's own words are kept beside the enhanced ones, and either can be used."""

    text: str = Field(default="", max_length=PROMPT_CHARACTERS)
    enhanced: EnhancedPrompt | None = None
    use: Literal["text", "enhanced"] = "text"

    def chosen_text(self) -> str:
        """The words that go to the video model."""
        return self.enhanced.enhanced_prompt if self.use == "enhanced" and self.enhanced else self.text


class Hop(NodeConfig):
    """One extension: 7 more seconds. Without a prompt it continues with the node's own."""

    prompt: str | None = Field(default=None, max_length=PROMPT_CHARACTERS)


class VideoConfig(NodeConfig):
    """What to render. Which values a model takes is checked by video.request, where the model is known."""

    model: str | None = None
    """None: the catalogue's default."""
    prompt: str = Field(default="", max_length=PROMPT_CHARACTERS)
    negative_prompt: str | None = Field(default=None, max_length=PROMPT_CHARACTERS)
    duration_seconds: int = 8
    resolution: str = "720p"
    aspect_ratio: str = "16:9"
    samples: int = 1
    seed: int | None = None
    generate_audio: bool = True
    person_generation: Literal["dont_allow", "allow_adult", "allow_all"] = "allow_adult"
    extensions: list[Hop] = Field(default_factory=list)


Colour = Literal["plain", "amber", "violet", "teal", "rose"]
Side = Annotated[float, Field(ge=40, le=20_000, allow_inf_nan=False)]
"""A width or height in canvas units: smaller ones cannot be taken hold of, larger ones are a slip of the hand."""


class FrameConfig(NodeConfig):
    """An area behind other nodes, with a title: a shot, a scene. What lies in it is decided by where it lies."""

    width: Side = 720
    height: Side = 420
    colour: Colour = "plain"


class NoteConfig(NodeConfig):
    """Words for people; no model reads them."""

    text: str = Field(default="", max_length=NOTE_CHARACTERS)
    width: Side = 240
    height: Side = 160
    colour: Colour = "amber"


AnyConfig = ImageConfig | PromptConfig | VideoConfig | FrameConfig | NoteConfig


@dataclass(frozen=True, slots=True)
class NodeType:
    """One entry of the catalogue."""

    name: NodeTypeName
    title: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    config: type[AnyConfig]

    @property
    def works(self) -> bool:
        """Whether anything flows through it; without ports a node is there for people only."""
        return bool(self.inputs or self.outputs)


NODE_TYPES: dict[str, NodeType] = {
    "image": NodeType("image", "Image", (), (Port("image", PortType.IMAGE, "Picture"),), ImageConfig),
    "prompt": NodeType("prompt", "Prompt", (), (Port("prompt", PortType.TEXT, "Prompt"),), PromptConfig),
    "video": NodeType(
        "video",
        "Video",
        (
            Port("prompt", PortType.TEXT, "Prompt"),
            Port("image", PortType.IMAGE, "First frame"),
            Port("last_frame", PortType.IMAGE, "Last frame"),
            Port("references", PortType.IMAGE, "References", wires=3),
            Port("video", PortType.VIDEO, "Video to extend"),
        ),
        (Port("video", PortType.VIDEO, "Video"),),
        VideoConfig,
    ),
    "frame": NodeType("frame", "Frame", (), (), FrameConfig),
    "note": NodeType("note", "Note", (), (), NoteConfig),
}


def find_node_type(name: str) -> NodeType:
    """The type of that name; unknown: Invalid with the list."""
    if name not in NODE_TYPES:
        raise Invalid(
            "unknown_node_type",
            f"There is no node type {name!r}.",
            f"Use one of: {', '.join(NODE_TYPES)}.",
            node_types=list(NODE_TYPES),
        )
    return NODE_TYPES[name]


def parse_config(type_name: str, config: dict[str, Any]) -> AnyConfig:
    """The typed settings; Invalid names the first field that does not fit and what it may be."""
    node_type = find_node_type(type_name)
    try:
        return node_type.config.model_validate(config)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid(
            "config_invalid",
            f"The setting {field!r} of a {type_name} node does not fit: {first['msg']}.",
            "Correct this setting; GET /api/projects/node-types lists what each type takes, GET /api/ai/models what each model.",
            field=field,
        ) from None
