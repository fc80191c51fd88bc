"""What an accepted submit decides for its rendering, seen without rendering it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.vertex.catalogue import VIDEO_MODELS
from infra.local.vertex.ledger import JournalEntry, Ledger
from infra.local.vertex.object_store import DirectoryObjectStore
from infra.local.vertex.plan import Videos
from infra.local.vertex.render.specification import ExtensionSource, RenderSpecification
from infra.local.vertex.submission import Submission
from tests.local.vertex.support import MODEL, MODEL_PATH, draw_photo, write_plain_video


class Desk:
    """A submit side with a bucket `uploads`, without a server."""

    def __init__(self, root: Path) -> None:
        self.uploads = root / "buckets" / "uploads"
        self.uploads.mkdir(parents=True)
        self.ledger = Ledger(root / "state")
        self._submission = Submission(self.ledger, DirectoryObjectStore(root / "buckets"), root / "work", "auto")

    def submit(self, instance: dict[str, Any], storage_uri: str = "gs://renders/job", **parameters: Any) -> tuple[RenderSpecification, ...]:
        """Submit and return what will be rendered."""
        body = {"instances": [{"prompt": "A lighthouse"} | instance], "parameters": {"storageUri": storage_uri} | parameters}
        accepted = self._submission.submit(MODEL_PATH, VIDEO_MODELS[MODEL], body)
        operation = self.ledger.find_operation(accepted.operation_name)
        assert operation is not None
        assert isinstance(operation.plan.ending, Videos)
        return operation.plan.ending.specifications

    def last_entry(self) -> JournalEntry:
        return self.ledger.list_journal()[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.ledger.close()


def photo(desk: Desk, name: str, background: str = "steelblue") -> dict[str, Any]:
    draw_photo(desk.uploads / name, background=background)
    return {"image": {"gcsUri": f"gs://uploads/{name}", "mimeType": "image/png"}}


def test_the_same_seed_and_request_render_the_same_for_another_job(desk: Desk) -> None:
    (first,) = desk.submit({}, "gs://renders/job/1", seed=5)
    digest = desk.last_entry().request_digest
    (second,) = desk.submit({}, "gs://renders/job/2", seed=5)

    assert first == second
    assert desk.last_entry().request_digest == digest


def test_another_seed_prompt_or_picture_renders_differently(desk: Desk) -> None:
    one, other = photo(desk, "one.png"), photo(desk, "other.png", "white")
    asked = [desk.submit(one, seed=5), desk.submit(one, seed=6), desk.submit(one | {"prompt": "A cat"}, seed=5), desk.submit(other, seed=5)]

    assert len({specification.style_digest for (specification,) in asked}) == 4


def test_a_picture_that_is_replaced_under_its_name_renders_differently(desk: Desk) -> None:
    (first,) = desk.submit(photo(desk, "one.png"), seed=5)
    (second,) = desk.submit(photo(desk, "one.png", "white"), seed=5)

    assert first.style_digest != second.style_digest


def test_without_a_seed_every_submit_is_new(desk: Desk) -> None:
    assert desk.submit({}) != desk.submit({})


def test_samples_of_one_request_are_siblings_that_differ_and_are_each_billed(desk: Desk) -> None:
    specifications = desk.submit({}, sampleCount=4, durationSeconds=6)

    assert len({specification.style_digest for specification in specifications}) == 4
    assert desk.last_entry().as_json()["seconds_billed"] == 24


@pytest.mark.parametrize(("words", "form"), [([], "tail_plus_new"), (["extension_form:new_only"], "new_only")])
def test_the_form_of_an_extension_can_be_set(desk: Desk, words: list[str], form: str) -> None:
    write_plain_video(desk.uploads / "upright.mp4", 720, 1280, frames=24)
    desk.ledger.set_lasting_behaviour("submit", words)

    (specification,) = desk.submit({"video": {"gcsUri": "gs://uploads/upright.mp4", "mimeType": "video/mp4"}})

    assert isinstance(specification.source, ExtensionSource)
    assert specification.source.form == form
    assert (specification.width, specification.height, specification.duration_seconds) == (720, 1280, 7)


@pytest.mark.parametrize(
    ("resolution", "aspect_ratio", "size", "preset"),
    [
        ("720p", "16:9", (1280, 720), "veryfast"),
        ("1080p", "9:16", (1080, 1920), "ultrafast"),
        ("4k", "16:9", (3840, 2160), "ultrafast"),
    ],
)
def test_resolution_and_aspect_ratio_decide_the_frame(
    desk: Desk, resolution: str, aspect_ratio: str, size: tuple[int, int], preset: str
) -> None:
    (specification,) = desk.submit({}, resolution=resolution, aspectRatio=aspect_ratio)

    assert (specification.width, specification.height) == size
    assert (specification.duration_seconds, specification.preset) == (8, preset)


def test_simulation_words_are_not_in_the_caption(desk: Desk) -> None:
    (specification,) = desk.submit({"prompt": "A lighthouse [simulate:slow:1] at dusk"})

    assert specification.prompt == "A lighthouse at dusk"
