"""The function as Eventarc calls it: works, delivered twice, delivered late, and retried where trying again may help."""

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests
from conftest import MEDIA, SOURCE, UPLOADS, SendEvent, environment, storage_event
from flask.testing import FlaskClient
from picture import MAX_FILE_BYTES
from pictures import astronaut, grace_hopper, jpeg, on_canvas, photo
from PIL import Image
from surroundings import Surroundings, SurroundingsServer

NAME = "project-1/asset-1/original"


def test_an_upload_is_normalised_analyzed_stored_and_told(surroundings: Surroundings, send_event: SendEvent) -> None:
    generation = surroundings.put(UPLOADS, NAME, photo(astronaut(), 6))

    assert send_event(UPLOADS, NAME, generation) == 200

    (delivered,) = surroundings.delivered
    assert delivered.path == "/tasks/face-analyzed"
    assert delivered.audience == surroundings.url
    outcome = delivered.body.pop("outcome")
    assert delivered.body == {
        "bucket": UPLOADS,
        "name": NAME,
        "generation": str(generation),
        "project_id": "project-1",
        "asset_id": "asset-1",
    }
    (face,) = outcome.pop("faces")
    stored = surroundings.objects[MEDIA, f"project-1/asset-1/{generation}/image.jpg"]
    assert outcome == {
        "kind": "analyzed",
        "width": 512,
        "height": 512,
        "sha256": hashlib.sha256(stored.content).hexdigest(),
        "size_bytes": len(stored.content),
        "content_type": "image/jpeg",
        "image": {"bucket": MEDIA, "name": f"project-1/asset-1/{generation}/image.jpg"},
        "thumbnail": {"bucket": MEDIA, "name": f"project-1/asset-1/{generation}/thumbnail.webp"},
    }
    assert set(face) == {"bbox", "detection_score", "quality", "landmarks", "embedding", "embedder_id"}
    assert face["quality"]["problems"] == []
    assert stored.content_type == "image/jpeg"
    assert surroundings.objects[MEDIA, outcome["thumbnail"]["name"]].content_type == "image/webp"


def test_a_photo_of_twelve_megapixels_from_a_phone_goes_all_the_way(surroundings: Surroundings, send_event: SendEvent) -> None:
    upright = on_canvas((3024, 4032), (astronaut().resize((3024, 3024), Image.Resampling.BICUBIC), (0, 500)))
    generation = surroundings.put(UPLOADS, NAME, photo(upright, 6))

    assert send_event(UPLOADS, NAME, generation) == 200

    outcome = surroundings.delivered[0].body["outcome"]
    assert (outcome["width"], outcome["height"]) == (3024, 4032)
    assert len(outcome["faces"]) == 1
    assert outcome["faces"][0]["quality"]["width_px"] > 500
    with Image.open(io.BytesIO(surroundings.objects[MEDIA, outcome["image"]["name"]].content)) as stored:
        assert stored.size == (3024, 4032)
        assert not stored.getexif()


def test_two_people_and_nobody_are_both_answers(surroundings: Surroundings, send_event: SendEvent) -> None:
    two = surroundings.put(UPLOADS, NAME, jpeg(on_canvas((1024, 600), (astronaut(), (0, 0)), (grace_hopper(), (512, 0)))))
    assert send_event(UPLOADS, NAME, two) == 200
    nobody = surroundings.put(UPLOADS, NAME, jpeg(Image.new("RGB", (640, 480), "teal")))
    assert send_event(UPLOADS, NAME, nobody) == 200

    assert [len(delivered.body["outcome"]["faces"]) for delivered in surroundings.delivered] == [2, 0]


def test_an_event_delivered_twice_writes_once_and_tells_the_same_twice(surroundings: Surroundings, send_event: SendEvent) -> None:
    generation = surroundings.put(UPLOADS, NAME, jpeg(astronaut()))
    assert send_event(UPLOADS, NAME, generation) == 200
    after_first = dict(surroundings.objects)

    assert send_event(UPLOADS, NAME, generation) == 200

    assert surroundings.objects == after_first
    first, second = surroundings.delivered
    assert first == second


def test_what_an_earlier_version_stored_is_what_is_described(surroundings: Surroundings, send_event: SendEvent) -> None:
    # Given a picture that an earlier delivery stored, encoded by another version of the codec
    generation = surroundings.put(UPLOADS, NAME, jpeg(astronaut()))
    earlier = jpeg(astronaut(), quality=70)
    surroundings.put(MEDIA, f"project-1/asset-1/{generation}/image.jpg", earlier)

    assert send_event(UPLOADS, NAME, generation) == 200

    outcome = surroundings.delivered[0].body["outcome"]
    assert outcome["sha256"] == hashlib.sha256(earlier).hexdigest()
    assert outcome["size_bytes"] == len(earlier)


def test_a_late_event_for_a_replaced_upload_is_answered_and_does_nothing(surroundings: Surroundings, send_event: SendEvent) -> None:
    replaced = surroundings.put(UPLOADS, NAME, jpeg(astronaut()))
    surroundings.put(UPLOADS, NAME, jpeg(grace_hopper()))

    assert send_event(UPLOADS, NAME, replaced) == 200

    assert surroundings.delivered == []
    assert not any(bucket == MEDIA for bucket, _ in surroundings.objects)


