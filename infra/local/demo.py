"""`make demo`: the main job from a face photo to one finished video, through the public API, as a user's program would do it.

Uses the running stack, or starts one for itself. Exits 0 only if every step truly happened; the last line is one JSON object.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from infra.local.person import CONTENT_TYPES, NeverHappened, Person, Refused, Say
from infra.local.supervisor.options import parse_options
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.stack import LocalStack
from services.core.video.chain import total_seconds
from services.core.video.media.runner import MediaRunner

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_IMAGE = ROOT / "tests" / "media" / "astronaut.jpg"  # NASA portrait of Eileen Collins, public domain; see README.md beside it
FRAMES_PER_SECOND = 24
IDEA = "She looks into the camera and slowly begins to smile, flags moving softly behind her."
HOPS = ("She turns her head to the window; light moves across her face.", "She looks back and laughs quietly.")

console = Console(stderr=True)


class DemoFailed(Exception):
    """A step did not happen; the message says which and why."""


def main() -> int:
    """Run the demo; 0 only where all of it happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="where the video is written")
    arguments = parser.parse_args()
    image = Path(os.environ.get("REELGRAPH_DEMO_IMAGE", str(DEFAULT_IMAGE))).expanduser()
    hops = int(os.environ.get("REELGRAPH_DEMO_HOPS", str(len(HOPS))))
    if not image.is_file():
        console.print(f"REELGRAPH_DEMO_IMAGE: there is no file {image.name}.")
        return 1
    if image.suffix.lower() not in CONTENT_TYPES:
        console.print(f"REELGRAPH_DEMO_IMAGE: {image.name} is no photo that can be read; use one of {', '.join(CONTENT_TYPES)}.")
        return 1
    started = time.monotonic()
    try:
        with running_stack() as urls:
            result = run(urls["api"], urls.get("vertex"), image, hops, arguments.out)
    except (DemoFailed, Refused, NeverHappened, CannotStart) as failure:
        console.print(f"[red]The demo failed.[/red] {failure}")
        return 1
    result["seconds_total"] = round(time.monotonic() - started, 1)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


@contextlib.contextmanager
def running_stack() -> Iterator[Mapping[str, str]]:
    """Where the api and, if it is simulated, the provider listen: of the stack that runs, else of one started for this demo."""
    options = parse_options([], os.environ)
    found = {name: options.layout.url(name) for name in ("api", "vertex") if _answers(f"{options.layout.url(name)}/healthz")}
    if "api" in found:
        yield found
        return
    console.print("No stack is running; starting one.")
    layout = options.layout
    with LocalStack(layout.state, layout.port("api"), events=options.events, live=options.live, database_url=options.database_url) as stack:
        yield stack.urls


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def run(api_url: str, vertex_url: str | None, image: Path, hops: int, out: Path, *, person: Person | None = None) -> dict[str, Any]:
    """All steps in order; raises DemoFailed, Refused or NeverHappened at the first that did not happen.

    `person` does it instead of somebody new, so that others may watch whom they know.
    """
    submits_before = _journal_length(vertex_url)
    with steps() as step:
        with step("Register"):
            person = person or Person.register(api_url)
        with step("Create a project"):
            project_id = person.create_project("Demo: portrait to video")
        with step("Upload the photo and find the face") as say:
            image_node = person.add_node(project_id, "image", "Portrait")
            asset_id = person.upload(project_id, image_node, image, say)
            face, character_id = _character(person, project_id, image_node, asset_id, say)
        with step("Enhance the prompt") as say:
            prompt_node = person.add_node(project_id, "prompt", "Shot", {"text": IDEA}, x=400)
            _enhance(person, project_id, prompt_node, say)
        video_node = person.add_node(project_id, "video", "Hero shot", {"duration_seconds": 8, "resolution": "720p"}, x=800)
        person.connect(project_id, prompt_node, "prompt", video_node, "prompt")
        person.connect(project_id, image_node, "image", video_node, "image")
        order = {"project_id": project_id, "node_id": video_node}
        with step("Generate 8 s from the photo") as say:
            person.call("POST", "/api/ai/generate-video", body=order, starts_work=True)
            _succeed(person.wait_for_node(project_id, video_node, say))
        if hops:
            with step(f"Extend it {hops} times") as say:
                prompts = [{"prompt": HOPS[number % len(HOPS)]} for number in range(hops)]
                person.call("POST", "/api/ai/extend-video", body=order | {"hops": prompts}, starts_work=True)
                _succeed(person.wait_for_node(project_id, video_node, say))
        with step("Download and probe"):
            video = _download(person, project_id, video_node, hops, out)
    jobs = person.jobs(project_id, video_node)
    submits = sum(job["attempts"] for job in jobs)
    billed = _journal_length(vertex_url)
    if billed is not None and submits_before is not None and billed - submits_before != submits:
        raise DemoFailed(f"We count {submits} submits, the provider's journal {billed - submits_before}.")
    return {
        **video,
        "character_id": character_id,
        "face": face,
        "provider_submits": submits,
        "polls": sum(job["polls"] for job in jobs),
        "project_id": project_id,
        "image_node_id": image_node,
        "prompt_node_id": prompt_node,
        "video_node_id": video_node,
    }


