"""The worker as its other tests have it."""

from tests.services.worker.test_app import (
    ada,
    app,
    certs_url,
    client,
    clock,
    container,
    dispatcher,
    identity,
    index,
    plain_logs,
    project_id,
    world,
)

__all__ = [
    "ada",
    "app",
    "certs_url",
    "client",
    "clock",
    "container",
    "dispatcher",
    "identity",
    "index",
    "plain_logs",
    "project_id",
    "world",
]
