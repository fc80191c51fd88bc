"""Runs the Vertex AI simulator: `python -m infra.local.vertex --port N --state DIR --identity DIR --storage-endpoint URL`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from infra.local.identity import Identity
from infra.local.vertex.app import Simulator, create_app
from infra.local.vertex.hang_up import Connections, protocol_class
from infra.local.vertex.ledger import Ledger
from infra.local.vertex.object_store import DirectoryObjectStore, GoogleObjectStore, ObjectStore
from infra.local.vertex.operations import Operations
from infra.local.vertex.rendering import Renderer
from infra.local.vertex.submission import Submission


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM."""
    options = _options(arguments)
    identity = Identity.load_or_create(options.identity, options.token_uri, options.project)
    store: ObjectStore
    if options.storage_directory is not None:
        store = DirectoryObjectStore(options.storage_directory)
    else:
        store = GoogleObjectStore(options.storage_endpoint, identity.credentials_path)
    ledger, work, connections = Ledger(options.state), options.state / "work", Connections()
    simulator = Simulator(
        identity=identity,
        ledger=ledger,
        submission=Submission(ledger, store, work, options.render_speed),
        operations=Operations(ledger, store, Renderer(options.parallel_renders), work),
        connections=connections,
    )
    uvicorn.run(
        create_app(simulator),
        host="127.0.0.1",
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        http=protocol_class(connections),
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.vertex", description=__doc__)
    parser.add_argument("--port", type=int, default=8714)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    parser.add_argument("--identity", type=Path, required=True, metavar="DIR")
    parser.add_argument("--project", default="reelgraph-local")
    parser.add_argument("--token-uri", default="http://127.0.0.1:8710/token", help="written into a new identity only")
    stores = parser.add_mutually_exclusive_group(required=True)
    stores.add_argument("--storage-endpoint", metavar="URL", help="the Cloud Storage API that holds inputs and takes videos")
    stores.add_argument("--storage-directory", type=Path, metavar="DIR", help="directories as buckets, without a storage stand-in")
    parser.add_argument(
        "--render-speed",
        choices=("auto", "veryfast", "ultrafast"),
        default="auto",
        help="x264 preset; auto: veryfast for 720p, ultrafast above",
    )
    parser.add_argument("--parallel-renders", type=int, default=1, help="render processes at once; each keeps one to two cores busy")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
