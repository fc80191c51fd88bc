"""What people do and how much of it there is: the one table of guesses. What the code itself decides is counted from the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from services.core.jobs.cadence import next_poll
from services.core.video.catalogue import DEFAULT_MODEL, list_models


@dataclass(frozen=True)
class Assumptions:
    """One finished video, as a person makes it, and how long things are kept. Shares add up to 1."""

    base_seconds: int = field(default=8, metadata={"why": "the first clip"})
    extensions: int = field(default=2, metadata={"why": "hops of a finished video; with them it is 22 s long, as in the demo"})
    takes_for_each_clip: float = field(default=2.0, metadata={"why": "renders until one is kept"})
    resolution: str = field(default="720p", metadata={"why": "what can be extended"})
    model_shares: Mapping[str, float] = field(
        default_factory=lambda: {DEFAULT_MODEL: 0.2, "veo-3.1-fast-generate-001": 0.6, "veo-3.1-lite-generate-001": 0.2},
        metadata={"why": "of all renders: drafts on lite, most work on fast, the last takes on the best"},
    )
    enhanced_prompts: float = field(default=3.0, metadata={"why": "calls of Gemini for a video"})
    prompt_input_tokens: int = field(default=1500, metadata={"why": "the instruction, the text and its neighbours"})
    prompt_output_tokens: int = field(default=1200, metadata={"why": "the answer, thinking included"})
    pictures: float = field(default=1.0, metadata={"why": "photos uploaded for a video"})
    picture_megabytes: float = field(default=4.0, metadata={"why": "a phone's photo; it is stored twice, and once more as a thumbnail"})
    megabytes_for_each_second: float = field(default=0.9, metadata={"why": "720p with sound, about 7 Mbit/s"})
    months_kept: float = field(default=3.0, metadata={"why": "how long videos stay before people delete them"})
    plays: float = field(default=6.0, metadata={"why": "how often a finished video, or as much of others, is streamed to somebody"})
    exported_share: float = field(default=0.2, metadata={"why": "videos that are exported as a film by the export job"})
    export_seconds: float = field(default=60.0, metadata={"why": "how long that job runs"})
    minutes_open: float = field(default=40.0, metadata={"why": "how long a project is open for one video"})
    people: float = field(default=1.5, metadata={"why": "who look at it at the same time"})
    api_requests: float = field(default=400.0, metadata={"why": "edits, pages, thumbnails and deltas for one video"})
    api_request_seconds: float = field(default=0.08, metadata={"why": "of an instance, with what concurrency leaves of it"})
    api_answer_kilobytes: float = field(default=6.0, metadata={"why": "compressed"})
    worker_task_seconds: float = field(default=0.4, metadata={"why": "a submit or a poll"})
    settle_seconds: float = field(default=6.0, metadata={"why": "copy, probe, stitch, poster"})
    sweep_seconds: float = field(default=0.3, metadata={"why": "with little to do"})
    face_seconds: float = field(default=4.0, metadata={"why": "the face function for one photo, cold starts spread over all"})
    function_seconds: float = field(default=0.3, metadata={"why": "video_rendered for one video"})
    live_changes_for_each_render: float = field(default=5.0, metadata={"why": "states of a node that its listeners see"})
    revisions_for_each_render: float = field(default=6.0, metadata={"why": "at most one a second; what people edit meanwhile included"})
    facts_for_each_render: float = field(default=7.0, metadata={"why": "entries of the project's log that a render adds"})
    fact_bytes: int = field(default=1400, metadata={"why": "a CloudEvent with its attributes"})
    database_kilobytes: float = field(default=120.0, metadata={"why": "rows of a video in Postgres, its log and indexes included"})
    log_bytes_for_each_request: int = field(default=1500, metadata={"why": "ours and Cloud Run's"})
    spans_for_each_request: float = field(default=4.0, metadata={"why": "with those of clients"})
    images_gib: float = field(default=1.6, metadata={"why": "backend and image_uploaded, compressed"})
    versions_kept: int = field(default=5, metadata={"why": "layers that do not change are stored once; counted in full"})
    builds: int = field(default=8, metadata={"why": "deployments a month"})
    build_minutes: float = field(default=20.0, metadata={"why": "of Cloud Build for each"})

    @property
    def renders(self) -> float:
        """Renders for one finished video."""
        return (1 + self.extensions) * self.takes_for_each_clip


def described(assumptions: Assumptions) -> list[tuple[str, str, str]]:
    """Name, value and reason of each, for people."""
    return [(each.name, str(getattr(assumptions, each.name)), str(each.metadata["why"])) for each in fields(assumptions)]


def polls_of(expected_seconds: int) -> int:
    """How often a render that takes so long is asked for: the cadence of the job machine, until it ends by the object's event."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moment, polls = next_poll(start, start), 0
    while (moment - start).total_seconds() < expected_seconds:
        moment, polls = next_poll(start, moment), polls + 1
    return polls


def polls_for_each_render(assumptions: Assumptions) -> float:
    """By the models' shares."""
    return sum(assumptions.model_shares.get(model.id, 0) * polls_of(model.expected_seconds) for model in list_models())
