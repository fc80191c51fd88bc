"""What can go wrong with media, each with a stable code and a sentence.

Problem
├── UnreadableVideo       422  missing, not_a_video, no_video_stream, truncated, damaged: the input is at fault
├── IncompatibleVideo     422  size_differs, frame_size_odd, nothing_left, tail_length: readable inputs that cannot become one video
├── UnexpectedExtension   422  unexpected_length: what came back is neither the new part nor the tail with it
└── MediaFailed           500  media_failed: the work failed for a reason of ours; the input may be fine
    ├── MediaCrashed      500  media_crashed: the process died by a signal (native code), or was killed
    └── MediaTimedOut     500  media_timed_out: the process was ended after its time
"""

from services.core.kit.errors import Problem


class UnreadableVideo(Problem):
    """The file is missing, or is not a whole video that we can read."""

    status = 422


class IncompatibleVideo(Problem):
    """Readable inputs that cannot become one video."""

    status = 422


class UnexpectedExtension(Problem):
    """What came back is neither the new part nor the tail with the new part."""

    status = 422


class MediaFailed(Problem):
    """The work failed for a reason of ours. `stderr_tail` holds the end of what the process said, without the paths it was given."""

    def __init__(self, message: str, code: str = "media_failed", stderr_tail: str = "") -> None:
        super().__init__(code, message)
        self.stderr_tail = stderr_tail


class MediaCrashed(MediaFailed):
    """The process died by a signal, such as SIGSEGV or SIGFPE in native code."""

    def __init__(self, signal_name: str, stderr_tail: str = "") -> None:
        super().__init__(f"Media processing died by {signal_name}.", "media_crashed", stderr_tail)
        self.signal_name = signal_name


class MediaTimedOut(MediaFailed):
    """The process was ended because it took longer than it may."""

    def __init__(self, timeout_seconds: float, stderr_tail: str = "") -> None:
        super().__init__(f"Media processing took longer than {timeout_seconds:g} s and was ended.", "media_timed_out", stderr_tail)
        self.timeout_seconds = timeout_seconds
