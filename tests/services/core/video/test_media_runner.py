"""Whatever the process does, the caller gets a result or a typed error, and nothing is left behind."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from services.core.video.media.errors import (
    IncompatibleVideo,
    MediaCrashed,
    MediaFailed,
    MediaTimedOut,
    UnexpectedExtension,
    UnreadableVideo,
)
from services.core.video.media.runner import MediaRunner
from tests.services.core.video.media_clips import Clip, numbers, write_clip

RUNNER = MediaRunner(timeout_seconds=60)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", Clip(48))


def a_process_that(code: str, timeout_seconds: float = 30) -> MediaRunner:
    return MediaRunner(timeout_seconds, (sys.executable, "-c", code))


def test_a_probe_travels_between_the_processes_unchanged(clip: Path) -> None:
    from services.core.video.media.probe import probe

    assert RUNNER.probe(clip) == probe(clip)


def test_every_operation_answers_through_the_process(tmp_path: Path, clip: Path) -> None:
    extension = write_clip(tmp_path / "extension.mp4", Clip(168, first=48))

    assert RUNNER.poster(clip, 1.0, 80, tmp_path / "poster.jpg").frame == 24
    assert RUNNER.thumbnail(clip, tmp_path / "thumbnail.webp").width == 160
    assert RUNNER.last_frame(clip, tmp_path / "last.png").frame == 47
    assert RUNNER.sprite(clip, 3, tmp_path / "sprite.webp").frames == (0, 24, 47)
    assert RUNNER.tail(clip, 1.0, tmp_path / "tail.mp4").first_frame == 24
    assert RUNNER.append(clip, extension, 24, tmp_path / "appended.mp4").frames == 216
    assert RUNNER.concatenate([clip, clip], tmp_path / "joined.mp4").reencoded == (None, None)
    assert numbers(tmp_path / "joined.mp4") == [*range(48), *range(48)]
    assert not list(tmp_path.glob(".*"))


def test_an_output_may_replace_its_own_input(tmp_path: Path) -> None:
    master = write_clip(tmp_path / "master.mp4", Clip(48))
    extension = write_clip(tmp_path / "extension.mp4", Clip(168, first=48))

    RUNNER.append(master, extension, 24, master)

    assert numbers(master) == list(range(216))


def test_problems_keep_their_type_code_and_words(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "words.mp4").write_text("hello")
    small = write_clip(tmp_path / "small.mp4", Clip(24, width=96, height=72))

    with pytest.raises(UnreadableVideo) as unreadable:
        RUNNER.probe(tmp_path / "words.mp4")
    with pytest.raises(IncompatibleVideo, match="96 x 72") as incompatible:
        RUNNER.concatenate([clip, small], tmp_path / "out.mp4")
    with pytest.raises(UnexpectedExtension) as unexpected:
        RUNNER.append(clip, clip, 24, tmp_path / "out.mp4")

    assert [error.value.code for error in (unreadable, incompatible, unexpected)] == ["not_a_video", "size_differs", "unexpected_length"]
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGFPE", "SIGKILL"])
def test_a_process_that_dies_by_a_signal_is_a_crash_of_one_call(clip: Path, name: str) -> None:
    runner = a_process_that(f"import os, signal; os.kill(os.getpid(), signal.{name})")

    with pytest.raises(MediaCrashed) as crashed:
        runner.probe(clip)

    assert crashed.value.signal_name == name
    assert RUNNER.probe(clip).frames == 48


def test_a_process_that_hangs_is_ended_in_time_and_leaves_nothing(tmp_path: Path, clip: Path) -> None:
    pid_file = tmp_path / "pid"
    out = tmp_path / "out"
    out.mkdir()
    hang = f"""
import json, os, pathlib, signal, sys
pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))
pathlib.Path(json.load(sys.stdin)["arguments"]["out"]).write_bytes(b"half a file")
signal.pause()
"""

    with pytest.raises(MediaTimedOut) as timed_out:
        a_process_that(hang, timeout_seconds=1.5).tail(clip, 1.0, out / "tail.mp4")

    assert timed_out.value.timeout_seconds == 1.5
    assert not list(out.iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_an_orphan_is_ended_by_its_own_alarm(clip: Path) -> None:
    """The alarm that a process sets is the kernel's: it ends work that no parent watches."""
    runner = a_process_that(
        "import sys, io, json, signal; request = json.load(sys.stdin); request['alarm_seconds'] = 1; request['operation'] = 'hang';"
        "sys.stdin = io.StringIO(json.dumps(request));"
        "import services.core.video.media.__main__ as process; process.OPERATIONS = {'hang': lambda path: signal.pause()}; process.main()"
    )

    with pytest.raises(MediaCrashed) as ended:
        runner.probe(clip)

    assert ended.value.signal_name == "SIGALRM"


@pytest.mark.parametrize(
    "code",
    ["raise RuntimeError('boom')", "print('not json')", "pass", "print('{}')", "print('[]')"],
    ids=["a trace", "words", "nothing", "an empty answer", "a list"],
)
def test_a_process_without_an_answer_has_failed(clip: Path, code: str) -> None:
    with pytest.raises(MediaFailed) as failed:
        a_process_that(code).probe(clip)

    assert failed.value.code == "media_failed"


def test_what_a_process_said_is_kept_without_the_paths_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "grandmother.mp4"
    code = "import sys, json; path = json.load(sys.stdin)['arguments']['path']; sys.exit(f'cannot read {path}: broken')"

    with pytest.raises(MediaFailed) as failed:
        a_process_that(code).probe(path)

    assert failed.value.stderr_tail.strip() == "cannot read <file>: broken"


def test_a_process_gets_no_credentials(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")

    with pytest.raises(MediaFailed) as failed:
        a_process_that("import os, sys; sys.exit(' '.join(sorted(os.environ)))").probe(clip)

    assert "PATH" in failed.value.stderr_tail
    assert "GEMINI_API_KEY" not in failed.value.stderr_tail


def test_damaged_pictures_fail_in_words_and_never_take_the_server_along(tmp_path: Path) -> None:
    """Real native code on noise: whatever it does, the answer is a typed error or frames."""
    content = bytearray(write_clip(tmp_path / "whole.mp4", Clip(48)).read_bytes())
    for position in range(200, len(content) // 2, 7):
        content[position] ^= 0xA5
    (tmp_path / "noise.mp4").write_bytes(bytes(content))

    for call in (
        lambda: RUNNER.tail(tmp_path / "noise.mp4", 1.0, tmp_path / "tail.mp4"),
        lambda: RUNNER.poster(tmp_path / "noise.mp4", 1.0, 80, tmp_path / "poster.jpg"),
    ):
        with suppress(UnreadableVideo, MediaFailed):
            call()
