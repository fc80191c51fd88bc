"""The wire of predictLongRunning and fetchPredictOperation, driven by the unmodified Google client."""

import base64
import re
from pathlib import Path

import httpx
import pytest
from google import genai
from google.genai import errors, types
from google.oauth2 import service_account

from infra.local.identity import Identity
from tests.local.vertex.support import MODEL, MODEL_PATH, PROJECT, RENDERS, Vertex, draw_photo, probe, uris, write_plain_video


def test_a_prompt_becomes_a_real_video_in_the_bucket(vertex: Vertex) -> None:
    name = vertex.submit("A lighthouse at dusk", labels={"job": "7"})
    operation = vertex.finish(name)

    assert re.fullmatch(re.escape(MODEL_PATH) + r"/operations/[0-9a-f-]{36}", name)
    assert operation.error is None
    assert operation.response is not None
    assert operation.response.rai_media_filtered_count == 0
    (uri,) = uris(operation)
    assert re.fullmatch(rf"{RENDERS}/job/1/[0-9]+/sample_0\.mp4", uri)
    video = probe(vertex.path_of(uri))
    assert (video.width, video.height, video.frames, video.frame_rate) == (1280, 720, 96, 24)
    assert (video.video_codec, video.audio) == ("h264", ("aac", 48_000, 2))
    assert vertex.post(f"/v1/{MODEL_PATH}:fetchPredictOperation", {"operationName": name}).json() == {
        "name": name,
        "done": True,
        "response": {
            "@type": "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse",
            "raiMediaFilteredCount": 0,
            "videos": [{"gcsUri": uri, "mimeType": "video/mp4"}],
        },
    }


def test_a_pending_operation_answers_with_its_name_alone(vertex: Vertex) -> None:
    vertex.next_submits(["hold", "blocked"])
    name = vertex.submit()

    body = vertex.post(f"/v1beta1/{MODEL_PATH}:fetchPredictOperation", {"operationName": name}).json()

    assert body == {"name": name}


def test_snake_case_and_inline_bytes_and_unknown_keys_are_understood(vertex: Vertex, tmp_path: Path) -> None:
    picture = base64.b64encode(draw_photo(tmp_path / "photo.png").read_bytes()).decode()
    instance = {"prompt": "She smiles", "image": {"bytes_base64_encoded": picture, "mime_type": "image/png"}, "future": 1}
    parameters = {
        "duration_seconds": 4,
        "aspect_ratio": "9:16",
        "storage_uri": f"{RENDERS}/snake",
        "sample_count": 1,
        "generate_audio": False,
    }

    answer = vertex.post(f"/v1beta1/{MODEL_PATH}:predictLongRunning", {"instances": [instance], "parameters": parameters})
    operation = vertex.finish(answer.json()["name"])

    (uri,) = uris(operation)
    video = probe(vertex.path_of(uri))
    assert (video.width, video.height, video.frames, video.audio) == (720, 1280, 96, None)


def test_without_a_storage_uri_the_reply_carries_the_bytes(vertex: Vertex, tmp_path: Path) -> None:
    operation = vertex.finish(vertex.submit(output_gcs_uri=None))

    assert operation.response is not None
    (generated,) = operation.response.generated_videos or []
    assert generated.video is not None
    assert generated.video.uri is None
    file = tmp_path / "inline.mp4"
    file.write_bytes(generated.video.video_bytes or b"")
    assert probe(file).frames == 96


def test_an_extension_comes_back_as_its_input_and_seven_seconds(vertex: Vertex) -> None:
    write_plain_video(vertex.buckets / "uploads" / "start.mp4", 1280, 720, frames=24)

    source = {"video": types.Video(uri="gs://uploads/start.mp4", mime_type="video/mp4")}
    name = vertex.submit("The light goes out", source=source, duration_seconds=None, resolution="720p")
    (uri,) = uris(vertex.finish(name))

    assert probe(vertex.path_of(uri)).frames == 24 + 168
    assert vertex.journal_of(name)["seconds_billed"] == 7


def test_every_accepted_submit_is_one_row_of_the_journal(vertex: Vertex) -> None:
    before, counters = len(vertex.journal()), vertex.counters()
    vertex.next_submits("blocked")

    name = vertex.submit("A lighthouse", labels={"job": "7"}, number_of_videos=3)
    with pytest.raises(errors.ClientError):
        vertex.submit(duration_seconds=5)
    vertex.fetch(name)

    (row,) = vertex.journal()[before:]
    assert re.fullmatch(r"[0-9a-f]{64}", row.pop("request_digest"))
    assert row.pop("submitted_at").endswith("+00:00")
    assert row == {
        "operation_name": name,
        "model": MODEL,
        "labels": {"job": "7"},
        "duration_seconds": 4,
        "samples": 3,
        "seconds_billed": 0,
        "storage_uri": f"{RENDERS}/job/1",
        "status": "blocked",
    }
    after = vertex.counters()
    assert after["submits"] - counters["submits"] == 2
    assert after["accepted"] - counters["accepted"] == 1
    assert after["polls_by_operation"][name] == 1
    assert vertex.http.get("/simulator/operations").json()[-1]["name"] == name


@pytest.mark.parametrize("model", ["veo-3.1-generate-preview", "veo-9", "gemini-3.8-flash"])
def test_a_model_that_is_no_living_veo_is_404(vertex: Vertex, model: str) -> None:
    with pytest.raises(errors.ClientError) as refusal:
        vertex.videos.models.generate_videos(model=model, source=types.GenerateVideosSource(prompt="A lighthouse"))

    assert (refusal.value.code, refusal.value.status) == (404, "NOT_FOUND")


def test_an_operation_is_fetched_by_post_below_its_own_model_only(vertex: Vertex) -> None:
    vertex.next_submits("blocked")
    name = vertex.submit()
    other = MODEL_PATH.replace("-fast", "")

    assert vertex.http.get(f"/v1beta1/{name}", headers={"authorization": f"Bearer {vertex.token}"}).status_code == 404
    assert vertex.post(f"/v1beta1/{other}:fetchPredictOperation", {"operationName": name}).status_code == 404
    with pytest.raises(errors.ClientError) as refusal:
        vertex.fetch(f"{MODEL_PATH}/operations/00000000-0000-0000-0000-000000000000")
    assert refusal.value.code == 404


def test_only_an_access_token_opens_veo(vertex: Vertex, identity: Identity) -> None:
    path, body = f"/v1beta1/{MODEL_PATH}:predictLongRunning", {"instances": [{"prompt": "A lighthouse"}]}
    id_token = identity.id_token("someone@example.com", "https://example.com")

    answers = [vertex.post(path, body, authorization=authorization) for authorization in ("", "Bearer made-up", f"Bearer {id_token}")] + [
        httpx.post(vertex.stand_in.url + path, json=body, headers={"x-goog-api-key": "a-key"})
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert {answer.json()["error"]["status"] for answer in answers} == {"UNAUTHENTICATED"}


def test_service_account_credentials_open_veo(vertex: Vertex, identity: Identity) -> None:
    credentials = service_account.Credentials.from_service_account_file(
        str(identity.credentials_path), scopes=["https://www.googleapis.com/auth/cloud-platform"]
    ).with_always_use_jwt_access(True)
    options = types.HttpOptions(base_url=vertex.stand_in.url)
    client = genai.Client(vertexai=True, project=PROJECT, location="us-central1", credentials=credentials, http_options=options)
    vertex.next_submits("blocked")

    operation = client.models.generate_videos(model=MODEL, source=types.GenerateVideosSource(prompt="A lighthouse"))

    assert operation.name is not None
