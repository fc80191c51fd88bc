"""`make migrate` and `make migration`: Alembic with a Postgres of the local stack.

python -m infra.local.supervisor.migrations upgrade             the local database
python -m infra.local.supervisor.migrations revision MESSAGE    a new file, against an empty database that all migrations made
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.local.supervisor.layout import REPOSITORY
from infra.local.supervisor.options import parse_options
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.stack import LocalStack


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    try:
        match sys.argv[1:] if arguments is None else list(arguments):
            case ["upgrade"]:
                return _upgrade()
            case ["revision", message]:
                return _revision(message)
            case _:
                sys.stderr.write(f"{__doc__}\n")
                return 2
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _upgrade() -> int:
    options = parse_options([], os.environ)
    layout = options.layout
    with LocalStack(layout.state, layout.base_port, only=("migrate",), database_url=options.database_url):
        print("The database is at the newest migration.")
    return 0


def _revision(message: str) -> int:
    with tempfile.TemporaryDirectory() as directory, LocalStack(Path(directory) / "stack", only=("migrate",)) as stack:
        command = (sys.executable, "-m", "services.migrations", "revision", message)
        return subprocess.run(command, cwd=REPOSITORY, env=stack.environments["migrate"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
