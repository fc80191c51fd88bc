"""The models: what each can do, what it costs and the names it goes by. The one place where any of this is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.core.kit.errors import Invalid

CATALOGUE_VERSION = "2026-11-22"
"""Part of every cache key: change it when a model id may give another result than before, not when a price changes."""

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")  # Vertex AI reference of Veo, `mimeType` of an image
MAXIMUM_PROMPT_CHARACTERS = 4000  # ours, and the canvas's: about the 1,024 tokens that Google documents, in English
MAXIMUM_SEED = 2**32 - 1  # Vertex AI reference of Veo: uint32


@dataclass(frozen=True)
class VideoModel:
    """A model that makes videos, and everything it accepts."""

    id: str
    name: str
    summary: str
    stage: Literal["ga", "preview"]
    region: str
    durations_seconds: tuple[int, ...]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    only_duration_seconds: Mapping[str, int]
    """Resolutions that come in one duration alone."""
    fps: int
    max_samples: int
    max_references: int
    reference_duration_seconds: int
    """The one duration that reference images come with."""
    references_portrait: bool
    """Whether reference images may be combined with 9:16."""
    can_extend: bool
    can_last_frame: bool
    price_microusd_per_second: Mapping[str, int]
    """Millionths of a US dollar for a second of video with sound, by resolution."""
    requests_per_minute: int
    max_open_operations: int
    expected_seconds: int
    """How long a render usually takes: for progress bars, never for deadlines."""

    def price_of(self, resolution: str) -> int:
        """Micro-dollars per second; Invalid when no price is known, so that nothing is rendered at an unknown price."""
        price = self.price_microusd_per_second.get(resolution)
        if price is None:
            raise Invalid(
                "price_unknown",
                f"No price is known for {self.name} in {resolution}, so it cannot be run.",
                f"Choose one of: {', '.join(self.price_microusd_per_second)}.",
                field="resolution",
            )
        return price


@dataclass(frozen=True)
class ResolvedModel:
    """The model a name stands for; `alias` is that name where it is not the model's own, so that an answer can say so."""

    model: VideoModel
    alias: str | None


@dataclass(frozen=True)
class PromptModel:
    """The model that writes prompts."""

    id: str
    location: str
    max_input_tokens: int
    max_output_tokens: int
    price_microusd_per_million_input_tokens: int
    price_microusd_per_million_output_tokens: int
    requests_per_minute: int
    max_open_operations: int
    expected_seconds: int

    @property
    def ceiling_microusd(self) -> int:
        """The most one call can cost: what to reserve before it."""
        tokens_price = (
            self.max_input_tokens * self.price_microusd_per_million_input_tokens
            + self.max_output_tokens * self.price_microusd_per_million_output_tokens
        )
        return -(-tokens_price // 1_000_000)


def _veo(
    *,
    id: str,
    name: str,
    summary: str,
    stage: Literal["ga", "preview"],
    prices: Mapping[str, int],
    requests_per_minute: int,
    expected_seconds: int,
) -> VideoModel:
    """A model of the Veo 3.1 family: they differ in quality, price, quota and in 4k alone."""
    return VideoModel(
        id=id,
        name=name,
        summary=summary,
        stage=stage,
        region="us-central1",
        durations_seconds=(4, 6, 8),
        resolutions=tuple(prices),
        aspect_ratios=("16:9", "9:16"),
        only_duration_seconds={resolution: 8 for resolution in prices if resolution != "720p"},
        fps=24,
        max_samples=4,
        max_references=3,
        reference_duration_seconds=8,
        references_portrait=False,  # not documented; switch on once it was seen to work
        can_extend=True,  # Google's page "Extend videos" lists all three
        can_last_frame=True,
        price_microusd_per_second=prices,
        requests_per_minute=requests_per_minute,
        max_open_operations=10,  # observed by others, not documented
        expected_seconds=expected_seconds,
    )


# Prices: Google's list of November 2026, with sound, as third parties quote it. A silent video may be billed lower; we count it in full.
# Requests per minute: Google's quota for each project and model, 50 for GA ids and 10 for preview ids.
# Expected seconds: our guess within Google's "11 seconds to 6 minutes".
_MODELS = (
    _veo(
        id="veo-3.1-generate-001",
        name="Veo 3.1",
        summary="The best picture and sound; for the final take.",
        stage="ga",
        prices={"720p": 400_000, "1080p": 400_000, "4k": 600_000},
        requests_per_minute=50,
        expected_seconds=90,
    ),
    _veo(
        id="veo-3.1-fast-generate-001",
        name="Veo 3.1 Fast",
        summary="Nearly as good, a quarter of the price and faster; for most work.",
        stage="ga",
        prices={"720p": 100_000, "1080p": 120_000, "4k": 300_000},
        requests_per_minute=50,
        expected_seconds=60,
    ),
    _veo(
        id="veo-3.1-lite-generate-001",
        name="Veo 3.1 Lite",
        summary="The cheapest, without 4k; for drafts.",
        stage="preview",
        prices={"720p": 50_000, "1080p": 80_000},
        requests_per_minute=10,
        expected_seconds=45,
    ),
)

_BY_ID = {model.id: model for model in _MODELS}

# The preview ids were shut down; graphs and scripts that still name them go on working with the model that took their place.
_ALIASES = {
    "veo-3.1-generate-preview": "veo-3.1-generate-001",
    "veo-3.1-fast-generate-preview": "veo-3.1-fast-generate-001",
    "veo-3.1-lite-generate-preview": "veo-3.1-lite-generate-001",
    "veo-3.1": "veo-3.1-generate-001",
    "veo-3.1-fast": "veo-3.1-fast-generate-001",
    "veo-3.1-lite": "veo-3.1-lite-generate-001",
}

DEFAULT_MODEL = "veo-3.1-generate-001"
"""What a video node renders with until somebody chooses."""

PROMPT_MODEL = PromptModel(
    id="gemini-3.8-flash",
    location="global",
    max_input_tokens=10_000,  # ours: the instruction and the longest texts, in a language that needs a token for each character
    max_output_tokens=4_096,  # ours, thinking included
    # Google's prices from 2027-01-01, as LiteLLM quotes them; until then half of it is billed.
    price_microusd_per_million_input_tokens=1_500_000,
    price_microusd_per_million_output_tokens=7_500_000,
    requests_per_minute=60,  # ours: Vertex AI shares capacity without a fixed quota and answers 429 when it is short
    max_open_operations=20,  # ours: calls that wait for an answer at the same time
    expected_seconds=8,
)


def list_models() -> tuple[VideoModel, ...]:
    """All models, best first."""
    return _MODELS


def find_model(name: str) -> ResolvedModel:
    """The model of an id or an alias; Invalid `unknown_model` with the list of ids otherwise."""
    model = _BY_ID.get(_ALIASES.get(name, name))
    if model is None:
        raise Invalid(
            "unknown_model",
            f"There is no video model {name!r}.",
            f"Use one of: {', '.join(_BY_ID)}.",
            field="model",
            models=list(_BY_ID),
        )
    return ResolvedModel(model=model, alias=name if name in _ALIASES else None)


def limits_of(model_id: str) -> VideoModel | PromptModel:
    """The entry that says how often a model may be called and how long it takes; `model_id` is an id, not an alias."""
    return PROMPT_MODEL if model_id == PROMPT_MODEL.id else find_model(model_id).model
