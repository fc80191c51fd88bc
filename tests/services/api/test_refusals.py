"""Each refusal a person can meet, word for word: a stable code, what happened, and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from services.core.kit.ids import new_id
from services.core.video.catalogue import list_models
from tests.services.api.conftest import MovableClock
from tests.services.api.world import Person, World, a_face


@dataclass
class Canvas:
    """One person at work in one project."""

    client: TestClient
    world: World
    person: Person
    project_id: UUID

    def node(self, type_: str, **config: Any) -> UUID:
        return self.world.node(self.project_id, self.person, type_, **config)

    def video(self, **config: Any) -> UUID:
        return self.node("video", **({"prompt": "a lighthouse"} | config))

    def picture(self) -> UUID:
        """An image node with a ready picture."""
        node_id = self.node("image")
        self.world.picture(self.project_id, self.person, node_id=node_id)
        return node_id

    def wire(self, source: UUID, source_port: str, target: UUID, target_port: str) -> None:
        self.world.wire(self.project_id, self.person, (source, source_port), (target, target_port))

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path.format(project_id=self.project_id), json=body, headers=self.person.once())

    def run(self, node_id: UUID) -> Any:
        return self.post("/api/projects/{project_id}/runs", {"scope": "node", "node_id": str(node_id)})

    def analyzed(self, *faces: dict[str, Any], rejected: tuple[str, str] | None = None, consent: bool = True) -> Any:
        asset_id = self.world.upload(self.project_id, self.person, consent=consent)
        self.world.inspected(self.project_id, asset_id, *faces, rejected=rejected)
        return self.post("/api/ai/analyze-face", {"asset_id": str(asset_id)})

    def upload(self, **changes: Any) -> Any:
        order = {"project_id": str(self.project_id), "file_name": "notes.txt", "content_type": "image/png", "size_bytes": 10}
        return self.post("/api/files/uploads", order | changes)

    def connect(self, source: UUID, source_port: str, target: UUID, target_port: str) -> Any:
        ends = {"source_node_id": str(source), "source_port": source_port, "target_node_id": str(target), "target_port": target_port}
        return self.post("/api/projects/{project_id}/connections", ends)


@pytest.fixture
def canvas(client: TestClient, world: World) -> Canvas:
    person = world.person("ada")
    return Canvas(client, world, person, world.project(person))


def assert_problem(answer: Any, status: int, code: str, detail: str, advice: str) -> dict[str, Any]:
    """Return the facts of a problem after holding the rest of it against what was expected."""
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document.pop("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert document.pop("detail") == detail
    assert document.pop("advice") == advice
    assert document.pop("type") == f"/problems/{code}"
    assert document.pop("status") == status
    assert document.pop("request_id") == answer.headers["x-request-id"]
    assert document.pop("title")
    return document


# Pictures and faces


def test_what_is_no_picture_is_not_uploaded(canvas: Canvas) -> None:
    assert_problem(
        canvas.upload(content_type="text/plain"),
        422,
        "not_an_image",
        "'notes.txt' is text/plain, not a picture that can be read.",
        "Upload one of: image/jpeg, image/png, image/webp, image/heic, image/heif.",
    )


def test_a_file_that_is_too_large_is_not_uploaded(canvas: Canvas) -> None:
    assert_problem(
        canvas.upload(file_name="huge.png", size_bytes=31_457_281),
        413,
        "file_too_large",
        "'huge.png' has 31,457,281 bytes; a picture may have 31,457,280.",
        "Save it smaller; more than 4096 px on a side are not used.",
    )


def test_a_file_of_exactly_the_limit_is_taken(canvas: Canvas) -> None:
    assert canvas.upload(size_bytes=31_457_280).status_code == 201


def test_only_image_nodes_take_pictures(canvas: Canvas) -> None:
    assert_problem(
        canvas.upload(node_id=str(canvas.video())),
        422,
        "not_an_image_node",
        "Only image nodes take pictures.",
        "Add an image node and upload into it.",
    )


def test_a_rejected_upload_says_why(canvas: Canvas) -> None:
    answer = canvas.analyzed(rejected=("not_an_image", "This is a PDF document, not a picture."))

    assert_problem(answer, 422, "not_an_image", "This is a PDF document, not a picture.", "Upload a photo: JPEG, PNG, WebP or HEIC.")


def test_of_several_faces_a_person_picks_one(canvas: Canvas) -> None:
    answer = canvas.analyzed(a_face(), a_face())

    facts = assert_problem(
        answer,
        422,
        "several_faces",
        "2 faces are in this picture.",
        "Pick the face that is meant, or crop the photo to one person.",
    )
    assert [set(face) for face in facts["faces"]] == [{"id", "bbox", "quality", "character_id", "character_name"}] * 2
    assert "embedding" not in answer.text


def test_a_picture_without_a_face_says_so(canvas: Canvas) -> None:
    assert_problem(
        canvas.analyzed(),
        422,
        "face_not_found",
        "No face was found in this picture.",
        "Use a photo in which one face is seen from the front; as a plain picture this one works as it is.",
    )


def test_a_face_that_is_too_small_says_how_small(canvas: Canvas) -> None:
    small = a_face(quality={"score": 0.1, "width_px": 42, "problems": ["face_too_small"]}, embedding=None)

    assert_problem(
        canvas.analyzed(small),
        422,
        "face_too_small",
        "The face is only 42 pixels wide.",
        "Use a photo taken from nearer, or crop it: the face needs about 120 pixels across.",
    )


def test_a_face_without_consent_is_not_analyzed(canvas: Canvas) -> None:
    facts = assert_problem(
        canvas.analyzed(a_face(), consent=False),
        422,
        "consent_missing",
        "Nobody confirmed consent to face analysis.",
        "Upload it again and confirm that the person in the photo agrees to face analysis.",
    )
    assert facts["faces"] == []


def test_a_video_has_no_face_to_analyze(canvas: Canvas) -> None:
    _, job_id = canvas.world.run(canvas.project_id, canvas.person, canvas.video())
    canvas.world.take(canvas.project_id, job_id)
    (file,) = canvas.client.get(f"/api/files?project_id={canvas.project_id}", headers=canvas.person.headers).json()

    answer = canvas.post("/api/ai/analyze-face", {"asset_id": file["id"]})

    assert_problem(answer, 409, "not_an_image", f"The file {file['id']} is a video.", "Choose a picture.")


def test_the_face_of_a_deleted_character_is_gone_and_says_so(canvas: Canvas) -> None:
    made = canvas.analyzed(a_face()).json()
    character_id = made["face"]["character_id"]
    assert canvas.client.delete(f"/api/characters/{character_id}", headers=canvas.person.headers).status_code == 204

    answer = canvas.post("/api/ai/analyze-face", {"asset_id": made["asset"]["id"]})

    assert_problem(
        answer,
        422,
        "face_forgotten",
        "The face in this picture was forgotten with its character.",
        "Upload the picture again.",
    )


# What the models do not do


def test_1080p_takes_8_seconds(canvas: Canvas) -> None:
    node_id = canvas.video(resolution="1080p", duration_seconds=4)

    facts = assert_problem(
        canvas.run(node_id),
        422,
        "duration_needs_8_seconds_for_resolution",
        "Veo 3.1 makes 1080p videos of 8 s only, not of 4 s.",
        "Set the duration to 8 s, or keep 4 s and set the resolution to 720p.",
    )
    assert facts == {"field": "duration_seconds", "offered": [8], "node_id": str(node_id), "node_title": "Video"}


def extensions(count: int) -> list[dict[str, Any]]:
    return [{"prompt": None}] * count


@pytest.mark.parametrize("way", ["configured", "ordered"])
def test_the_21st_extension_is_refused_before_anything_is_paid(canvas: Canvas, way: str) -> None:
    if way == "configured":
        answer = canvas.run(canvas.video(extensions=extensions(21)))
    else:
        node_id = canvas.video(extensions=extensions(20))
        answer = canvas.post("/api/ai/extend-video", {"project_id": str(canvas.project_id), "node_id": str(node_id), "hops": extensions(1)})

    facts = assert_problem(
        answer,
        422,
        "too_many_extensions",
        "This would be extension 21 of the video; 20 is the most.",
        "Remove extensions until 20 are left, or start a new video from the last frame.",
    )
    assert facts["maximum"] == 20
    assert canvas.client.get(f"/api/jobs?project_id={canvas.project_id}", headers=canvas.person.headers).json() == []
    nodes = canvas.client.get(f"/api/projects/{canvas.project_id}/nodes", headers=canvas.person.headers).json()
    assert len(nodes[0]["config"]["extensions"]) == (21 if way == "configured" else 20)


def test_the_20th_extension_is_taken(canvas: Canvas) -> None:
    answer = canvas.run(canvas.video(model="veo-3.1-lite-generate-001", extensions=extensions(20)))

    assert answer.status_code == 202, answer.text
    assert len(answer.json()["steps"]) == 21


def test_an_unknown_model_is_answered_with_the_list(canvas: Canvas) -> None:
    ids = [model.id for model in list_models()]

    facts = assert_problem(
        canvas.run(canvas.video(model="veo-9")), 422, "unknown_model", "There is no video model 'veo-9'.", f"Use one of: {', '.join(ids)}."
    )
    assert facts["models"] == ids


def test_references_exclude_a_first_frame(canvas: Canvas) -> None:
    node_id = canvas.video()
    canvas.wire(canvas.picture(), "image", node_id, "references")
    canvas.wire(canvas.picture(), "image", node_id, "image")

    assert_problem(
        canvas.run(node_id),
        422,
        "references_exclude_frames",
        "'Video' has references and a first or last frame; the model takes one or the other.",
        "Disconnect the references, or the frames.",
    )


def test_a_picture_that_is_missing_is_named(canvas: Canvas) -> None:
    node_id, image_id = canvas.video(), canvas.node("image")
    canvas.wire(image_id, "image", node_id, "image")

    facts = assert_problem(canvas.run(node_id), 409, "picture_missing", "'Image' has no picture yet.", "Upload one, or disconnect it.")
    assert facts["input_node_id"] == str(image_id)


@pytest.mark.parametrize(("rejected", "what"), [(None, "is still being inspected"), (("not_an_image", "No picture."), "could not be used")])
def test_a_picture_that_is_not_ready_is_named(canvas: Canvas, rejected: tuple[str, str] | None, what: str) -> None:
    node_id, image_id = canvas.video(), canvas.node("image")
    canvas.wire(image_id, "image", node_id, "image")
    asset_id = canvas.world.upload(canvas.project_id, canvas.person, node_id=image_id)
    if rejected:
        canvas.world.inspected(canvas.project_id, asset_id, rejected=rejected)

    facts = assert_problem(
        canvas.run(node_id), 409, "picture_not_ready", f"The picture of 'Image' {what}.", "Wait until it is there, or upload another."
    )
    assert facts["input_node_id"] == str(image_id)


# Wires


def test_a_cycle_is_refused(canvas: Canvas) -> None:
    first, second = canvas.video(), canvas.video()
    canvas.wire(first, "video", second, "video")

    assert_problem(
        canvas.connect(second, "video", first, "video"),
        422,
        "cycle",
        "'Video' already feeds 'Video'; connecting back would make a circle.",
        "Remove a connection of the circle, or duplicate the node.",
    )


def test_ports_that_do_not_fit_are_refused(canvas: Canvas) -> None:
    facts = assert_problem(
        canvas.connect(canvas.node("prompt"), "prompt", canvas.video(), "image"),
        422,
        "ports_do_not_fit",
        "'Prompt' gives text, but 'First frame' of 'Video' takes image.",
        "Connect it to a port of the same type.",
    )
    assert facts == {"source_type": "text", "target_type": "image"}


def test_an_unknown_port_is_answered_with_the_list(canvas: Canvas) -> None:
    facts = assert_problem(
        canvas.connect(canvas.node("prompt"), "prompt", canvas.video(), "sound"),
        422,
        "unknown_port",
        "'Video' has no input port 'sound'.",
        "Its input ports: prompt, image, last_frame, references, video.",
    )
    assert facts["ports"] == ["prompt", "image", "last_frame", "references", "video"]


def test_a_port_takes_no_more_wires_than_it_has_room_for(canvas: Canvas) -> None:
    node_id = canvas.video()
    canvas.wire(canvas.node("prompt"), "prompt", node_id, "prompt")

    answer = canvas.connect(canvas.node("prompt"), "prompt", node_id, "prompt")

    assert (answer.status_code, answer.json()["code"]) == (409, "port_is_taken")
    assert answer.json()["advice"] == "Remove a connection from this port first."


# People and money


def test_an_expired_token_says_how_to_get_another(canvas: Canvas, clock: MovableClock) -> None:
    clock.advance(minutes=15)

    answer = canvas.client.get("/api/projects", headers=canvas.person.headers)

    assert_problem(
        answer,
        401,
        "token_expired",
        "The access token has expired.",
        "Refresh it with POST /api/auth/refresh, or sign in again.",
    )
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_spending_limit_stops_a_run_before_anything_is_queued(canvas: Canvas) -> None:
    node_id = canvas.video()
    limit = {"spending_limit_microusd": 3_000_000}
    canvas.client.put(f"/api/projects/{canvas.project_id}/spending-limit", json=limit, headers=canvas.person.headers)

    facts = assert_problem(
        canvas.run(node_id),
        402,
        "spending_limit_reached",
        "This run may cost $3.20, but $3.00 is left of the project's limit of $3.00.",
        "Raise the project's spending limit, or run fewer nodes, a cheaper model or a shorter clip.",
    )
    assert facts == {"estimate_microusd": 3_200_000, "left_microusd": 3_000_000, "limit_microusd": 3_000_000}
    assert canvas.client.get(f"/api/jobs?project_id={canvas.project_id}", headers=canvas.person.headers).json() == []


def test_a_run_that_costs_all_that_is_left_is_started(canvas: Canvas) -> None:
    limit = {"spending_limit_microusd": 3_200_000}
    canvas.client.put(f"/api/projects/{canvas.project_id}/spending-limit", json=limit, headers=canvas.person.headers)

    assert canvas.run(canvas.video()).status_code == 202


def test_a_picture_still_being_inspected_is_no_error(canvas: Canvas, clock: MovableClock) -> None:
    asset_id = canvas.world.upload(canvas.project_id, canvas.person)

    answer = canvas.post("/api/ai/analyze-face", {"asset_id": str(asset_id)})

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")


def test_an_unknown_file_is_not_found(canvas: Canvas) -> None:
    unknown = new_id()

    answer = canvas.post("/api/ai/analyze-face", {"asset_id": str(unknown)})

    assert_problem(answer, 404, "file_not_found", f"There is no file {unknown}.", "It may have been deleted.")


@pytest.mark.parametrize(
    ("path", "rest", "code", "advice"),
    [
        ("/api/ai/enhance-prompt", {}, "not_a_prompt_node", "Choose a prompt node."),
        ("/api/ai/extend-video", {"hops": [{}]}, "not_a_video_node", "Choose a video node."),
        ("/api/ai/generate-video", {}, "nothing_to_run", "Run a video node."),
    ],
)
def test_work_that_a_node_cannot_do_is_refused(canvas: Canvas, path: str, rest: dict[str, Any], code: str, advice: str) -> None:
    answer = canvas.post(path, {"project_id": str(canvas.project_id), "node_id": str(canvas.node("image"))} | rest)

    assert (answer.status_code, answer.json()["code"], answer.json()["advice"]) == (422, code, advice)
    assert "'Image'" in answer.json()["detail"]


Making = Callable[[Canvas], Any]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda canvas: canvas.run(canvas.node("video")), "prompt_missing"),
        (lambda canvas: canvas.run(canvas.video(resolution="1080p", extensions=extensions(1))), "extension_needs_720p"),
        (lambda canvas: canvas.run(canvas.video(duration_seconds=5)), "duration_not_offered"),
        (lambda canvas: canvas.run(canvas.video(samples=5)), "samples_out_of_range"),
        (lambda canvas: canvas.post("/api/projects/{project_id}/runs", {"scope": "all"}), "nothing_to_run"),
        (lambda canvas: canvas.post("/api/projects/{project_id}/runs", {"scope": "from"}), "node_id_missing"),
        (lambda canvas: canvas.post("/api/projects/{project_id}/nodes", {"type": "sound"}), "unknown_node_type"),
        (lambda canvas: canvas.post("/api/projects/{project_id}/nodes", {"type": "video", "config": {"sed": 1}}), "config_invalid"),
        (
            lambda canvas: canvas.post("/api/projects/{project_id}/members", {"email": "no@example.com", "role": "editor"}),
            "account_not_found",
        ),
    ],
)
def test_other_requests_that_cannot_be_done_as_they_stand(canvas: Canvas, make: Making, code: str) -> None:
    answer = make(canvas)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert answer.json()["advice"].endswith(".")
