"""Serving an application as Cloud Run starts it: $PORT, SIGTERM, settings errors in words."""

import gc
import os
import sys
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from services.core.kit.logging import configure_logging
from services.core.kit.telemetry import configure_telemetry, end_telemetry
from services.core.settings import SettingsError

CANNOT_START = 2
# Cloud Run sends SIGTERM and 10 s later SIGKILL; what remains is for closing connections and leaving.
# https://cloud.google.com/run/docs/container-contract#lifecycle-shutdown
DRAIN_SECONDS = 8


def serve(service: str, create: Callable[[], ASGIApp]) -> int:
    """Serve until SIGTERM, then answer what has begun. Returns 2 where the environment does not describe a service that can start.

    `create` imports the application and builds it, while nothing is collected: all of that stays.
    """
    configure_logging(service)
    configure_telemetry(service)
    gc.disable()  # a fifth of the time that a cold start takes (infra/images/cold_start.py)
    try:
        host, port = _address()
        app = create()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_START
    finally:
        gc.freeze()
        gc.enable()
    # Requests are logged by kit.observed, with their trace.
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=DRAIN_SECONDS)
    end_telemetry()
    return 0


def _address() -> tuple[str, int]:
    """$HOST and $PORT. A container listens on all its addresses; on one's own machine the supervisor sets HOST=127.0.0.1."""
    port = os.environ.get("PORT", "8080")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError("The service cannot start; see .env.example.\n  PORT: needs a number between 1 and 65535")
    return os.environ.get("HOST", "0.0.0.0"), int(port)  # noqa: S104  # required by Cloud Run's container contract
