"""XML API of objects: `/{bucket}/{object}`, the form of signed URLs."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.local.storage.authentication import Authentication
from infra.local.storage.constraints import Constraints
from infra.local.storage.downloads import download
from infra.local.storage.errors import invalid
from infra.local.storage.objects import Destination, ObjectRepository, Source
from infra.local.storage.preconditions import Preconditions
from infra.local.storage.request_parts import generation_parameter, path_part
from infra.local.storage.resources import HEADER_OF_FIELD, StoredObject, download_headers, header_value, version_headers, writable, xml_etag
from infra.local.storage.upload_api import UploadReceiver, announced_size

META_PREFIX = "x-goog-meta-"


class XmlApi:
    """Every request needs a V4 signature or a bearer token, except one that names an upload session."""

    def __init__(self, objects: ObjectRepository, receiver: UploadReceiver, authentication: Authentication, base_url: str) -> None:
        self._objects = objects
        self._receiver = receiver
        self._authentication = authentication
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """Return the one route; it must come last, because its pattern matches nearly everything."""
        return [Route("/{bucket}/{object:path}", self.serve, methods=["GET", "HEAD", "PUT", "POST", "DELETE"])]

    async def serve(self, request: Request) -> Response:
        """Check who calls and hand over to the method."""
        session_id = request.query_params.get("upload_id")
        if session_id and request.method in ("PUT", "DELETE"):
            outcome = await self._receiver.continue_session(request, session_id)
            return _uploaded(outcome) if isinstance(outcome, StoredObject) else outcome
        self._authentication.require_signature_or_bearer(request)
        match request.method:
            case "GET":
                return await self._get(request)
            case "HEAD":
                return await self._head(request)
            case "PUT":
                return await self._put(request)
            case "POST":
                return await self._begin_session(request)
            case _:
                await run_in_threadpool(self._objects.delete, _source(request))
                return Response(status_code=204)

    async def _get(self, request: Request) -> Response:
        stored, file = await run_in_threadpool(self._objects.open, _source(request))
        response = download(stored, file, request.headers, xml_etag(stored))
        for parameter, header in (("response-content-type", "Content-Type"), ("response-content-disposition", "Content-Disposition")):
            if parameter in request.query_params:
                response.headers[header] = header_value(request.query_params[parameter])
        return response

    async def _head(self, request: Request) -> Response:
        stored = await run_in_threadpool(self._objects.get, _source(request))
        return Response(headers=download_headers(stored) | {"ETag": xml_etag(stored), "Content-Length": str(stored.size_bytes)})

    async def _put(self, request: Request) -> Response:
        constraints = Constraints.of_headers(request.headers)
        return _uploaded(await self._receiver.store(request.stream(), _destination(request), _attributes(request), constraints))

    async def _begin_session(self, request: Request) -> Response:
        if request.headers.get("x-goog-resumable", "").lower() != "start":
            raise invalid("POST begins a resumable upload and needs the header x-goog-resumable: start.")
        destination, attributes = _destination(request), _attributes(request)
        constraints, origin = Constraints.of_headers(request.headers), request.headers.get("origin")
        session_id = await run_in_threadpool(
            self._receiver.sessions.create, destination, attributes, constraints, announced_size(request), origin
        )
        location = f"{self._base_url}{request.scope['path']}?upload_id={session_id}"
        return Response(status_code=201, headers={"Location": location, "X-GUploader-UploadID": session_id})


def _source(request: Request) -> Source:
    preconditions = Preconditions.from_headers(request.headers)
    return Source(path_part(request, "bucket"), path_part(request, "object"), generation_parameter(request), preconditions)


def _destination(request: Request) -> Destination:
    return Destination(path_part(request, "bucket"), path_part(request, "object"), Preconditions.from_headers(request.headers))


def _attributes(request: Request) -> dict[str, object]:
    metadata = {name.removeprefix(META_PREFIX): value for name, value in request.headers.items() if name.startswith(META_PREFIX)}
    return writable({field: request.headers.get(header) for field, header in HEADER_OF_FIELD.items()} | {"metadata": metadata or None})


def _uploaded(stored: StoredObject) -> Response:
    return Response(headers=version_headers(stored) | {"ETag": xml_etag(stored)})
