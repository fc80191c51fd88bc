"""The adapter over Cloud Storage: each object is written once, and read only by who holds a valid address."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import requests
from google.api_core.exceptions import NotFound

from services.core.assets.objects import ObjectStore, StoredObject
from services.core.settings import Settings

MINUTE = timedelta(minutes=1)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"pixels of a photo")
    return path


def test_an_object_is_created_once_and_stays_as_it_was_first_written(
    store: ObjectStore, settings: Settings, photo: Path, tmp_path: Path
) -> None:
    bucket = settings.media_bucket
    assert store.create(bucket, "p/a/image.jpg", photo, "image/jpeg") is True
    photo.write_bytes(b"other pixels")
    assert store.create(bucket, "p/a/image.jpg", photo, "image/jpeg") is False

    store.download(bucket, "p/a/image.jpg", tmp_path / "read.jpg")

    assert (tmp_path / "read.jpg").read_bytes() == b"pixels of a photo"
    found = store.find(bucket, "p/a/image.jpg")
    assert found is not None
    assert (found.bucket, found.name, found.size_bytes) == (bucket, "p/a/image.jpg", 17)
    assert found.generation > 0


def test_objects_are_listed_by_their_prefix(store: ObjectStore, settings: Settings, photo: Path) -> None:
    bucket = settings.media_bucket
    for name in ("p/a/1", "p/a/2", "p/b/1", "q/a/1"):
        store.create(bucket, name, photo, "image/jpeg")

    listed = list(store.list_under(bucket, "p/a/"))

    assert [stored.name for stored in listed] == ["p/a/1", "p/a/2"]
    assert listed[0] == store.find(bucket, "p/a/1") == StoredObject(bucket, "p/a/1", listed[0].generation, 17)


def test_an_object_that_is_gone_is_no_error_to_delete_and_one_to_read(
    store: ObjectStore, settings: Settings, photo: Path, tmp_path: Path
) -> None:
    bucket = settings.media_bucket
    store.create(bucket, "p/a", photo, "image/jpeg")
    assert store.exists(bucket, "p/a")

    for _ in range(2):
        store.delete(bucket, "p/a")

    assert not store.exists(bucket, "p/a")
    assert store.find(bucket, "p/a") is None
    assert list(store.list_under(bucket, "")) == []
    with pytest.raises(NotFound):
        store.download(bucket, "p/a", tmp_path / "read")


def test_an_upload_session_takes_exactly_what_was_announced_once(store: ObjectStore, settings: Settings) -> None:
    def start() -> str:
        return store.start_upload(settings.uploads_bucket, "p/a/original", content_type="image/png", size_bytes=6, origin=None)

    too_long, right, second = start(), start(), start()

    assert requests.put(too_long, data=b"too many pixels", timeout=10).status_code == 400
    assert requests.put(right, data=b"pixels", timeout=10).status_code == 200
    assert requests.put(second, data=b"others", timeout=10).status_code == 412
    found = store.find(settings.uploads_bucket, "p/a/original")
    assert found is not None
    assert found.size_bytes == 6


def test_an_upload_session_answers_the_page_it_was_started_for(store: ObjectStore, settings: Settings) -> None:
    origin = "https://reelgraph.example"
    uri = store.start_upload(settings.uploads_bucket, "p/a/original", content_type="image/png", size_bytes=6, origin=origin)

    answer = requests.put(uri, data=b"pixels", headers={"Origin": origin}, timeout=10)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)


def test_a_signed_address_reads_the_object_with_ranges(store: ObjectStore, settings: Settings, photo: Path) -> None:
    store.create(settings.media_bucket, "p/a/video 1.mp4", photo, "video/mp4")
    url = store.signed_url(settings.media_bucket, "p/a/video 1.mp4", lifetime=MINUTE)

    whole, part = requests.get(url, timeout=10), requests.get(url, headers={"Range": "bytes=0-5"}, timeout=10)

    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, b"pixels of a photo", "video/mp4")
    assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"pixels", "bytes 0-5/17")


TAMPERINGS: dict[str, Callable[[str], str]] = {
    "another object": lambda url: url.replace("image.jpg", "other.jpg"),
    "a longer life": lambda url: url.replace("X-Goog-Expires=60", "X-Goog-Expires=6000"),
    "another signature": lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    "no signature": lambda url: url.partition("?")[0],
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_signed_address_that_was_changed_opens_nothing(store: ObjectStore, settings: Settings, photo: Path, tampering: str) -> None:
    for name in ("image.jpg", "other.jpg"):
        store.create(settings.media_bucket, name, photo, "image/jpeg")
    url = store.signed_url(settings.media_bucket, "image.jpg", lifetime=MINUTE)

    tampered = TAMPERINGS[tampering](url)

    assert tampered != url
    assert requests.get(tampered, timeout=10).status_code in (400, 401, 403)
    assert requests.get(url, timeout=10).status_code == 200


@pytest.mark.parametrize("name", ["shot.mp4", 'a "quoted" name.mp4', "Frühling; filename=evil.exe", "两行\r\nX-Evil: 1"])
def test_a_download_has_the_name_of_its_file_whatever_that_is(store: ObjectStore, settings: Settings, photo: Path, name: str) -> None:
    store.create(settings.media_bucket, "video.mp4", photo, "video/mp4")

    answer = requests.get(store.signed_url(settings.media_bucket, "video.mp4", lifetime=MINUTE, file_name=name), timeout=10)

    assert answer.status_code == 200
    kind, _, told = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (kind, unquote(told)) == ("attachment", name)
    assert "x-evil" not in answer.headers
