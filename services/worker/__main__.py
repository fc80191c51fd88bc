"""`python -m services.worker`: serve task handlers on $PORT, as Cloud Run starts it."""

import sys

from services.core.bootstrap import build_container
from services.core.kit.serving import serve
from services.core.settings import load_settings
from services.worker.app import create_app


def main() -> int:
    """Serve until SIGTERM; 2 where the settings are wrong."""
    return serve("worker", lambda: create_app(build_container(load_settings())))


if __name__ == "__main__":
    sys.exit(main())
