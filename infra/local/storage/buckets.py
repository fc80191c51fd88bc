"""Buckets: their settings, their IAM policy, and the errors around them."""

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from infra.local.storage.database import Database, rfc3339
from infra.local.storage.errors import StorageError, invalid, no_such_bucket
from infra.local.storage.preconditions import Preconditions
from infra.local.storage.resources import json_etag, merged

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
# What the service alone decides; a client's copy of it is ignored.
READ_ONLY_FIELDS = {"kind", "id", "name", "selfLink", "projectNumber", "metageneration", "etag", "timeCreated", "updated", "locationType"}
DEFAULTS: dict[str, Any] = {
    "location": "US",
    "storageClass": "STANDARD",
    "iamConfiguration": {
        "publicAccessPrevention": "inherited",
        "uniformBucketLevelAccess": {"enabled": False},
        "bucketPolicyOnly": {"enabled": False},
    },
}


@dataclass(frozen=True)
class Bucket:
    """A bucket with the fields a client wrote (`attributes`: cors, lifecycle, labels, location, ...)."""

    name: str
    attributes: dict[str, Any]
    metageneration: int
    created_at: str
    updated_at: str

    def resource(self, base_url: str) -> dict[str, Any]:
        """Return the JSON resource."""
        return {
            "kind": "storage#bucket",
            "id": self.name,
            "name": self.name,
            "selfLink": f"{base_url}/storage/v1/b/{self.name}",
            "projectNumber": "1",
            "locationType": "multi-region" if self.attributes["location"] in ("US", "EU", "ASIA") else "region",
            "metageneration": str(self.metageneration),
            "etag": json_etag(self.metageneration),
            "timeCreated": self.created_at,
            "updated": self.updated_at,
        } | self.attributes


class BucketRepository:
    """Every method is one transaction. `get_x` raises 404, `find_x` returns None."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, resource: dict[str, Any]) -> Bucket:
        """Create a bucket; 409 where it exists, 400 for a name that the service refuses."""
        name = resource.get("name")
        if not isinstance(name, str) or not BUCKET_NAME.fullmatch(name):
            raise invalid(f"Invalid bucket name: '{name}'")
        attributes = merged(DEFAULTS, _attributes(resource))
        attributes["location"] = str(attributes["location"]).upper()
        now = rfc3339()
        policy = json.dumps({"kind": "storage#policy", "resourceId": f"projects/_/buckets/{name}", "version": 1, "bindings": []})
        with self._database.transaction() as connection:
            try:
                connection.execute("INSERT INTO buckets VALUES (?, ?, ?, 1, ?, ?)", (name, json.dumps(attributes), policy, now, now))
            except sqlite3.IntegrityError as exists:
                message = "Your previous request to create the named bucket succeeded and you already own it."
                raise StorageError(409, "conflict", "BucketAlreadyOwnedByYou", message) from exists
        return Bucket(name, attributes, 1, now, now)

    def get(self, name: str) -> Bucket:
        """Return the bucket; 404."""
        with self._database.transaction() as connection:
            return read_bucket(connection, name)

    def find_cors(self, name: str) -> list[dict[str, Any]]:
        """Return the CORS configuration as it was written; empty for a missing bucket."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT attributes FROM buckets WHERE name = ?", (name,)).fetchone()
        return [] if row is None else json.loads(row["attributes"]).get("cors") or []

    def list_page(self, prefix: str, after: str, limit: int) -> list[Bucket]:
        """Return up to `limit` buckets whose name starts with `prefix` and sorts after `after`."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT * FROM buckets WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?", (after, len(prefix), prefix, limit)
            ).fetchall()
        return [_bucket(row) for row in rows]

    def update(self, name: str, change: dict[str, Any], preconditions: Preconditions, *, replace: bool = False) -> Bucket:
        """Merge `change` into the bucket, or replace what a client may write; 404, 412."""
        with self._database.transaction() as connection:
            current = read_bucket(connection, name)
            preconditions.check(0, current.metageneration)
            base = merged(DEFAULTS, {"location": current.attributes["location"]}) if replace else current.attributes
            attributes = merged(base, _attributes(change)) | {"location": current.attributes["location"]}
            updated = Bucket(name, attributes, current.metageneration + 1, current.created_at, rfc3339())
            connection.execute(
                "UPDATE buckets SET attributes = ?, metageneration = ?, updated_at = ? WHERE name = ?",
                (json.dumps(attributes), updated.metageneration, updated.updated_at, name),
            )
        return updated

    def delete(self, name: str, preconditions: Preconditions) -> None:
        """Delete an empty bucket; 404, 409 where objects are left, 412."""
        with self._database.transaction() as connection:
            preconditions.check(0, read_bucket(connection, name).metageneration)
            if connection.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                raise StorageError(409, "conflict", "BucketNotEmpty", "The bucket you tried to delete is not empty.")
            connection.execute("DELETE FROM buckets WHERE name = ?", (name,))

    def get_iam_policy(self, name: str) -> dict[str, Any]:
        """Return the IAM policy with an etag of its content; 404."""
        with self._database.transaction() as connection:
            read_bucket(connection, name)
            text = connection.execute("SELECT iam_policy FROM buckets WHERE name = ?", (name,)).fetchone()["iam_policy"]
        policy: dict[str, Any] = json.loads(text)
        return policy | {"etag": json_etag(len(text))}

    def set_iam_policy(self, name: str, policy: dict[str, Any]) -> dict[str, Any]:
        """Store the bindings and return the policy; 404."""
        kept = self.get_iam_policy(name) | {"bindings": policy.get("bindings", []), "version": policy.get("version", 1)}
        kept.pop("etag")
        with self._database.transaction() as connection:
            connection.execute("UPDATE buckets SET iam_policy = ? WHERE name = ?", (json.dumps(kept), name))
        return self.get_iam_policy(name)


def read_bucket(connection: sqlite3.Connection, name: str) -> Bucket:
    """Return the bucket within the caller's transaction; 404."""
    row = connection.execute("SELECT * FROM buckets WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise no_such_bucket(name)
    return _bucket(row)


def _attributes(resource: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key not in READ_ONLY_FIELDS}


def _bucket(row: sqlite3.Row) -> Bucket:
    return Bucket(row["name"], json.loads(row["attributes"]), row["metageneration"], row["created_at"], row["updated_at"])
