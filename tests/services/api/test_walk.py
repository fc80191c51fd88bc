"""Every route as nobody, a stranger, a member of another project, a viewer, an editor and an owner, held against the table of roles.

The routes are taken from the application: one that is not classified here fails the test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Route

from services.core.accounts.authorization import MINIMUM_ROLE, Action, Role
from services.core.kit.ids import new_id
from tests.services.api.world import Studio, World

Body = Callable[[Studio], Any]


@dataclass(frozen=True)
class Members:
    """A route for members: what it does, a request that succeeds for whoever may, and what it says of things that do not exist."""

    action: Action
    path: Callable[[Studio], str]
    body: Body | None = None
    success: int = 200
    addressed_by: str = "project_id"
    """The part of the studio by which the caller's membership is found."""
    missing: str = "project_not_found"
    others: dict[str, str] = field(default_factory=dict)
    """Further parts of the studio that the request names, with the code for one that is of another project."""


PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/config.json"),
    ("GET", "/api/openapi.json"),
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("GET", "/api/projects/node-types"),
    ("GET", "/api/ai/models"),
}
SOCKETS = {("WEBSOCKET", "/ws/projects/{project_id}")}  # test_websocket.py

ACCOUNT: dict[tuple[str, str], tuple[Any, int]] = {
    ("GET", "/api/auth/me"): (None, 200),
    ("GET", "/api/projects"): (None, 200),
    ("POST", "/api/projects"): ({"name": "Mine"}, 201),
}
"""For everybody with an account: a body, and the status of the answer."""
SIGNING = {("POST", "/api/auth/live-token")}
"""As ACCOUNT, but it needs a key to sign with: test_auth.py."""

P = "/api/projects/{project_id}"
PROBLEM = "application/problem+json"


def in_project(suffix: str = "") -> Callable[[Studio], str]:
    return lambda studio: f"/api/projects/{studio.project_id}{suffix.format(**vars(studio))}"


def at(path: str) -> Callable[[Studio], str]:
    return lambda studio: path.format(**vars(studio))


def order(**parts: str) -> Body:
    """A body whose fields are parts of the studio."""
    return lambda studio: {name: str(getattr(studio, part)) for name, part in parts.items()}


def plus(body: Body, **fields: Any) -> Body:
    return lambda studio: body(studio) | fields


VIDEO = order(project_id="project_id", node_id="loose_id")
UPLOAD = {"file_name": "a.png", "content_type": "image/png", "size_bytes": 10}

