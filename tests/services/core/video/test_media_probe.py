"""A probe counts, and a faulty file is named by its fault."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from services.core.video.media.errors import UnreadableVideo
from services.core.video.media.probe import probe
from tests.services.core.video.media_clips import OTHER_ENCODER, PROVIDER, Clip, write_clip


def test_frames_rate_size_and_sound_are_counted(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", Clip(96))

    seen = probe(path)

    assert (seen.frames, seen.fps, seen.duration_seconds) == (96, Fraction(24), 4.0)
    assert (seen.width, seen.height, seen.video_codec) == (160, 90, "h264")
    assert (seen.has_audio, seen.audio_codec, seen.audio_sample_rate, seen.audio_channels) == (True, "aac", 48_000, 2)
    assert seen.audio_duration_seconds == pytest.approx(4.0, abs=0.022)
    assert seen.size_bytes == path.stat().st_size
    assert seen.keyframe_times == (0.0, 1.0, 2.0, 3.0)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_the_rate_is_exact_in_every_container(tmp_path: Path, suffix: str) -> None:
    seen = probe(write_clip(tmp_path / f"clip.{suffix}", Clip(48, options=OTHER_ENCODER)))

    assert (seen.frames, seen.fps, seen.duration_seconds) == (48, Fraction(24), 2.0)


def test_a_video_without_sound_says_so(tmp_path: Path) -> None:
    seen = probe(write_clip(tmp_path / "clip.mp4", Clip(24, sample_rate=None)))

    assert not seen.has_audio
    assert (seen.audio_codec, seen.audio_sample_rate, seen.audio_channels, seen.audio_duration_seconds) == (None, None, None, None)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "nowhere.mp4") == "missing"


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256)) * 40], ids=["empty", "words", "noise"])
def test_other_bytes_are_not_a_video(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)

    assert fault_of(path) == "not_a_video"


def test_a_picture_is_not_a_video(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "clip.mp4", format="PNG")

    assert fault_of(tmp_path / "clip.mp4") == "not_a_video"


def test_a_playlist_is_not_followed_to_other_files(tmp_path: Path) -> None:
    secret = write_clip(tmp_path / "secret.mp4", Clip(24))
    playlist = tmp_path / "clip.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")

    assert fault_of(playlist) == "not_a_video"


def test_sound_alone_has_no_video_stream(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    assert fault_of(tmp_path / "sound.mp4") == "no_video_stream"


@pytest.mark.parametrize("index_first", [True, False], ids=["index in front", "index behind"])
def test_a_file_that_is_cut_off_is_truncated(tmp_path: Path, index_first: bool) -> None:
    whole = write_clip(tmp_path / "whole.mp4", Clip(48, options=PROVIDER))
    if index_first:
        with av.open(str(whole)) as source, av.open(str(tmp_path / "front.mp4"), "w", options={"movflags": "+faststart"}) as front:
            stream = front.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    front.mux(packet)
        whole = tmp_path / "front.mp4"
    content = whole.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) * 2 // 3])

    assert fault_of(tmp_path / "cut.mp4") == "truncated"


def fault_of(path: Path) -> str:
    with pytest.raises(UnreadableVideo) as refused:
        probe(path)
    assert str(path) not in refused.value.message
    return refused.value.code
