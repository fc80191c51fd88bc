"""Eventarc's REST API of triggers and their long-running operations: `/v1/projects/{project}/locations/{location}`."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.storage.errors import invalid
from infra.local.storage.request_parts import json_body
from infra.local.storage.triggers import TriggerRepository


class EventarcApi:
    """Parses, calls the repository, answers."""

    def __init__(self, triggers: TriggerRepository) -> None:
        self._triggers = triggers

    def routes(self) -> list[Route]:
        """Return the routes; every one of them needs a bearer token."""
        location = "/v1/projects/{project}/locations/{location}"
        return [
            Route(f"{location}/triggers", self.create, methods=["POST"]),
            Route(f"{location}/triggers", self.list_all, methods=["GET"]),
            Route(f"{location}/triggers/{{id}}", self.get, methods=["GET"]),
            Route(f"{location}/triggers/{{id}}", self.delete, methods=["DELETE"]),
            Route(f"{location}/operations/{{id}}", self.get_operation, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """`triggers.create`: the trigger exists when this answers."""
        trigger_id = request.query_params.get("triggerId", request.query_params.get("trigger_id"))
        if not trigger_id:
            raise invalid("Required parameter: triggerId")
        body = await json_body(request)
        return JSONResponse(await run_in_threadpool(self._triggers.create, f"{_name(request)}/{trigger_id}", body))

    async def list_all(self, request: Request) -> Response:
        """`triggers.list`, on one page."""
        found = await run_in_threadpool(self._triggers.list_in, _name(request).removesuffix("/triggers"))
        return JSONResponse({"triggers": found})

    async def get(self, request: Request) -> Response:
        """`triggers.get`."""
        return JSONResponse(await run_in_threadpool(self._triggers.get, _name(request)))

    async def delete(self, request: Request) -> Response:
        """`triggers.delete`."""
        return JSONResponse(await run_in_threadpool(self._triggers.delete, _name(request)))

    async def get_operation(self, request: Request) -> Response:
        """`operations.get`."""
        return JSONResponse(await run_in_threadpool(self._triggers.get_operation, _name(request)))


def _name(request: Request) -> str:
    """Return the resource name, which is the path without its version."""
    return str(request.scope["path"]).removeprefix("/v1/")
