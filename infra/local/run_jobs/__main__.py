"""Run the Cloud Run jobs stand-in: `python -m infra.local.run_jobs --port 8716 --state DIR [--identity DIR]`."""

import argparse
from pathlib import Path

import uvicorn

from infra.local.identity import Identity

from .app import GRACE_SECONDS, create_app

DEFAULT_PORT = 8716


def main() -> None:
    """Serve until SIGTERM, which also ends the tasks that run."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.run_jobs", description="Cloud Run jobs, on loopback.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="jobs, executions and their output; created if missing")
    parser.add_argument("--identity", type=Path, metavar="DIR", help="identity directory; tokens that it did not sign are refused")
    parser.add_argument("--token-uri", default="http://127.0.0.1:8710/token", help="used only to create a missing identity")
    parser.add_argument("--project", default="reelgraph-local", help="used only to create a missing identity")
    parser.add_argument("--grace-seconds", type=float, default=GRACE_SECONDS, help="from SIGTERM to SIGKILL of a task")
    arguments = parser.parse_args()
    identity = arguments.identity and Identity.load_or_create(arguments.identity, arguments.token_uri, arguments.project)
    app = create_app(arguments.state.resolve(), identity, arguments.grace_seconds)
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
