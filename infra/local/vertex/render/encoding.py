"""Writes H.264 and AAC into an MP4 as Veo does: 24 frames a second, 48 kHz stereo, exactly the frames it is given."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from infra.local.vertex.render.pixels import Pixels
from infra.local.vertex.render.sound import Samples
from infra.local.vertex.render.specification import FRAMES_PER_SECOND, SAMPLE_RATE_HZ

AAC_FRAME_SAMPLES = 1024
ITU709 = 1  # the number of BT.709 in H.264's colour fields
KEYFRAME_DISTANCE = 48
# Distances to choose from where a keyframe must not fall near a given frame: for each frame one of them stays 8 frames or more away.
UNALIGNED_KEYFRAME_DISTANCES = (40, 48, 56, 64)


def unaligned_keyframe_distance(frame: int) -> int:
    """Return the keyframe distance that keeps keyframes furthest away from `frame`."""

    def nearest_keyframe(distance: int) -> int:
        return min(frame % distance, distance - frame % distance)

    return max(UNALIGNED_KEYFRAME_DISTANCES, key=nearest_keyframe)


class Mp4Writer:
    """An MP4 under construction; a context manager that finishes the file, or leaves it unfinished on an error."""

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        *,
        audio: bool,
        preset: Literal["ultrafast", "veryfast"],
        keyframe_distance: int = KEYFRAME_DISTANCE,
    ) -> None:
        self._container: OutputContainer = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        # Both streams exist before the first packet: a stream added later kills the process in the muxer.
        self._video: VideoStream = self._container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        # A fixed number of threads, because x264's output depends on it. No scene cuts: keyframes lie where the distance says.
        self._video.codec_context.thread_count = 2
        self._video.codec_context.color_range = ColorRange.MPEG
        self._video.codec_context.colorspace = ITU709
        self._video.codec_context.color_primaries = ITU709
        self._video.codec_context.color_trc = ITU709
        self._video.options = {"preset": preset, "crf": "21", "g": str(keyframe_distance), "sc_threshold": "0", "bf": "2"}
        self._audio: AudioStream | None = None
        if audio:
            self._audio = self._container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
            self._audio.bit_rate = 128_000
        self._reformatter = VideoReformatter()
        self._frames_written = 0
        self._samples_written = 0
        self._unwritten: Samples = np.zeros((2, 0), np.float32)

    def write_pixels(self, frame: Pixels) -> None:
        """Append a frame of RGB."""
        self.write_frame(av.VideoFrame.from_ndarray(frame, format="rgb24"))

    def write_frame(self, frame: av.VideoFrame) -> None:
        """Append a decoded frame, whatever its time in the file it came from."""
        planar = self._reformatter.reformat(
            frame, width=self._video.width, height=self._video.height, format="yuv420p", dst_colorspace=Colorspace.ITU709
        )
        planar.pts, planar.time_base = self._frames_written, Fraction(1, FRAMES_PER_SECOND)
        planar.pict_type = 0
        self._frames_written += 1
        self._container.mux(self._video.encode(planar))

    def write_audio(self, samples: Samples) -> None:
        """Append sound; nothing happens in a video without."""
        if self._audio is None:
            return
        pending = np.concatenate([self._unwritten, samples], axis=1)
        whole = pending.shape[1] - pending.shape[1] % AAC_FRAME_SAMPLES
        for start in range(0, whole, AAC_FRAME_SAMPLES):
            self._encode_audio(self._audio, pending[:, start : start + AAC_FRAME_SAMPLES])
        self._unwritten = pending[:, whole:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._container.mux(self._video.encode(None))
            if self._audio is not None:
                if self._unwritten.shape[1]:
                    self._encode_audio(self._audio, self._unwritten)
                self._container.mux(self._audio.encode(None))
        self._container.close()

    def _encode_audio(self, stream: AudioStream, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base = SAMPLE_RATE_HZ, Fraction(1, SAMPLE_RATE_HZ)
        frame.pts = self._samples_written
        self._samples_written += samples.shape[1]
        self._container.mux(stream.encode(frame))
