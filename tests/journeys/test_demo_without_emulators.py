"""`make demo` on a machine without the official emulators: facts go straight to subscribers, live states come by the socket."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from infra.local import demo
from infra.local.person import Person
from tests.journeys.facts import ReceivedFact, check_told, public_entries
from tests.journeys.support import PATIENCE_SECONDS, Simulator, a_person, a_stack, eventually

DEMO_SECONDS = 3 * PATIENCE_SECONDS
A_CLIP = [("queued", None), ("running", "sending"), ("running", "rendering"), ("running", "finishing"), ("succeeded", None)]


@dataclass
class Performance:
    """A demo that was watched."""

    person: Person
    simulator: Simulator
    facts: list[ReceivedFact]
    told: list[dict[str, Any]] = field(default_factory=list)
    """The events of the project in the order in which the socket told them."""
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def project_id(self) -> str:
        """Where it took place."""
        return str(self.result["project_id"])


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Performance]:
    """The demo without hops, while a subscriber and a socket watch."""
    facts: list[ReceivedFact] = []
    with (
        _subscriber(facts) as url,
        a_stack(environment={"REELGRAPH_EMULATORS": "off", "EVENT_SUBSCRIBERS": url}) as stack,
        ThreadPoolExecutor(1) as stage,
    ):
        watched = Performance(a_person(stack), Simulator(stack.urls["vertex"]), facts)
        out = tmp_path_factory.mktemp("demo")
        playing = stage.submit(demo.run, stack.urls["api"], stack.urls["vertex"], demo.DEFAULT_IMAGE, 0, out, person=watched.person)
        project = eventually(lambda: next(iter(watched.person.call("GET", "/api/projects")), None), "the project")
        with _followed(watched, stack.urls["api"], project["id"]):
            watched.result = playing.result(DEMO_SECONDS)
            rev = watched.person.call("GET", f"/api/projects/{watched.project_id}")["rev"]
            eventually(lambda: watched.told and watched.told[-1]["rev"] >= rev, "the last event")
        yield watched


def test_the_demo_works_without_emulators(watched: Performance) -> None:
    assert (watched.result["frames"], watched.result["has_audio"]) == (8 * 24, True)
    assert watched.result["provider_submits"] == len(watched.simulator.journal()) == 1


def test_the_socket_tells_the_whole_log_in_order_and_each_entry_once(watched: Performance) -> None:
    assert [event["rev"] for event in watched.told] == list(range(1, len(watched.told) + 1))
    assert [_timed(event) for event in watched.told] == [_timed(event) for event in watched.person.events(watched.project_id)]


def test_the_states_of_a_node_come_in_the_order_of_its_work(watched: Performance) -> None:
    node_id = watched.result["video_node_id"]
    statuses = [event["payload"] for event in watched.told if event["type"] == "node.status" and event["payload"]["node_id"] == node_id]
    assert [(status["state"], status["status"].get("stage")) for status in statuses] == A_CLIP
    versions = [status["version"] for status in statuses]
    assert versions == sorted(set(versions))
    assert statuses[-1]["version"] == watched.person.node(watched.project_id, node_id)["version"]


def test_a_subscriber_has_each_fact_once(watched: Performance) -> None:
    events = watched.person.events(watched.project_id)
    eventually(lambda: len(watched.facts) >= len(public_entries(events)), "the last fact")
    check_told(watched.facts, events)


def _timed(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its moment as such: the socket writes +00:00 where the API writes Z."""
    return event | {"at": datetime.fromisoformat(event["at"])}


@contextmanager
def _subscriber(facts: list[ReceivedFact]) -> Iterator[str]:
    """The URL of a server that takes facts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            facts.append(ReceivedFact.of(dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/facts"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@contextmanager
def _followed(watched: Performance, api_url: str, project_id: str) -> Iterator[None]:
    """The project's socket is read in the block, from the first event on."""
    ticket = watched.person.call("POST", f"/api/projects/{project_id}/socket-ticket")["ticket"]
    address = api_url.replace("http", "ws", 1)
    with connect(f"{address}/ws/projects/{project_id}?ticket={ticket}&cursor=0", proxy=None) as socket:
        reading = Thread(target=_read, args=(socket, watched.told))
        reading.start()
        yield
        socket.close()
        reading.join()


def _read(socket: ClientConnection, told: list[dict[str, Any]]) -> None:
    with suppress(ConnectionClosed):
        while True:
            message = json.loads(socket.recv())
            assert message["kind"] == "events"
            told.extend(message["events"])
