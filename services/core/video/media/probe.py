"""Say what a video file holds, by counting."""

from pathlib import Path

from services.core.video.media.inventory import take_inventory
from services.core.video.media.results import VideoProbe


def probe(path: Path) -> VideoProbe:
    """Count frames and sound of a local file. Raises UnreadableVideo: missing, not a video, no video stream, truncated, damaged."""
    inventory = take_inventory(path)
    pictures, sound = inventory.pictures, inventory.sound
    return VideoProbe(
        duration_seconds=float(pictures.duration),
        frames=pictures.frames,
        fps=pictures.fps,
        width=pictures.width,
        height=pictures.height,
        video_codec=pictures.codec,
        has_audio=sound is not None,
        audio_codec=sound.codec if sound else None,
        audio_sample_rate=sound.sample_rate if sound else None,
        audio_channels=sound.channels if sound else None,
        audio_duration_seconds=float(sound.heard_seconds) if sound else None,
        size_bytes=inventory.size_bytes,
        keyframe_times=tuple(float(frame.number / pictures.fps) for frame in pictures.coded if frame.is_keyframe),
    )
