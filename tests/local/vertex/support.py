"""What the tests of the Vertex AI simulator say often: submit, finish, look at a video."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from infra.local.identity import Identity
from infra.local.vertex.render.pixels import as_pixels
from tests.local.cloud_tasks.support import StandIn, wait_until

PROJECT = "reelgraph-local"
MODEL = "veo-3.1-fast-generate-001"
MODEL_PATH = f"projects/{PROJECT}/locations/us-central1/publishers/google/models/{MODEL}"
RENDERS = "gs://renders"


class Vertex:
    """A running simulator with the unmodified clients that talk to it. `buckets` is where its objects lie."""

    def __init__(self, stand_in: StandIn, identity: Identity, buckets: Path) -> None:
        self.stand_in = stand_in
        self.buckets = buckets
        self.token = identity.access_token("https://www.googleapis.com/auth/cloud-platform")
        self.videos = self._client("us-central1")
        self.content = self._client("global")
        self.http = httpx.Client(base_url=stand_in.url, timeout=20)

    def _client(self, location: str) -> genai.Client:
        options = types.HttpOptions(base_url=self.stand_in.url)
        credentials = Credentials(token=self.token)
        return genai.Client(vertexai=True, project=PROJECT, location=location, credentials=credentials, http_options=options)

    def close(self) -> None:
        self.videos.close()
        self.content.close()
        self.http.close()

    def submit(self, prompt: str = "A lighthouse", *, source: dict[str, Any] | None = None, **config: Any) -> str:
        """Submit with the Google client and return the operation's name. The default is the shortest video into the bucket."""
        fields: dict[str, Any] = {"output_gcs_uri": f"{RENDERS}/job/1", "duration_seconds": 4} | config
        operation = self.videos.models.generate_videos(
            model=MODEL,
            source=types.GenerateVideosSource(prompt=prompt, **(source or {})),
            config=types.GenerateVideosConfig(**{name: value for name, value in fields.items() if value is not None}),
        )
        assert operation.name is not None
        return operation.name

    def fetch(self, name: str) -> types.GenerateVideosOperation:
        """Fetch an operation from its stored name, as product code does after a restart."""
        return self.videos.operations.get(types.GenerateVideosOperation.model_validate({"name": name}))

    def finish(self, name: str, seconds: float = 40) -> types.GenerateVideosOperation:
        """Return the operation once it is done."""
        wait_until(lambda: self.fetch(name).done, seconds)
        return self.fetch(name)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """POST as a client with the right token; keyword arguments replace headers."""
        return self.http.post(path, json=body, headers={"authorization": f"Bearer {self.token}"} | headers)

    def next_submits(self, *entries: str | list[str]) -> None:
        self.http.post("/simulator/faults", json={"next": list(entries)}).raise_for_status()

    def journal(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.http.get("/simulator/journal").json()
        return rows

    def journal_of(self, name: str) -> dict[str, Any]:
        (row,) = [row for row in self.journal() if row["operation_name"] == name]
        return row

    def counters(self) -> dict[str, Any]:
        counted: dict[str, Any] = self.http.get("/simulator/counters").json()
        return counted

    def path_of(self, uri: str | None) -> Path:
        assert uri is not None
        return self.buckets / uri.removeprefix("gs://")


def uris(operation: types.GenerateVideosOperation) -> list[str]:
    """The places of the videos in a finished operation."""
    assert operation.response is not None
    return [video.video.uri for video in operation.response.generated_videos or [] if video.video and video.video.uri]


@dataclass(frozen=True)
class Probe:
    """What a file holds, counted by decoding it."""

    width: int
    height: int
    frames: int
    frame_rate: float
    video_codec: str
    audio: tuple[str, int, int] | None
    audio_seconds: float


def probe(path: Path) -> Probe:
    """Decode everything and count."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        size, rate, codec = (stream.width, stream.height), float(stream.average_rate or 0), stream.codec_context.name
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return Probe(*size, frames, rate, codec, None, 0)
        sound = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(sound))
        audio = (sound.codec_context.name, sound.rate, sound.codec_context.channels)
    return Probe(*size, frames, rate, codec, audio, samples / audio[1])


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    """Every frame of a video as RGB."""
    with av.open(str(path)) as container:
        return [as_pixels(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def keyframes(path: Path) -> list[int]:
    """The numbers of the frames at which a player may start."""
    with av.open(str(path)) as container:
        return [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The mean difference of two pictures, 0..255."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def draw_photo(path: Path, width: int = 300, height: int = 450, background: str = "steelblue") -> Path:
    """A photo with a red disc where a portrait has its face: in the upper third."""
    photo = Image.new("RGB", (width, height), background)
    radius = min(width, height) // 7
    centre_x, centre_y = width // 2, height // 4
    ImageDraw.Draw(photo).ellipse((centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius), fill=(220, 20, 20))
    photo.save(path)
    return path


def write_plain_video(path: Path, width: int, height: int, *, frames: int, frame_rate: int = 24) -> Path:
    """A silent video of a picture that does not move."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=frame_rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        picture = np.full((height, width, 3), 90, np.uint8)
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path
