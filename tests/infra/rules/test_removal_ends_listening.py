"""Removal ends access, of a listener that is open too; and a session ends with its `until`, however often Firebase renews it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from google.cloud import firestore

from infra.local.identity import Identity
from services.core.accounts import members
from services.core.accounts.authorization import Role
from services.core.accounts.live_tokens import LIFETIME, find_signature, mint
from services.core.accounts.model import User
from services.core.kit.database import Database
from services.core.outbox.drain import DeliveryFailed, Drain
from services.core.outbox.live import FirestoreDispatcher
from services.core.projects.live import live_rows
from services.core.projects.model import Node
from services.core.projects.status import set_status
from services.core.settings import Settings
from tests.infra.rules.conftest import Listener, LiveDatabase
from tests.local.cloud_tasks.support import wait_until
from tests.services.core.outbox.conftest import SettingsMaker
from tests.services.core.projects.canvas import Canvas, HandClock, a_person

pytestmark = pytest.mark.emulators

Listen = Callable[[Mapping[str, str], UUID], Listener]


class Left:
    """Leaves every row in the outbox."""

    def dispatch(self, row_id: UUID, payload: object) -> None:
        raise DeliveryFailed("left")


@pytest.fixture
def settings(make_settings: SettingsMaker, live: LiveDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    identity = Identity.load_or_create(tmp_path, "http://127.0.0.1:1/token", live.project)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", live.address)
    return make_settings(google_cloud_project=live.project)


@pytest.fixture
def canvas(database: Database, settings: Settings) -> Canvas:
    """A project whose live documents are written as it is edited, with a node that runs."""
    clock = HandClock(datetime.now(UTC))
    live = FirestoreDispatcher(settings, live_rows(database, clock), clock, lambda _: firestore.Client(settings.google_cloud_project))
    database.deliver = Drain(database, {"live": live, "tasks": Left(), "events": Left()}, clock).deliver
    return Canvas(database)


def a_friend(canvas: Canvas, role: Role) -> UUID:
    """Somebody who was added to the project."""
    user_id = a_person(canvas.database)
    with canvas.database.unit_of_work() as session:
        members.add_member(session, canvas.project_id, email=session.get_one(User, user_id).email, role=role)
    return user_id


def run(canvas: Canvas, node_id: UUID, stage: str = "rendering") -> int:
    """The node has come to that stage; the version of its document."""
    with canvas.database.unit_of_work() as session:
        node = session.get_one(Node, node_id)
        set_status(session, node, "running", {"stage": stage}, now=datetime.now(UTC))
    return canvas.row(node_id).version


def sign_in(live: LiveDatabase, settings: Settings, user_id: UUID, minted_at: datetime | None = None) -> dict[str, str]:
    """What a browser has after `signInWithCustomToken`, and after each renewal: an ID token of now, with the claims of the first one."""
    token = mint(lambda: find_signature(settings), user_id, minted_at or datetime.now(UTC))
    claims: dict[str, Any] = jwt.decode(token.value, options={"verify_signature": False})
    return live.session(claims["uid"], claims=claims["claims"])


def test_who_is_removed_is_told_nothing_more_by_the_listener_that_is_open(
    live: LiveDatabase, listen: Listen, canvas: Canvas, settings: Settings
) -> None:
    friend = a_friend(canvas, Role.VIEWER)
    node_id = canvas.node()
    first = run(canvas, node_id)
    theirs, ours = (listen(sign_in(live, settings, person), canvas.project_id) for person in (friend, canvas.owner_id))
    assert theirs.next_versions() == [first]
    assert ours.next_versions() == [first]

    with canvas.database.unit_of_work() as session:
        members.remove_member(session, canvas.project_id, user_id=friend)
    second = run(canvas, node_id, "settling")

    assert ours.next_versions() == [second]
    assert theirs.next_versions() is None


def test_who_is_removed_cannot_listen_again_with_the_same_session_or_a_new_one(
    live: LiveDatabase, listen: Listen, canvas: Canvas, settings: Settings
) -> None:
    friend = a_friend(canvas, Role.EDITOR)
    run(canvas, canvas.node())
    before = sign_in(live, settings, friend)
    assert listen(before, canvas.project_id).next_versions() is not None

    with canvas.database.unit_of_work() as session:
        members.remove_member(session, canvas.project_id, user_id=friend)

    assert listen(before, canvas.project_id).next_versions() is None
    assert listen(sign_in(live, settings, friend), canvas.project_id).next_versions() is None


@pytest.mark.parametrize(
    ("age", "may"), [(timedelta(minutes=9), True), (LIFETIME + timedelta(seconds=1), False), (timedelta(days=3), False)]
)
def test_a_session_ends_ten_minutes_after_its_token_was_made_however_new_its_id_token_is(
    live: LiveDatabase, listen: Listen, canvas: Canvas, settings: Settings, age: timedelta, may: bool
) -> None:
    run(canvas, canvas.node())

    renewed = sign_in(live, settings, canvas.owner_id, datetime.now(UTC) - age)

    assert (listen(renewed, canvas.project_id).next_versions() is not None) is may
    assert (live.http.get(f"projects/{canvas.project_id}", headers=renewed).status_code == 200) is may


def test_a_listener_that_is_open_outlives_its_until_but_not_the_membership(
    live: LiveDatabase, listen: Listen, canvas: Canvas, settings: Settings
) -> None:
    """Rules see the time at which a listener began; a renewed login begins it anew. Memberships they see at each change."""
    friend = a_friend(canvas, Role.VIEWER)
    node_id = canvas.node()
    first = run(canvas, node_id)
    session = live.session(str(friend), until=3)
    listener = listen(session, canvas.project_id)
    assert listener.next_versions() == [first]
    wait_until(lambda: live.http.get(f"projects/{canvas.project_id}", headers=session).status_code == 403, seconds=20)
    assert listen(session, canvas.project_id).next_versions() is None

    second = run(canvas, node_id, "settling")
    assert listener.next_versions() == [second]
    with canvas.database.unit_of_work() as work:
        members.remove_member(work, canvas.project_id, user_id=friend)
    run(canvas, node_id, "uploading")

    assert listener.next_versions() is None
