"""JSON API of uploads: `/upload/storage/v1/b/{bucket}/o` with media, multipart and resumable uploads."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.storage.authentication import Authentication
from infra.local.storage.constraints import Constraints
from infra.local.storage.contents import Contents, write_body
from infra.local.storage.errors import StorageError, invalid
from infra.local.storage.multipart import RelatedBody
from infra.local.storage.objects import Destination, ObjectRepository
from infra.local.storage.preconditions import Preconditions, integer
from infra.local.storage.request_parts import json_body, path_part
from infra.local.storage.resources import StoredObject, object_resource, writable
from infra.local.storage.sessions import ContentRange, UploadSessions


class UploadReceiver:
    """The two ways in which bytes arrive, shared by the JSON and the XML API."""

    def __init__(self, contents: Contents, objects: ObjectRepository, sessions: UploadSessions) -> None:
        self._contents = contents
        self._objects = objects
        self.sessions = sessions

    async def store(
        self, body: AsyncIterator[bytes], destination: Destination, attributes: dict[str, Any], constraints: Constraints
    ) -> StoredObject:
        """Stream one request body into an object; 400, 404, 412."""
        with self._contents.stage() as staged:
            await write_body(staged, body)
            return await run_in_threadpool(self._objects.store, staged, destination, attributes, constraints)

    async def continue_session(self, request: Request, session_id: str) -> StoredObject | Response:
        """Take in what a request to a session's URI carries: the object when complete, else the 308 or 499 to answer."""
        if request.method == "DELETE":
            await run_in_threadpool(self.sessions.cancel, session_id)
            return Response(status_code=499)
        content_range = ContentRange.parse(request.headers.get("content-range"))
        constraints = Constraints.of_headers(request.headers)
        outcome = await self.sessions.receive(session_id, content_range, request.stream(), constraints)
        if isinstance(outcome, StoredObject):
            return outcome
        return Response(status_code=308, headers={"Range": f"bytes=0-{outcome - 1}"} if outcome else None)


class UploadApi:
    """Parses, calls the receiver, answers."""

    def __init__(self, receiver: UploadReceiver, authentication: Authentication, base_url: str) -> None:
        self._receiver = receiver
        self._authentication = authentication
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """Return the route in its two spellings; gcloud's resumable uploads use the second.

        It checks the token itself, because a session's URI needs none.
        """
        path = "/upload/storage/v1/b/{bucket}/o"
        return [Route(prefix + path, self.upload, methods=["POST", "PUT", "DELETE"]) for prefix in ("", "/resumable")]

    async def upload(self, request: Request) -> Response:
        """`objects.insert`, and every later request of a resumable upload."""
        session_id = request.query_params.get("upload_id")
        if session_id:
            outcome = await self._receiver.continue_session(request, session_id)
            return self._resource(outcome) if isinstance(outcome, StoredObject) else outcome
        self._authentication.require_bearer(request)
        match request.query_params.get("uploadType"):
            case "media":
                return await self._media(request)
            case "multipart":
                return await self._multipart(request)
            case "resumable":
                return await self._begin_session(request)
            case other:
                raise invalid(f"Unknown uploadType '{other}': media, multipart or resumable is expected.")

    async def _media(self, request: Request) -> Response:
        attributes = writable({"contentType": request.headers.get("content-type")})
        constraints = Constraints.of_headers(request.headers)
        return self._resource(await self._receiver.store(request.stream(), _destination(request, {}), attributes, constraints))

    async def _multipart(self, request: Request) -> Response:
        related = RelatedBody(request.headers.get("content-type", ""), request.stream())
        resource, content_type = await related.metadata()
        attributes = writable({"contentType": content_type} | resource)
        constraints = Constraints.of_resource(resource).merged_with(Constraints.of_headers(request.headers))
        return self._resource(await self._receiver.store(related.content(), _destination(request, resource), attributes, constraints))

    async def _begin_session(self, request: Request) -> Response:
        resource = await json_body(request)
        destination = _destination(request, resource)
        attributes = writable({"contentType": request.headers.get("x-upload-content-type")} | resource)
        constraints = Constraints.of_resource(resource).merged_with(Constraints.of_headers(request.headers))
        session_id = await run_in_threadpool(
            self._receiver.sessions.create,
            destination,
            attributes,
            constraints,
            announced_size(request),
            request.headers.get("origin"),
        )
        location = f"{self._base_url}{request.scope['path']}?uploadType=resumable&upload_id={session_id}"
        return Response(headers={"Location": location, "X-GUploader-UploadID": session_id})

    def _resource(self, stored: StoredObject) -> Response:
        return JSONResponse(object_resource(stored, self._base_url))


def announced_size(request: Request) -> int | None:
    """Return the total size that the request beginning a session announces, if it does."""
    text = request.headers.get("x-upload-content-length")
    return None if text is None else integer("X-Upload-Content-Length", text)


def _destination(request: Request, resource: dict[str, Any]) -> Destination:
    name = resource.get("name") or request.query_params.get("name")
    if not isinstance(name, str):
        raise StorageError(400, "required", "InvalidArgument", "Required parameter: name")
    return Destination(path_part(request, "bucket"), name, Preconditions.from_query(request.query_params))
