"""An application behind a port of this machine, for tests whose client has to be a real one."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

import uvicorn
from starlette.types import ASGIApp

START_SECONDS = 20


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application behind a port, as `services.core.kit.serving` starts it; answers host:port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    give_up_at = monotonic() + START_SECONDS
    while not server.started and monotonic() < give_up_at:
        Event().wait(0.01)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
