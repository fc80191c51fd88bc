"""The identity, Cloud Tasks and Cloud Run jobs stand-ins for a product that carries Google's own credentials (`make run REAL=1`).

Such a process presents Google's access tokens to both, which only Google can verify, and has no key of the local identity to
sign ID tokens with. So these take any bearer token here, on loopback, and the identity answers as the metadata server does
on Cloud Run, where the clients get their ID tokens from.
"""

import argparse
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from infra.local.cloud_tasks.app import create_app as create_cloud_tasks
from infra.local.identity import Identity
from infra.local.identity import create_app as create_identity
from infra.local.run_jobs.app import create_app as create_run_jobs

# https://cloud.google.com/compute/docs/metadata/overview: each answer carries it, and so must each request.
FLAVOR = {"Metadata-Flavor": "Google"}
ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default"


class TrustingIdentity(Identity):
    """The local identity, which takes access tokens of others for good."""

    def accepts_bearer(self, token: str) -> bool:
        """Whatever it is: Google has issued it, and would not tell us."""
        return bool(token)


def with_metadata_server(identity: Identity, app: Starlette) -> Starlette:
    """Add the metadata server's answers about the account of `identity`."""

    async def root(_: Request) -> Response:
        return PlainTextResponse("computeMetadata/\n", headers=FLAVOR)

    async def account(request: Request) -> Response:
        if not _is_meant_for_us(request):
            return Response(status_code=403)
        return JSONResponse({"aliases": ["default"], "email": identity.client_email, "scopes": []}, headers=FLAVOR)

    async def token(request: Request) -> Response:
        if not _is_meant_for_us(request):
            return Response(status_code=403)
        return PlainTextResponse(identity.id_token(identity.client_email, request.query_params["audience"]), headers=FLAVOR)

    app.router.routes += [Route("/", root), Route(f"{ACCOUNT}/", account), Route(f"{ACCOUNT}/identity", token)]
    return app


def main() -> None:
    """Serve one of the three until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.supervisor.real_google", description=__doc__)
    parser.add_argument("name", choices=("identity", "cloud_tasks", "run_jobs"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    parser.add_argument("--identity", type=Path, required=True, metavar="DIR")
    options = parser.parse_args()
    uvicorn.run(
        _app(options.name, options.state, options.identity),
        host="127.0.0.1",
        port=options.port,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )


def _app(name: str, state: Path, identity: Path) -> ASGIApp:
    if name == "cloud_tasks":
        return create_cloud_tasks(state, TrustingIdentity.load(identity))
    if name == "run_jobs":
        return create_run_jobs(state, TrustingIdentity.load(identity))
    account = Identity.load(identity)
    return with_metadata_server(account, create_identity(account))


def _is_meant_for_us(request: Request) -> bool:
    return request.headers.get("metadata-flavor") == FLAVOR["Metadata-Flavor"]


if __name__ == "__main__":
    main()
