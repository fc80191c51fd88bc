"""Entry point: Cloud Storage finalized an object in the uploads bucket."""

import functools
import os
import threading
import traceback
from typing import Any

import flask
import functions_framework
from cloudevents.http import CloudEvent

from analyze import FaceAnalyzer
from objects import connect
from settings import load_settings
from structured_log import log, traceparent
from upload import Upload, UploadHandler
from worker import Worker

_composing = threading.Lock()


@functions_framework.cloud_event
def image_uploaded(event: CloudEvent) -> None:
    """Handle `google.cloud.storage.object.v1.finalized`. An exception answers 500, and Eventarc delivers the event again."""
    traceparent.set(flask.request.headers.get("traceparent"))
    stored: dict[str, Any] = event.data
    upload = Upload(bucket=stored["bucket"], name=stored["name"], generation=int(stored["generation"]))
    try:
        upload_handler().handle(upload)
    except Exception:
        log("ERROR", "upload.failed", name=upload.name, generation=upload.generation, stack_trace=traceback.format_exc())
        raise


def upload_handler() -> UploadHandler:
    """Return the one handler of this process, and with it the one set of models."""
    with _composing:
        return _compose()


@functools.cache
def _compose() -> UploadHandler:
    settings = load_settings(os.environ)
    return UploadHandler(
        uploads_bucket=settings.uploads_bucket,
        media_bucket=settings.media_bucket,
        objects=connect(settings.storage_endpoint),
        analyzer=FaceAnalyzer(),
        worker=Worker(settings.worker_url),
    )
