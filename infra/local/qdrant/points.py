"""The operations on the points of one collection, from JSON bodies to JSON results, as Qdrant's REST interface words them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import qdrant_edge
from qdrant_edge import UpdateOperation

from .collections import Collection
from .errors import MalformedBody, WrongInput, engine_errors
from .filters import JsonObject, parse_filter, parse_point_id

Result = Any
Operation = Callable[[Collection, JsonObject], Result]

DEFAULT_LIMIT = 10  # the server's default for query and scroll


def upsert(collection: Collection, body: JsonObject) -> Result:
    """Write points given as `points: [{id, vector, payload}]` or `batch: {ids, vectors, payloads}`: all of them, or none."""
    if "points" in body:
        rows = [(point["id"], point["vector"], point.get("payload")) for point in body["points"]]
    else:
        batch = body["batch"]
        ids, vectors = batch["ids"], batch["vectors"]
        payloads = batch.get("payloads") or [None] * len(ids)
        if not len(ids) == len(vectors) == len(payloads):
            raise WrongInput("batch.ids, batch.vectors and batch.payloads must be equally long")
        rows = list(zip(ids, vectors, payloads, strict=True))
    # Checked before the engine sees any of them: it would keep the points before the first bad one.
    written = [qdrant_edge.Point(parse_point_id(identifier), _vector(collection, vector), payload) for identifier, vector, payload in rows]
    return _updated(collection, UpdateOperation.upsert_points(written))


def delete(collection: Collection, body: JsonObject) -> Result:
    """Delete points by `points` (ids; unknown ones are no error) or by `filter`."""
    return _updated(collection, _selected(body, UpdateOperation.delete_points, UpdateOperation.delete_points_by_filter))


def set_payload(collection: Collection, body: JsonObject) -> Result:
    """Merge `payload` into that of the selected points."""
    payload = _payload(body)
    return _updated(
        collection,
        _selected(
            body,
            lambda ids: UpdateOperation.set_payload(ids, payload, body.get("key")),
            lambda chosen: UpdateOperation.set_payload_by_filter(chosen, payload, body.get("key")),
        ),
    )


def overwrite_payload(collection: Collection, body: JsonObject) -> Result:
    """Put `payload` in the place of that of the selected points."""
    payload = _payload(body)
    return _updated(
        collection,
        _selected(
            body,
            lambda ids: UpdateOperation.overwrite_payload(ids, payload, body.get("key")),
            lambda chosen: UpdateOperation.overwrite_payload_by_filter(chosen, payload, body.get("key")),
        ),
    )


def delete_payload(collection: Collection, body: JsonObject) -> Result:
    """Remove the fields `keys` from the selected points."""
    keys = body["keys"]
    return _updated(
        collection,
        _selected(
            body,
            lambda ids: UpdateOperation.delete_payload(ids, keys),
            lambda chosen: UpdateOperation.delete_payload_by_filter(chosen, keys),
        ),
    )


def clear_payload(collection: Collection, body: JsonObject) -> Result:
    """Remove every field from the selected points."""
    return _updated(collection, _selected(body, UpdateOperation.clear_payload, UpdateOperation.clear_payload_by_filter))


def retrieve(collection: Collection, body: JsonObject) -> Result:
    """The points with the given `ids`; those that do not exist are left out."""
    ids = [parse_point_id(value) for value in body["ids"]]
    with_payload, with_vector = _payload_choice(body, default=True), body.get("with_vector") or False
    records = collection.shard.retrieve(ids, with_payload, with_vector)
    return [_record(record, with_payload) for record in records]


def scroll(collection: Collection, body: JsonObject) -> Result:
    """One page of points in the order of their ids, from `offset` on, and the id at which the next page starts."""
    _refuse(body, "order_by")
    offset = body.get("offset")
    with_payload = _payload_choice(body, default=True)
    request = qdrant_edge.ScrollRequest(
        offset=None if offset is None else parse_point_id(offset),
        limit=_limit(body),
        filter=parse_filter(body.get("filter")),
        with_payload=with_payload,
        with_vector=body.get("with_vector") or False,
    )
    records, following = collection.shard.scroll(request)
    return {
        "points": [_record(record, with_payload) for record in records],
        "next_page_offset": None if following is None else _wire_id(following),
    }


def count(collection: Collection, body: JsonObject) -> Result:
    """How many points match `filter`; always exact."""
    return {"count": collection.shard.count(qdrant_edge.CountRequest(exact=True, filter=parse_filter(body.get("filter"))))}


def query(collection: Collection, body: JsonObject) -> Result:
    """The nearest points to a vector, best first. `score` is the plain distance for Euclid and Manhattan, the similarity otherwise."""
    _refuse(body, "prefetch", "using", "lookup_from")
    wanted = body.get("query")
    if isinstance(wanted, Mapping) and wanted.keys() == {"nearest"}:
        wanted = wanted["nearest"]
    if not isinstance(wanted, list):
        raise MalformedBody("this stand-in answers nearest queries by a dense vector only")
    with_payload = _payload_choice(body, default=False)
    request = qdrant_edge.QueryRequest(
        limit=_limit(body),
        offset=body.get("offset"),
        query=qdrant_edge.Query.Nearest(_vector(collection, wanted)),
        filter=parse_filter(body.get("filter")),
        score_threshold=body.get("score_threshold"),
        with_payload=with_payload,
        with_vector=body.get("with_vector") or False,
    )
    return {
        "points": [
            _record(scored, with_payload) | {"score": scored.score, "version": scored.version} for scored in collection.shard.query(request)
        ]
    }


def query_batch(collection: Collection, body: JsonObject) -> Result:
    """Several queries in one request, answered in their order."""
    return [query(collection, search) for search in body["searches"]]


def run(operation: Operation, collection: Collection, body: JsonObject) -> Result:
    """Run one operation; what the engine refuses becomes an answer of Qdrant's."""
    with engine_errors(collection.name):
        try:
            return operation(collection, body)
        except KeyError as error:
            raise MalformedBody(f"missing field {error}") from error


