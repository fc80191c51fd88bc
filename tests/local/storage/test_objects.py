"""Objects: what is written is what is read, versions only grow, and preconditions decide every race."""

import base64
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import google_crc32c
import pytest
import requests
from google.api_core.exceptions import BadRequest, NotFound, NotModified, PreconditionFailed
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Blob, Bucket, Client

from tests.local.cloud_tasks.support import StandIn, wait_until
from tests.local.storage.support import ClientFactory

AWKWARD_NAMES = ["runs/1/ü ö.png", "a%2Fb", "x/compose", "a//b", "q?x=1&y#z", "b/o/rewriteTo/b/c/o/d", "~tilde+plus"]


def written(bucket: Bucket, name: str, content: bytes = b"content") -> Blob:
    """An object as its uploader sees it."""
    blob = bucket.blob(name)
    blob.upload_from_string(content)
    return blob


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_any_name_can_be_written_read_listed_signed_and_deleted(bucket: Bucket, name: str) -> None:
    written(bucket, name, name.encode())

    assert bucket.blob(name).download_as_bytes() == name.encode()
    assert [blob.name for blob in bucket.list_blobs()] == [name]
    signed = bucket.blob(name).generate_signed_url(version="v4", expiration=timedelta(minutes=1))
    assert requests.get(signed).content == name.encode()
    bucket.delete_blob(name)
    assert not bucket.blob(name).exists()


def test_the_service_reports_checksums_version_and_metadata_of_what_it_stored(bucket: Bucket) -> None:
    content = os.urandom(70_000)
    blob = bucket.blob("clip.mp4")
    blob.cache_control, blob.metadata = "private, max-age=60", {"job": "7", "title": "Zürich"}
    before = int(datetime.now(UTC).timestamp() * 1_000_000)
    blob.upload_from_string(content, content_type="video/mp4")

    found = bucket.get_blob("clip.mp4")

    assert found.md5_hash == base64.b64encode(hashlib.md5(content).digest()).decode()
    assert found.crc32c == base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()
    assert (found.size, found.content_type, found.cache_control) == (70_000, "video/mp4", "private, max-age=60")
    assert found.metadata == {"job": "7", "title": "Zürich"}
    assert before <= found.generation <= int(datetime.now(UTC).timestamp() * 1_000_000)
    assert found.etag == blob.etag
    fresh = bucket.blob("clip.mp4")
    fresh.download_as_bytes()
    assert (fresh.generation, fresh.metageneration, fresh.content_type) == (found.generation, 1, "video/mp4")


def test_generations_grow_and_a_replaced_one_is_gone(bucket: Bucket) -> None:
    generations = [written(bucket, "again", str(number).encode()).generation for number in range(5)]

    assert generations == sorted(set(generations))
    with pytest.raises(NotFound):
        bucket.blob("again", generation=generations[0]).download_as_bytes()
    assert bucket.blob("again", generation=generations[-1]).download_as_bytes() == b"4"


def test_a_patch_merges_metadata_and_counts(bucket: Bucket) -> None:
    blob = written(bucket, "patched")
    blob.metadata, blob.content_type = {"keep": "1", "drop": "2"}, "text/plain"
    blob.patch()
    blob.metadata = {"keep": "1", "drop": None, "new": "3"}
    blob.patch()

    found = bucket.get_blob("patched")

    assert (found.metadata, found.content_type) == ({"keep": "1", "new": "3"}, "text/plain")
    assert (found.metageneration, found.generation) == (3, blob.generation)


