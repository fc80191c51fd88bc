"""A provider that answers exactly what a test wrote down: for the replies that no well-behaved server gives."""

import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.oauth2.credentials import Credentials


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; `body` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HangUp:
    """The connection ends without an answer."""


@dataclass(frozen=True)
class Silence:
    """No answer comes while the test lasts."""


@dataclass(frozen=True)
class Call:
    """What arrived; `client_port` tells connections apart."""

    client_port: int
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedVertex:
    """Answers the calls it gets with `script`, one entry each, and keeps them in `calls`. A call that was not foreseen is answered 599."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[Call] = []
        self._script: deque[Reply | HangUp | Silence] = deque()
        self._over = threading.Event()

    def will(self, *script: Reply | HangUp | Silence) -> None:
        """Add to the script."""
        self._script.extend(script)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.calls.append(Call(handler.client_address[1], handler.path, headers, json.loads(body or b"null")))
        match self._script.popleft() if self._script else Reply(599):
            case Reply(status, body, headers):
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                handler.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}.items():
                    handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(raw)
            case HangUp():
                handler.connection.shutdown(socket.SHUT_RDWR)
            case Silence():
                self._over.wait(30)


@contextmanager
def scripted_vertex() -> Iterator[ScriptedVertex]:
    """A listening ScriptedVertex."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # so that a connection may be used again

        def do_POST(self) -> None:
            vertex._answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests read `calls`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        vertex = ScriptedVertex(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield vertex
        vertex._over.set()
        server.shutdown()
        thread.join()


@contextmanager
def closed_port() -> Iterator[str]:
    """An address where connections are refused: the port is bound, so nobody else gets it, and does not listen."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def unanswered_port() -> Iterator[str]:
    """An address where connections are neither accepted nor refused: the queue of a listener that never accepts is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for client in waiting:
            client.close()


def bearer(token: str = "a-token") -> Credentials:
    """Credentials that carry a token already."""
    return Credentials(token=token)


def error_body(code: int, status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    """Google's JSON of an error."""
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}
