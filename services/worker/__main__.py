"""`python -m services.worker`: serve task handlers on $PORT, as Cloud Run starts it."""

import sys

from starlette.types import ASGIApp

from services.core.kit.serving import serve


def application() -> ASGIApp:
    """The application that the environment describes. Raises SettingsError where it describes none."""
    # Imported here, where `serve` has switched the collector off.
    from services.core.bootstrap import build_container  # noqa: PLC0415  # cold start, see above
    from services.core.settings import load_settings  # noqa: PLC0415  # cold start, see above
    from services.worker.app import create_app  # noqa: PLC0415  # cold start, see above

    return create_app(build_container(load_settings()))


def main() -> int:
    """Serve until SIGTERM; 2 where the settings are wrong."""
    return serve("worker", application)


if __name__ == "__main__":
    sys.exit(main())
