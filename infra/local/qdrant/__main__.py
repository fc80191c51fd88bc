"""Run the Qdrant stand-in: `python -m infra.local.qdrant --port 8715 --state DIR`."""

import argparse
import sys
from pathlib import Path

import uvicorn

from .app import create_app
from .collections import Collections, StateInUse

DEFAULT_PORT = 8715


def main() -> None:
    """Serve until SIGTERM; requests under way get one second to end."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.qdrant", description="Qdrant's REST interface over qdrant-edge, on loopback."
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--state", type=Path, required=True, help="directory of the collections; created if missing")
    arguments = parser.parse_args()
    try:
        collections = Collections(arguments.state)
    except StateInUse as error:
        sys.exit(str(error))
    uvicorn.run(create_app(collections), host="127.0.0.1", port=arguments.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
