"""Runs Reelgraph on this machine: python -m infra.local.supervisor."""

import sys
import warnings


def main() -> int:
    """Return the exit code."""
    # The Postgres wheel would like a directory that only desktop sessions have.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        from infra.local.supervisor.command_line import run  # noqa: PLC0415  # an incomplete environment is a message, not a traceback
    except ImportError as missing:
        sys.stderr.write(f"The Python environment is incomplete ({missing}). Mend it: make install\n")
        return 1
    return run()


if __name__ == "__main__":
    sys.exit(main())
