"""Runs the Cloud Scheduler stand-in: python -m infra.local.cloud_scheduler --port 8712 --state DIR --identity DIR."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from infra.local.cloud_scheduler.app import create_app
from infra.local.identity import Identity


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM. Exits within two seconds; runs under way are abandoned."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.cloud_scheduler", description=__doc__)
    parser.add_argument("--port", type=int, default=8712)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where the jobs are kept")
    parser.add_argument("--identity", type=Path, required=True, metavar="DIR", help="the identity directory")
    parser.add_argument("--token-uri", default="http://127.0.0.1:8710/token", help="used only to create a missing identity")
    parser.add_argument("--project", default="reelgraph-local", help="used only to create a missing identity")
    options = parser.parse_args(arguments)
    identity = Identity.load_or_create(options.identity, options.token_uri, options.project)
    app = create_app(options.state, identity)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
