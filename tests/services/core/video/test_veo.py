"""The Veo driver against scripted replies, through the unmodified google-genai client: what each reply means for the money."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials

from services.core.video.outcomes import (
    Accepted,
    Blocked,
    BlockedAtSubmit,
    Failed,
    Finished,
    NotSent,
    Pending,
    Rejected,
    Unknown,
    Unreachable,
)
from services.core.video.request import ExtendVideo, FramesToVideo, ImageToVideo, MediaInput, ReferencesToVideo, TextToVideo, VideoRequest
from services.core.video.safety import SafetyCategory
from services.core.video.veo import VeoDriver
from tests.services.core.video.scripted_vertex import (
    HangUp,
    Reply,
    ScriptedVertex,
    Silence,
    bearer,
    closed_port,
    error_body,
    scripted_vertex,
    unanswered_port,
)

MODEL_PATH = "projects/reelgraph-test/locations/us-central1/publishers/google/models/veo-3.1-generate-001"
OPERATION = f"{MODEL_PATH}/operations/6f7a"
OUTPUT = "gs://renders/job-1/attempt-1/"
RESPONSE_TYPE = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
REAL_PERSON = "Veo could not generate 1 videos because of its usage guidelines. You will not be charged. Support codes: 15236754"
WITHHELD = "Veo could not generate 1 videos. You will not be charged for this request. Support codes: 42237218"
TEXT = TextToVideo(prompt="A fox crosses a snowy road.", duration_seconds=4)


def a_driver(endpoint: str, credentials: Any = None) -> VeoDriver:
    return VeoDriver("reelgraph-test", "us-central1", credentials or bearer(), endpoint)


def a_picture(name: str) -> MediaInput:
    return MediaInput(asset_id=UUID(int=7), bucket="media", object_name=name, content_type="image/png", sha256="a" * 64)


def done(**members: Any) -> Reply:
    return Reply(body={"name": OPERATION, "done": True, **members})


def done_with(*uris: str, **members: Any) -> Reply:
    videos = [{"gcsUri": uri, "mimeType": "video/mp4"} for uri in uris]
    return done(response={"@type": RESPONSE_TYPE, "videos": videos, **members})


@pytest.fixture
def vertex() -> Iterator[ScriptedVertex]:
    with scripted_vertex() as vertex:
        yield vertex


@pytest.fixture
def driver(vertex: ScriptedVertex) -> Iterator[VeoDriver]:
    driver = a_driver(vertex.url)
    yield driver
    driver.close()


# Submit: what is sent


def test_a_text_request_is_sent_with_every_setting_and_lands_in_the_bucket(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(body={"name": OPERATION}))
    request = TextToVideo(
        model="veo-3.1-generate-preview",
        prompt="A fox.",
        negative_prompt="blur",
        duration_seconds=8,
        resolution="1080p",
        aspect_ratio="9:16",
        samples=2,
        seed=0,
        generate_audio=False,
        person_generation="dont_allow",
    )

    outcome = driver.submit(request, output_prefix=OUTPUT, labels={"job": "j-1"})

    assert outcome == Accepted(OPERATION)
    [call] = vertex.calls
    assert call.path == f"/v1beta1/{MODEL_PATH}:predictLongRunning"
    assert call.headers["authorization"] == "Bearer a-token"
    assert call.body == {
        "instances": [{"prompt": "A fox."}],
        "parameters": {
            "storageUri": OUTPUT,
            "sampleCount": 2,
            "durationSeconds": 8,
            "resolution": "1080p",
            "aspectRatio": "9:16",
            "seed": 0,
            "negativePrompt": "blur",
            "generateAudio": False,
            "personGeneration": "dont_allow",
        },
        "labels": {"job": "j-1"},
    }


FIRST = {"gcsUri": "gs://media/first.png", "mimeType": "image/png"}
LAST = {"gcsUri": "gs://media/last.png", "mimeType": "image/png"}


@pytest.mark.parametrize(
    ("request_", "instance"),
    [
        (ImageToVideo(image=a_picture("first.png")), {"image": FIRST}),
        (FramesToVideo(image=a_picture("first.png"), last_frame=a_picture("last.png")), {"image": FIRST, "lastFrame": LAST}),
        (
            ReferencesToVideo(prompt="They dance.", references=(a_picture("first.png"), a_picture("last.png"))),
            {
                "prompt": "They dance.",
                "referenceImages": [{"image": FIRST, "referenceType": "ASSET"}, {"image": LAST, "referenceType": "ASSET"}],
            },
        ),
    ],
    ids=["image", "frames", "references"],
)
def test_pictures_travel_as_addresses_in_the_bucket(
    vertex: ScriptedVertex, driver: VeoDriver, request_: VideoRequest, instance: dict[str, Any]
) -> None:
    vertex.will(Reply(body={"name": OPERATION}))

    assert driver.submit(request_, output_prefix=OUTPUT) == Accepted(OPERATION)

    assert vertex.calls[0].body["instances"] == [instance]


def test_an_extension_sends_the_tail_and_leaves_the_duration_to_the_provider(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(body={"name": OPERATION}))
    tail = MediaInput(asset_id=UUID(int=1), bucket="media", object_name="tail.mp4", content_type="video/mp4", sha256="b" * 64)

    assert driver.submit(ExtendVideo(hop=1, prompt="It turns."), output_prefix=OUTPUT, video=tail) == Accepted(OPERATION)

    body = vertex.calls[0].body
    assert body["instances"] == [{"prompt": "It turns.", "video": {"gcsUri": "gs://media/tail.mp4", "mimeType": "video/mp4"}}]
    assert body["parameters"]["resolution"] == "720p"
    assert "durationSeconds" not in body["parameters"]


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        (ExtendVideo(hop=1), {"output_prefix": OUTPUT}),
        (TEXT, {"output_prefix": OUTPUT, "video": a_picture("tail.mp4")}),
        (TEXT, {"output_prefix": "gs://renders/job-1"}),
        (TEXT, {"output_prefix": "/renders/job-1/"}),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_before_anything_is_sent(
    vertex: ScriptedVertex, driver: VeoDriver, request_: VideoRequest, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"an extension|the output prefix"):
        driver.submit(request_, **arguments)

    assert vertex.calls == []


# Submit: what the answer means


def test_quota_is_surely_not_sent_and_carries_the_wait_that_was_asked_for(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    retry_info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}
    vertex.will(Reply(429, error_body(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", {"@type": "other"}, retry_info)))

    assert driver.submit(TEXT, output_prefix=OUTPUT) == NotSent("quota", 3.5)
    assert len(vertex.calls) == 1


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (Reply(429, error_body(429, "RESOURCE_EXHAUSTED", "Quota exceeded."), {"Retry-After": "12"}), 12.0),
        (Reply(429, error_body(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", {"retryDelay": "soon"})), None),
        (Reply(429, [error_body(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", {"retryDelay": "2s"})]), 2.0),
        (Reply(429, b"slow down"), None),
        (Reply(429, {"error": "slow down"}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), None),
    ],
    ids=["header", "unreadable delay", "in a list", "no json", "date"],
)
def test_quota_without_a_readable_wait_is_still_quota(vertex: ScriptedVertex, driver: VeoDriver, reply: Reply, wait: float | None) -> None:
    vertex.will(reply)

    assert driver.submit(TEXT, output_prefix=OUTPUT) == NotSent("quota", wait)


def test_a_refused_connection_is_surely_not_sent() -> None:
    with closed_port() as nobody:
        assert a_driver(nobody).submit(TEXT, output_prefix=OUTPUT) == NotSent("refused")


def test_a_name_that_does_not_resolve_is_surely_not_sent() -> None:
    assert a_driver("http://nowhere.invalid").submit(TEXT, output_prefix=OUTPUT) == NotSent("refused")


def test_a_connection_that_is_never_made_is_surely_not_sent() -> None:
    with unanswered_port() as nobody:
        assert a_driver(nobody).submit(TEXT, output_prefix=OUTPUT, timeout_seconds=0.3) == NotSent("refused")


def test_a_failed_tls_handshake_is_surely_not_sent(vertex: ScriptedVertex) -> None:
    driver = a_driver(vertex.url.replace("http:", "https:"))

    assert driver.submit(TEXT, output_prefix=OUTPUT) == NotSent("refused")
    assert vertex.calls == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, error_body(503, "UNAVAILABLE", "The model is overloaded.")),
        Reply(500, error_body(500, "INTERNAL", "Internal error.")),
        Reply(502, b"<html>Bad Gateway</html>"),
        Reply(504, error_body(504, "DEADLINE_EXCEEDED", "Deadline exceeded.")),
        Reply(408, error_body(408, "CANCELLED", "Timed out.")),
        Reply(409, error_body(409, "ABORTED", "Conflict.")),
        Reply(307, b"", {"Location": "/elsewhere"}),
        HangUp(),
        Reply(200, b'{"name": "projects/', {"Content-Length": "500", "Connection": "close"}),
        Reply(200, b"not json"),
        Reply(200, {"name": 12}),
        Reply(200, {"something": "else"}),
    ],
    ids=["503", "500", "502", "504", "408", "409", "redirect", "hang up", "cut off", "no json", "odd type", "no name"],
)
def test_an_answer_that_leaves_it_open_is_unknown_and_is_not_sent_again(
    vertex: ScriptedVertex, driver: VeoDriver, reply: Reply | HangUp
) -> None:
    vertex.will(reply)

    assert isinstance(driver.submit(TEXT, output_prefix=OUTPUT), Unknown)
    assert len(vertex.calls) == 1


def test_a_reply_that_takes_too_long_is_unknown(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Silence())

    outcome = driver.submit(TEXT, output_prefix=OUTPUT, timeout_seconds=0.3)

    assert outcome == Unknown("The connection failed after the request began to be sent (ReadTimeout).")
    assert len(vertex.calls) == 1


def test_each_submit_uses_a_fresh_connection_so_that_none_dies_of_old_age(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(body={"name": OPERATION}), Reply(body={"name": OPERATION}))

    for _ in range(2):
        assert driver.submit(TEXT, output_prefix=OUTPUT) == Accepted(OPERATION)

    first, second = vertex.calls
    assert first.client_port != second.client_port


def test_a_bad_request_is_rejected_with_the_providers_words(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(400, error_body(400, "INVALID_ARGUMENT", "resolution 1080p requires durationSeconds 8.")))

    outcome = driver.submit(TEXT, output_prefix=OUTPUT)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.category) == ("invalid_argument", "request")
    assert outcome.message == "resolution 1080p requires durationSeconds 8."
    assert outcome.advice


@pytest.mark.parametrize(
    ("status", "name", "word"),
    [(401, "UNAUTHENTICATED", "credentials"), (403, "PERMISSION_DENIED", "aiplatform.user"), (404, "NOT_FOUND", "region")],
)
def test_what_only_an_operator_can_mend_says_so(vertex: ScriptedVertex, driver: VeoDriver, status: int, name: str, word: str) -> None:
    vertex.will(Reply(status, error_body(status, name, "No.")))

    outcome = driver.submit(TEXT, output_prefix=OUTPUT)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.category) == (name.lower(), "operator")
    assert word in outcome.advice


def test_a_prompt_refused_by_http_400_is_a_block(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(400, error_body(400, "INVALID_ARGUMENT", f"The prompt could not be submitted. {REAL_PERSON}")))

    outcome = driver.submit(TEXT, output_prefix=OUTPUT)

    assert isinstance(outcome, BlockedAtSubmit)
    assert outcome.block.category is SafetyCategory.CELEBRITY
    assert outcome.block.codes == (15236754,)


class _NoToken(Credentials):
    """Credentials whose refresh fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__(token=None)  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        self._error = error

    def refresh(self, request: Any) -> None:
        raise self._error


