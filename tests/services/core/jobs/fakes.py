"""Stand-ins for what is ours and reaches outside: providers with a journal, buckets in a folder, media as small JSON files."""

import json
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import Lock

from google.api_core.exceptions import NotFound

from services.core.assets.objects import ObjectStore, StoredObject
from services.core.prompts.enhancement import Answered, Enhancement, EnhancementOutcome, EnhancementRequest
from services.core.prompts.gemini import GeminiDriver
from services.core.video.chain import FRAMES_PER_SECOND, NewOnly, TailPlusNew, Unexpected, classify_extension
from services.core.video.media.errors import UnexpectedExtension, UnreadableVideo
from services.core.video.media.results import Appended, Picture, Tail, VideoProbe
from services.core.video.media.runner import MediaRunner
from services.core.video.outcomes import Accepted, Pending, PollOutcome, SubmitOutcome
from services.core.video.request import MediaInput, VideoRequest
from services.core.video.veo import VeoDriver

FPS = FRAMES_PER_SECOND


class Killed(BaseException):
    """The process died here: nothing that handles exceptions may see it."""


class StorageDown(Exception):
    """The buckets do not answer."""


class Mortality:
    """Counts what a process does - looking at the clock, touching a bucket, starting a media process - and lets it die at one of them."""

    def __init__(self) -> None:
        self.moments = 0
        self._dies_at: int | None = None

    def dies_at(self, moment: int | None) -> None:
        """Die at the `moment`-th moment from now; None: live."""
        self._dies_at = None if moment is None else self.moments + moment

    def moment(self) -> None:
        self.moments += 1
        if self.moments == self._dies_at:
            raise Killed


@dataclass
class FakeClock:
    """A clock that stands still until it is moved. Each transaction of a step begins with a look at it."""

    mortality: Mortality = field(default_factory=Mortality)
    now: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.mortality.moment()
        return self.now

    def tick(self, **duration: float) -> None:
        """Move on by a timedelta given by its keywords, for example `minutes=15`."""
        self.now += timedelta(**duration)


