"""`make demo` on the official emulators: what it says is true, and whoever listens is told as it happens."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.cloud import firestore
from google.cloud.pubsub_v1 import SubscriberClient
from google.cloud.pubsub_v1.subscriber.message import Message

from infra.local import demo
from infra.local.person import Person
from infra.local.supervisor.stack import LocalStack
from tests.journeys.faces import face_distance, last_frame
from tests.journeys.facts import ReceivedFact, check_told, public_entries
from tests.journeys.support import PATIENCE_SECONDS, Simulator, a_person, a_stack, eventually, require_emulators, uploads

pytestmark = pytest.mark.emulators

DEMO_SECONDS = 3 * PATIENCE_SECONDS


@dataclass
class Performance:
    """A demo that was watched."""

    stack: LocalStack
    person: Person
    documents: firestore.Client
    facts: list[ReceivedFact] = field(default_factory=list)
    live: list[dict[str, Any]] = field(default_factory=list)
    """The video node's live document, at each change that its listener was told."""
    revisions: list[int] = field(default_factory=list)
    """The project's, at each change that its listener was told."""
    result: dict[str, Any] = field(default_factory=dict)
    row: dict[str, Any] = field(default_factory=dict)
    """The video node as the API shows it at the end."""

    @property
    def project_id(self) -> str:
        """Where it took place."""
        return str(self.result["project_id"])

    def fact(self, type_: str, **detail: str) -> ReceivedFact | None:
        """The first fact of a type in which these words stand."""
        return next((fact for fact in [*self.facts] if fact.type == type_ and detail.items() <= fact.detail.items()), None)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Performance]:
    """The demo with two hops on a whole stack, while a subscriber and two listeners watch."""
    require_emulators()
    with ExitStack() as held:
        stack = held.enter_context(a_stack())
        environment = held.enter_context(pytest.MonkeyPatch.context())
        for variable, part in (("FIRESTORE_EMULATOR_HOST", "firestore"), ("PUBSUB_EMULATOR_HOST", "pubsub")):
            environment.setenv(variable, urlsplit(stack.urls[part]).netloc)
        project = stack.environments["worker"]["GOOGLE_CLOUD_PROJECT"]
        watched = Performance(stack, a_person(stack), firestore.Client(project=project))
        held.enter_context(_subscribed(watched, project, stack.environments["worker"]["EVENTS_TOPIC"]))
        out = tmp_path_factory.mktemp("demo")
        with ThreadPoolExecutor(1) as stage:
            playing = stage.submit(demo.run, stack.urls["api"], stack.urls["vertex"], demo.DEFAULT_IMAGE, 2, out, person=watched.person)
            queued = eventually(
                lambda: playing.done() or watched.fact("reelgraph.job.v1.queued", kind="generate"), "the video's job", DEMO_SECONDS
            )
            assert isinstance(queued, ReceivedFact), playing.result()
            held.enter_context(_listening(watched, queued.record["project_id"], queued.detail["node_id"]))
            watched.result = playing.result(DEMO_SECONDS)
        watched.row = watched.person.node(watched.project_id, watched.result["video_node_id"])
        yield watched


def test_what_the_demo_says_is_complete_and_true(watched: Performance) -> None:
    result = watched.result
    assert (result["frames"], result["width"], result["height"], result["has_audio"]) == (528, 1280, 720, True)
    assert result["duration_seconds"] == pytest.approx(22, abs=0.05)
    assert Path(result["video_path"]).stat().st_size > 100_000
    assert result["provider_submits"] == len(Simulator(watched.stack.urls["vertex"]).journal()) == 3
    assert 0 <= result["polls"] == sum(job["polls"] for job in watched.person.jobs(watched.project_id, result["video_node_id"]))
    (character,) = watched.person.call("GET", f"/api/characters?project_id={watched.project_id}")
    assert result["character_id"] == character["id"]
    assert result["face"] == {name: character["faces"][0][name] for name in ("bbox", "quality")}
    assert {watched.person.node(watched.project_id, result[f"{kind}_node_id"])["type"] for kind in ("image", "prompt", "video")} == {
        "image",
        "prompt",
        "video",
    }


def test_the_listener_of_the_node_saw_it_run_and_succeed_and_never_go_back(watched: Performance) -> None:
    eventually(lambda: watched.live and watched.live[-1]["version"] == watched.row["version"], "the last live document")
    assert [document["version"] for document in watched.live] == sorted({document["version"] for document in watched.live})
    states = [document["state"] for document in watched.live]
    assert "running" in states[:-1]
    shown = {"state", "status", "version", "selected_take_id"}
    assert {name: watched.live[-1][name] for name in shown} == {name: watched.row[name] for name in shown}
    assert watched.row["state"] == "succeeded"


def test_the_listener_of_the_project_is_told_of_the_last_revision(watched: Performance) -> None:
    rev = watched.person.call("GET", f"/api/projects/{watched.project_id}")["rev"]
    eventually(lambda: watched.revisions and watched.revisions[-1] == rev, "the last revision")
    assert watched.revisions == sorted(watched.revisions)
    assert len(set(watched.revisions)) > 1


def test_the_owner_may_listen(watched: Performance) -> None:
    member = watched.documents.document(f"projects/{watched.project_id}/members/{watched.person.user_id}").get()
    assert member.to_dict() == {"role": "owner"}


def test_a_subscriber_has_each_fact_once(watched: Performance) -> None:
    events = watched.person.events(watched.project_id)
    eventually(lambda: len(watched.facts) >= len(public_entries(events)), "the last fact")
    check_told(watched.facts, events)
    succeeded = [
        fact.detail["hop"] for fact in watched.facts if fact.type == "reelgraph.job.v1.succeeded" and fact.detail["kind"] != "enhance"
    ]
    assert sorted(succeeded) == [0, 1, 2]


def test_the_original_photo_is_gone(watched: Performance) -> None:
    eventually(lambda: not uploads(watched.stack, watched.project_id), "the end of the original")


def test_the_face_in_the_last_picture_is_still_the_characters(watched: Performance, tmp_path: Path) -> None:
    assert face_distance(demo.DEFAULT_IMAGE, last_frame(Path(watched.result["video_path"]), tmp_path / "last.jpg")) <= 0.5


@contextmanager
def _subscribed(watched: Performance, project: str, topic: str) -> Iterator[None]:
    """Facts are received in the block."""

    def receive(message: Message) -> None:
        watched.facts.append(ReceivedFact.of(message.attributes, message.data))
        message.ack()

    name = f"projects/{project}/subscriptions/journey"
    with SubscriberClient() as subscriber:
        request = {"name": name, "topic": f"projects/{project}/topics/{topic}", "enable_message_ordering": True}
        subscriber.create_subscription(request=request)
        pulling = subscriber.subscribe(name, receive)
        try:
            yield
        finally:
            pulling.cancel()
            pulling.result()


@contextmanager
def _listening(watched: Performance, project_id: str, node_id: str) -> Iterator[None]:
    """The live documents of a node and of its project are followed in the block."""

    def node_changed(documents: list[Any], _changes: object, _at: object) -> None:
        watched.live.extend(document.to_dict() for document in documents if document.exists)

    def project_changed(documents: list[Any], _changes: object, _at: object) -> None:
        watched.revisions.extend(document.get("rev") for document in documents if document.exists)

    with ExitStack() as watches:
        for path, changed in ((f"projects/{project_id}/live/{node_id}", node_changed), (f"projects/{project_id}", project_changed)):
            watches.callback(watched.documents.document(path).on_snapshot(changed).unsubscribe)
        yield
