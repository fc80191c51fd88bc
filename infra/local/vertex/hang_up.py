"""Closing a connection without a reply, which no ASGI application can do by itself."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

# The transports of open connections, by the client's address as ASGI names it.
Connections = dict[tuple[str, int], asyncio.Transport]


def protocol_class(connections: Connections) -> type[H11Protocol]:
    """Return an HTTP protocol for uvicorn that keeps `connections` up to date."""

    class TrackedProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own class
            super().connection_made(transport)
            if self.client is not None:
                connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.pop(self.client, None)
            super().connection_lost(exc)

    return TrackedProtocol


async def hang_up(connections: Connections, client: Any) -> None:
    """Cut the connection of `client`: it sees a reset, and cannot know what became of its request."""
    connections[cast(tuple[str, int], tuple(client))].abort()
    await asyncio.sleep(0)  # lets the transport tell uvicorn, so that it does not try to answer