def an_error(kind: Any, **fields: bool) -> Exception:
    error: Exception = kind("no token", **fields)
    return error


@pytest.mark.parametrize("error", [an_error(TransportError), an_error(RefreshError, retryable=True)])
def test_a_token_that_cannot_be_fetched_now_is_surely_not_sent(vertex: ScriptedVertex, error: Exception) -> None:
    assert a_driver(vertex.url, _NoToken(error)).submit(TEXT, output_prefix=OUTPUT) == NotSent("refused")
    assert vertex.calls == []


def test_credentials_that_are_refused_are_a_matter_for_the_operator(vertex: ScriptedVertex) -> None:
    outcome = a_driver(vertex.url, _NoToken(an_error(RefreshError))).submit(TEXT, output_prefix=OUTPUT)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.category) == ("credentials_refused", "operator")
    assert vertex.calls == []


# Poll


def test_an_operation_is_polled_by_its_stored_name_until_its_outputs_are_named(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    uris = (f"{OUTPUT}123/sample_0.mp4", f"{OUTPUT}123/sample_1.mp4")
    vertex.will(Reply(body={"name": OPERATION}), done_with(*uris, raiMediaFilteredCount=0))

    assert driver.poll(OPERATION) == Pending()
    assert driver.poll(OPERATION) == Finished(uris)

    assert [(call.path, call.body) for call in vertex.calls] == [
        (f"/v1beta1/{MODEL_PATH}:fetchPredictOperation", {"operationName": OPERATION})
    ] * 2


def test_a_partial_block_keeps_the_siblings_and_says_what_was_withheld(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    sibling = f"{OUTPUT}123/sample_1.mp4"
    vertex.will(done_with(sibling, raiMediaFilteredCount=1, raiMediaFilteredReasons=[WITHHELD]))

    outcome = driver.poll(OPERATION)

    assert isinstance(outcome, Finished)
    assert outcome.outputs == (sibling,)
    assert outcome.blocked is not None
    assert outcome.blocked.category is SafetyCategory.VIDEO_SAFETY


def test_everything_withheld_is_a_block(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    response = {"@type": RESPONSE_TYPE, "raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [REAL_PERSON]}
    vertex.will(done(response=response))

    outcome = driver.poll(OPERATION)

    assert isinstance(outcome, Blocked)
    assert (outcome.block.category, outcome.block.retryable) == (SafetyCategory.CELEBRITY, False)


@pytest.mark.parametrize("members", [{}, {"response": {"@type": RESPONSE_TYPE}}, {"response": {"@type": RESPONSE_TYPE, "videos": []}}])
def test_done_without_error_and_without_videos_is_a_block_and_not_a_success(
    vertex: ScriptedVertex, driver: VeoDriver, members: dict[str, Any]
) -> None:
    vertex.will(done(**members))

    outcome = driver.poll(OPERATION)

    assert isinstance(outcome, Blocked)
    assert outcome.block.category is SafetyCategory.OTHER


@pytest.mark.parametrize(("code", "word"), [(13, "bills nothing"), (8, "capacity"), (3, "Change")])
def test_an_operations_error_is_a_failure_with_advice(vertex: ScriptedVertex, driver: VeoDriver, code: int, word: str) -> None:
    vertex.will(done(error={"code": code, "message": "It went wrong."}))

    outcome = driver.poll(OPERATION)

    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.message) == (code, "It went wrong.")
    assert word in outcome.advice


def test_a_prompt_refused_by_the_operations_error_is_a_block(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(done(error={"code": 3, "message": REAL_PERSON}))

    outcome = driver.poll(OPERATION)

    assert isinstance(outcome, Blocked)
    assert outcome.block.category is SafetyCategory.CELEBRITY


def test_an_operation_the_provider_does_not_know_has_failed(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(404, error_body(404, "NOT_FOUND", "Operation not found.")))

    outcome = driver.poll(OPERATION)

    assert isinstance(outcome, Failed)
    assert outcome.code == 5


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, error_body(503, "UNAVAILABLE", "Overloaded.")),
        Reply(429, error_body(429, "RESOURCE_EXHAUSTED", "Quota exceeded.")),
        Reply(403, error_body(403, "PERMISSION_DENIED", "No.")),
        Reply(401, error_body(401, "UNAUTHENTICATED", "No.")),
        HangUp(),
        Reply(200, b"not json"),
        done(response={"@type": RESPONSE_TYPE, "videos": [{"bytesBase64Encoded": "AAAA", "mimeType": "video/mp4"}]}),
    ],
    ids=["503", "429", "403", "401", "hang up", "no json", "video without address"],
)
def test_a_poll_that_brings_no_news_never_ends_the_job(vertex: ScriptedVertex, driver: VeoDriver, reply: Reply | HangUp) -> None:
    vertex.will(reply)

    assert isinstance(driver.poll(OPERATION), Unreachable)


def test_a_poll_to_nobody_brings_no_news() -> None:
    with closed_port() as nobody:
        assert isinstance(a_driver(nobody).poll(OPERATION), Unreachable)


def test_a_closed_driver_connects_again(vertex: ScriptedVertex, driver: VeoDriver) -> None:
    vertex.will(Reply(body={"name": OPERATION}), Reply(body={"name": OPERATION}))

    assert driver.poll(OPERATION) == Pending()
    driver.close()
    assert driver.poll(OPERATION) == Pending()


def test_a_process_that_makes_no_call_does_not_import_google_genai() -> None:
    program = (
        "import sys; from services.core.video.veo import VeoDriver; from services.core.prompts.gemini import GeminiDriver; "
        "VeoDriver('p', 'us-central1', None); GeminiDriver('p'); "
        "sys.exit('google.genai' in sys.modules or 'httpx' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