class FakeStore(ObjectStore):
    """Buckets as folders. A write is refused where the object exists, as with the precondition of the real one."""

    def __init__(self, root: Path, mortality: Mortality) -> None:
        self._root = root
        self._mortality = mortality
        self._lock = Lock()
        self.created: list[str] = []
        self.is_down = False
        self.while_listing: Callable[[], object] = lambda: None

    def _path(self, bucket: str, name: str) -> Path:
        self._mortality.moment()
        if self.is_down:
            raise StorageDown("connection reset")
        return self._root / bucket / name

    def put(self, bucket: str, name: str, content: str) -> None:
        """An object that somebody else wrote."""
        path = self._root / bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def list_under(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        folder = self._path(bucket, "")
        self.while_listing()
        for path in sorted(folder.rglob("*")) if folder.exists() else []:
            name = str(path.relative_to(folder))
            if path.is_file() and name.startswith(prefix):
                yield StoredObject(bucket, name, 1, path.stat().st_size)

    def find(self, bucket: str, name: str) -> StoredObject | None:
        path = self._path(bucket, name)
        return StoredObject(bucket, name, 1, path.stat().st_size) if path.is_file() else None

    def exists(self, bucket: str, name: str) -> bool:
        return self._path(bucket, name).is_file()

    def download(self, bucket: str, name: str, path: Path) -> None:
        source = self._path(bucket, name)
        if not source.is_file():
            raise NotFound(f"{bucket}/{name}")  # type: ignore[no-untyped-call] # google-api-core has no types here
        shutil.copyfile(source, path)

    def create(self, bucket: str, name: str, path: Path, content_type: str) -> bool:
        target = self._path(bucket, name)
        with self._lock:
            if target.exists():
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            self.created.append(name)
        self._mortality.moment()  # dead after the write, before anybody knows of it
        return True

    def delete(self, bucket: str, name: str) -> None:
        self._path(bucket, name).unlink(missing_ok=True)


@dataclass(frozen=True)
class Submit:
    """A request that reached the provider."""

    request: VideoRequest
    output_prefix: str
    video: MediaInput | None
    labels: Mapping[str, str]

    @property
    def job_id(self) -> str:
        return self.labels["reelgraph-job"]


class FakeVeo(VeoDriver):
    """Answers as scripted; without a script it accepts every submit, and every render goes on for ever."""

    def __init__(self) -> None:
        self.submits: list[Submit] = []
        self.polled: list[str] = []
        self._answers: deque[SubmitOutcome | BaseException] = deque()
        self._states: deque[PollOutcome | BaseException] = deque()
        self.while_submitting: Callable[[Submit], object] = lambda submit: None
        self.while_polling: Callable[[str], object] = lambda operation_name: None
        # What happens where no script is left.
        self.answer_submit: Callable[[Submit], SubmitOutcome] = lambda submit: Accepted(f"operations/{len(self.submits)}")
        self.answer_poll: Callable[[str], PollOutcome] = lambda operation_name: Pending()
        self._lock = Lock()

    def answers(self, *outcomes: SubmitOutcome | BaseException) -> None:
        """What the next submits meet with."""
        self._answers.extend(outcomes)

    def says(self, *outcomes: PollOutcome | BaseException) -> None:
        """What the next polls hear."""
        self._states.extend(outcomes)

    def submit(
        self,
        request: VideoRequest,
        *,
        output_prefix: str,
        video: MediaInput | None = None,
        labels: Mapping[str, str] | None = None,
        timeout_seconds: float = 60.0,
    ) -> SubmitOutcome:
        submit = Submit(request, output_prefix, video, dict(labels or {}))
        with self._lock:
            self.submits.append(submit)
            answer = self._answers.popleft() if self._answers else self.answer_submit(submit)
        self.while_submitting(submit)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def poll(self, operation_name: str, *, timeout_seconds: float = 30.0) -> PollOutcome:
        with self._lock:
            self.polled.append(operation_name)
            state = self._states.popleft() if self._states else self.answer_poll(operation_name)
        self.while_polling(operation_name)
        if isinstance(state, BaseException):
            raise state
        return state


class FakeGemini(GeminiDriver):
    """Answers as scripted, else with an enhancement of the idea."""

    def __init__(self) -> None:
        self.calls: list[EnhancementRequest] = []
        self._answers: deque[EnhancementOutcome | BaseException] = deque()
        self.while_calling: Callable[[EnhancementRequest], object] = lambda request: None

    def answers(self, *outcomes: EnhancementOutcome | BaseException) -> None:
        self._answers.extend(outcomes)

    def enhance(self, request: EnhancementRequest, *, timeout_seconds: float = 60.0) -> EnhancementOutcome:
        self.calls.append(request)
        self.while_calling(request)
        answer = self._answers.popleft() if self._answers else Answered(an_enhancement(request.idea))
        if isinstance(answer, BaseException):
            raise answer
        return answer


def an_enhancement(idea: str) -> Enhancement:
    return Enhancement(enhanced_prompt=f"{idea}, at dusk, 35 mm", negative_prompt="blur", shot_notes=["dusk", "35 mm"])


def a_video(frames: int = 8 * FPS, width: int = 1280, height: int = 720) -> str:
    """The content of a video that FakeMedia reads."""
    return json.dumps({"frames": frames, "width": width, "height": height})


NOT_A_VIDEO = "<html>502</html>"


@dataclass(frozen=True)
class FakeMedia(MediaRunner):
    """Videos are JSON texts that say how many frames they hold; the lengths that come of each operation are the real ones."""

    mortality: Mortality = field(default_factory=Mortality)
    done: list[str] = field(default_factory=list)

    def _read(self, path: Path) -> dict[str, int]:
        try:
            video: dict[str, int] = json.loads(path.read_text())
        except json.JSONDecodeError:
            raise UnreadableVideo("not_a_video", "It is no video.") from None
        return video

    def _begin(self, operation: str) -> None:
        self.mortality.moment()
        self.done.append(operation)

    def probe(self, path: Path) -> VideoProbe:
        self._begin("probe")
        video = self._read(path)
        return VideoProbe(
            duration_seconds=video["frames"] / FPS,
            frames=video["frames"],
            fps=Fraction(FPS),
            width=video["width"],
            height=video["height"],
            video_codec="h264",
            has_audio=True,
            audio_codec="aac",
            audio_sample_rate=48_000,
            audio_channels=2,
            audio_duration_seconds=video["frames"] / FPS,
            size_bytes=path.stat().st_size,
            keyframe_times=(0.0,),
        )

    def poster(self, path: Path, at_seconds: float, width: int, out: Path) -> Picture:
        self._begin("poster")
        out.write_text(f"poster of {path.read_text()}")
        return Picture(width, width * 9 // 16, round(at_seconds * FPS))

    def thumbnail(self, path: Path, out: Path, at_seconds: float = 0.0) -> Picture:
        self._begin("thumbnail")
        out.write_text(f"thumbnail of {path.read_text()}")
        return Picture(320, 180, round(at_seconds * FPS))

    def tail(self, path: Path, seconds: float, out: Path) -> Tail:
        self._begin("tail")
        video = self._read(path)
        frames = min(video["frames"], round(seconds * FPS))
        out.write_text(json.dumps(video | {"frames": frames}))
        return Tail(frames, Fraction(FPS), frames / FPS, video["frames"] - frames, None)

    def append(self, master: Path, returned: Path, tail_frames: int, out: Path) -> Appended:
        self._begin("append")
        before, came = self._read(master), self._read(returned)
        match classify_extension(tail_frames / FPS, came["frames"] / FPS):
            case NewOnly():
                dropped = 0
            case TailPlusNew():
                dropped = tail_frames
            case Unexpected(sentence):
                raise UnexpectedExtension("unexpected_length", sentence)
        frames = before["frames"] + came["frames"] - dropped
        out.write_text(json.dumps(before | {"frames": frames}))
        return Appended(
            frames=frames,
            fps=Fraction(FPS),
            duration_seconds=frames / FPS,
            form="tail_plus_new" if dropped else "new_only",
            new_frames=came["frames"] - dropped,
            dropped_frames=dropped,
            reencoded=None,
        )
