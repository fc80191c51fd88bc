"""Live documents follow their rows, whatever overtakes what on the way."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any
from uuid import UUID

import pytest
from google.cloud import firestore

from services.core.accounts import members
from services.core.accounts.authorization import Role
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.drain import DeliveryFailed, Drain
from services.core.outbox.live import TTL, FirestoreDispatcher, LiveNode, LiveRows, SocketsOnly
from services.core.outbox.rows import add_live_node, add_live_project
from services.core.projects import service
from services.core.projects.live import live_rows
from services.core.projects.model import Node
from services.core.projects.operations import DeleteNode, RestoreNode
from services.core.projects.status import NodeState, set_status
from services.core.settings import Settings
from tests.emulators import Emulator
from tests.local.cloud_tasks.support import wait_until
from tests.services.core.outbox.conftest import SettingsMaker
from tests.services.core.projects.canvas import START, Canvas, HandClock, a_member, outbox

pytestmark = pytest.mark.emulators


class Undelivered:
    """Leaves every row in the outbox."""

    def dispatch(self, row_id: UUID, payload: object) -> None:
        raise DeliveryFailed("left for the test to look at")


@pytest.fixture
def settings(make_settings: SettingsMaker, firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A Firestore of the test's own."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)
    return make_settings(google_cloud_project=f"p-{new_id()}")


@pytest.fixture
def documents(settings: Settings) -> Callable[[str], Any]:
    """Reads documents by their path; None where there is none."""
    client = firestore.Client(project=settings.google_cloud_project)
    return lambda path: client.document(path).get(timeout=10).to_dict()


@pytest.fixture
def dispatcher(settings: Settings, database: Database, clock: HandClock) -> FirestoreDispatcher:
    return FirestoreDispatcher(settings, live_rows(database, clock), clock)


@pytest.fixture
def drain(database: Database, dispatcher: FirestoreDispatcher, clock: HandClock) -> Drain:
    """Writes live documents after each commit; tasks and facts stay in the outbox."""
    drain = Drain(database, {"live": dispatcher, "tasks": Undelivered(), "events": Undelivered()}, clock)
    database.deliver = drain.deliver
    return drain


@pytest.fixture
def canvas(database: Database, drain: Drain) -> Canvas:
    return Canvas(database)


def show(canvas: Canvas, node_id: UUID, state: NodeState, **status: Any) -> None:
    with canvas.database.unit_of_work() as session:
        set_status(session, session.get_one(Node, node_id), state, status, now=START)


def live_path(canvas: Canvas, node_id: UUID) -> str:
    return f"projects/{canvas.project_id}/live/{node_id}"


def test_a_node_has_a_document_while_it_runs_and_until_the_sweep_ends_it(
    canvas: Canvas, documents: Callable[[str], Any], clock: HandClock
) -> None:
    node_id = canvas.node("prompt", text="A secret plot")
    path = live_path(canvas, node_id)
    show(canvas, node_id, "queued")
    assert documents(path) is None

    show(canvas, node_id, "running", stage="rendering")
    running = documents(path)
    show(canvas, node_id, "succeeded")
    ended = documents(path)
    canvas.change(node_id, live_until=None)
    with canvas.database.unit_of_work() as session:  # what the sweep does when the minute is over
        add_live_node(session, node_id)

    assert running == {
        "node_id": str(node_id),
        "project_id": str(canvas.project_id),
        "state": "running",
        "status": {"stage": "rendering"},
        "version": 3,
        "selected_take_id": None,
        "expires_at": clock.now + TTL,
    }
    assert (ended["state"], ended["status"], ended["version"]) == ("succeeded", {}, 4)
    assert documents(path) is None


def test_a_deleted_nodes_document_goes_and_comes_back_with_it(canvas: Canvas, documents: Callable[[str], Any]) -> None:
    node_id = canvas.node()
    show(canvas, node_id, "running")
    show(canvas, node_id, "failed", cause="quota")

    canvas.apply(DeleteNode(node_id=node_id))
    deleted = documents(live_path(canvas, node_id))
    canvas.apply(RestoreNode(node_id=node_id))

    assert deleted is None
    assert documents(live_path(canvas, node_id))["state"] == "failed"


NODE, PROJECT, PERSON = new_id(), new_id(), new_id()


def a_row(version: int, *, is_live: bool = True) -> LiveNode:
    return LiveNode(PROJECT, NODE, version, {"version": version}, is_live)


def overtaken(settings: Settings, *reads: LiveNode | None, roles: Sequence[str | None] = ()) -> FirestoreDispatcher:
    """A dispatcher that finds these rows one after the other, the last of them from then on: others commit while it writes."""
    nodes = chain(reads, repeat(reads[-1] if reads else None))
    known = chain(roles, repeat(roles[-1] if roles else None))
    rows = LiveRows(node=lambda _: next(nodes), project_rev=lambda _: "later", role=lambda *_: next(known))
    return FirestoreDispatcher(settings, rows, lambda: START)


def deliver_node(dispatcher: FirestoreDispatcher) -> None:
    dispatcher.dispatch(new_id(), {"kind": "node", "node_id": str(NODE)})


@pytest.mark.parametrize("order", [(3, 4), (4, 3), (4, 4)])
def test_the_newer_version_wins_whichever_delivery_comes_first(
    settings: Settings, documents: Callable[[str], Any], order: tuple[int, int]
) -> None:
    for version in order:
        deliver_node(overtaken(settings, a_row(version), a_row(4)))

    assert documents(f"projects/{PROJECT}/live/{NODE}")["version"] == 4


def test_a_late_delivery_does_not_revive_a_document_that_was_deleted_meanwhile(settings: Settings, documents: Callable[[str], Any]) -> None:
    deliver_node(overtaken(settings, a_row(3), a_row(3, is_live=False)))

    assert documents(f"projects/{PROJECT}/live/{NODE}") is None


def test_a_late_deletion_does_not_take_the_document_of_a_node_that_runs_again(settings: Settings, documents: Callable[[str], Any]) -> None:
    deliver_node(overtaken(settings, a_row(4)))
    deliver_node(overtaken(settings, a_row(3, is_live=False), a_row(4)))

    assert documents(f"projects/{PROJECT}/live/{NODE}")["version"] == 4


def test_a_row_that_never_rests_is_left_for_later(settings: Settings) -> None:
    versions = (a_row(number) for number in range(1, 100))
    rows = LiveRows(node=lambda _: next(versions), project_rev=lambda _: "later", role=lambda *_: None)

    with pytest.raises(DeliveryFailed, match="changed under every attempt"):
        deliver_node(FirestoreDispatcher(settings, rows, lambda: START))


def test_deliveries_at_the_same_moment_leave_the_document_as_the_row_is(
    canvas: Canvas, database: Database, dispatcher: FirestoreDispatcher, documents: Callable[[str], Any]
) -> None:
    node_id = canvas.node()
    database.deliver = None

    def move(place: int) -> None:
        """Each moves the row on, live or not, and delivers it, as several workers do."""
        for turn in range(6):
            with database.unit_of_work() as session:
                node = session.get_one(Node, node_id, with_for_update=True)
                node.version += 1
                node.live_until = START if (place + turn) % 3 else None
            while not taken():
                pass

    def taken() -> bool:
        try:
            dispatcher.dispatch(new_id(), {"kind": "node", "node_id": str(node_id)})
        except DeliveryFailed:
            return False  # changed under every attempt: the outbox would try again
        return True

    for _ in range(3):
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(move, range(4)))
        row, document = canvas.row(node_id), documents(live_path(canvas, node_id))
        if row.live_until is None:
            assert document is None
        else:
            assert document["version"] == row.version


def test_a_revision_is_written_once_a_second_and_the_last_one_a_little_later(
    canvas: Canvas, database: Database, documents: Callable[[str], Any], clock: HandClock
) -> None:
    path = f"projects/{canvas.project_id}"
    canvas.node()
    first = documents(path)
    for _ in range(4):
        clock.advance(milliseconds=200)
        canvas.node()
        assert documents(path) == first

    arranged = [task for task in outbox(database, "tasks") if task["path"] == "/tasks/project-revision"]
    assert {task["body"]["project_id"] for task in arranged} == {str(canvas.project_id)}
    clock.now = max(datetime.fromisoformat(task["at"]) for task in arranged)
    with database.unit_of_work() as session:  # what that task does
        add_live_project(session, canvas.project_id)

    assert first == {"rev": 1, "updated_at": START}
    assert documents(path) == {"rev": 5, "updated_at": clock.now}
    assert clock.now - START <= timedelta(seconds=3)


def test_member_documents_follow_the_members(canvas: Canvas, database: Database, documents: Callable[[str], Any]) -> None:
    friend = a_member(database, canvas.project_id, "viewer")
    path = f"projects/{canvas.project_id}/members"
    assert documents(f"{path}/{canvas.owner_id}") == {"role": "owner"}

    with database.unit_of_work() as session:
        members.change_role(session, canvas.project_id, user_id=friend, role=Role.EDITOR)
    assert documents(f"{path}/{friend}") == {"role": "editor"}
    with database.unit_of_work() as session:
        members.remove_member(session, canvas.project_id, user_id=friend)
    assert documents(f"{path}/{friend}") is None


@pytest.mark.parametrize(("roles", "left"), [(("editor", None), None), ((None, "viewer"), "viewer"), (("viewer", "editor"), "editor")])
def test_a_late_delivery_of_a_member_ends_with_the_role_as_it_is(
    settings: Settings, documents: Callable[[str], Any], roles: tuple[str | None, ...], left: str | None
) -> None:
    payload = {"kind": "member", "project_id": str(PROJECT), "user_id": str(PERSON)}

    overtaken(settings, roles=roles).dispatch(new_id(), payload)

    assert documents(f"projects/{PROJECT}/members/{PERSON}") == ({"role": left} if left else None)


def test_a_deleted_project_leaves_no_document_behind(canvas: Canvas, database: Database, documents: Callable[[str], Any]) -> None:
    node_id, friend = canvas.node(), a_member(database, canvas.project_id, "viewer")
    with database.unit_of_work() as session:
        members.change_role(session, canvas.project_id, user_id=friend, role=Role.EDITOR)
    show(canvas, node_id, "running")
    show(canvas, node_id, "succeeded")
    root = f"projects/{canvas.project_id}"
    paths = [root, f"{root}/members/{friend}", f"{root}/members/{canvas.owner_id}", f"{root}/live/{node_id}"]
    assert None not in [documents(path) for path in paths]

    with database.unit_of_work() as session:
        service.delete_project(session, canvas.project_id)

    assert [documents(path) for path in paths] == [None] * 4


def test_what_is_told_of_a_deleted_project_arranges_no_more_writes(
    canvas: Canvas, database: Database, dispatcher: FirestoreDispatcher, documents: Callable[[str], Any]
) -> None:
    node_id = canvas.node()
    with database.unit_of_work() as session:
        service.delete_project(session, canvas.project_id)
    before = len(outbox(database, "tasks"))

    for late in ({"kind": "project"}, {"kind": "node", "node_id": str(node_id)}, {"kind": "member", "user_id": str(canvas.owner_id)}):
        dispatcher.dispatch(new_id(), {"project_id": str(canvas.project_id), **late})

    assert len(outbox(database, "tasks")) == before
    assert documents(f"projects/{canvas.project_id}") is None


def test_an_unknown_kind_of_document_is_a_fault_of_ours(settings: Settings) -> None:
    with pytest.raises(ValueError, match="unknown live document 'run'"):
        overtaken(settings).dispatch(new_id(), {"kind": "run"})


def test_documents_are_written_again_when_firestore_is_back(
    canvas: Canvas, database: Database, drain: Drain, documents: Callable[[str], Any], firestore_emulator: Emulator, clock: HandClock
) -> None:
    canvas.node()
    clock.advance(seconds=5)
    firestore_emulator.kill()
    try:
        started = time.monotonic()
        canvas.node()
        assert time.monotonic() - started < 4  # one try: the client left to itself would go on for minutes
    finally:
        firestore_emulator.start()
    assert outbox(database, "live") == [{"kind": "project", "project_id": str(canvas.project_id)}]
    clock.now = datetime.now(START.tzinfo) + timedelta(days=1)

    def delivered() -> bool:
        clock.advance(minutes=11)  # the longest that a row waits for its next try
        drain.deliver_due()
        return not outbox(database, "live")

    wait_until(delivered, seconds=30)
    assert documents(f"projects/{canvas.project_id}")["rev"] == 2


def test_where_only_sockets_are_live_there_is_nothing_to_write() -> None:
    SocketsOnly().dispatch(new_id(), {"kind": "project", "project_id": str(PROJECT)})