MEMBERS: dict[tuple[str, str], Members] = {
    ("GET", P): Members(Action.VIEW_PROJECT, in_project()),
    ("PATCH", P): Members(Action.RENAME_PROJECT, in_project(), lambda _: {"name": "New"}),
    ("DELETE", P): Members(Action.DELETE_PROJECT, in_project(), success=204),
    ("GET", f"{P}/money"): Members(Action.VIEW_PROJECT, in_project("/money")),
    ("PUT", f"{P}/spending-limit"): Members(
        Action.SET_SPENDING_LIMIT, in_project("/spending-limit"), lambda _: {"spending_limit_microusd": 10**9}
    ),
    ("POST", f"{P}/operations"): Members(
        Action.EDIT_GRAPH,
        in_project("/operations"),
        lambda studio: [{"op": "update_node", "node_id": str(studio.image_id), "title": "Ada"}],
        others={"image_id": "node_not_found"},
    ),
    ("GET", f"{P}/events"): Members(Action.VIEW_PROJECT, in_project("/events")),
    ("GET", f"{P}/export"): Members(Action.VIEW_PROJECT, in_project("/export")),
    ("POST", f"{P}/import"): Members(
        Action.EDIT_GRAPH,
        in_project("/import"),
        lambda _: {"format": "reelgraph.workflow", "version": 1, "name": "x", "nodes": [], "connections": []},
        201,
    ),
    ("GET", f"{P}/members"): Members(Action.VIEW_PROJECT, in_project("/members")),
    ("POST", f"{P}/members"): Members(
        Action.MANAGE_MEMBERS, in_project("/members"), lambda studio: {"email": studio.newcomer.email, "role": "viewer"}, 201
    ),
    ("PATCH", f"{P}/members/{{user_id}}"): Members(
        Action.MANAGE_MEMBERS, lambda s: f"/api/projects/{s.project_id}/members/{s.viewer.id}", lambda _: {"role": "editor"}
    ),
    ("DELETE", f"{P}/members/{{user_id}}"): Members(
        Action.MANAGE_MEMBERS, lambda s: f"/api/projects/{s.project_id}/members/{s.editor.id}", success=204
    ),
    ("POST", f"{P}/socket-ticket"): Members(Action.VIEW_PROJECT, in_project("/socket-ticket"), success=201),
    ("GET", f"{P}/nodes"): Members(Action.VIEW_PROJECT, in_project("/nodes")),
    ("POST", f"{P}/nodes"): Members(Action.EDIT_GRAPH, in_project("/nodes"), lambda _: {"type": "prompt"}, 201),
    ("GET", f"{P}/nodes/{{node_id}}"): Members(Action.VIEW_PROJECT, in_project("/nodes/{video_id}"), others={"video_id": "node_not_found"}),
    ("PATCH", f"{P}/nodes/{{node_id}}"): Members(
        Action.EDIT_GRAPH,
        in_project("/nodes/{loose_id}"),
        lambda studio: {"title": "New", "selected_take_id": str(studio.take_id)},
        others={"loose_id": "node_not_found", "take_id": "take_of_another_node"},
    ),
    ("DELETE", f"{P}/nodes/{{node_id}}"): Members(
        Action.EDIT_GRAPH, in_project("/nodes/{prompt_id}"), success=204, others={"prompt_id": "node_not_found"}
    ),
    ("POST", f"{P}/nodes/{{node_id}}/restore"): Members(
        Action.EDIT_GRAPH, in_project("/nodes/{deleted_id}/restore"), others={"deleted_id": "node_not_found"}
    ),
    ("GET", f"{P}/nodes/{{node_id}}/takes"): Members(
        Action.VIEW_PROJECT, in_project("/nodes/{loose_id}/takes"), others={"loose_id": "node_not_found"}
    ),
    ("GET", f"{P}/takes"): Members(Action.VIEW_PROJECT, in_project("/takes")),
    ("POST", f"{P}/connections"): Members(
        Action.EDIT_GRAPH,
        in_project("/connections"),
        plus(order(source_node_id="prompt_id", target_node_id="loose_id"), source_port="prompt", target_port="prompt"),
        201,
        others={"prompt_id": "node_not_found", "loose_id": "node_not_found"},
    ),
    ("DELETE", f"{P}/connections/{{connection_id}}"): Members(
        Action.EDIT_GRAPH, in_project("/connections/{connection_id}"), success=204, others={"connection_id": "connection_not_found"}
    ),
    ("GET", f"{P}/runs"): Members(Action.VIEW_PROJECT, in_project("/runs")),
    ("POST", f"{P}/runs"): Members(
        Action.RUN_WORK, in_project("/runs"), plus(order(node_id="loose_id"), scope="node"), 202, others={"loose_id": "node_not_found"}
    ),
    ("GET", f"{P}/runs/{{run_id}}"): Members(Action.VIEW_PROJECT, in_project("/runs/{run_id}"), others={"run_id": "run_not_found"}),
    ("POST", f"{P}/runs/{{run_id}}/cancel"): Members(
        Action.CANCEL_WORK, in_project("/runs/{run_id}/cancel"), others={"run_id": "run_not_found"}
    ),
    ("GET", f"{P}/exports"): Members(Action.VIEW_PROJECT, in_project("/exports")),
    ("POST", f"{P}/exports"): Members(
        Action.EXPORT_FILM,
        in_project("/exports"),
        lambda studio: {"film": {"kind": "takes", "take_ids": [str(studio.take_id)]}, "resolution": "1080p"},
        202,
        others={"take_id": "take_not_found"},
    ),
    ("GET", f"{P}/exports/{{export_id}}"): Members(
        Action.VIEW_PROJECT, in_project("/exports/{export_id}"), others={"export_id": "export_not_found"}
    ),
    ("POST", f"{P}/exports/{{export_id}}/cancel"): Members(
        Action.EXPORT_FILM, in_project("/exports/{export_id}/cancel"), others={"export_id": "export_not_found"}
    ),
    ("POST", "/api/ai/estimate"): Members(
        Action.VIEW_PROJECT, at("/api/ai/estimate"), plus(VIDEO, scope="node"), others={"loose_id": "node_not_found"}
    ),
    ("POST", "/api/ai/enhance-prompt"): Members(
        Action.RUN_WORK,
        at("/api/ai/enhance-prompt"),
        order(project_id="project_id", node_id="prompt_id"),
        202,
        others={"prompt_id": "node_not_found"},
    ),
    ("POST", "/api/ai/generate-video"): Members(
        Action.RUN_WORK, at("/api/ai/generate-video"), VIDEO, 202, others={"loose_id": "node_not_found"}
    ),
    ("POST", "/api/ai/extend-video"): Members(
        Action.RUN_WORK, at("/api/ai/extend-video"), plus(VIDEO, hops=[{}]), 202, others={"loose_id": "node_not_found"}
    ),
    ("POST", "/api/ai/analyze-face"): Members(
        Action.UPLOAD_FILE, at("/api/ai/analyze-face"), order(asset_id="asset_id"), addressed_by="asset_id", missing="file_not_found"
    ),
    ("POST", "/api/files/uploads"): Members(
        Action.UPLOAD_FILE,
        at("/api/files/uploads"),
        plus(order(project_id="project_id", node_id="image_id"), **UPLOAD),
        201,
        others={"image_id": "node_not_found"},
    ),
    ("GET", "/api/files"): Members(Action.VIEW_PROJECT, at("/api/files?project_id={project_id}")),
    ("GET", "/api/files/{asset_id}"): Members(
        Action.VIEW_PROJECT, at("/api/files/{asset_id}"), addressed_by="asset_id", missing="file_not_found"
    ),
    ("GET", "/api/files/{asset_id}/content"): Members(
        Action.VIEW_PROJECT, at("/api/files/{asset_id}/content"), None, 307, addressed_by="asset_id", missing="file_not_found"
    ),
    ("GET", "/api/jobs"): Members(Action.VIEW_PROJECT, at("/api/jobs?project_id={project_id}")),
    ("GET", "/api/jobs/{job_id}"): Members(Action.VIEW_PROJECT, at("/api/jobs/{job_id}"), addressed_by="job_id", missing="job_not_found"),
    ("POST", "/api/jobs/{job_id}/cancel"): Members(
        Action.CANCEL_WORK, at("/api/jobs/{job_id}/cancel"), addressed_by="job_id", missing="job_not_found"
    ),
    ("POST", "/api/jobs/{job_id}/retry"): Members(
        Action.RUN_WORK, at("/api/jobs/{failed_job_id}/retry"), None, 202, addressed_by="failed_job_id", missing="job_not_found"
    ),
    ("GET", "/api/characters"): Members(Action.VIEW_PROJECT, at("/api/characters?project_id={project_id}")),
    ("POST", "/api/characters"): Members(
        Action.MANAGE_CHARACTERS,
        at("/api/characters"),
        plus(order(project_id="project_id", face_id="choice_face_id"), name="Ada"),
        201,
        others={"choice_face_id": "face_not_found"},
    ),
    ("GET", "/api/characters/{character_id}"): Members(
        Action.VIEW_PROJECT, at("/api/characters/{character_id}"), addressed_by="character_id", missing="character_not_found"
    ),
    ("PATCH", "/api/characters/{character_id}"): Members(
        Action.MANAGE_CHARACTERS,
        at("/api/characters/{character_id}"),
        lambda _: {"name": "Ada"},
        addressed_by="character_id",
        missing="character_not_found",
    ),
    ("DELETE", "/api/characters/{character_id}"): Members(
        Action.MANAGE_CHARACTERS,
        at("/api/characters/{character_id}"),
        None,
        204,
        addressed_by="character_id",
        missing="character_not_found",
    ),
    ("POST", "/api/characters/{character_id}/references"): Members(
        Action.MANAGE_CHARACTERS,
        at("/api/characters/{character_id}/references"),
        order(face_id="face_id"),
        201,
        addressed_by="character_id",
        missing="character_not_found",
        others={"face_id": "face_not_found"},
    ),
}


