"""`python -m services.tools.export_schemas [--check]`: write schemas/ from the Python types, or say what differs."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from services.api.app import create_app
from services.core.bootstrap import build_container
from services.core.commands.message import INPUTS, CommandRecord
from services.core.projects.documents import ProjectUpdated
from services.core.projects.events import PUBLISHED_TYPES
from services.core.projects.node_types import NODE_TYPES
from services.core.projects.operations import Operation
from services.core.projects.pictures import PictureStatus
from services.core.projects.workflow import VERSION as WORKFLOW_VERSION
from services.core.projects.workflow import Workflow
from services.core.settings import Settings
from services.core.video.request import VideoRequest
from services.tools.avro import avro_record

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
# Values that reach nothing and end up in no schema: the API is described, not served.
_NOWHERE = {
    "google_cloud_project": "reelgraph",
    "gcs_bucket": "reelgraph",
    "database_url": "postgresql+pg8000://nobody@127.0.0.1/none",
    "qdrant_host": "http://127.0.0.1:1",
    "face_function_url": "http://127.0.0.1:1",
    "jwt_secret": "described, not served: no secret at all",
    "worker_url": "http://127.0.0.1:1",
    "invoker_account": "nobody@example.com",
}


class EventRecord(BaseModel):
    """The data of every fact on `reelgraph-events`: one flat record, the detail as JSON text."""

    id: str = Field(description="Unique for each fact, and the same however often it comes.")
    type: str = Field(description="One of schemas/events/types.json.")
    time: str = Field(description="When it happened, as RFC 3339 says.")
    project_id: str
    rev: int = Field(description="Its number in the project's log: of two facts of a project the later has the higher.")
    detail: str = Field(description="JSON text of an object: ids, states, money and reasons.")


class EventMessage(BaseModel):
    """A message on `reelgraph-events`: CloudEvents attributes (each sent as `ce-` and its name) and the record as data."""

    attributes: dict[str, str]
    data: EventRecord


class LiveNodeDocument(BaseModel):
    """projects/{project_id}/live/{node_id} in Firestore, while a node runs and for a minute after."""

    node_id: str
    project_id: str
    state: str
    status: dict[str, Any]
    version: int
    selected_take_id: str | None
    expires_at: str


class LiveProjectDocument(BaseModel):
    """projects/{project_id} in Firestore: its revision moves when there is something to fetch."""

    rev: int
    updated_at: str


def schemas() -> dict[str, Any]:
    """Every contract of today by its path below schemas/. Those of older workflow files lie beside them and stay as they are."""
    api = create_app(build_container(Settings(**_NOWHERE)))  # type: ignore[arg-type]  # parsed by Pydantic from strings
    found: dict[str, Any] = {
        "openapi.json": api.openapi(),
        "operation.json": TypeAdapter(Operation).json_schema(),
        f"workflow_v{WORKFLOW_VERSION}.json": Workflow.model_json_schema(),
        "video_request.json": TypeAdapter(VideoRequest).json_schema(),
        "documents/live_node.json": LiveNodeDocument.model_json_schema(),
        "documents/picture_status.json": PictureStatus.model_json_schema(),
        "documents/live_project.json": LiveProjectDocument.model_json_schema(),
        "log/project_updated.json": ProjectUpdated.model_json_schema(),
        "commands/inputs.json": INPUTS.json_schema(),
        "commands/record.avsc": avro_record(CommandRecord, "Command"),
        "commands/record.json": CommandRecord.model_json_schema(),
        "events/record.avsc": avro_record(EventRecord, "Event"),
        "events/record.json": EventRecord.model_json_schema(),
        "events/message.json": EventMessage.model_json_schema(),
        "events/types.json": sorted(f"reelgraph.{name.split('.')[0]}.v1.{name.split('.', 1)[1]}" for name in PUBLISHED_TYPES),
    }
    for name, kind in NODE_TYPES.items():
        found[f"node_types/{name}.json"] = {
            "name": kind.name,
            "title": kind.title,
            "inputs": [vars_of(port) for port in kind.inputs],
            "outputs": [vars_of(port) for port in kind.outputs],
            "config": kind.config.model_json_schema(),
        }
    return found


def vars_of(port: Any) -> dict[str, Any]:
    """A port as JSON."""
    return {"name": port.name, "type": port.type.value, "title": port.title, "wires": port.wires}


def main() -> int:
    """Write, or with --check compare; 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file differs from the types")
    check = parser.parse_args().check
    stale: list[str] = []
    for name, schema in schemas().items():
        path = SCHEMAS / name
        text = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        if path.is_file() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        sys.stderr.write(f"schemas/ differs from the types in {', '.join(stale)}: run `make schemas` and read the difference.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
