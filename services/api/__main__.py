"""`python -m services.api`: serve the API and the canvas on $PORT, as Cloud Run starts it."""

import sys

from services.api.app import create_app
from services.core.bootstrap import build_container
from services.core.kit.serving import serve
from services.core.settings import load_settings


def main() -> int:
    """Serve until SIGTERM; 2 where the settings are wrong."""
    return serve("api", lambda: create_app(build_container(load_settings())))


if __name__ == "__main__":
    sys.exit(main())
