"""HTTP over a plain socket, for requests that are still being sent while something else happens."""

import socket
from http.client import HTTPResponse
from types import TracebackType
from typing import Self

from infra.images.surroundings import FirstPost
from infra.local.supervisor.layout import HOST

ANSWERS_WITHIN_SECONDS = 20.0


class SlowPost:
    """A POST whose head and half of whose body are sent: a request in flight."""

    def __init__(self, port: int, post: FirstPost) -> None:
        self._body = post.body
        self._socket = socket.create_connection((HOST, port), ANSWERS_WITHIN_SECONDS)
        headers = {"host": f"{HOST}:{port}", "content-length": str(len(post.body)), "connection": "close", **post.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._sent = len(post.body) // 2
        self._socket.sendall(f"POST {post.path} HTTP/1.1\r\n{head}\r\n".encode() + post.body[: self._sent])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._socket.close()

    def finish(self) -> int:
        """Send the rest, and return the status of the answer. Raises http.client.HTTPException where there is none."""
        self._socket.sendall(self._body[self._sent :])
        response = HTTPResponse(self._socket, method="POST")
        response.begin()
        response.read()
        return response.status