@contextlib.contextmanager
def steps() -> Iterator[Callable[[str], contextlib.AbstractContextManager[Say]]]:
    """A live list of steps; each shows what it is doing, and a tick when it is done."""
    columns = SpinnerColumn(finished_text="[green]✓[/green]"), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, TextColumn("[dim]{task.fields[state]}"), console=console) as progress:

        @contextlib.contextmanager
        def step(title: str) -> Iterator[Say]:
            task = progress.add_task(title, total=1, state="")

            def say(state: str) -> None:
                progress.update(task, state=state)

            yield say
            progress.update(task, completed=1, state="")

        yield step


def _character(person: Person, project_id: str, node_id: str, asset_id: str, say: Say) -> tuple[dict[str, Any], str]:
    _succeed(person.wait_for_node(project_id, node_id, say))
    face = person.call("POST", "/api/ai/analyze-face", body={"asset_id": asset_id})["face"]
    if not face["character_id"]:
        raise DemoFailed("A face was found, but no character was made of it.")
    return {"bbox": face["bbox"], "quality": face["quality"]}, face["character_id"]


def _enhance(person: Person, project_id: str, node_id: str, say: Say) -> None:
    person.call("POST", "/api/ai/enhance-prompt", body={"project_id": project_id, "node_id": node_id}, starts_work=True)
    node = person.wait_for_node(project_id, node_id, say)
    _succeed(node)
    if node["config"]["use"] != "enhanced" or not node["config"]["enhanced"]["enhanced_prompt"]:
        raise DemoFailed("The prompt node succeeded, but holds no enhanced prompt.")


def _succeed(node: dict[str, Any]) -> None:
    if node["state"] != "succeeded":
        status = node["status"]
        raise DemoFailed(f"{node['title']} ended {node['state']}: {status.get('message', '')} {status.get('advice', '')}")


def _download(person: Person, project_id: str, node_id: str, hops: int, out: Path) -> dict[str, Any]:
    selected = person.node(project_id, node_id)["selected_take_id"]
    take = next(take for take in person.takes(project_id, node_id) if take["id"] == selected)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"demo-{take['id'][:8]}.mp4"
    with httpx.stream("GET", take["asset"]["url"], timeout=120) as answer, path.open("wb") as file:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            file.write(chunk)
    probe = MediaRunner().probe(path)
    wanted = round(total_seconds(8, hops) * FRAMES_PER_SECOND)
    if probe.frames != wanted or not probe.has_audio:
        raise DemoFailed(f"The video has {probe.frames} frames and {'' if probe.has_audio else 'no '}sound; {wanted} with sound were due.")
    console.print(
        f"{path}\n{probe.width} x {probe.height}, {probe.frames} frames at {float(probe.fps):.0f} a second, "
        f"{probe.duration_seconds:.2f} s, {probe.video_codec} + {probe.audio_codec}, {probe.size_bytes / 1e6:.1f} MB",
        highlight=False,
    )
    return {
        "video_path": str(path),
        "duration_seconds": probe.duration_seconds,
        "frames": probe.frames,
        "width": probe.width,
        "height": probe.height,
        "has_audio": probe.has_audio,
    }


def _journal_length(vertex_url: str | None) -> int | None:
    """How many submits the simulated provider has counted; None with the real one, which shows no such list."""
    if vertex_url is None:
        return None
    entries = httpx.get(f"{vertex_url}/simulator/journal").raise_for_status().json()
    return len(entries if isinstance(entries, list) else entries["entries"])


if __name__ == "__main__":
    sys.exit(main())
