"""The interface of the simulator itself, below /simulator: what was billed and asked, and how the next calls shall go. Not Google's."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.vertex import errors
from infra.local.vertex.behaviour import Directions, UnknownBehaviourError, apply_words
from infra.local.vertex.ledger import Channel, Ledger
from infra.local.vertex.operations import Operations

# The keys of a request, and the calls they are about.
CHANNELS: dict[str, Channel] = {"": "submit", "_poll": "poll", "_generate_content": "generate_content"}


class ControlEndpoints:
    """Endpoints for tests and demonstrations; they need no credentials, as they listen on the loopback interface only."""

    def __init__(self, ledger: Ledger, operations: Operations) -> None:
        self._ledger = ledger
        self._operations = operations

    def routes(self) -> list[tuple[str, Callable[[Request], Awaitable[Response]], list[str]]]:
        """Path, endpoint, methods."""
        return [
            ("/simulator/journal", self.journal, ["GET"]),
            ("/simulator/operations", self.list_operations, ["GET"]),
            ("/simulator/counters", self.counters, ["GET"]),
            ("/simulator/faults", self.faults, ["GET", "POST", "DELETE"]),
            ("/simulator/behaviour", self.behaviour, ["GET", "POST"]),
            ("/simulator/release", self.release, ["POST"]),
        ]

    async def journal(self, _: Request) -> Response:
        """Every accepted submit, newest last."""
        return JSONResponse([entry.as_json() for entry in self._ledger.list_journal()])

    async def list_operations(self, _: Request) -> Response:
        """Every operation, newest last."""
        return JSONResponse([operation.as_json() for operation in self._ledger.list_operations()])

    async def counters(self, _: Request) -> Response:
        """How often each method was called; `submits` counts the refused ones too, `accepted` does not."""
        counted = {"submits": 0, "polls": 0, "generate_content": 0} | self._ledger.counters()
        operations = self._ledger.list_operations()
        polls = {operation.name: operation.polls for operation in operations}
        return JSONResponse(counted | {"accepted": len(operations), "polls_by_operation": polls})

    async def faults(self, request: Request) -> Response:
        """POST {"next": [...]} queues one entry for each coming submit (`next_poll`, `next_generate_content`: for those calls).

        An entry is a word such as "blocked:15236754", or a list of words. DELETE forgets what is queued and what is set.
        """
        if request.method == "DELETE":
            self._ledger.clear_behaviours()
        elif request.method == "POST":
            body = await _object(request)
            _check_keys(body, "next")
            queued = {channel: [_words(entry) for entry in _list(body.get(f"next{key}"))] for key, channel in CHANNELS.items()}
            for channel, entries in queued.items():
                self._ledger.queue_behaviours(channel, entries)
        return JSONResponse(self._ledger.list_behaviours())

    async def behaviour(self, request: Request) -> Response:
        """POST {"always": [...words]} sets what every coming submit is told (`always_poll`, `always_generate_content`); [] unsets."""
        if request.method == "POST":
            body = await _object(request)
            _check_keys(body, "always")
            lasting = {channel: _words(_list(body[f"always{key}"])) for key, channel in CHANNELS.items() if f"always{key}" in body}
            for channel, words in lasting.items():
                self._ledger.set_lasting_behaviour(channel, words)
        return JSONResponse(self._ledger.list_behaviours())

    async def release(self, request: Request) -> Response:
        """POST {"operation": name} lets that held operation come to its end; {} lets all."""
        body = await _object(request)
        return JSONResponse({"released": self._operations.release(body.get("operation"))})


def _check_keys(body: Mapping[str, Any], stem: str) -> None:
    known = {f"{stem}{key}" for key in CHANNELS}
    for key in body:
        if key not in known:
            raise errors.invalid_argument(key, f"is not known here; there are {', '.join(sorted(known))}.")


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise errors.invalid_argument("body", "behaviours come as a list.")
    return value


def _words(entry: object) -> list[str]:
    words = [entry] if isinstance(entry, str) else entry
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise errors.invalid_argument("body", "a behaviour is a word or a list of words.")
    try:
        apply_words(Directions(), words)
    except UnknownBehaviourError as error:
        raise errors.invalid_argument("body", f"{error}.") from error
    return words


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise errors.invalid_argument("body", "is not valid JSON.") from error
    if not isinstance(body, dict):
        raise errors.invalid_argument("body", "must be a JSON object.")
    return body
