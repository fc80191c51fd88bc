"""A browser on an allowed origin may use a bucket and an upload session; any other origin may not."""

import pytest
import requests
from google.cloud.storage import Bucket

CANVAS, ELSEWHERE = "http://127.0.0.1:8700", "http://elsewhere.example"


@pytest.fixture
def open_bucket(bucket: Bucket) -> Bucket:
    """A bucket that the canvas may read from and write to."""
    bucket.cors = [{"origin": [CANVAS], "method": ["GET", "PUT"], "responseHeader": ["Content-Type", "ETag"], "maxAgeSeconds": 60}]
    bucket.patch()
    return bucket


def preflight(url: str, origin: str, method: str, headers: str = "") -> requests.Response:
    """Ask as a browser asks before a request that is not simple."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method} | ({"Access-Control-Request-Headers": headers} if headers else {})
    return requests.options(url, headers=asked)


def allowed_origin(answer: requests.Response) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


def test_a_preflight_is_answered_from_the_configuration_of_the_bucket(open_bucket: Bucket) -> None:
    url = f"{open_bucket.client.api_endpoint}/{open_bucket.name}/picture.png"

    granted = preflight(url, CANVAS, "PUT", "content-type")

    assert (granted.status_code, allowed_origin(granted)) == (200, CANVAS)
    assert "PUT" in granted.headers["Access-Control-Allow-Methods"]
    assert granted.headers["Access-Control-Allow-Headers"] == "content-type"
    assert granted.headers["Access-Control-Max-Age"] == "60"
    assert allowed_origin(preflight(url, ELSEWHERE, "PUT")) is None
    assert allowed_origin(preflight(url, CANVAS, "DELETE")) is None
    assert allowed_origin(preflight(url, CANVAS, "PUT", "x-goog-meta-secret")) is None


def test_a_bucket_without_configuration_allows_no_origin(bucket: Bucket) -> None:
    assert allowed_origin(preflight(f"{bucket.client.api_endpoint}/{bucket.name}/picture.png", CANVAS, "GET")) is None


def test_responses_and_errors_carry_the_permission(open_bucket: Bucket) -> None:
    blob = open_bucket.blob("picture.png")
    blob.upload_from_string(b"pixels")
    url = blob.generate_signed_url(version="v4", expiration=60)

    allowed = requests.get(url, headers={"Origin": CANVAS})
    refused = requests.get(url, headers={"Origin": ELSEWHERE})
    failed = requests.get(url.partition("?")[0], headers={"Origin": CANVAS})

    assert (allowed.content, allowed_origin(allowed)) == (b"pixels", CANVAS)
    assert "ETag" in allowed.headers["Access-Control-Expose-Headers"]
    assert "Origin" in allowed.headers["Vary"]
    assert allowed_origin(refused) is None
    assert (failed.status_code, allowed_origin(failed)) == (403, CANVAS)


def test_any_origin_may_read_where_the_bucket_says_so(bucket: Bucket) -> None:
    bucket.cors = [{"origin": ["*"], "method": ["GET"]}]
    bucket.patch()

    url = f"{bucket.client.api_endpoint}/{bucket.name}/picture.png"

    assert allowed_origin(preflight(url, ELSEWHERE, "GET")) == "*"
    assert allowed_origin(preflight(url, ELSEWHERE, "PUT")) is None


def test_the_origin_of_a_session_may_upload_without_any_configuration(bucket: Bucket) -> None:
    url = bucket.blob("video.mp4").create_resumable_upload_session(size=6, origin=CANVAS)

    asked = preflight(url, CANVAS, "PUT", "content-range,content-type")
    progress = requests.put(url, headers={"Origin": CANVAS, "Content-Range": "bytes */6"})
    done = requests.put(url, data=b"frames", headers={"Origin": CANVAS})

    assert (allowed_origin(asked), allowed_origin(progress), allowed_origin(done)) == (CANVAS, CANVAS, CANVAS)
    assert asked.headers["Access-Control-Allow-Headers"] == "content-range,content-type"
    assert (progress.status_code, done.status_code) == (308, 200)
    assert "Range" in [name.strip() for name in progress.headers["Access-Control-Expose-Headers"].split(",")]
    assert allowed_origin(preflight(url, ELSEWHERE, "PUT")) is None


def test_the_configuration_of_the_bucket_holds_for_sessions_without_an_origin(open_bucket: Bucket) -> None:
    url = open_bucket.blob("video.mp4").create_resumable_upload_session(size=6)

    assert allowed_origin(preflight(url, CANVAS, "PUT", "content-type")) == CANVAS
    assert allowed_origin(preflight(url, ELSEWHERE, "PUT")) is None
    assert allowed_origin(requests.put(url, data=b"frames", headers={"Origin": CANVAS})) == CANVAS