ONLY_ONCE = {route for route in MEMBERS if route[0] == "DELETE"} | {
    ("POST", f"{P}/members"),
    ("POST", f"{P}/connections"),
    ("POST", "/api/jobs/{job_id}/retry"),
    ("POST", "/api/characters"),
}


def allowed(rule: Members) -> list[Role]:
    return [role for role in Role if role.includes(MINIMUM_ROLE[rule.action])]


def routes_of(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of every route, included routers unfolded."""
    for route in routes:
        if isinstance(route, APIWebSocketRoute):
            yield "WEBSOCKET", route.path
        elif isinstance(route, APIRoute | Route):
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, route.path
        else:  # FastAPI keeps an included router as one entry; ours are included without a prefix
            yield from routes_of(route.original_router.routes)  # type: ignore[attr-defined]  # a private class; a new kind fails here


def test_every_route_of_the_application_is_classified(app: FastAPI) -> None:
    found = list(routes_of(app.routes))

    assert len(found) == len(set(found))
    assert set(found) == PUBLIC | SOCKETS | set(ACCOUNT) | SIGNING | set(MEMBERS)


def call(client: TestClient, route: tuple[str, str], rule: Members, studio: Studio, headers: dict[str, str]) -> Any:
    key = {"Idempotency-Key": str(new_id())} if route[0] == "POST" else {}
    body = rule.body(studio) if rule.body else None
    return client.request(route[0], rule.path(studio), json=body, headers=headers | key, follow_redirects=False)


def with_other(studio: Studio, part: str, id_: UUID) -> Studio:
    """The studio as a request would name it that takes another thing for one of its parts."""
    other: dict[str, Any] = {part: id_}
    return replace(studio, **other)


def seen(answer: Any) -> tuple[int, str | None, str]:
    """Status, code and media type."""
    is_problem = answer.headers.get("content-type") == PROBLEM
    return answer.status_code, answer.json()["code"] if is_problem else None, answer.headers.get("content-type", "")


@pytest.mark.parametrize("route", sorted(PUBLIC), ids=" ".join)
def test_public_routes_need_no_token(client: TestClient, route: tuple[str, str]) -> None:
    answer = client.request(*route)

    assert answer.status_code in {200, 204, 422} or answer.json()["code"] == "refresh_token_missing"


def test_nobody_gets_in(client: TestClient) -> None:
    names = ("project_id", "node_id", "connection_id", "run_id", "user_id", "asset_id", "job_id", "character_id", "export_id")
    anything = {name: new_id() for name in names}

    found = {route: seen(client.request(route[0], route[1].format(**anything))) for route in [*ACCOUNT, *SIGNING, *MEMBERS]}

    assert {route: answer for route, answer in found.items() if answer != (401, "token_missing", PROBLEM)} == {}


@pytest.mark.parametrize("route", sorted(ACCOUNT), ids=" ".join)
def test_everybody_with_an_account_gets_their_own(client: TestClient, world: World, route: tuple[str, str]) -> None:
    body, status = ACCOUNT[route]

    assert client.request(*route, json=body, headers=world.person("ada").headers).status_code == status


@pytest.mark.parametrize("who", ["a stranger", "the owner of another project"])
def test_who_is_no_member_cannot_tell_what_exists(client: TestClient, world: World, who: str) -> None:
    studio = world.studio()
    person = world.person("stranger") if who == "a stranger" else world.studio().owner
    traced = person.headers | {"X-Request-Id": "one-and-the-same"}
    before = revision(client, studio)
    told = {}

    for route, rule in MEMBERS.items():
        real, absent = getattr(studio, rule.addressed_by), new_id()
        existing = call(client, route, rule, studio, traced)
        missing = call(client, route, rule, with_other(studio, rule.addressed_by, absent), traced)
        alike = existing.text.replace(str(real), str(absent)) == missing.text
        if not alike or seen(existing) != seen(missing) or seen(existing) != (404, rule.missing, PROBLEM):
            told[route] = existing.text, missing.text

    assert told == {}
    assert revision(client, studio) == before


def test_members_may_read_what_every_role_may(client: TestClient, world: World) -> None:
    studio = world.studio()
    reading = {route: rule for route, rule in MEMBERS.items() if route[0] == "GET"}
    assert {rule.action for rule in reading.values()} == {Action.VIEW_PROJECT}

    wrong = {}
    for route, rule in reading.items():
        for role in Role:
            answer = call(client, route, rule, studio, studio.person(role).headers)
            if answer.status_code != rule.success:
                wrong[route, role] = answer.text

    assert wrong == {}


def test_members_are_refused_what_their_role_does_not_allow(client: TestClient, world: World) -> None:
    studio = world.studio()
    before = revision(client, studio)
    wrong, refused = {}, 0

    for route, rule in MEMBERS.items():
        needed = MINIMUM_ROLE[rule.action]
        for role in [role for role in Role if not role.includes(needed)]:
            answer = call(client, route, rule, studio, studio.person(role).headers)
            refused += 1
            if seen(answer) != (403, "role_too_low", PROBLEM) or answer.json()["needed_role"] != needed:
                wrong[route, role] = answer.text

    assert wrong == {}
    assert refused > 30
    assert revision(client, studio) == before


def test_members_may_do_what_their_role_allows(client: TestClient, world: World) -> None:
    studio = world.studio()
    wrong, done = {}, 0

    for route, rule in MEMBERS.items():
        if route[0] == "GET" or route in ONLY_ONCE:
            continue
        for role in allowed(rule):
            answer = call(client, route, rule, studio, studio.person(role).headers)
            done += 1
            if answer.status_code != rule.success:
                wrong[route, role] = answer.text

    assert wrong == {}
    assert done > 30


@pytest.mark.parametrize("route", sorted(ONLY_ONCE), ids=" ".join)
def test_members_may_do_what_can_be_done_only_once(client: TestClient, world: World, route: tuple[str, str]) -> None:
    rule = MEMBERS[route]
    for role in allowed(rule):
        studio = world.studio()
        if rule.action is Action.DELETE_PROJECT:  # refused while paid work is under way
            client.post(f"/api/jobs/{studio.job_id}/cancel", headers=studio.owner.headers)

        answer = call(client, route, rule, studio, studio.person(role).headers)

        assert answer.status_code == rule.success, (role, answer.text)


def test_a_thing_of_another_project_is_not_reached_through_ones_own(client: TestClient, world: World) -> None:
    mine, theirs = world.studio(), world.studio()
    before = revision(client, theirs)
    wrong = {}

    for route, rule in MEMBERS.items():
        for part, code in rule.others.items():
            mixed = with_other(mine, part, getattr(theirs, part))
            answer = call(client, route, rule, mixed, mine.owner.headers)
            if seen(answer)[1] != code:
                wrong[route, part] = answer.text

    assert wrong == {}
    assert revision(client, theirs) == before


def revision(client: TestClient, studio: Studio) -> int:
    rev: int = client.get(f"/api/projects/{studio.project_id}", headers=studio.owner.headers).json()["rev"]
    return rev


@pytest.mark.parametrize("part", ["asset_id", "take_id"])
@pytest.mark.parametrize("way", ["one by one", "operations"])
def test_a_picture_or_take_of_another_project_cannot_be_put_on_ones_own_node(client: TestClient, world: World, part: str, way: str) -> None:
    mine, theirs = world.studio(), world.studio()
    of_node: UUID = mine.image_id if part == "asset_id" else mine.loose_id
    other = str(getattr(theirs, part))
    change = {"config": {"asset_id": other}} if part == "asset_id" else {"selected_take_id": other}
    url = f"/api/projects/{mine.project_id}"

    if way == "operations":
        answer = client.post(
            f"{url}/operations", json=[{"op": "update_node", "node_id": str(of_node)} | change], headers=mine.owner.headers
        )
    else:
        answer = client.patch(f"{url}/nodes/{of_node}", json=change, headers=mine.owner.headers)

    assert answer.json()["code"] == ("picture_not_found" if part == "asset_id" else "take_of_another_node")
    node = client.get(f"{url}/nodes/{of_node}", headers=mine.owner.headers).json()
    assert other not in str(node)
