"""What a message on `reelgraph-commands` may say: one flat record, read and checked. Pure; the function and the worker both ask."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from services.core.kit.errors import Invalid
from services.core.projects.node_types import PROMPT_CHARACTERS

# Ids may be written in any case; an empty text stands for none, so that the record has no optional field, which Avro's JSON wraps.
NODE_ID_OR_NONE = r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$"
ADVICE = "Write it as schemas/commands says, and send it anew."


class BadCommand(Invalid):
    """A command that nobody can carry out as it stands, however often it comes."""


class CommandRecord(BaseModel):
    """The data of a message on `reelgraph-commands`: one flat record, the inputs as JSON text."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(
        pattern=r"^[!-~]{1,200}$",
        description="Chosen by the sender, new for each run wanted: in its project a command of this id is carried out once.",
    )
    type: Literal["reelgraph.run.v1.start"] = Field(description="What is wanted.")
    project_id: UUID = Field(description="The project to run; its owner has to let it accept commands.")
    scope: Literal["all", "from", "node"] = Field(description="All video nodes, a node with those that follow from it, or one node alone.")
    node_id: str = Field(pattern=NODE_ID_OR_NONE, description="The node that the scopes `from` and `node` mean; empty with `all`.")
    inputs: str = Field(description="JSON text, `{}` for none: what nodes hold in this run, as schemas/commands/inputs.json describes.")


def _without_default(schema: dict[str, Any]) -> None:
    """What is left out is absent, and not null."""
    del schema["default"]


class NodeInput(BaseModel):
    """What one node holds in this run instead of its own: exactly one of these."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1})
    text: str | SkipJsonSchema[None] = Field(
        default=None, max_length=PROMPT_CHARACTERS, json_schema_extra=_without_default, description="Of a prompt node."
    )
    prompt: str | SkipJsonSchema[None] = Field(
        default=None,
        max_length=PROMPT_CHARACTERS,
        json_schema_extra=_without_default,
        description="Of a video node into which no prompt node is wired.",
    )
    asset_id: UUID | SkipJsonSchema[None] = Field(
        default=None,
        json_schema_extra=_without_default,
        description="Of an image node: a picture that was uploaded to the project.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for value in (self.text, self.prompt, self.asset_id)) != 1:
            raise ValueError("give exactly one of text, prompt and asset_id")
        return self


INPUTS: TypeAdapter[dict[UUID, NodeInput]] = TypeAdapter(dict[UUID, NodeInput])


@dataclass(frozen=True)
class Command:
    """A command that can be understood; whether it fits its project, the project says."""

    id: str
    project_id: UUID
    scope: Literal["all", "from", "node"]
    node_id: UUID | None
    inputs: Mapping[UUID, NodeInput]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is asked for, however it was written."""
        inputs = {str(node_id): given.model_dump(mode="json", exclude_none=True) for node_id, given in self.inputs.items()}
        return hashlib.sha256(json.dumps([self.scope, str(self.node_id), inputs], sort_keys=True).encode()).hexdigest()


def parse_record(data: bytes) -> CommandRecord:
    """The record that a message carries. Raises BadCommand: `command_unreadable` or `command_invalid`."""
    try:
        return CommandRecord.model_validate_json(data)
    except ValidationError as error:
        raise _misfit(error, "The command") from None


def read_command(record: CommandRecord) -> Command:
    """The command that a record gives. Raises BadCommand: `command_unreadable` or `command_invalid`."""
    if (record.scope == "all") is bool(record.node_id):
        expected = "no node_id" if record.scope == "all" else "a node_id"
        raise BadCommand("command_invalid", f"A command of scope {record.scope!r} has {expected}.", ADVICE, field="node_id")
    try:
        inputs = INPUTS.validate_json(record.inputs)
    except ValidationError as error:
        raise _misfit(error, "The inputs of the command") from None
    return Command(record.id, record.project_id, record.scope, UUID(record.node_id) if record.node_id else None, inputs)


def _misfit(error: ValidationError, subject: str) -> BadCommand:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return BadCommand("command_unreadable", f"{subject} cannot be read: {first['msg']}.", ADVICE)
    field = ".".join(str(part) for part in first["loc"]) or "whole"
    return BadCommand("command_invalid", f"{subject}: {field!r} does not fit. {first['msg']}.", ADVICE, field=field)