def test_a_range_is_a_part_and_one_outside_is_416(bucket: Bucket, session: AuthorizedSession) -> None:
    blob = written(bucket, "digits", b"0123456789")

    assert blob.download_as_bytes(start=2, end=4) == b"234"
    assert blob.download_as_bytes(start=7) == b"789"
    assert blob.download_as_bytes(start=-3) == b"789"
    beyond = session.get(blob.media_link, headers={"Range": "bytes=10-"})
    part = session.get(blob.media_link, headers={"Range": "bytes=8-99"})
    whole = session.get(blob.media_link, headers={"Range": "bytes=4-2"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10")
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"89", "bytes 8-9/10")
    assert (whole.status_code, whole.content) == (200, b"0123456789")


def test_listing_knows_prefix_delimiter_glob_and_offsets(bucket: Bucket) -> None:
    for name in ("a/1.png", "a/2.mp4", "a/b/3.png", "c.png", "d/4.png"):
        written(bucket, name)

    def listed(**wanted: str) -> tuple[list[str], list[str]]:
        found = bucket.list_blobs(**wanted)
        return [blob.name for blob in found], sorted(found.prefixes)

    assert listed(delimiter="/") == (["c.png"], ["a/", "d/"])
    assert listed(prefix="a/", delimiter="/") == (["a/1.png", "a/2.mp4"], ["a/b/"])
    assert listed(prefix="a/") == (["a/1.png", "a/2.mp4", "a/b/3.png"], [])
    assert listed(match_glob="**.png") == (["a/1.png", "a/b/3.png", "c.png", "d/4.png"], [])
    assert listed(match_glob="*/[0-9].{png,mp4}") == (["a/1.png", "a/2.mp4", "d/4.png"], [])
    assert listed(start_offset="a/2.mp4", end_offset="d/") == (["a/2.mp4", "a/b/3.png", "c.png"], [])


def test_pages_of_objects_and_prefixes_neither_lose_nor_repeat(bucket: Bucket) -> None:
    for name in ("a/1", "a/2", "b", "c/1", "c/2", "d", "e"):
        written(bucket, name)

    listing = bucket.list_blobs(delimiter="/", page_size=2)
    pages = [[blob.name for blob in page] for page in listing.pages]

    assert pages == [["b"], ["d"], ["e"]]
    assert listing.prefixes == {"a/", "c/"}


def test_a_copy_keeps_or_replaces_metadata_and_survives_its_source(bucket: Bucket, client: Client) -> None:
    source = bucket.blob("source")
    source.metadata = {"take": "1"}
    source.upload_from_string(b"frames", content_type="video/mp4")
    other = client.create_bucket(f"{bucket.name}-copy")

    copied = bucket.copy_blob(source, other, "copied", if_generation_match=0, if_source_generation_match=source.generation)
    rewritten = other.blob("rewritten", chunk_size=None)
    rewritten.content_type = "video/quicktime"
    token, done, total = rewritten.rewrite(source)
    source.delete()

    assert (copied.metadata, copied.content_type, copied.md5_hash) == ({"take": "1"}, "video/mp4", source.md5_hash)
    assert (token, done, total, rewritten.content_type) == (None, 6, 6, "video/quicktime")
    assert other.blob("copied").download_as_bytes() == other.blob("rewritten").download_as_bytes() == b"frames"
    with pytest.raises(PreconditionFailed):
        other.copy_blob(copied, other, "copied", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        other.copy_blob(copied, other, "third", if_source_generation_match=1)


def test_a_composition_joins_its_sources(bucket: Bucket) -> None:
    parts = [written(bucket, f"part-{number}", bytes([65 + number]) * 3) for number in range(3)]
    joined = bucket.blob("joined")
    joined.content_type = "text/plain"
    joined.compose(parts, if_generation_match=0)

    found = bucket.get_blob("joined")

    assert found.download_as_bytes() == b"AAABBBCCC"
    assert (found.component_count, found.md5_hash, found.content_type) == (3, None, "text/plain")
    assert found.crc32c == base64.b64encode(google_crc32c.value(b"AAABBBCCC").to_bytes(4, "big")).decode()
    with pytest.raises(PreconditionFailed):
        joined.compose(parts, if_source_generation_match=[1, 1, 1])
    with pytest.raises(NotFound):
        joined.compose([bucket.blob("missing")])


def test_a_stale_generation_changes_nothing(bucket: Bucket) -> None:
    stale = written(bucket, "fought-over", b"old").generation
    current = written(bucket, "fought-over", b"new").generation
    blob = bucket.blob("fought-over")

    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"late", if_generation_match=stale)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_file(io.BytesIO(b"late"), if_generation_match=stale, size=None)
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=stale)
    with pytest.raises(PreconditionFailed):
        blob.reload(if_generation_match=stale)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"late", if_generation_not_match=current)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"late", if_metageneration_match=9)
    blob.cache_control = "no-store"
    with pytest.raises(PreconditionFailed):
        blob.patch(if_metageneration_match=2)
    with pytest.raises(NotModified):
        blob.download_as_bytes(if_generation_not_match=current)

    found = bucket.get_blob("fought-over")
    assert (found.generation, found.metageneration, found.cache_control) == (current, 1, None)
    assert found.download_as_bytes(if_generation_match=current) == b"new"


def test_of_16_racing_writers_exactly_one_wins(bucket: Bucket) -> None:
    def write(number: int) -> int | None:
        blob = bucket.blob("won-once", chunk_size=256 * 1024 if number % 2 else None)
        try:
            # Half of the writers use a resumable session, half a multipart request.
            blob.upload_from_file(io.BytesIO(bytes([number]) * 1000), size=None if number % 2 else 1000, if_generation_match=0)
        except PreconditionFailed:
            return None
        return number

    with ThreadPoolExecutor(16) as writers:
        winners = [number for number in writers.map(write, range(16)) if number is not None]

    assert len(winners) == 1
    assert bucket.blob("won-once").download_as_bytes() == bytes(winners) * 1000


def test_bytes_other_than_announced_are_refused(bucket: Bucket, session: AuthorizedSession) -> None:
    url = f"{bucket.client.api_endpoint}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=damaged"

    wrong_md5 = session.post(url, data=b"content", headers={"x-goog-hash": "md5=AAAAAAAAAAAAAAAAAAAAAA=="})
    wrong_crc32c = session.post(url, data=b"content", headers={"x-goog-hash": "crc32c=AAAAAA=="})

    assert (wrong_md5.status_code, wrong_crc32c.status_code) == (400, 400)
    assert not bucket.blob("damaged").exists()
    with pytest.raises(BadRequest):
        bucket.blob("n" * 1025).upload_from_string(b"a name that is too long")


def test_kill_9_leaves_the_old_or_the_new_object_whole(mortal_server: StandIn, connect: ClientFactory) -> None:
    bucket = connect(mortal_server).create_bucket("survivors")
    size_bytes = 300_000
    acknowledged = 0

    def overwrite(writer: int) -> None:
        nonlocal acknowledged
        for version in range(1000):
            try:
                bucket.blob(f"object-{writer}").upload_from_string(bytes([version % 251]) * size_bytes, retry=None)
            except requests.exceptions.ConnectionError:
                return
            acknowledged += 1

    with ThreadPoolExecutor(4) as writers:
        outcomes = [writers.submit(overwrite, writer) for writer in range(4)]
        wait_until(lambda: acknowledged >= 20, seconds=20)
        mortal_server.kill()
        assert [outcome.result() for outcome in outcomes] == [None] * 4
    mortal_server.restart()

    contents = [blob.download_as_bytes() for blob in bucket.list_blobs()]
    assert len(contents) == 4
    assert all(len(content) == size_bytes and len(set(content)) == 1 for content in contents)


def test_it_ends_within_two_seconds_of_sigterm_while_a_client_is_connected(mortal_server: StandIn, connect: ClientFactory) -> None:
    written(connect(mortal_server).create_bucket("connected"), "object")

    assert mortal_server.terminate() < 2
