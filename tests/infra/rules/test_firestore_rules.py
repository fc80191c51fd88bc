"""Who may do what with live documents: every kind of person, every kind of request, on the official emulator."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from tests.infra.rules.conftest import MEMBERS, LiveDatabase

pytestmark = pytest.mark.emulators

Headers = dict[str, str]
Request = tuple[str, str, dict[str, Any] | None]

FIELDS: dict[str, Any] = {"fields": {"version": {"integerValue": "2"}}}
LIVE_OF_ALL_PROJECTS = {"structuredQuery": {"from": [{"collectionId": "live", "allDescendants": True}]}}

READS: Mapping[str, Request] = {
    "get the project": ("GET", "projects/p1", None),
    "get a live node": ("GET", "projects/p1/live/n1", None),
    "list the live nodes": ("GET", "projects/p1/live", None),
}
NOBODYS: Mapping[str, Request] = {
    "get the membership of the owner": ("GET", "projects/p1/members/owner", None),
    "list the members": ("GET", "projects/p1/members", None),
    "list all projects": ("GET", "projects", None),
    "query the live nodes of all projects": ("POST", ":runQuery", LIVE_OF_ALL_PROJECTS),
    "get from a collection without rules": ("GET", "other/x", None),
    "list a collection without rules": ("GET", "other", None),
    "change the project": ("PATCH", "projects/p1", FIELDS),
    "change a live node": ("PATCH", "projects/p1/live/n1", FIELDS),
    "create a live node": ("PATCH", "projects/p1/live/n2", FIELDS),
    "delete a live node": ("DELETE", "projects/p1/live/n1", None),
    "make a member": ("PATCH", "projects/p1/members/stranger", FIELDS),
    "remove a member": ("DELETE", "projects/p1/members/viewer", None),
    "create a project": ("PATCH", "projects/p3", FIELDS),
    "delete the project": ("DELETE", "projects/p1", None),
    "write to a collection without rules": ("PATCH", "other/y", FIELDS),
}
REQUESTS = {**READS, **NOBODYS}

Who = Callable[[LiveDatabase], Headers]


def _removed(live: LiveDatabase) -> Headers:
    live.write("projects/p1/members/removed")
    live.delete("projects/p1/members/removed")
    return live.session("removed")


PEOPLE: Mapping[str, tuple[Who, frozenset[str]]] = {
    "owner": (lambda live: live.session("owner"), frozenset(READS)),
    "editor": (lambda live: live.session("editor"), frozenset(READS)),
    "viewer": (lambda live: live.session("viewer"), frozenset(READS)),
    "member of another project": (lambda live: live.session("neighbour"), frozenset()),
    "removed member": (_removed, frozenset()),
    "stranger": (lambda live: live.session("stranger"), frozenset()),
    "not signed in": (lambda _: {}, frozenset()),
    "member whose session ended": (lambda live: live.session("owner", -1), frozenset()),
    "member without until": (lambda live: live.session("owner", claims={}), frozenset()),
    "member whose until is text": (lambda live: live.session("owner", claims={"until": "9999999999"}), frozenset()),
    "member without a name": (lambda live: live.session(""), frozenset()),
}


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("person", PEOPLE)
def test_may_or_may_not(live: LiveDatabase, person: str, request_name: str) -> None:
    who, allowed = PEOPLE[person]
    method, path, body = REQUESTS[request_name]

    url: str | httpx.URL = str(live.http.base_url).rstrip("/") + path if path.startswith(":") else path
    answer = live.http.request(method, url, json=body, headers=who(live))

    # A token that names nobody is not even a token.
    assert answer.status_code == 200 if request_name in allowed else answer.status_code in (401, 403)


def test_the_member_of_another_project_reads_that(live: LiveDatabase) -> None:
    """What refuses them above is the project, not something about them."""
    assert live.http.get("projects/p2/live/n9", headers=live.session("neighbour")).status_code == 200


def test_every_role_is_in_the_table() -> None:
    assert PEOPLE.keys() >= MEMBERS.keys()
