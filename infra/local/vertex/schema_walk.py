"""Builds a value that satisfies a response schema: Gemini's own form (`responseSchema`) or JSON Schema (`responseJsonSchema`)."""

from collections.abc import Mapping
from typing import Any

from infra.local.vertex.enrichment import text_for
from infra.local.vertex.wire import find_field

# Deeper than any schema that a model is asked to fill; a recursive one ends here where it may.
DEEPEST = 12
FORMATTED_TEXT = {"date-time": "2026-01-01T12:00:00Z", "date": "2026-01-01", "time": "12:00:00Z"}


class SchemaError(ValueError):
    """The schema cannot be satisfied, or not be read."""


def fill(schema: Mapping[str, Any], prompt: str) -> Any:
    """Return a value for `schema` whose texts are about `prompt`; SchemaError where there is none."""
    return _Filler(schema, prompt).value(schema, "", 0)


class _Filler:
    def __init__(self, root: Mapping[str, Any], prompt: str) -> None:
        self._root = root
        self._prompt = prompt

    def value(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise SchemaError(f"the schema is nested more than {DEEPEST} deep")
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        if branches := find_field(schema, "anyOf") or find_field(schema, "oneOf"):
            return self.value(next((branch for branch in branches if _kind(branch) != "null"), branches[0]), name, depth + 1)
        if branches := find_field(schema, "allOf"):
            return self.value({key: part for branch in branches for key, part in self._resolved(branch).items()}, name, depth + 1)
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return self._scalar(kind, schema, name)

    def _scalar(self, kind: str, schema: Mapping[str, Any], name: str) -> str | int | float | bool | None:
        match kind:
            case "string":
                return self._text(schema, name)
            case "integer":
                return int(_number(schema))
            case "number":
                return _number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case unknown:
                raise SchemaError(f"{name or 'the schema'} has the unknown type {unknown!r}")

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = schema.get("$ref") or schema.get("ref")
        if not isinstance(reference, str):
            return schema
        target: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            if not isinstance(target, Mapping) or step not in target:
                raise SchemaError(f"{reference} does not lead anywhere")
            target = target[step]
        return self._resolved(target)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties") or {}
        ordering = find_field(schema, "propertyOrdering") or list(properties)
        required = schema.get("required") or []
        filled = {}
        for name in [*ordering, *(name for name in properties if name not in ordering)]:
            if name not in properties:
                continue
            try:
                filled[name] = self.value(properties[name], name, depth + 1)
            except SchemaError:
                # An optional property that cannot be filled (it recurses for ever) may be left out.
                if name in required:
                    raise
        return filled

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        least, most = int(find_field(schema, "minItems") or 0), find_field(schema, "maxItems")
        count = max(least, 1) if most is None else min(max(least, 1), int(most))
        items = schema.get("items") or {"type": "STRING"}
        if _kind(self._resolved(items)) == "string" and not self._resolved(items).get("enum"):
            text = text_for(name, self._prompt)
            parts = text.split(", ") if ". " not in text else text.rstrip(".").split(". ")
            wanted = max(least, min(len(parts), int(most) if most is not None else 5))
            return (parts * wanted)[:wanted]
        return [self.value(items, name, depth + 1) for _ in range(count)]

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in FORMATTED_TEXT:
            return FORMATTED_TEXT[schema["format"]]
        text = text_for(name, self._prompt)
        longest, shortest = find_field(schema, "maxLength"), int(find_field(schema, "minLength") or 0)
        if longest is not None:
            text = text[: int(longest)]
        return text.ljust(shortest, ".")


def _kind(schema: Mapping[str, Any]) -> str:
    """The type in lower case; of a list of types the first that is not null."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if str(each).lower() != "null"), "null")
    if kind is None:
        return "object" if "properties" in schema else "string"
    return str(kind).lower()


def _number(schema: Mapping[str, Any]) -> float:
    if schema.get("minimum") is not None:
        return float(schema["minimum"])
    if schema.get("maximum") is not None:
        return min(1.0, float(schema["maximum"]))
    return 1.0