@pytest.mark.parametrize(
    "name", ["original", "asset-1/original", "project-1/asset-1/original/x", "project-1/asset-1/image.jpg", "a//original"]
)
def test_objects_that_are_no_uploads_are_ignored(surroundings: Surroundings, send_event: SendEvent, name: str) -> None:
    assert send_event(UPLOADS, name, surroundings.put(UPLOADS, name, jpeg(astronaut()))) == 200

    assert surroundings.downloads == []
    assert surroundings.delivered == []


def test_our_own_writes_to_the_media_bucket_are_ignored(surroundings: Surroundings, send_event: SendEvent) -> None:
    assert send_event(MEDIA, NAME, surroundings.put(MEDIA, NAME, jpeg(astronaut()))) == 200

    assert surroundings.delivered == []


def test_a_file_that_is_no_picture_is_refused_for_good(surroundings: Surroundings, send_event: SendEvent) -> None:
    generation = surroundings.put(UPLOADS, NAME, b"%PDF-1.7 an invoice")

    assert send_event(UPLOADS, NAME, generation) == 200

    outcome = surroundings.delivered[0].body["outcome"]
    assert (outcome["kind"], outcome["code"]) == ("rejected", "not_an_image")
    assert outcome["message"].endswith("Upload a JPEG, PNG, WebP or HEIC picture.")
    assert list(surroundings.objects) == [(UPLOADS, NAME)]


def test_a_file_that_is_too_large_is_refused_without_a_download(surroundings: Surroundings, send_event: SendEvent) -> None:
    generation = surroundings.put(UPLOADS, NAME, bytes(MAX_FILE_BYTES + 1))

    assert send_event(UPLOADS, NAME, generation) == 200

    assert surroundings.delivered[0].body["outcome"]["code"] == "image_too_large"
    assert surroundings.downloads == []


@pytest.mark.parametrize("status", [500, 503, 401, 404, 302])
def test_a_worker_that_does_not_take_the_result_gets_it_again(surroundings: Surroundings, send_event: SendEvent, status: int) -> None:
    generation = surroundings.put(UPLOADS, NAME, b"no picture")
    surroundings.worker_status = status
    assert send_event(UPLOADS, NAME, generation) == 500
    assert surroundings.delivered == []

    surroundings.worker_status = 200
    assert send_event(UPLOADS, NAME, generation) == 200

    assert len(surroundings.delivered) == 1


def test_a_bucket_that_refuses_to_be_read_makes_the_event_come_again(surroundings: Surroundings, send_event: SendEvent) -> None:
    generation = surroundings.put(UPLOADS, NAME, jpeg(astronaut()))
    surroundings.storage_status = 403

    assert send_event(UPLOADS, NAME, generation) == 500

    assert surroundings.delivered == []


def test_log_lines_are_structured_and_name_objects_only(
    surroundings: Surroundings, send_event: SendEvent, capsys: pytest.CaptureFixture[str]
) -> None:
    generation = surroundings.put(UPLOADS, NAME, b"no picture")
    send_event(UPLOADS, NAME, generation)
    surroundings.worker_status = 500
    send_event(UPLOADS, NAME, generation)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    told = {"severity": "INFO", "message": "upload.rejected", "service": "image_uploaded", "name": NAME, "generation": generation}
    assert lines[0] == {**told, "code": "not_an_image"}
    assert (lines[1]["severity"], lines[1]["message"]) == ("ERROR", "upload.failed")
    assert "The worker answered 500" in lines[1]["stack_trace"]
    assert "Bearer" not in json.dumps(lines)


def test_the_trace_of_an_event_is_passed_on_and_logged(
    surroundings: Surroundings, client: FlaskClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "reelgraph-test")
    generation = surroundings.put(UPLOADS, NAME, b"no picture")
    headers, body = storage_event(UPLOADS, NAME, generation)
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"

    client.post("/", headers={**headers, "traceparent": traceparent}, data=body)
    client.post("/", headers=headers, data=body)

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [delivered.traceparent for delivered in surroundings.delivered] == [traceparent, None]
    assert first["logging.googleapis.com/trace"] == "projects/reelgraph-test/traces/0af7651916cd43dd8448eb211c80319c"
    assert first["logging.googleapis.com/spanId"] == "b7ad6b7169203331"
    assert first["logging.googleapis.com/trace_sampled"] is True
    assert not any(name.startswith("logging.googleapis.com") for name in second)


@pytest.fixture
def served(server: SurroundingsServer) -> Iterator[str]:
    """The function in a process of its own, started as its image starts it; yields its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--source", str(SOURCE), "--target", "image_uploaded"]
    command += ["--signature-type", "cloudevent", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **environment(server)}, cwd="/", stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_until_it_answers(url)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def wait_until_it_answers(url: str) -> None:
    session = requests.Session()
    # Each attempt waits between tries inside urllib3, with growing pauses: about 25 s in all.
    session.mount(
        "http://", requests.adapters.HTTPAdapter(max_retries=requests.adapters.Retry(connect=12, backoff_factor=0.05, backoff_max=4))
    )
    assert session.get(url, timeout=10).status_code == 405, "functions-framework takes only POST, so that answer means it is up"


def test_the_deployed_process_finds_its_modules_and_handles_an_event(surroundings: Surroundings, served: str) -> None:
    generation = surroundings.put(UPLOADS, NAME, jpeg(astronaut()))
    headers, body = storage_event(UPLOADS, NAME, generation)

    started = time.monotonic()
    assert requests.post(served, headers=headers, data=body, timeout=60).status_code == 200

    assert len(surroundings.delivered[0].body["outcome"]["faces"]) == 1
    assert time.monotonic() - started < 30
