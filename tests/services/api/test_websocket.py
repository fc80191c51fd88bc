"""The project's socket over real connections to real servers: who gets in, what arrives, in which order, and what ends it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from services.api.app import create_app
from services.core.accounts import members, tickets
from services.core.accounts.authorization import Role
from services.core.bootstrap import Container
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.projects.events import revisions
from tests.services.api.conftest import MovableClock
from tests.services.api.serving import served
from tests.services.api.world import Person, Studio, World

PATIENCE_SECONDS = 20


@dataclass
class Client:
    """One end of a socket, and what came out of it so far."""

    connection: ClientConnection
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def revs(self) -> list[int]:
        return [event["rev"] for event in self.events]

    def send(self, operation: dict[str, Any]) -> None:
        self.connection.send(json.dumps({"kind": "operation", "operation": operation}))

    def receive(self) -> None:
        message = json.loads(self.connection.recv(timeout=PATIENCE_SECONDS))
        if message["kind"] == "events":
            assert message["cursor"] == message["events"][-1]["rev"]
            self.events += message["events"]
        else:
            self.answers.append(message)

    def until(self, happened: Callable[[], bool]) -> None:
        """Read until `happened`; a client that hears nothing for too long fails the test."""
        while not happened():
            self.receive()

    def ask(self, message: str | bytes) -> dict[str, Any]:
        """Send a message and return the answer to it."""
        expected = len(self.answers) + 1
        self.connection.send(message)
        self.until(lambda: len(self.answers) == expected)
        return self.answers[-1]

    def edit(self, operation: dict[str, Any]) -> dict[str, Any]:
        return self.ask(json.dumps({"kind": "operation", "operation": operation}))

    def closing(self) -> tuple[int, str]:
        """The code and reason with which the server ends the socket."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as ended:
            return (ended.rcvd.code, ended.rcvd.reason) if ended.rcvd else (0, "the connection broke")


def an_edit(**changes: Any) -> dict[str, Any]:
    return {"op": "create_node", "operation_id": str(new_id()), "type": "prompt"} | changes


@dataclass
class Room:
    """A served application, and a project whose sockets can be opened."""

    world: World
    address: str
    project_id: UUID
    owner: Person
    viewer: Person
    open_connections: ExitStack

    def ticket(self, person: Person, project_id: UUID | None = None) -> str:
        with self.world.container.database.unit_of_work() as session:
            return tickets.issue(session, person.id, project_id or self.project_id, self.world.now).value

    def open(self, person: Person | None = None, *, address: str | None = None, **parameters: Any) -> Client:
        """A client of `person`, the owner where nobody is named; by `ticket` where one is given."""
        ticket = parameters.pop("ticket", None) or self.ticket(person or self.owner)
        cursor, origin = parameters.pop("cursor", 0), parameters.pop("origin", None)
        url = f"ws://{address or self.address}/ws/projects/{self.project_id}?ticket={ticket}&cursor={cursor}"
        return Client(self.open_connections.enter_context(connect(url, origin=origin, max_size=None, **parameters)))


@pytest.fixture
def room(world: World, app: FastAPI) -> Iterator[Room]:
    owner, viewer = world.person("owner"), world.person("viewer")
    project_id = world.project(owner, viewer=viewer)
    with served(app) as address, ExitStack() as connections:
        yield Room(world, address, project_id, owner, viewer, connections)


# Getting in


def test_a_ticket_opens_one_socket(room: Room) -> None:
    ticket = room.ticket(room.owner)

    assert room.open(ticket=ticket).ask('{"kind": "ping"}') == {"kind": "pong"}
    assert room.open(ticket=ticket).closing() == (4401, "ticket_invalid")


def test_a_ticket_is_good_for_30_seconds(room: Room, clock: MovableClock) -> None:
    late, in_time = room.ticket(room.owner), room.ticket(room.owner)
    clock.advance(seconds=29)
    assert room.open(ticket=in_time).ask('{"kind": "ping"}') == {"kind": "pong"}

    clock.advance(seconds=1)

    assert room.open(ticket=late).closing() == (4401, "ticket_invalid")


