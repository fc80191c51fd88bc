"""A command is read as the sender meant it, or refused with the field that does not fit and without quoting what was sent."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.core.commands.message import BadCommand, Command, NodeInput, parse_record, read_command
from services.core.projects.node_types import PROMPT_CHARACTERS

PROJECT, NODE, ASSET = UUID(int=1), UUID(int=2), UUID(int=3)
RECORD = {"id": "order-7", "type": "reelgraph.run.v1.start", "project_id": str(PROJECT), "scope": "all", "node_id": "", "inputs": "{}"}


def read(**changes: Any) -> Command:
    return read_command(parse_record(json.dumps(RECORD | changes).encode()))


def refusal(data: bytes) -> BadCommand:
    with pytest.raises(BadCommand) as refused:
        read_command(parse_record(data))
    return refused.value


def test_a_command_without_inputs_runs_the_whole_project() -> None:
    assert read() == Command("order-7", PROJECT, "all", None, {})


@pytest.mark.parametrize("scope", ["from", "node"])
def test_a_command_may_be_for_a_node(scope: str) -> None:
    assert (read(scope=scope, node_id=str(NODE).upper()).node_id, read(scope=scope, node_id=str(NODE)).scope) == (NODE, scope)


def test_inputs_are_by_node() -> None:
    inputs = {str(NODE): {"text": "A fox"}, str(PROJECT): {"asset_id": str(ASSET)}}

    assert read(inputs=json.dumps(inputs)).inputs == {NODE: NodeInput(text="A fox"), PROJECT: NodeInput(asset_id=ASSET)}


def test_an_empty_text_is_an_input() -> None:
    assert read(inputs=json.dumps({str(NODE): {"prompt": ""}})).inputs[NODE].prompt == ""


@pytest.mark.parametrize("data", [b"", b"hello", b"{", json.dumps(RECORD).encode() + b"}", b"\xff"])
def test_what_is_no_json_is_unreadable(data: bytes) -> None:
    assert refusal(data).code == "command_unreadable"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "reelgraph.run.v2.start"}, "type"),
        ({"project_id": "mine"}, "project_id"),
        ({"scope": "most"}, "scope"),
        ({"node_id": "1"}, "node_id"),
        ({"node_id": str(NODE)}, "node_id"),
        ({"scope": "node"}, "node_id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"id": "two words"}, "id"),
        ({"inputs": {}}, "inputs"),
        ({"colour": "red"}, "colour"),
        ({"inputs": "[]"}, "whole"),
        ({"inputs": '{"hero": {"text": "x"}}'}, "hero.[key]"),
        ({"inputs": json.dumps({str(NODE): {}})}, str(NODE)),
        ({"inputs": json.dumps({str(NODE): {"text": "x", "prompt": "y"}})}, str(NODE)),
        ({"inputs": json.dumps({str(NODE): {"words": "secret"}})}, f"{NODE}.words"),
        ({"inputs": json.dumps({str(NODE): {"text": "secret" * PROMPT_CHARACTERS}})}, f"{NODE}.text"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], field: str) -> None:
    bad = refusal(json.dumps(RECORD | changes).encode())

    assert (bad.code, bad.facts["field"]) == ("command_invalid", field)
    assert bad.advice
    assert "secret" not in bad.message


def test_a_missing_field_is_named() -> None:
    assert refusal(json.dumps({name: value for name, value in RECORD.items() if name != "inputs"}).encode()).facts["field"] == "inputs"


def test_the_digest_tells_what_is_asked_for_and_not_how_it_was_written() -> None:
    inputs = {str(NODE): {"text": "A fox"}, str(ASSET): {"prompt": "A dog"}}
    one = read(inputs=json.dumps(inputs))
    same = read(inputs=json.dumps(dict(reversed(inputs.items())), indent=2))
    others = [read(), read(scope="node", node_id=str(NODE)), read(inputs=json.dumps({str(NODE): {"prompt": "A fox"}}))]

    assert one.digest == same.digest
    assert len({one.digest, *(other.digest for other in others)}) == 4
