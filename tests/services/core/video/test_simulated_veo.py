"""The drivers against the local Vertex AI: what the product does on one machine, renders included."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from infra.local.identity import Identity
from services.core.prompts.enhancement import Answered, EnhancementRequest
from services.core.prompts.gemini import GeminiDriver
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
    Unknown,
)
from services.core.video.request import ExtendVideo, MediaInput, TextToVideo
from services.core.video.safety import SafetyCategory
from services.core.video.veo import VeoDriver
from tests.local.cloud_tasks.support import stand_in, wait_until
from tests.services.core.video.scripted_vertex import bearer

PROJECT = "reelgraph-local"
RENDER_SECONDS = 90.0  # the deadline for a render on a slow, shared machine
SHORT = TextToVideo(prompt="A fox crosses a snowy road.", duration_seconds=4, model="veo-3.1-fast-generate-001")


class Simulator:
    """A running simulator over directories as buckets, and the credentials it accepts."""

    def __init__(self, url: str, buckets: Path, identity: Identity) -> None:
        self.url = url
        self.buckets = buckets
        self.credentials = bearer(identity.access_token("https://www.googleapis.com/auth/cloud-platform"))

    def next_submit(self, *words: str) -> None:
        """What the coming submit is told to do."""
        self.tell({"next": [list(words)]})

    def tell(self, faults: dict[str, list[list[str]]]) -> None:
        """What coming calls are told to do."""
        httpx.post(f"{self.url}/simulator/faults", json=faults).raise_for_status()

    def accepted(self) -> int:
        """How many renders were started."""
        return len(httpx.get(f"{self.url}/simulator/operations").json())


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    root = tmp_path_factory.mktemp("vertex")
    buckets = root / "buckets"
    (buckets / "renders").mkdir(parents=True)
    identity = Identity.load_or_create(root / "identity", "http://127.0.0.1:1/token", PROJECT)
    places = ["--state", str(root / "state"), "--identity", str(identity.directory), "--storage-directory", str(buckets)]
    with stand_in("vertex", *places, "--render-speed", "ultrafast") as running:
        yield Simulator(running.url, buckets, identity)


@pytest.fixture(scope="module")
def driver(simulator: Simulator) -> VeoDriver:
    return VeoDriver(PROJECT, "us-central1", simulator.credentials, simulator.url)


def submitted(driver: VeoDriver, prefix: str, request: TextToVideo | ExtendVideo = SHORT, video: MediaInput | None = None) -> str:
    outcome = driver.submit(request, output_prefix=f"gs://renders/{prefix}/", video=video, labels={"job": prefix})
    assert isinstance(outcome, Accepted), outcome
    return outcome.operation_name


def end_of(driver: VeoDriver, operation_name: str) -> PollOutcome:
    wait_until(lambda: driver.poll(operation_name) != Pending(), RENDER_SECONDS)
    return driver.poll(operation_name)


def test_a_video_is_rendered_into_the_bucket_and_can_be_extended_from_there(simulator: Simulator, driver: VeoDriver) -> None:
    first = end_of(driver, submitted(driver, "job-1"))

    assert isinstance(first, Finished)
    [uri] = first.outputs
    assert uri.startswith("gs://renders/job-1/")
    path = simulator.buckets / uri.removeprefix("gs://")
    assert path.stat().st_size > 10_000

    name = str(path.relative_to(simulator.buckets / "renders"))
    tail = MediaInput(asset_id=UUID(int=1), bucket="renders", object_name=name, content_type="video/mp4", sha256="a" * 64)
    simulator.next_submit("blocked")  # the simulator reads and measures the tail before it accepts; rendering 7 s more shows nothing new

    assert submitted(driver, "job-2", ExtendVideo(hop=1, model=SHORT.model), tail)


def test_an_operation_is_found_again_by_a_driver_that_did_not_start_it(simulator: Simulator, driver: VeoDriver) -> None:
    simulator.next_submit("blocked:15236754")
    name = submitted(driver, "job-3")
    after_a_restart = VeoDriver(PROJECT, "us-central1", simulator.credentials, simulator.url)

    outcome = end_of(after_a_restart, name)

    assert isinstance(outcome, Blocked)
    assert outcome.block.category is SafetyCategory.CELEBRITY


@pytest.mark.parametrize("word", ["blocked:58061214", "empty"])
def test_no_video_is_a_block(simulator: Simulator, driver: VeoDriver, word: str) -> None:
    simulator.next_submit(word)

    assert isinstance(end_of(driver, submitted(driver, "job-4")), Blocked)


@pytest.mark.parametrize("code", [13, 3, 8])
def test_an_operations_error_is_a_failure(simulator: Simulator, driver: VeoDriver, code: int) -> None:
    simulator.next_submit(f"operation_error:{code}")

    outcome = end_of(driver, submitted(driver, "job-5"))

    assert isinstance(outcome, Failed)
    assert outcome.code == code


def test_quota_starts_nothing(simulator: Simulator, driver: VeoDriver) -> None:
    before = simulator.accepted()
    simulator.next_submit("quota:4")

    assert driver.submit(SHORT, output_prefix="gs://renders/job-6/") == NotSent("quota", 4.0)
    assert simulator.accepted() == before


@pytest.mark.parametrize("word", ["lost_reply", "unavailable:started"])
def test_what_is_unknown_to_us_was_started_once(simulator: Simulator, driver: VeoDriver, word: str) -> None:
    before = simulator.accepted()
    simulator.next_submit(word, "blocked")

    assert isinstance(driver.submit(SHORT, output_prefix="gs://renders/job-7/"), Unknown)
    assert simulator.accepted() == before + 1


def test_a_wrong_model_region_is_rejected(simulator: Simulator) -> None:
    elsewhere = VeoDriver(PROJECT, "europe-west9", simulator.credentials, simulator.url)

    outcome = elsewhere.submit(SHORT, output_prefix="gs://renders/job-8/")

    assert isinstance(outcome, Rejected)
    assert outcome.category == "operator"


def test_a_request_that_breaks_a_rule_is_rejected(driver: VeoDriver) -> None:
    broken = SHORT.model_copy(update={"resolution": "1080p"})

    outcome = driver.submit(broken, output_prefix="gs://renders/job-9/")

    assert isinstance(outcome, Rejected)
    assert outcome.code == "invalid_argument"
    assert "1080p" in outcome.message


def test_an_idea_is_enhanced(simulator: Simulator) -> None:
    gemini = GeminiDriver(PROJECT, credentials=simulator.credentials, endpoint=simulator.url)

    outcome = gemini.enhance(EnhancementRequest(idea="A fox crosses a snowy road."))

    assert isinstance(outcome, Answered)
    assert "fox" in outcome.enhancement.enhanced_prompt
    assert outcome.enhancement.shot_notes


@pytest.mark.parametrize(
    ("word", "outcome"), [("blocked", BlockedAtSubmit), ("truncated", Rejected), ("quota", NotSent), ("unavailable", Unknown)]
)
def test_an_idea_that_meets_trouble_is_told_by_type(simulator: Simulator, word: str, outcome: type) -> None:
    simulator.tell({"next_generate_content": [[word]]})
    gemini = GeminiDriver(PROJECT, credentials=simulator.credentials, endpoint=simulator.url)

    assert isinstance(gemini.enhance(EnhancementRequest(idea="A fox.")), outcome)
