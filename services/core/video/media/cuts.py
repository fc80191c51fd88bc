"""Cut the end of a master for the provider, put together what comes back, and join videos in general."""

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from services.core.video.chain import INPUT_SECONDS, NewOnly, TailPlusNew, Unexpected, classify_extension
from services.core.video.media.errors import IncompatibleVideo, UnexpectedExtension
from services.core.video.media.inventory import Inventory, take_inventory
from services.core.video.media.join import Part, join
from services.core.video.media.results import Appended, Joined, Tail


def tail(path: Path, seconds: float, out: Path) -> Tail:
    """Write the last `seconds` (1 to 30) of a video, or less, as its own MP4 that ends exactly where the video ends.

    It begins at the earliest keyframe that leaves at least 1 s and is then copied; where none does, exactly `seconds` are encoded anew.
    Raises IncompatibleVideo: the video, or what is asked for, is shorter than 1 s or longer than 30 s.
    """
    shortest, longest = INPUT_SECONDS
    if not shortest <= seconds <= longest:
        raise IncompatibleVideo("tail_length", f"A tail of {seconds:g} s cannot be extended; {shortest:g} to {longest:g} s can.")
    master = take_inventory(path)
    first_frame = _tail_start(master, seconds, shortest)
    joined = join([Part(master, first_frame)], out)
    return Tail(joined.frames, joined.fps, joined.duration_seconds, first_frame, joined.reencoded[0])


def append(master: Path, returned: Path, tail_frames: int, out: Path) -> Appended:
    """Write `master` followed by what is new in `returned`, for which the last `tail_frames` frames of the master were sent.

    The master's pictures are copied; the new ones too, unless they were encoded differently or no keyframe lies where the tail ends.
    Raises UnexpectedExtension, IncompatibleVideo (size), UnreadableVideo, MediaFailed.
    """
    base, answer = take_inventory(master), take_inventory(returned)
    tail_duration = tail_frames / base.pictures.fps
    match classify_extension(float(tail_duration), float(answer.pictures.duration)):
        case Unexpected(sentence):
            raise UnexpectedExtension("unexpected_length", sentence, "The clip is kept; append it by hand, or run the extension again.")
        case NewOnly():
            part, dropped = Part(answer), 0
        case TailPlusNew():
            dropped = round(tail_duration * answer.pictures.fps)
            part = Part(answer, dropped)
        case other:
            assert_never(other)
    joined = join([Part(base), part], out)
    return Appended(
        frames=joined.frames,
        fps=joined.fps,
        duration_seconds=joined.duration_seconds,
        form="tail_plus_new" if dropped else "new_only",
        new_frames=joined.frames - base.pictures.frames,
        dropped_frames=dropped,
        reencoded=joined.reencoded[1],
    )


def concatenate(paths: Sequence[Path], out: Path) -> Joined:
    """Write videos of one size one after the other; the first decides on frame rate, codec parameters and sound format.

    Raises IncompatibleVideo (sizes differ, no videos), UnreadableVideo, MediaFailed.
    """
    if not paths:
        raise IncompatibleVideo("nothing_left", "There are no videos to join.")
    return join([Part(take_inventory(path)) for path in paths], out)


def _tail_start(master: Inventory, seconds: float, shortest: float) -> int:
    """The first frame of the tail: the earliest keyframe within `seconds` of the end that leaves `shortest`, else exactly `seconds`."""
    pictures = master.pictures
    if float(pictures.duration) < shortest:
        raise IncompatibleVideo(
            "tail_length", f"The video is {float(pictures.duration):.2f} s long; at least {shortest:g} s are needed to extend it."
        )
    earliest = max(0, pictures.frames - int(seconds * pictures.fps + 1e-6))
    latest = pictures.frames - int(shortest * pictures.fps)
    return next((entry for entry in pictures.entries() if earliest <= entry <= latest), earliest)