def _updated(collection: Collection, operation: UpdateOperation) -> Result:
    return {"operation_id": collection.write(operation), "status": "completed"}


def _selected(
    body: JsonObject,
    by_ids: Callable[[list[Any]], UpdateOperation],
    by_filter: Callable[[qdrant_edge.Filter], UpdateOperation],
) -> UpdateOperation:
    if isinstance(ids := body.get("points"), list):
        return by_ids([parse_point_id(value) for value in ids])
    if (chosen := parse_filter(body.get("filter"))) is not None:
        return by_filter(chosen)
    raise MalformedBody("expected `points` or `filter`")


def _vector(collection: Collection, vector: object) -> list[float]:
    if not isinstance(vector, list) or not all(isinstance(value, int | float) for value in vector):
        raise MalformedBody("this stand-in takes one unnamed dense vector: a list of numbers")
    if len(vector) != collection.settings.size:
        raise WrongInput(f"Vector dimension error: expected dim: {collection.settings.size}, got {len(vector)}")
    return [float(value) for value in vector]


def _payload(body: JsonObject) -> dict[str, Any]:
    payload = body["payload"]
    if not isinstance(payload, dict):
        raise MalformedBody("`payload` must be an object")
    return payload


def _payload_choice(body: JsonObject, *, default: bool) -> Any:
    match body.get("with_payload"):
        case None:
            return default
        case bool(choice):
            return choice
        case list(fields) | {"include": list(fields)}:
            return qdrant_edge.PayloadSelector.Include(fields)
        case {"exclude": list(fields)}:
            return qdrant_edge.PayloadSelector.Exclude(fields)
        case other:
            raise MalformedBody(f"with_payload: {other!r} is neither a bool nor a choice of fields")


def _limit(body: JsonObject) -> int:
    limit = body.get("limit")
    if limit is None:
        return DEFAULT_LIMIT
    if not isinstance(limit, int) or limit < 1:
        raise WrongInput(f"limit: value {limit!r} invalid, must be 1 or larger")
    return limit


def _refuse(body: JsonObject, *fields: str) -> None:
    for field in fields:
        if body.get(field):
            raise WrongInput(f"`{field}` is not served by this stand-in")


def _record(record: qdrant_edge.Record | qdrant_edge.ScoredPoint, with_payload: object) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": _wire_id(record.id), "payload": record.payload if with_payload else None}
    if isinstance(record.vector, Sequence):
        fields["vector"] = list(record.vector)
    return fields


def _wire_id(identifier: object) -> int | str:
    return identifier if isinstance(identifier, int) else str(identifier)
