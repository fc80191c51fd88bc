"""What the face function sends is what the worker reads: both sides of one message."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from services.core.characters.analysis import ADVICE, Analyzed, FaceAnalyzed, FoundFace, Rejected, face_problem
from services.core.kit.ids import new_id
from tests.services.core.characters.people import a_face

PAYLOAD = Path(__file__).parents[4] / "functions" / "image_uploaded" / "payload.py"


@pytest.fixture(scope="module")
def payload() -> Iterator[ModuleType]:
    """The function's own module; it lives in another environment and stands on the standard library alone."""
    specification = importlib.util.spec_from_file_location("image_uploaded_payload", PAYLOAD)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    yield module
    del sys.modules[specification.name]


def sent(payload: ModuleType, outcome: Any) -> FaceAnalyzed:
    """The message as the worker parses it from the wire."""
    project_id, asset_id = str(new_id()), str(new_id())
    message = payload.FaceAnalyzed(
        bucket="uploads",
        name=f"{project_id}/{asset_id}/original",
        generation="1732312345678901",
        project_id=project_id,
        asset_id=asset_id,
        outcome=outcome,
    )
    parsed = FaceAnalyzed.model_validate_json(json.dumps(message.to_json()))
    assert (str(parsed.project_id), str(parsed.asset_id), parsed.generation) == (project_id, asset_id, message.generation)
    return parsed


def test_an_analyzed_picture_arrives_as_it_was_sent(payload: ModuleType) -> None:
    seen = payload.FaceQuality(0.83, 104, -4.1, 2.3, 310.5, 142.0, (), ("face_small",))
    unseen = payload.FaceQuality(0.0, 40, None, None, 5.0, 30.0, ("face_unclear", "face_dark"), ())
    box = payload.BoundingBox(0.39, 0.12, 0.2, 0.2)
    outcome = payload.Analyzed(
        width=3072,
        height=4096,
        sha256="ab" * 32,
        size_bytes=1_234_567,
        content_type="image/jpeg",
        image=payload.ObjectReference("media", "p/a/7/image.jpg"),
        thumbnail=payload.ObjectReference("media", "p/a/7/thumbnail.webp"),
        faces=(
            payload.Face(box, 0.91, seen, ((0.45, 0.2, -0.01),) * 5, tuple([0.012345] * 128), "dlib-resnet-v1"),
            payload.Face(box, 0.52, unseen, None, None, "dlib-resnet-v1"),
        ),
    )

    parsed = sent(payload, outcome).outcome

    assert isinstance(parsed, Analyzed)
    assert (parsed.width, parsed.height, parsed.size_bytes, parsed.sha256) == (3072, 4096, 1_234_567, "ab" * 32)
    assert (parsed.image.bucket, parsed.thumbnail.name) == ("media", "p/a/7/thumbnail.webp")
    good, bad = parsed.faces
    assert good.bbox == {"x": 0.39, "y": 0.12, "width": 0.2, "height": 0.2}
    assert good.embedding == [0.012345] * 128
    assert (good.problems, good.quality["warnings"], good.quality["score"]) == ([], ["face_small"], 0.83)
    assert (bad.embedding, bad.problems) == (None, ["face_unclear", "face_dark"])


def test_a_picture_without_faces_arrives(payload: ModuleType) -> None:
    reference = payload.ObjectReference("media", "x")
    outcome = payload.Analyzed(1, 1, "ab" * 32, 1, "image/jpeg", reference, reference, ())

    parsed = sent(payload, outcome).outcome

    assert isinstance(parsed, Analyzed)
    assert parsed.faces == []


def test_a_rejected_upload_arrives_with_its_reason(payload: ModuleType) -> None:
    parsed = sent(payload, payload.Rejected("image_too_large", "The picture has 300 megapixels.")).outcome

    assert parsed == Rejected(kind="rejected", code="image_too_large", message="The picture has 300 megapixels.")


def test_there_is_advice_for_everything_the_function_can_find_wrong(payload: ModuleType) -> None:
    codes = {*get_args(payload.FaceProblem), *get_args(payload.RejectionCode), "face_not_found", "several_faces", "consent_missing"}

    assert codes == set(ADVICE)


def test_a_message_that_tells_of_nothing_is_refused() -> None:
    ids = {"project_id": str(new_id()), "asset_id": str(new_id())}

    for outcome in ({}, {"kind": "unknown"}, {"kind": "rejected"}, None):
        with pytest.raises(ValidationError):
            FaceAnalyzed.model_validate({"bucket": "b", "name": "n", "generation": "1", **ids, "outcome": outcome})


def faces(*found: dict[str, Any]) -> list[FoundFace]:
    return [FoundFace.model_validate(face) for face in found]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("face_too_small", "The face is only 60 pixels wide."),
        ("face_turned_away", "The face is turned too far from the camera."),
        ("face_blurred", "The face is out of focus."),
        ("face_dark", "The face is too dark."),
        ("face_bright", "The face is overexposed."),
        ("face_unclear", "The face cannot be seen well enough."),
    ],
)
def test_each_reason_why_a_face_cannot_be_used_is_a_sentence_with_advice(problem: str, message: str) -> None:
    found = face_problem(faces(a_face(problems=(problem,)), a_face(problems=("face_dark",))))

    assert found is not None
    assert (found.code, found.message, found.advice) == (problem, message, ADVICE[problem])


def test_exactly_one_good_face_needs_no_question() -> None:
    bad = a_face(problems=("face_dark",))

    assert face_problem(faces(bad, a_face(), bad)) is None
    several, nobody = face_problem(faces(a_face(), a_face(), bad)), face_problem([])
    assert several is not None and nobody is not None
    assert (several.code, several.message) == ("several_faces", "2 faces are in this picture.")
    assert nobody.code == "face_not_found"
