"""Who is in a project, as what, and that the rules of Firestore hear of every change."""

import pytest

from services.core.accounts import members
from services.core.accounts.authorization import Role
from services.core.accounts.model import User
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.kit.ids import new_id
from tests.services.core.projects.canvas import Canvas, a_member, a_person, clear_outbox, outbox


def told(canvas: Canvas, user_id: object) -> bool:
    """Whether the live document of a member will be brought in line; nothing else is told."""
    return outbox(canvas.database, "live") == [{"kind": "member", "project_id": str(canvas.project_id), "user_id": str(user_id)}]


def roles(canvas: Canvas) -> dict[object, str]:
    with canvas.database.unit_of_work() as session:
        return {user.id: role for user, role in members.list_members(session, canvas.project_id)}


def test_somebody_with_an_account_is_added_by_address(canvas: Canvas, database: Database) -> None:
    newcomer = a_person(database)
    clear_outbox(database)
    with database.unit_of_work() as session:
        added = members.add_member(session, canvas.project_id, email=f"{newcomer}@Example.com", role=Role.EDITOR)

    assert added.id == newcomer
    assert list(roles(canvas).items()) == [(canvas.owner_id, "owner"), (newcomer, "editor")]
    assert told(canvas, newcomer)


def test_nobody_is_added_without_an_account_or_twice(canvas: Canvas, database: Database) -> None:
    with database.unit_of_work() as session:
        owner = session.get_one(User, canvas.owner_id)
        with pytest.raises(Invalid, match="Nobody has an account"):
            members.add_member(session, canvas.project_id, email="nobody@example.com", role=Role.VIEWER)
        with pytest.raises(Conflict, match="member already"):
            members.add_member(session, canvas.project_id, email=owner.email, role=Role.VIEWER)

    assert roles(canvas) == {canvas.owner_id: "owner"}


def test_a_role_is_changed_and_told(canvas: Canvas, database: Database) -> None:
    viewer = a_member(database, canvas.project_id, "viewer")
    clear_outbox(database)
    with database.unit_of_work() as session:
        members.change_role(session, canvas.project_id, user_id=viewer, role=Role.EDITOR)

    assert roles(canvas)[viewer] == "editor"
    assert told(canvas, viewer)


def test_a_member_is_removed_and_told(canvas: Canvas, database: Database) -> None:
    editor = a_member(database, canvas.project_id, "editor")
    clear_outbox(database)
    with database.unit_of_work() as session:
        members.remove_member(session, canvas.project_id, user_id=editor)

    assert editor not in roles(canvas)
    assert told(canvas, editor)


def test_the_owner_stays(canvas: Canvas, database: Database) -> None:
    clear_outbox(database)
    with database.unit_of_work() as session:
        with pytest.raises(Conflict, match="cannot be changed or removed"):
            members.remove_member(session, canvas.project_id, user_id=canvas.owner_id)
        with pytest.raises(Conflict, match="cannot be changed or removed"):
            members.change_role(session, canvas.project_id, user_id=canvas.owner_id, role=Role.VIEWER)

    assert roles(canvas) == {canvas.owner_id: "owner"}
    assert outbox(database, "live") == []


def test_a_stranger_cannot_be_changed_or_removed(canvas: Canvas, elsewhere: Canvas, database: Database) -> None:
    theirs = a_member(database, elsewhere.project_id, "editor")
    with database.unit_of_work() as session:
        for user_id in (theirs, new_id()):
            with pytest.raises(NotFound, match="no member"):
                members.remove_member(session, canvas.project_id, user_id=user_id)
            with pytest.raises(NotFound, match="no member"):
                members.change_role(session, canvas.project_id, user_id=user_id, role=Role.VIEWER)

    assert roles(elsewhere)[theirs] == "editor"
