"""JSON API of buckets: `/storage/v1/b`."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.storage.buckets import BucketRepository
from infra.local.storage.listing import decode_page_token, encode_page_token, page_size
from infra.local.storage.preconditions import Preconditions
from infra.local.storage.request_parts import json_body, path_part


class BucketApi:
    """Parses, calls the repository, answers."""

    def __init__(self, buckets: BucketRepository, base_url: str) -> None:
        self._buckets = buckets
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """Return the routes; every one of them needs a bearer token."""
        bucket = "/storage/v1/b/{bucket}"
        return [
            Route("/storage/v1/b", self.list_page, methods=["GET"]),
            Route("/storage/v1/b", self.create, methods=["POST"]),
            Route(bucket, self.get, methods=["GET"]),
            Route(bucket, self.update, methods=["PATCH", "PUT"]),
            Route(bucket, self.delete, methods=["DELETE"]),
            Route(f"{bucket}/storageLayout", self.storage_layout, methods=["GET"]),
            Route(f"{bucket}/managedFolders", self.managed_folders, methods=["GET"]),
            Route(f"{bucket}/iam", self.get_iam_policy, methods=["GET"]),
            Route(f"{bucket}/iam", self.set_iam_policy, methods=["PUT"]),
            Route(f"{bucket}/iam/testPermissions", self.test_permissions, methods=["GET"]),
            Route("/storage/v1/projects/{project}/serviceAccount", self.service_account, methods=["GET"]),
        ]

    async def list_page(self, request: Request) -> Response:
        """`buckets.list`."""
        query = request.query_params
        limit = page_size(query)
        after = decode_page_token(query.get("pageToken", ""))
        found = await run_in_threadpool(self._buckets.list_page, query.get("prefix", ""), after, limit + 1)
        answer = {"kind": "storage#buckets", "items": [bucket.resource(self._base_url) for bucket in found[:limit]]}
        if len(found) > limit:
            answer["nextPageToken"] = encode_page_token(found[limit - 1].name)
        return JSONResponse(answer)

    async def create(self, request: Request) -> Response:
        """`buckets.insert`."""
        bucket = await run_in_threadpool(self._buckets.create, await json_body(request))
        return JSONResponse(bucket.resource(self._base_url))

    async def get(self, request: Request) -> Response:
        """`buckets.get`."""
        bucket = await run_in_threadpool(self._buckets.get, path_part(request, "bucket"))
        Preconditions.from_query(request.query_params).check_read(0, bucket.metageneration)
        return JSONResponse(bucket.resource(self._base_url))

    async def update(self, request: Request) -> Response:
        """`buckets.patch` and `buckets.update`."""
        change, preconditions = await json_body(request), Preconditions.from_query(request.query_params)
        replace = request.method == "PUT"
        bucket = await run_in_threadpool(self._buckets.update, path_part(request, "bucket"), change, preconditions, replace=replace)
        return JSONResponse(bucket.resource(self._base_url))

    async def delete(self, request: Request) -> Response:
        """`buckets.delete`."""
        await run_in_threadpool(self._buckets.delete, path_part(request, "bucket"), Preconditions.from_query(request.query_params))
        return Response(status_code=204)

    async def storage_layout(self, request: Request) -> Response:
        """`buckets.getStorageLayout`: a flat namespace."""
        resource = (await run_in_threadpool(self._buckets.get, path_part(request, "bucket"))).resource(self._base_url)
        kept = {"bucket": resource["name"], "location": resource["location"], "locationType": resource["locationType"]}
        return JSONResponse(kept | {"kind": "storage#storageLayout", "hierarchicalNamespace": {"enabled": False}})

    async def managed_folders(self, request: Request) -> Response:
        """`managedFolders.list`: none. gcloud asks before it removes a bucket."""
        await run_in_threadpool(self._buckets.get, path_part(request, "bucket"))
        return JSONResponse({"kind": "storage#managedFolders", "items": []})

    async def get_iam_policy(self, request: Request) -> Response:
        """`buckets.getIamPolicy`."""
        return JSONResponse(await run_in_threadpool(self._buckets.get_iam_policy, path_part(request, "bucket")))

    async def set_iam_policy(self, request: Request) -> Response:
        """`buckets.setIamPolicy`: stored, not enforced."""
        policy = await json_body(request)
        return JSONResponse(await run_in_threadpool(self._buckets.set_iam_policy, path_part(request, "bucket"), policy))

    async def test_permissions(self, request: Request) -> Response:
        """`buckets.testIamPermissions`: the one account of the stack may do everything."""
        await run_in_threadpool(self._buckets.get, path_part(request, "bucket"))
        granted = request.query_params.getlist("permissions")
        return JSONResponse({"kind": "storage#testIamPermissionsResponse", "permissions": granted})

    async def service_account(self, request: Request) -> Response:
        """`projects.serviceAccount.get`: the agent that provisioning scripts grant Pub/Sub rights to."""
        email = f"service-{path_part(request, 'project')}@gs-project-accounts.iam.gserviceaccount.com"
        return JSONResponse({"kind": "storage#serviceAccount", "email_address": email})
