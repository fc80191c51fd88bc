"""Eventarc triggers and the queue of their deliveries, which a finalize transaction fills and a 2xx answer empties."""

import json
import sqlite3
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from infra.local.storage.database import Database, rfc3339
from infra.local.storage.errors import StorageError, invalid
from infra.local.storage.resources import StoredObject, object_resource

FINALIZED = "google.cloud.storage.object.v1.finalized"
# Printable ASCII without space, quote and percent: what a CloudEvents header carries as it is
# (HTTP protocol binding 1.0.2, section 3.1.3.2).
UNQUOTED = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
# "Messages that aren't delivered within 24 hours are dropped", cloud.google.com/eventarc/docs/retry-events
RETENTION_SECONDS = 24 * 3600
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 10.0


@dataclass(frozen=True)
class Delivery:
    """One event for one trigger, to be posted until it is acknowledged or expires. `attempts` counts the ones that failed."""

    id: int
    trigger_name: str
    uri: str
    service_account: str | None
    headers: dict[str, str]
    body: str
    attempts: int
    expires_at: float


class TriggerRepository:
    """Triggers as Eventarc's REST API writes them; only object.v1.finalized events to an HTTP endpoint can be served here."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url

    def create(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Store the trigger and return its operation, done at once; 400 for a trigger that could never fire, 409."""
        bucket, uri = _bucket_of(request), _uri_of(request)
        account = request.get("serviceAccount", request.get("service_account"))
        now = rfc3339()
        resource = {key: request[key] for key in ("destination", "labels", "eventDataContentType", "transport") if key in request} | {
            "name": name,
            "uid": str(uuid.uuid4()),
            "createTime": now,
            "updateTime": now,
            "eventFilters": [{"attribute": "type", "value": FINALIZED}, {"attribute": "bucket", "value": bucket}],
            "etag": uuid.uuid4().hex,
        }
        if account:
            resource["serviceAccount"] = account
        with self._database.transaction() as connection:
            try:
                connection.execute("INSERT INTO triggers VALUES (?, ?, ?, ?, ?)", (name, json.dumps(resource), bucket, uri, account))
            except sqlite3.IntegrityError as exists:
                raise StorageError(409, "alreadyExists", "Conflict", f"Resource '{name}' already exists") from exists
            return _finished_operation(connection, name, resource, "create")

    def get(self, name: str) -> dict[str, Any]:
        """Return the trigger; 404."""
        with self._database.transaction() as connection:
            return _read(connection, "SELECT resource FROM triggers WHERE name = ?", name)

    def list_in(self, parent: str) -> list[dict[str, Any]]:
        """Return the triggers of `projects/P/locations/L`, in order of name."""
        start = f"{parent}/triggers/"
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT resource FROM triggers WHERE substr(name, 1, ?) = ? ORDER BY name", (len(start), start))
            return [json.loads(row["resource"]) for row in rows]

    def delete(self, name: str) -> dict[str, Any]:
        """Delete the trigger with its pending deliveries and return the operation; 404."""
        with self._database.transaction() as connection:
            resource = _read(connection, "SELECT resource FROM triggers WHERE name = ?", name)
            connection.execute("DELETE FROM triggers WHERE name = ?", (name,))
            return _finished_operation(connection, name, resource, "delete")

    def get_operation(self, name: str) -> dict[str, Any]:
        """Return an operation, which is always done; 404."""
        with self._database.transaction() as connection:
            return _read(connection, "SELECT resource FROM operations WHERE name = ?", name)

    def enqueue_finalized(self, connection: sqlite3.Connection, stored: StoredObject) -> None:
        """Write a delivery for each trigger on the object's bucket, inside the transaction that makes the object live."""
        now = time.time()
        body = json.dumps(object_resource(stored, self._base_url))
        for row in connection.execute("SELECT name FROM triggers WHERE bucket = ?", (stored.bucket,)).fetchall():
            connection.execute(
                "INSERT INTO deliveries (trigger_name, headers, body, attempts, next_attempt_at, expires_at) VALUES (?, ?, ?, 0, ?, ?)",
                (row["name"], json.dumps(_event_headers(stored)), body, now, now + RETENTION_SECONDS),
            )


