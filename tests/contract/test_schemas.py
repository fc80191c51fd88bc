"""The contracts in schemas/: written from the types, valid by themselves, and kept by what was written under them before."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastavro
import jsonschema_rs
import pytest
import schemathesis

from services.core.commands.message import parse_record, read_command
from services.core.kit.cloud_events import Fact
from services.core.kit.ids import new_id
from services.core.projects.operations import Connect, CreateNode, DeleteNode, Disconnect, RestoreNode, UpdateNode, UpdateProject
from services.core.projects.workflow import VERSION, parse_workflow

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
EXAMPLES = SCHEMAS / "examples"
"""`examples/{path of a schema without .json}/{name}.json`; they are added to, and never edited."""


def contract(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text())


def test_the_contracts_are_what_the_types_say() -> None:
    check = subprocess.run(
        [sys.executable, "-m", "services.tools.export_schemas", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert check.returncode == 0, check.stderr


def test_the_description_of_the_api_is_valid() -> None:
    schemathesis.openapi.from_dict(contract("openapi.json")).validate()


def test_every_other_contract_is_a_valid_json_schema() -> None:
    node_types = [contract(f"node_types/{path.name}")["config"] for path in sorted((SCHEMAS / "node_types").glob("*.json"))]
    names = ["operation.json", "video_request.json", "events/record.json", "commands/record.json", "commands/inputs.json"]
    workflows = [contract(path.name) for path in sorted(SCHEMAS.glob("workflow_v*.json"))]
    documents = [json.loads(path.read_text()) for folder in ("documents", "log") for path in sorted((SCHEMAS / folder).glob("*.json"))]

    for schema in [*node_types, *map(contract, names), *workflows, *documents]:
        jsonschema_rs.meta.validate(schema)
    assert len(node_types) == 5
    assert len(workflows) == VERSION
    assert documents


@pytest.mark.parametrize(
    "operation",
    [
        CreateNode(type="prompt", config={"text": "a"}),
        UpdateNode(node_id=new_id(), title="Idea"),
        DeleteNode(node_id=new_id()),
        RestoreNode(node_id=new_id()),
        Connect(source_node_id=new_id(), source_port="prompt", target_node_id=new_id(), target_port="prompt"),
        Disconnect(connection_id=new_id()),
        UpdateProject(name="Teaser"),
    ],
    ids=lambda operation: operation.op,
)
def test_operations_travel_as_their_contract_says(operation: Any) -> None:
    validator = jsonschema_rs.validator_for(contract("operation.json"))
    document = operation.model_dump(mode="json")

    validator.validate(document)
    assert not validator.is_valid(document | {"colour": "red"})


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("workflow_v*/*.json")), ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_workflow_of_every_version_is_read_as_one_of_today(path: Path) -> None:
    document = json.loads(path.read_text())

    workflow = json.loads(parse_workflow(document).model_dump_json())

    assert workflow["version"] == VERSION
    assert (workflow["nodes"], workflow["connections"]) == (document["nodes"], document["connections"])
    jsonschema_rs.validator_for(contract(f"workflow_v{VERSION}.json")).validate(workflow)


def broken_examples(examples: Path) -> dict[str, str]:
    """What is wrong with each example that its contract does not allow."""
    broken = {}
    for path in sorted(examples.rglob("*.json")):
        schema = SCHEMAS / path.parent.relative_to(examples).with_suffix(".json")
        if not schema.is_file():
            broken[path.name] = f"there is no contract {schema.relative_to(SCHEMAS)}"
            continue
        errors = [error.message for error in jsonschema_rs.iter_errors(json.loads(schema.read_text()), json.loads(path.read_text()))]
        if errors:
            broken[path.name] = "; ".join(errors)
    return broken


def test_examples_are_still_valid_under_todays_contracts() -> None:
    assert broken_examples(EXAMPLES) == {}


def avro(name: str) -> Any:
    return fastavro.parse_schema(contract(name))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("events/message/*.json")), ids=lambda path: path.stem)
def test_every_fact_fits_what_pubsub_holds_it_against(path: Path) -> None:
    message = json.loads(path.read_text())

    assert fastavro.validate(message["data"], avro("events/record.avsc"), strict=True)
    assert message["data"]["type"] in contract("events/types.json")
    assert not fastavro.validate(message["data"] | {"rev": "7"}, avro("events/record.avsc"), raise_errors=False)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("commands/record/*.json")), ids=lambda path: path.stem)
def test_every_command_fits_what_pubsub_holds_it_against_and_is_understood(path: Path) -> None:
    record = json.loads(path.read_text())

    assert fastavro.validate(record, avro("commands/record.avsc"), strict=True)
    command = read_command(parse_record(path.read_bytes()))
    assert (command.id, str(command.project_id), command.scope) == (record["id"], record["project_id"], record["scope"])
    jsonschema_rs.validator_for(contract("commands/inputs.json")).validate(json.loads(record["inputs"]))


def test_a_fact_is_the_record_that_is_published() -> None:
    data = Fact(new_id(), 7, "run.finished", datetime(2026, 11, 24, tzinfo=UTC), {"state": "succeeded"}).data()

    assert fastavro.validate(json.loads(data), avro("events/record.avsc"), strict=True)
    jsonschema_rs.validator_for(contract("events/record.json")).validate(json.loads(data))


@pytest.mark.parametrize("name", ["commands/record", "events/record"])
def test_avro_and_json_schema_name_the_same_fields(name: str) -> None:
    json_schema = contract(f"{name}.json")

    assert [field["name"] for field in contract(f"{name}.avsc")["fields"]] == json_schema["required"]
    assert set(json_schema["required"]) == set(json_schema["properties"])


def test_an_example_that_a_contract_no_longer_allows_is_found(tmp_path: Path) -> None:
    workflow = {"format": "reelgraph.workflow", "version": 1, "name": "x", "nodes": [], "connections": []}
    for name, document in (("good", workflow), ("old", workflow | {"version": 0})):
        (tmp_path / "workflow_v1").mkdir(exist_ok=True)
        (tmp_path / "workflow_v1" / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone/stray.json").write_text("{}")

    assert broken_examples(tmp_path) == {"old.json": "1 was expected", "stray.json": "there is no contract gone.json"}
