"""Signed URLs open exactly the request that was signed, until they expire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from google.cloud.storage import Blob, Bucket
from google.cloud.storage._signing import generate_signed_url_v4
from google.oauth2.service_account import Credentials

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn
from tests.local.storage.support import service_account_credentials

MINUTE = timedelta(minutes=1)


@pytest.fixture
def photo(bucket: Bucket) -> Blob:
    blob = bucket.blob("faces/photo 1.png")
    blob.upload_from_string(b"pixels", content_type="image/png")
    return blob


def refusal(answer: requests.Response) -> tuple[int, str]:
    """The status, and the code of the XML error."""
    assert answer.headers["content-type"].startswith("application/xml")
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_signed_get_reads_the_object_with_ranges_and_overrides(photo: Blob) -> None:
    url = photo.generate_signed_url(
        version="v4", expiration=MINUTE, response_type="image/x-test", response_disposition='attachment; filename="photo.png"'
    )
    pinned = photo.generate_signed_url(version="v4", expiration=MINUTE, generation=photo.generation)

    whole, part = requests.get(url), requests.get(url, headers={"Range": "bytes=1-2"})

    assert (whole.content, whole.headers["Content-Type"]) == (b"pixels", "image/x-test")
    assert whole.headers["Content-Disposition"] == 'attachment; filename="photo.png"'
    assert whole.headers["x-goog-generation"] == str(photo.generation)
    assert whole.headers["x-goog-hash"] == f"crc32c={photo.crc32c},md5={photo.md5_hash}"
    assert (part.status_code, part.content) == (206, b"ix")
    assert requests.get(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert requests.get(pinned).content == b"pixels"
    photo.upload_from_string(b"repainted")
    assert refusal(requests.get(pinned)) == (404, "NoSuchKey")


def test_a_signed_put_writes_with_the_signed_type_and_conditions(bucket: Bucket) -> None:
    headers = {"x-goog-if-generation-match": "0", "x-goog-meta-asset": "9", "x-goog-content-length-range": "1,10"}
    blob = bucket.blob("upload.png")
    url = blob.generate_signed_url(version="v4", expiration=MINUTE, method="PUT", content_type="image/png", headers=dict(headers))
    sent = headers | {"Content-Type": "image/png"}

    assert refusal(requests.put(url, data=b"more than ten bytes", headers=sent)) == (400, "EntityTooLarge")
    assert refusal(requests.put(url, data=b"pixels", headers=headers | {"Content-Type": "text/html"})) == (403, "SignatureDoesNotMatch")
    created = requests.put(url, data=b"pixels", headers=sent)
    assert refusal(requests.put(url, data=b"again", headers=sent)) == (412, "PreconditionFailed")

    found = bucket.get_blob("upload.png")
    assert (created.status_code, created.headers["x-goog-generation"]) == (200, str(found.generation))
    assert (found.download_as_bytes(), found.content_type, found.metadata) == (b"pixels", "image/png", {"asset": "9"})


def test_a_signed_post_begins_a_session_that_needs_no_signature(bucket: Bucket) -> None:
    url = bucket.blob("resumable.mp4").generate_signed_url(version="v4", expiration=MINUTE, method="RESUMABLE", content_type="video/mp4")

    begun = requests.post(url, headers={"x-goog-resumable": "start", "Content-Type": "video/mp4"})
    done = requests.put(begun.headers["Location"], data=b"frames")

    assert (begun.status_code, done.status_code, done.content) == (201, 200, b"")
    found = bucket.get_blob("resumable.mp4")
    assert (found.download_as_bytes(), found.content_type) == (b"frames", "video/mp4")
    assert done.headers["x-goog-generation"] == str(found.generation)


def test_head_and_delete_need_signatures_of_their_own(photo: Blob) -> None:
    read, head, delete = (photo.generate_signed_url(version="v4", expiration=MINUTE, method=method) for method in ("GET", "HEAD", "DELETE"))

    assert requests.head(read).status_code == 403
    assert requests.delete(read).status_code == 403
    seen = requests.head(head)
    assert (seen.status_code, seen.headers["Content-Length"], seen.headers["Content-Type"]) == (200, "6", "image/png")
    assert requests.delete(delete).status_code == 204
    assert not photo.exists()


TAMPERINGS: dict[str, Callable[[str], str]] = {
    "another object": lambda url: url.replace("photo", "other"),
    "a longer life": lambda url: url.replace("X-Goog-Expires=60", "X-Goog-Expires=600"),
    "another date": lambda url: url.replace("X-Goog-Date=20", "X-Goog-Date=19"),
    "an added parameter": lambda url: url + "&response-content-type=text/html",
    "a flipped digit of the signature": lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    "no signature": lambda url: url.partition("&X-Goog-Signature")[0],
    "a signature that is no number": lambda url: url[:-2] + "zz",
    "a signature cut short": lambda url: url[:-2],
    "a life of nine days": lambda url: url.replace("X-Goog-Expires=60", "X-Goog-Expires=777600"),
    "another algorithm": lambda url: url.replace("GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256"),
    "no query at all": lambda url: url.partition("?")[0],
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_tampered_url_is_refused(photo: Blob, tampering: str) -> None:
    url = photo.generate_signed_url(version="v4", expiration=MINUTE)
    tampered = TAMPERINGS[tampering](url)
    assert tampered != url

    status, code = refusal(requests.get(tampered))

    assert status in (400, 403)
    assert code in ("SignatureDoesNotMatch", "AuthorizationQueryParametersError", "InvalidArgument", "AccessDenied")
    assert requests.get(url).status_code == 200


def test_headers_must_be_the_signed_ones(photo: Blob) -> None:
    bound = photo.generate_signed_url(version="v4", expiration=MINUTE, headers={"x-goog-meta-who": "me"})
    free = photo.generate_signed_url(version="v4", expiration=MINUTE)

    assert requests.get(bound, headers={"x-goog-meta-who": "me"}).status_code == 200
    assert refusal(requests.get(bound, headers={"x-goog-meta-who": "you"})) == (403, "SignatureDoesNotMatch")
    assert refusal(requests.get(bound)) == (400, "MalformedSecurityHeader")
    assert refusal(requests.get(free, headers={"x-goog-meta-who": "me"})) == (400, "MalformedSecurityHeader")
    assert refusal(requests.get(free, headers={"Host": "elsewhere.example"})) == (403, "SignatureDoesNotMatch")


def test_an_expired_url_and_one_from_the_future_are_refused(photo: Blob, server: StandIn, credentials: Credentials) -> None:
    def signed_at(moment: datetime) -> str:
        url: str = generate_signed_url_v4(
            credentials,
            resource=f"/{photo.bucket.name}/{quote(photo.name)}",
            expiration=60,
            api_access_endpoint=server.url,
            _request_timestamp=moment.strftime("%Y%m%dT%H%M%SZ"),
        )
        return url

    now = datetime.now(UTC)
    assert requests.get(signed_at(now - timedelta(seconds=30))).status_code == 200
    assert refusal(requests.get(signed_at(now - timedelta(seconds=90)))) == (400, "ExpiredToken")
    assert refusal(requests.get(signed_at(now + timedelta(hours=1)))) == (403, "RequestTimeTooSkewed")


def test_the_key_of_another_account_signs_nothing(photo: Blob, identity: Identity, tmp_path: Path) -> None:
    stranger = Identity.load_or_create(tmp_path, identity.token_uri, identity.project)
    impostor = service_account_credentials(stranger.credentials_path)

    url = photo.generate_signed_url(version="v4", expiration=MINUTE, credentials=impostor)

    assert refusal(requests.get(url)) == (403, "SignatureDoesNotMatch")
