"""Run the collector: `python -m infra.local.traces --port 8717`."""

import argparse

import uvicorn

from .app import create_app
from .store import TraceStore

DEFAULT_PORT = 8717
KEPT_TRACES = 500


def main() -> None:
    """Serve until SIGTERM; traces are gone then."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.traces", description="OTLP/HTTP traces and a page to look at them.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--keep", type=int, default=KEPT_TRACES, help="traces that are kept; the one that was idle longest goes first")
    arguments = parser.parse_args()
    app = create_app(TraceStore(arguments.keep))
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
