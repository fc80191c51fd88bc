"""What this function needs to know about its surroundings, read from the environment when the first event arrives."""

from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """The environment does not describe a function that can run; the message names the missing variables."""


@dataclass(frozen=True)
class Settings:
    """`storage_endpoint` is only set where Cloud Storage is reached at another address than Google's."""

    uploads_bucket: str
    media_bucket: str
    worker_url: str
    storage_endpoint: str | None


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read GCS_BUCKET (the base name of the buckets), WORKER_URL and, optionally, STORAGE_ENDPOINT."""
    missing = [name for name in ("GCS_BUCKET", "WORKER_URL") if not environment.get(name)]
    if missing:
        raise SettingsError(f"image_uploaded cannot run: set {' and '.join(missing)}.")
    base = environment["GCS_BUCKET"]
    return Settings(
        uploads_bucket=f"{base}-uploads",
        media_bucket=f"{base}-media",
        worker_url=environment["WORKER_URL"].rstrip("/"),
        storage_endpoint=environment.get("STORAGE_ENDPOINT") or None,
    )