class DeliveryQueue:
    """Pending deliveries, seen by the task that posts them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, busy: set[int], limit: int) -> tuple[list[Delivery], float | None]:
        """Return up to `limit` deliveries whose time has come and that are not `busy`, and the seconds until the next one after them."""
        now = time.time()
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT d.*, t.uri, t.service_account FROM deliveries d JOIN triggers t ON t.name = d.trigger_name"
                " ORDER BY d.next_attempt_at LIMIT ?",
                (limit + len(busy) + 1,),
            ).fetchall()
        waiting = [row for row in rows if row["id"] not in busy]
        ready = [row for row in waiting if row["next_attempt_at"] <= now][:limit]
        later = [row["next_attempt_at"] for row in waiting if row["next_attempt_at"] > now]
        return [_delivery(row) for row in ready], (later[0] - now if later else None)

    def acknowledge(self, delivery_id: int) -> None:
        """Forget a delivery: it was answered with 2xx, or it expired."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM deliveries WHERE id = ?", (delivery_id,))

    def postpone(self, delivery: Delivery) -> float:
        """Schedule the next attempt after a failed one and return the seconds until then: 0.2, 0.4, ... 10."""
        delay = float(min(FIRST_RETRY_SECONDS * 2 ** min(delivery.attempts, 16), LONGEST_RETRY_SECONDS))
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1, next_attempt_at = ? WHERE id = ?", (time.time() + delay, delivery.id)
            )
        return delay


def _event_headers(stored: StoredObject) -> dict[str, str]:
    return {
        "ce-id": str(uuid.uuid4()),
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{stored.bucket}",
        "ce-specversion": "1.0",
        "ce-type": FINALIZED,
        "ce-subject": quote(f"objects/{stored.name}", safe=UNQUOTED),
        "ce-time": stored.updated_at,
        "ce-bucket": stored.bucket,
    }


def _bucket_of(request: dict[str, Any]) -> str:
    filters = request.get("eventFilters", request.get("event_filters")) or []
    wanted = {each.get("attribute"): each.get("value") for each in filters}
    if set(wanted) != {"type", "bucket"} or wanted["type"] != FINALIZED or not wanted["bucket"]:
        raise invalid(f"eventFilters must be exactly type={FINALIZED} and bucket=NAME: this stand-in delivers no other event.")
    return str(wanted["bucket"])


def _uri_of(request: dict[str, Any]) -> str:
    destination = request.get("destination") or {}
    endpoint = destination.get("httpEndpoint", destination.get("http_endpoint")) or {}
    uri = str(endpoint.get("uri", ""))
    if urlsplit(uri).scheme not in ("http", "https") or not urlsplit(uri).netloc:
        raise invalid("destination.httpEndpoint.uri must be an http URL: names of Cloud Run services cannot be resolved on one machine.")
    return uri


def _read(connection: sqlite3.Connection, query: str, name: str) -> dict[str, Any]:
    row = connection.execute(query, (name,)).fetchone()
    if row is None:
        raise StorageError(404, "notFound", "NotFound", f"Resource '{name}' was not found")
    resource: dict[str, Any] = json.loads(row["resource"])
    return resource


def _finished_operation(connection: sqlite3.Connection, name: str, resource: dict[str, Any], verb: str) -> dict[str, Any]:
    """Record and return a long-running operation that finished as it began."""
    parent = name.partition("/triggers/")[0]
    now = rfc3339()
    operation = {
        "name": f"{parent}/operations/operation-{uuid.uuid4()}",
        "metadata": {
            "@type": "type.googleapis.com/google.cloud.eventarc.v1.OperationMetadata",
            "createTime": now,
            "endTime": now,
            "target": name,
            "verb": verb,
            "apiVersion": "v1",
        },
        "done": True,
        "response": {"@type": "type.googleapis.com/google.cloud.eventarc.v1.Trigger"} | resource,
    }
    connection.execute("INSERT INTO operations VALUES (?, ?)", (operation["name"], json.dumps(operation)))
    return operation


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        trigger_name=row["trigger_name"],
        uri=row["uri"],
        service_account=row["service_account"],
        headers=json.loads(row["headers"]),
        body=row["body"],
        attempts=row["attempts"],
        expires_at=row["expires_at"],
    )
