"""Runs the Cloud Storage and Eventarc stand-in until SIGTERM: `python -m infra.local.storage`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from infra.local.identity import Identity
from infra.local.storage.app import create_app
from infra.local.storage.delivery import DEFAULT_TIMEOUT_SECONDS


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the state directory on the loopback interface."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.storage", description=__doc__)
    parser.add_argument("--port", type=int, default=8713)
    parser.add_argument("--host", default="127.0.0.1", help="in a container whose port is published (compose.yaml): 0.0.0.0")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="objects and their database")
    parser.add_argument("--identity", type=Path, required=True, metavar="DIR", help="the directory with service-account.json")
    parser.add_argument("--project", default="reelgraph-local")
    parser.add_argument("--token-uri", default="http://127.0.0.1:8710/token", help="used only if the identity has to be created")
    parser.add_argument(
        "--delivery-timeout", type=float, default=DEFAULT_TIMEOUT_SECONDS, metavar="SECONDS", help="how long a destination may take"
    )
    options = parser.parse_args(arguments)
    identity = Identity.load_or_create(options.identity, options.token_uri, options.project)
    app = create_app(options.state, identity, f"http://127.0.0.1:{options.port}", options.delivery_timeout)
    # h11 rather than httptools: one behaviour on every machine, whatever else is installed.
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", http="h11", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