def test_a_ticket_of_another_project_opens_nothing_and_stays_good_for_its_own(room: Room) -> None:
    elsewhere = room.world.project(room.owner)
    ticket = room.ticket(room.owner, elsewhere)

    assert room.open(ticket=ticket).closing() == (4401, "ticket_invalid")

    url = f"ws://{room.address}/ws/projects/{elsewhere}?ticket={ticket}"
    assert Client(room.open_connections.enter_context(connect(url))).ask('{"kind": "ping"}') == {"kind": "pong"}


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=guessed"])
def test_without_a_ticket_nothing_opens(room: Room, query: str) -> None:
    with connect(f"ws://{room.address}/ws/projects/{room.project_id}{query}") as connection:
        assert Client(connection).closing() == (4401, "ticket_invalid")


@pytest.mark.parametrize("cursor", ["-1", "x", str(2**63)])
def test_a_cursor_without_sense_opens_nothing(room: Room, cursor: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        room.open(cursor=cursor)

    assert refused.value.response.status_code == 403


def test_a_ticket_of_somebody_who_was_removed_meanwhile_opens_nothing(room: Room) -> None:
    ticket = room.ticket(room.viewer)
    remove(room, room.viewer)

    assert room.open(ticket=ticket).closing() == (4404, "project_not_found")


def remove(room: Room, person: Person) -> None:
    with room.world.container.database.unit_of_work() as session:
        members.remove_member(session, room.project_id, user_id=person.id)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_origin_opens_nothing_and_uses_up_no_ticket(room: Room, origin: str) -> None:
    ticket = room.ticket(room.owner)

    with pytest.raises(InvalidStatus) as refused:
        room.open(ticket=ticket, origin=origin)

    assert refused.value.response.status_code == 403
    assert room.open(ticket=ticket, origin=f"http://{room.address}").ask('{"kind": "ping"}') == {"kind": "pong"}


def test_an_origin_that_settings_allow_may_open(room: Room, container: Container) -> None:
    dev = "http://127.0.0.1:3000"
    allowing = replace(container, settings=container.settings.model_copy(update={"allowed_origins": (dev,)}))

    with served(create_app(allowing)) as address:
        client = room.open(address=address, origin=dev)
        assert client.ask('{"kind": "ping"}') == {"kind": "pong"}
        client.connection.close()


# What arrives


def test_what_was_missed_is_replayed_from_the_cursor(room: Room) -> None:
    for number in range(1, 8):
        room.world.node(room.project_id, room.owner, "prompt", text=f"{number}")

    from_the_start, from_the_middle, from_the_end = room.open(), room.open(cursor=4), room.open(cursor=7)
    from_the_start.until(lambda: len(from_the_start.events) == 7)
    from_the_middle.until(lambda: len(from_the_middle.events) == 3)

    assert from_the_start.revs == [1, 2, 3, 4, 5, 6, 7]
    assert from_the_middle.revs == [5, 6, 7]
    assert [event["payload"]["node"]["config"]["text"] for event in from_the_middle.events] == ["5", "6", "7"]
    from_the_end.edit(an_edit())
    from_the_end.until(lambda: bool(from_the_end.events))
    assert from_the_end.revs == [8]


def test_a_long_log_is_replayed_whole_and_in_order(room: Room) -> None:
    many = 1203
    with room.world.container.database.unit_of_work() as session:
        facts = {"project": room.project_id, "many": many}
        session.execute(
            text(
                "INSERT INTO project_events (project_id, rev, type, payload)"
                " SELECT CAST(:project AS uuid), n, 'node.updated', '{}' FROM generate_series(1, CAST(:many AS int)) n"
            ),
            facts,
        )
        session.execute(text("UPDATE projects SET rev = :many WHERE id = CAST(:project AS uuid)"), facts)

    client = room.open()
    client.until(lambda: len(client.events) >= many)

    assert client.revs == list(range(1, many + 1))


def test_an_edit_is_answered_and_told_to_everybody_who_looks(room: Room) -> None:
    editing, watching = room.open(), room.open(room.viewer)
    operation = an_edit(title="Idea")

    answer = editing.edit(operation)
    editing.until(lambda: bool(editing.events))
    watching.until(lambda: bool(watching.events))

    assert answer == {"kind": "applied", "operation_id": operation["operation_id"], "rev": 1}
    assert editing.events == watching.events
    (event,) = watching.events
    assert (event["rev"], event["type"], event["operation_id"]) == (1, "node.created", operation["operation_id"])
    assert (event["actor_id"], event["payload"]["node"]["title"]) == (str(room.owner.id), "Idea")


def test_an_edit_that_is_sent_again_is_applied_once(room: Room) -> None:
    client, operation = room.open(), an_edit()

    first, second = client.edit(operation), client.edit(operation)

    assert first == second
    assert client.edit(an_edit())["rev"] == 2


def test_edits_cross_instances_and_ways_in_order_and_without_a_gap(room: Room, container: Container) -> None:
    with served(create_app(container)) as second_address:
        here, there = room.open(), room.open(room.viewer, address=second_address)
        for number in range(10):
            if number % 2:
                here.edit(an_edit())
            else:  # by request, at the other instance
                url = f"http://{second_address}/api/projects/{room.project_id}/nodes"
                assert httpx.post(url, json={"type": "prompt"}, headers=room.owner.headers).status_code == 201
        for client in (here, there):
            client.until(lambda client=client: len(client.events) == 10)  # type: ignore[misc]  # bound for each turn of the loop
        there.connection.close()

    assert here.revs == there.revs == list(range(1, 11))
    assert here.events == there.events


def test_a_hundred_edits_of_each_of_two_people_at_once_are_seen_in_one_order(room: Room, container: Container) -> None:
    edits = 100
    with served(create_app(container)) as second_address:
        editors = [room.open(), room.open(address=second_address)]
        watcher = room.open(room.viewer)

        def work(client: Client) -> None:
            for _ in range(edits):
                client.send(an_edit())
            client.until(lambda: len(client.answers) == edits and len(client.events) == 2 * edits)

        with ThreadPoolExecutor() as threads:
            list(threads.map(work, editors))
        watcher.until(lambda: len(watcher.events) == 2 * edits)
        editors[1].connection.close()

    assert watcher.revs == list(range(1, 2 * edits + 1))
    assert editors[0].events == editors[1].events == watcher.events
    for client in editors:
        assert {answer["kind"] for answer in client.answers} == {"applied"}
        # Each got its answers in the order of its edits.
        numbers = [answer["rev"] for answer in client.answers]
        assert numbers == sorted(numbers)
        told = {event["rev"]: event["operation_id"] for event in watcher.events}
        assert [told[answer["rev"]] for answer in client.answers] == [answer["operation_id"] for answer in client.answers]


REQUESTS: dict[str, tuple[str, str, Callable[[Studio], Any], str]] = {
    "a batch of edits": ("POST", "/operations", lambda studio: [an_edit()], "node.created"),
    "a new node": ("POST", "/nodes", lambda studio: {"type": "note"}, "node.created"),
    "a changed node": ("PATCH", "/nodes/{loose_id}", lambda studio: {"title": "Harbour"}, "node.updated"),
    "a deleted node": ("DELETE", "/nodes/{prompt_id}", lambda studio: None, "node.deleted"),
    "a restored node": ("POST", "/nodes/{deleted_id}/restore", lambda studio: None, "node.restored"),
    "a removed wire": ("DELETE", "/connections/{connection_id}", lambda studio: None, "connection.deleted"),
    "a run": ("POST", "/runs", lambda studio: {"scope": "node", "node_id": str(studio.loose_id)}, "run.started"),
    "a cancelled run": ("POST", "/runs/{run_id}/cancel", lambda studio: None, "job.cancelled"),
    "a name": ("PATCH", "", lambda studio: {"name": "Teaser"}, "project.updated"),
    "a limit": ("PUT", "/spending-limit", lambda studio: {"spending_limit_microusd": 10**9}, "project.updated"),
}


def test_what_a_request_changes_reaches_the_sockets_of_its_instance_at_once(room: Room, container: Container) -> None:
    """Nobody looks by themselves here: without being woken by the commit, the socket would hear nothing."""
    app = create_app(container)
    app.state.hub.follow_seconds = 3600
    studio = room.world.studio()
    with served(app) as address, httpx.Client() as http:
        with container.database.unit_of_work() as session:
            ticket = tickets.issue(session, studio.viewer.id, studio.project_id, room.world.now).value
            known = revisions(session, [studio.project_id])[studio.project_id]
        project_url = f"http://{address}/api/projects/{studio.project_id}"
        url = f"ws://{address}/ws/projects/{studio.project_id}?ticket={ticket}&cursor={known}"
        with connect(url, max_size=None) as connection:
            watching = Client(connection)
            assert watching.ask('{"kind": "ping"}') == {"kind": "pong"}
            for method, path, body, type_ in REQUESTS.values():
                told = len(watching.events)
                answer = http.request(method, project_url + path.format(**vars(studio)), json=body(studio), headers=studio.owner.once())
                assert answer.is_success, answer.text
                watching.until(lambda told=told, type_=type_: type_ in [e["type"] for e in watching.events[told:]])  # type: ignore[misc]  # bound for each turn of the loop
        assert watching.revs == sorted(watching.revs)


# What is refused


def test_an_edit_that_does_not_fit_is_refused_and_the_socket_stays(room: Room) -> None:
    client, operation = room.open(), {"op": "delete_node", "operation_id": str(new_id()), "node_id": str(new_id())}

    refused = client.edit(operation)

    assert (refused["kind"], refused["operation_id"]) == ("refused", operation["operation_id"])
    assert (refused["problem"]["code"], refused["problem"]["status"]) == ("node_not_found", 404)
    assert client.edit(an_edit())["rev"] == 1


SENSELESS: list[tuple[str | bytes, str]] = [
    ("", "operation_invalid"),
    ("{", "operation_invalid"),
    ("null", "operation_invalid"),
    ("[]", "operation_invalid"),
    ('"ping"', "operation_invalid"),
    ("{}", "operation_invalid"),
    ('{"kind": "explode"}', "operation_invalid"),
    ('{"kind": "operation"}', "operation_invalid"),
    ('{"kind": "operation", "operation": {"op": "explode"}}', "operation_invalid"),
    (b'{"kind": "ping"}', "operation_invalid"),
    ("[" * 100_000, "operation_invalid"),
    (" " * (2 * 1024 * 1024 + 1), "request_too_large"),
    (json.dumps({"kind": "operation", "operation": an_edit(type="sound")}), "unknown_node_type"),
    (json.dumps({"kind": "operation", "operation": an_edit(config={"text": "a\0b"})}), "value_not_storable"),
    (json.dumps({"kind": "operation", "operation": an_edit(title="a\0b")}), "value_not_storable"),
    (json.dumps({"kind": "operation", "operation": an_edit(position={"x": 1e400, "y": 0})}), "operation_invalid"),
    (json.dumps({"kind": "operation", "operation": an_edit(type="image", config={"asset_id": str(new_id())})}), "picture_not_found"),
]


def test_messages_that_make_no_sense_are_refused_and_the_socket_stays(room: Room) -> None:
    client = room.open()

    for message, code in SENSELESS:
        refused = client.ask(message)

        assert (refused["kind"], refused["problem"]["code"]) == ("refused", code), message[:100]
    assert client.ask('{"kind": "ping"}') == {"kind": "pong"}
    assert client.edit(an_edit())["rev"] == 1


def test_an_edit_without_form_is_refused_by_its_id_and_without_its_words(room: Room) -> None:
    operation = an_edit(title="a secret plan", colour="red")

    refused = room.open().edit(operation)

    assert (refused["operation_id"], refused["problem"]["code"]) == (operation["operation_id"], "operation_invalid")
    assert refused["problem"]["errors"] == [{"location": "operation.operation.create_node.colour", "type": "extra_forbidden"}]
    assert "secret" not in str(refused)


def test_a_viewer_watches_and_does_not_edit(room: Room) -> None:
    watching, editing = room.open(room.viewer), room.open()

    refused = watching.edit(an_edit())

    assert (refused["kind"], refused["problem"]["code"], refused["problem"]["needed_role"]) == ("refused", "role_too_low", "editor")
    editing.edit(an_edit())
    watching.until(lambda: bool(watching.events))
    assert watching.revs == [1]


# What ends it


def test_a_member_who_is_removed_loses_the_socket_and_can_edit_no_more_before(room: Room, app: FastAPI) -> None:
    bob = room.world.person("bob")
    with room.world.container.database.unit_of_work() as session:
        members.add_member(session, room.project_id, email=bob.email, role=Role.EDITOR)
    client = room.open(bob)
    assert client.edit(an_edit())["rev"] == 1

    remove(room, bob)

    assert client.edit(an_edit())["problem"]["code"] == "project_not_found"
    app.state.hub.reauthorize_seconds = 0.1
    hasty = room.open()
    assert hasty.ask('{"kind": "ping"}') == {"kind": "pong"}
    remaining = room.open(room.viewer)
    remove(room, room.viewer)
    assert remaining.closing() == (4403, "project_not_found")
    assert hasty.edit(an_edit())["rev"] == 2


def test_a_removed_member_hears_nothing_of_a_busy_project(room: Room, app: FastAPI) -> None:
    app.state.hub.reauthorize_seconds = 0
    watching, editing = room.open(room.viewer), room.open()
    editing.edit(an_edit())
    watching.until(lambda: bool(watching.events))

    remove(room, room.viewer)
    editing.edit(an_edit())

    assert watching.closing() == (4403, "project_not_found")
    assert watching.revs == [1]


def test_a_project_that_is_deleted_ends_its_sockets(room: Room, app: FastAPI) -> None:
    app.state.hub.reauthorize_seconds = 0.1
    client = room.open()

    assert httpx.delete(f"http://{room.address}/api/projects/{room.project_id}", headers=room.owner.headers).status_code == 204

    assert client.closing() == (4403, "project_not_found")


def test_more_sockets_than_threads_and_connections_leave_room_for_requests(room: Room, container: Container) -> None:
    """Without the slots, sockets that wake together hold all threads, waiting for connections whose holders find no thread."""
    narrow = container.settings.model_copy(update={"db_pool_size": 1})
    assert narrow.database_url is not None
    # As many connections as slots and not one more, so that a slot that was not waited for shows.
    engine = create_engine(narrow.database_url.get_secret_value(), pool_size=1, max_overflow=0)
    crowded = create_app(replace(container, settings=narrow, database=Database(engine)))
    with served(crowded) as address, ThreadPoolExecutor(12) as threads, httpx.Client(timeout=PATIENCE_SECONDS) as http:
        clients = [room.open(room.viewer, address=address) for _ in range(60)]
        url = f"http://{address}/api/projects/{room.project_id}/nodes"

        def add(_: int) -> int:
            return http.post(url, json={"type": "prompt"}, headers=room.owner.headers).status_code

        began = monotonic()
        assert set(threads.map(add, range(24))) == {201}
        for client in clients:
            client.until(lambda client=client: len(client.events) == 24)  # type: ignore[misc]  # bound for each turn of the loop
        took_seconds = monotonic() - began
        room.open_connections.close()
    engine.dispose()

    assert took_seconds < PATIENCE_SECONDS
    assert {tuple(client.revs) for client in clients} == {tuple(range(1, 25))}
