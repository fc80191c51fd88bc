"""The authorization table, and who may learn what."""

from collections.abc import Callable
from uuid import UUID

import pytest

from services.core.accounts.authorization import MINIMUM_ROLE, Action, Membership, Role, authorize
from services.core.kit.database import Database
from services.core.kit.errors import Forbidden, NotFound
from services.core.kit.ids import new_id

VIEWERS_MAY = {Action.VIEW_PROJECT}
ONLY_OWNERS_MAY = {Action.SET_SPENDING_LIMIT, Action.ACCEPT_COMMANDS, Action.MANAGE_MEMBERS, Action.DELETE_PROJECT}


def test_every_action_is_in_the_table() -> None:
    assert set(MINIMUM_ROLE) == set(Action)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_it_may(role: Role, action: Action) -> None:
    allowed = {Role.VIEWER: VIEWERS_MAY, Role.EDITOR: set(Action) - ONLY_OWNERS_MAY, Role.OWNER: set(Action)}

    assert Membership(new_id(), new_id(), role).may(action) is (action in allowed[role])


def test_a_member_whose_role_suffices_is_authorized(database: Database, a_user: Callable[[], UUID], a_project: Callable[..., UUID]) -> None:
    ada = a_user()
    project_id = a_project(owner=ada)

    with database.unit_of_work() as session:
        assert authorize(session, ada, project_id, Action.DELETE_PROJECT) == Membership(ada, project_id, Role.OWNER)


def test_a_member_whose_role_is_too_low_is_told_which_it_takes(
    database: Database, a_user: Callable[[], UUID], a_project: Callable[..., UUID]
) -> None:
    bob = a_user()
    project_id = a_project(owner=a_user(), viewer=bob)

    with database.unit_of_work() as session, pytest.raises(Forbidden) as refused:
        authorize(session, bob, project_id, Action.RUN_WORK)

    assert refused.value.code == "role_too_low"
    assert refused.value.facts == {"role": "viewer", "needed_role": "editor"}
    assert "run work" in refused.value.message


def test_a_stranger_gets_the_answer_of_a_project_that_does_not_exist(
    database: Database, a_user: Callable[[], UUID], a_project: Callable[..., UUID]
) -> None:
    stranger, project_id = a_user(), a_project(owner=a_user())

    refusals = []
    for asked in (project_id, new_id()):
        with database.unit_of_work() as session, pytest.raises(NotFound) as refused:
            authorize(session, stranger, asked, Action.VIEW_PROJECT)
        refusals.append(refused.value.document())

    assert refusals[0] == refusals[1]
    assert refusals[0]["code"] == "project_not_found"


def test_the_role_in_one_project_says_nothing_about_another(
    database: Database, a_user: Callable[[], UUID], a_project: Callable[..., UUID]
) -> None:
    ada = a_user()
    a_project(owner=ada)
    other = a_project(owner=a_user())

    with database.unit_of_work() as session, pytest.raises(NotFound):
        authorize(session, ada, other, Action.VIEW_PROJECT)
