"""`python -m services.exporter`: make one film, that of the attempt $EXPORT_ATTEMPT at the export $EXPORT_ID, as Cloud Run starts it.

Ends with 0 where the export has ended or is another execution's, else not: then the worker sees the execution failed, and begins another.
"""

import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import NoReturn
from uuid import UUID

import structlog

from services.core.bootstrap import build_container
from services.core.exports.lease import Attempt
from services.core.exports.make import Overtaken, make
from services.core.kit.logging import configure_logging
from services.core.kit.telemetry import TRACEPARENT, configure_telemetry, end_telemetry, span
from services.core.settings import SettingsError, load_settings

STOPPED = 128 + signal.SIGTERM
CANNOT_START = 2

log = structlog.get_logger()


class Stopped(BaseException):
    """SIGTERM, in the middle of whatever went on: files are removed on the way out, and the row is left to the next attempt."""


def main() -> int:
    """Make the film; see above for what the code says."""
    configure_logging("export")
    configure_telemetry("export")
    try:
        return _run()
    finally:
        end_telemetry()


def _run() -> int:
    try:
        attempt = attempt_of(os.environ)
    except (KeyError, ValueError):
        sys.stderr.write("The job is started by the worker, with EXPORT_ID and EXPORT_ATTEMPT, as an execution of Cloud Run.\n")
        return CANNOT_START
    signal.signal(signal.SIGTERM, _stop)
    facts: dict[str, str | int] = {"export_id": str(attempt.export_id), "attempt": attempt.number, "execution": attempt.execution}
    try:
        tools = build_container(load_settings()).export_tools
        with span("film.make", facts, within=os.environ.get(TRACEPARENT.upper())):
            has_worked = make(tools, attempt, lost=_end_this_process)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_START
    except Stopped:
        log.warning("export.stopped", **facts)
        return STOPPED
    except Overtaken:
        log.info("export.overtaken", **facts)
        return 0
    except Exception:
        log.exception("export.attempt_failed", **facts)
        return 1
    log.info("export.ended" if has_worked else "export.left_alone", **facts)
    return 0


def attempt_of(environment: Mapping[str, str]) -> Attempt:
    """The attempt that the worker asks for (exports.executions). Raises KeyError, ValueError."""
    # Set by Cloud Run: https://cloud.google.com/run/docs/container-contract#jobs-env-vars
    execution = environment["CLOUD_RUN_EXECUTION"]
    return Attempt(UUID(environment["EXPORT_ID"]), int(environment["EXPORT_ATTEMPT"]), execution)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: a second one would interrupt the cleaning up
    raise Stopped


def _end_this_process() -> None:
    """From the heartbeat's thread: as if Cloud Run had asked, for only the main thread can leave what it is at."""
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
