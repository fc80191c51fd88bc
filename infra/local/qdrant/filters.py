"""Qdrant's JSON filters as conditions of the embedded engine."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import qdrant_edge

from .errors import MalformedBody

JsonObject = Mapping[str, Any]
PointId = int | UUID | str

_RANGE_BOUNDS = frozenset({"gt", "gte", "lt", "lte"})
_MATCHES: dict[str, Callable[[Any], Any]] = {
    "value": qdrant_edge.MatchValue,
    "any": qdrant_edge.MatchAny,
    "except": qdrant_edge.MatchExcept,
}


def parse_filter(body: JsonObject | None) -> qdrant_edge.Filter | None:
    """The engine's filter, or None where the request has none.

    Knows `must`, `should`, `must_not` with match (value, any, except), range, has_id, is_empty, is_null and nested filters. Anything
    else is refused with 400: a condition that is skipped in silence would return, or delete, the points of others.
    """
    if body is None:
        return None
    unknown = body.keys() - {"must", "should", "must_not"}
    if any(body[clause] is not None for clause in unknown):
        raise MalformedBody(f"the filter clauses {sorted(unknown)} are not known to this stand-in")
    return qdrant_edge.Filter(
        must=_conditions(body.get("must")), should=_conditions(body.get("should")), must_not=_conditions(body.get("must_not"))
    )


def parse_point_id(value: object) -> PointId:
    """A point id: an unsigned integer or a UUID; the engine checks the form of the UUID."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise MalformedBody(f"value {value!r} is not a valid point ID, valid values are either an unsigned integer or a UUID")


def _conditions(clause: object) -> list[Any] | None:
    if clause is None:
        return None
    # Qdrant takes one condition where a list of one is meant.
    conditions = [_condition(item) for item in (clause if isinstance(clause, list) else [clause])]
    return conditions or None


def _condition(condition: Any) -> Any:
    match condition:
        case {"key": str(key), "match": dict(match)}:
            return qdrant_edge.FieldCondition(key=key, match=_match(match))
        case {"key": str(key), "range": dict(bounds)} if bounds.keys() <= _RANGE_BOUNDS:
            return qdrant_edge.FieldCondition(key=key, range=qdrant_edge.RangeFloat(**bounds))
        case {"has_id": list(ids)}:
            return qdrant_edge.HasIdCondition({parse_point_id(value) for value in ids})
        case {"is_empty": {"key": str(key)}}:
            return qdrant_edge.IsEmptyCondition(key)
        case {"is_null": {"key": str(key)}}:
            return qdrant_edge.IsNullCondition(key)
        case {"must": _} | {"should": _} | {"must_not": _}:
            return parse_filter(condition)
        case _:
            raise MalformedBody(f"the filter condition {condition!r} is not known to this stand-in")


def _match(match: JsonObject) -> Any:
    named = [name for name in match if match[name] is not None]
    if len(named) != 1 or named[0] not in _MATCHES:
        raise MalformedBody(f"a match has exactly one of {sorted(_MATCHES)}, not {sorted(match)}")
    return _MATCHES[named[0]](match[named[0]])
