"""Resumable uploads: a session is a capability that survives kill -9, and big objects do not grow the process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from google.api_core.exceptions import PreconditionFailed
from google.cloud.storage import Bucket, transfer_manager

from tests.local.cloud_tasks.support import StandIn
from tests.local.storage.support import ClientFactory

QUANTUM = 256 * 1024
MEBIBYTE = 1024 * 1024


def put(session_url: str, content: bytes, content_range: str | None = None) -> requests.Response:
    """Send bytes to a session as a browser does: with nothing but its URL."""
    return requests.put(session_url, data=content, headers={"Content-Range": content_range} if content_range else {})


def status(session_url: str) -> tuple[int, str | None]:
    """Ask a session how far it is: the status, and the range that is persisted."""
    answer = put(session_url, b"", "bytes */*")
    return answer.status_code, answer.headers.get("Range")


def test_a_session_takes_chunks_without_a_token_and_ends_with_the_object(bucket: Bucket) -> None:
    content = os.urandom(2 * QUANTUM + 1000)
    blob = bucket.blob("portrait.png")
    blob.metadata = {"asset": "9"}
    url = blob.create_resumable_upload_session(content_type="image/png", size=len(content), origin="http://127.0.0.1:8700")

    assert status(url) == (308, None)
    first = put(url, content[:QUANTUM], f"bytes 0-{QUANTUM - 1}/{len(content)}")
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{QUANTUM - 1}")
    # A client that did not see the first answer sends those bytes again.
    overlapping = put(url, content[: 2 * QUANTUM], f"bytes 0-{2 * QUANTUM - 1}/{len(content)}")
    assert overlapping.headers["Range"] == f"bytes=0-{2 * QUANTUM - 1}"
    last = put(url, content[2 * QUANTUM :], f"bytes {2 * QUANTUM}-{len(content) - 1}/{len(content)}")

    assert (last.status_code, last.json()["size"]) == (200, str(len(content)))
    assert status(url) == (200, None)
    found = bucket.get_blob("portrait.png")
    assert (found.download_as_bytes(), found.content_type, found.metadata) == (content, "image/png", {"asset": "9"})


def test_a_session_takes_everything_in_one_put(bucket: Bucket) -> None:
    url = bucket.blob("whole").create_resumable_upload_session(size=7)

    assert put(url, b"too short"[:3]).status_code == 400
    assert put(url, b"exactly").status_code == 200
    assert bucket.blob("whole").download_as_bytes() == b"exactly"


def test_a_gap_another_size_and_an_unknown_session_are_refused(bucket: Bucket) -> None:
    url = bucket.blob("strict").create_resumable_upload_session(size=3 * QUANTUM)

    assert put(url, b"x", f"bytes {QUANTUM}-{QUANTUM}/{3 * QUANTUM}").status_code == 400
    assert put(url, b"x", "bytes 0-0/1").status_code == 400
    assert put(url, b"x", "bytes nonsense").status_code == 400
    assert put(url + "x", b"x").status_code == 404
    assert not bucket.blob("strict").exists()


def test_a_cancelled_session_is_gone(bucket: Bucket) -> None:
    url = bucket.blob("cancelled").create_resumable_upload_session()
    put(url, bytes(QUANTUM), f"bytes 0-{QUANTUM - 1}/*")

    assert requests.delete(url).status_code == 499
    assert status(url) == (404, None)


def test_the_precondition_of_a_session_is_decided_when_it_completes(bucket: Bucket) -> None:
    url = bucket.blob("contested").create_resumable_upload_session(size=4, if_generation_match=0)
    bucket.blob("contested").upload_from_string(b"first")

    assert put(url, b"late").status_code == 412
    assert bucket.blob("contested").download_as_bytes() == b"first"


def test_a_stream_of_unknown_length_and_an_empty_object_arrive(bucket: Bucket) -> None:
    for name, size_bytes in (("exact", 2 * QUANTUM), ("ragged", 2 * QUANTUM + 1), ("nothing", 0)):
        with bucket.blob(name, chunk_size=QUANTUM).open("wb") as stream:
            stream.write(bytes(size_bytes))

    assert {blob.name: blob.size for blob in bucket.list_blobs()} == {"exact": 2 * QUANTUM, "ragged": 2 * QUANTUM + 1, "nothing": 0}
    assert bucket.blob("nothing").download_as_bytes() == b""


def test_an_upload_goes_on_after_kill_9(mortal_server: StandIn, connect: ClientFactory) -> None:
    bucket = connect(mortal_server).create_bucket("resumed")
    content = os.urandom(3 * MEBIBYTE + 5)
    url = bucket.blob("movie.mp4").create_resumable_upload_session(content_type="video/mp4", size=len(content), if_generation_match=0)
    put(url, content[:MEBIBYTE], f"bytes 0-{MEBIBYTE - 1}/{len(content)}")

    def half_a_chunk_then_kill() -> Iterator[bytes]:
        yield content[MEBIBYTE : 2 * MEBIBYTE]
        mortal_server.kill()
        yield content[2 * MEBIBYTE :]

    with pytest.raises(requests.exceptions.ConnectionError):
        requests.put(url, data=half_a_chunk_then_kill(), headers={"Content-Range": f"bytes {MEBIBYTE}-{len(content) - 1}/{len(content)}"})
    mortal_server.restart()

    code, persisted = status(url)
    assert (code, persisted is not None) == (308, True)
    offset = int(str(persisted).removeprefix("bytes=0-")) + 1
    assert offset >= MEBIBYTE
    assert offset % QUANTUM == 0
    assert put(url, content[offset:], f"bytes {offset}-{len(content) - 1}/{len(content)}").status_code == 200
    assert bucket.blob("movie.mp4").download_as_bytes() == content


def peak_memory_bytes(server: StandIn) -> int:
    """Return the most memory that the process ever had resident."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def test_big_objects_pass_through_without_being_held_in_memory(mortal_server: StandIn, connect: ClientFactory, tmp_path: Path) -> None:
    bucket = connect(mortal_server).create_bucket("big-objects")
    bucket.blob("warm-up").upload_from_string(bytes(MEBIBYTE))
    before = peak_memory_bytes(mortal_server)
    original, returned = tmp_path / "original", tmp_path / "returned"
    original.write_bytes(os.urandom(MEBIBYTE) * 32)
    blob = bucket.blob("big")

    blob.upload_from_filename(str(original))
    transfer_manager.download_chunks_concurrently(
        bucket.get_blob("big"), str(returned), chunk_size=8 * MEBIBYTE, max_workers=2, worker_type=transfer_manager.THREAD
    )
    one_request = blob.create_resumable_upload_session(size=original.stat().st_size)
    with original.open("rb") as stream:
        assert requests.put(one_request, data=stream).status_code == 200
    with original.open("rb") as stream, pytest.raises(PreconditionFailed):
        blob.upload_from_file(stream, size=original.stat().st_size, if_generation_match=0)

    assert returned.read_bytes() == original.read_bytes()
    assert peak_memory_bytes(mortal_server) - before < 16 * MEBIBYTE


def test_the_transfer_manager_moves_many_objects_at_once(bucket: Bucket, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.bin").write_bytes(bytes([number]) * 10_000)

    outcomes = transfer_manager.upload_many_from_filenames(
        bucket, [f"{number}.bin" for number in range(12)], source_directory=str(tmp_path), worker_type=transfer_manager.THREAD
    )

    assert outcomes == [None] * 12
    assert {blob.name: blob.download_as_bytes()[:1] for blob in bucket.list_blobs()} == {f"{n}.bin": bytes([n]) for n in range(12)}
