"""Flat Pydantic models as Avro records, in the form that Pub/Sub registers: a topic takes only messages that fit.

Every field is required: Avro's JSON encoding knows no absent field, and wraps the value of an optional one in its type.
"""

import re
from typing import Any

from pydantic import BaseModel

NAMESPACE = "reelgraph"
# https://avro.apache.org/docs/1.12.0/specification/#names
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = {"string": "string", "integer": "long"}


def avro_record(model: type[BaseModel], name: str) -> dict[str, Any]:
    """The Avro schema of a model whose fields are texts, whole numbers or choices of words. Raises KeyError for others."""
    schema = model.model_json_schema()
    fields = [_field(field, described) for field, described in schema["properties"].items()]
    return {"type": "record", "name": name, "namespace": NAMESPACE, "doc": schema["description"], "fields": fields}


def _field(name: str, described: dict[str, Any]) -> dict[str, Any]:
    words = described.get("enum", ())
    is_choice = bool(words) and all(_NAME.fullmatch(word) for word in words)
    avro_type = {"type": "enum", "name": name.capitalize(), "symbols": words} if is_choice else _TYPES[described["type"]]
    return {"name": name, "type": avro_type, **({"doc": described["description"]} if "description" in described else {})}
