"""JSON API of objects: `/storage/v1/b/{bucket}/o` and its downloads."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.storage.downloads import download
from infra.local.storage.listing import ListRequest
from infra.local.storage.objects import Destination, ObjectRepository, Source
from infra.local.storage.preconditions import Preconditions, integer
from infra.local.storage.request_parts import generation_parameter, json_body, path_part, source_in_path
from infra.local.storage.resources import StoredObject, json_etag, object_resource, writable


class ObjectApi:
    """Parses, calls the repository, answers."""

    def __init__(self, objects: ObjectRepository, base_url: str) -> None:
        self._objects = objects
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """Return the routes; every one of them needs a bearer token."""
        objects = "/storage/v1/b/{bucket}/o"
        one = objects + "/{object}"
        return [
            Route(objects, self.list_page, methods=["GET"]),
            Route(one, self.get, methods=["GET"]),
            Route(f"/download{one}", self.download, methods=["GET"]),
            Route(one, self.update, methods=["PATCH", "PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/compose", self.compose, methods=["POST"]),
            Route(f"{one}/rewriteTo/b/{{to_bucket}}/o/{{to_object}}", self.rewrite, methods=["POST"]),
            Route(f"{one}/copyTo/b/{{to_bucket}}/o/{{to_object}}", self.copy, methods=["POST"]),
        ]

    async def list_page(self, request: Request) -> Response:
        """`objects.list`."""
        wanted = ListRequest.from_query(request.query_params)
        page = await run_in_threadpool(self._objects.list_page, path_part(request, "bucket"), wanted)
        answer: dict[str, Any] = {"kind": "storage#objects", "items": [object_resource(stored, self._base_url) for stored in page.objects]}
        if page.prefixes:
            answer["prefixes"] = page.prefixes
        if page.next_page_token:
            answer["nextPageToken"] = page.next_page_token
        return JSONResponse(answer)

    async def get(self, request: Request) -> Response:
        """`objects.get`: the resource, or with `alt=media` the bytes."""
        if request.query_params.get("alt") == "media":
            return await self.download(request)
        return self._resource(await run_in_threadpool(self._objects.get, source_in_path(request)))

    async def download(self, request: Request) -> Response:
        """`objects.get` of the bytes."""
        stored, file = await run_in_threadpool(self._objects.open, source_in_path(request))
        return download(stored, file, request.headers, json_etag(stored.generation, stored.metageneration))

    async def update(self, request: Request) -> Response:
        """`objects.patch` and `objects.update`."""
        change = await json_body(request)
        replace_all = request.method == "PUT"
        return self._resource(await run_in_threadpool(self._objects.update, source_in_path(request), change, replace_all=replace_all))

    async def delete(self, request: Request) -> Response:
        """`objects.delete`."""
        await run_in_threadpool(self._objects.delete, source_in_path(request))
        return Response(status_code=204)

    async def compose(self, request: Request) -> Response:
        """`objects.compose`."""
        body, bucket = await json_body(request), path_part(request, "bucket")
        sources = [_component(bucket, each) for each in body.get("sourceObjects") or []]
        destination = Destination(bucket, path_part(request, "object"), Preconditions.from_query(request.query_params))
        attributes = writable(body.get("destination") or {})
        return self._resource(await run_in_threadpool(self._objects.compose, sources, destination, attributes))

    async def copy(self, request: Request) -> Response:
        """`objects.copy`."""
        return self._resource(await self._copied(request))

    async def rewrite(self, request: Request) -> Response:
        """`objects.rewrite`, finished in one call: nothing crosses a location here."""
        stored = await self._copied(request)
        size = str(stored.size_bytes)
        answer = {"kind": "storage#rewriteResponse", "totalBytesRewritten": size, "objectSize": size, "done": True}
        return JSONResponse(answer | {"resource": object_resource(stored, self._base_url)})

    async def _copied(self, request: Request) -> StoredObject:
        source = Source(
            path_part(request, "bucket"),
            path_part(request, "object"),
            generation_parameter(request, "sourceGeneration"),
            Preconditions.from_query(request.query_params, "ifSource"),
        )
        preconditions = Preconditions.from_query(request.query_params)
        destination = Destination(path_part(request, "to_bucket"), path_part(request, "to_object"), preconditions)
        attributes = writable(await json_body(request))
        return await run_in_threadpool(self._objects.copy, source, destination, attributes or None)

    def _resource(self, stored: StoredObject) -> Response:
        return JSONResponse(object_resource(stored, self._base_url))


def _component(bucket: str, description: dict[str, Any]) -> Source:
    """Read one of `sourceObjects`; `ifGenerationMatch` sits in `objectPreconditions`."""
    conditions = {name: str(value) for name, value in (description.get("objectPreconditions") or {}).items()}
    generation = description.get("generation")
    return Source(
        bucket,
        str(description.get("name", "")),
        integer("generation", str(generation)) if generation else None,
        Preconditions.from_query(conditions),
    )
