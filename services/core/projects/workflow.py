"""Workflows as files: the format, its versions, and how an older file becomes one of today."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.core.kit.errors import Invalid
from services.core.projects.node_types import NODE_TYPES
from services.core.projects.operations import Position

FORMAT: Literal["reelgraph.workflow"] = "reelgraph.workflow"
VERSION: Literal[2] = 2
"""Of the files we write. A new one gets a step in _MIGRATIONS; the schema of the one before stays in schemas/ as it is.

1  image, prompt and video nodes with their wires
2  frames and notes as well
"""


class WorkflowNode(BaseModel):
    """A node of an exported workflow; `key` is only for the connections of the same file."""

    model_config = ConfigDict(extra="forbid")
    key: str
    type: str = Field(json_schema_extra={"enum": list(NODE_TYPES)})
    title: str = Field(max_length=200)
    position: Position
    config: dict[str, Any] = Field(default_factory=dict)


class WorkflowConnection(BaseModel):
    """A wire of an exported workflow."""

    model_config = ConfigDict(extra="forbid")
    source: str
    source_port: str
    target: str
    target_port: str


class Workflow(BaseModel):
    """A graph as a file: settings and wires, no pictures, no results, no people."""

    model_config = ConfigDict(extra="forbid")
    format: Literal["reelgraph.workflow"] = FORMAT
    version: Literal[2] = VERSION
    name: str = Field(min_length=1, max_length=200)
    nodes: list[WorkflowNode] = Field(max_length=10_000)
    connections: list[WorkflowConnection] = Field(max_length=40_000)


def parse_workflow(document: dict[str, Any]) -> Workflow:
    """A workflow from a file of any version we ever wrote; Invalid says what does not fit."""
    if document.get("format") != FORMAT:
        raise Invalid("not_a_workflow", "This file is not a Reelgraph workflow.", "Export one from a project and import that file.")
    for migrate in _MIGRATIONS[_version_of(document) - 1 :]:
        document = migrate(document)
    try:
        return Workflow.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid("workflow_invalid", f"The workflow does not fit at {field!r}: {first['msg']}.", "Correct the file.") from None


def _version_of(document: dict[str, Any]) -> int:
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise Invalid(
            "workflow_version_unknown",
            "This workflow does not say which version of the format it is.",
            f"Export it again, or set its version; this server reads 1 to {VERSION}.",
        )
    if version > VERSION:
        raise Invalid(
            "workflow_version_unknown",
            f"This workflow has version {version}; this server reads versions up to {VERSION}.",
            "Import it on a newer server.",
        )
    return version


def _migrate_1_to_2(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 added two node types and changed nothing that was there."""
    return {**document, "version": 2}


_MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_migrate_1_to_2,)
"""At place n the step from version n + 1 to the next."""
