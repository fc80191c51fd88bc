"""Run a command against a stack of its own, which is gone afterwards: the browser's tests and the README's pictures.

    python -m infra.local.with_stack [--live ws] -- npm --prefix frontend run e2e

The command finds the studio's address in E2E_BASE_URL; its exit code is the program's. Where it fails, the ends of the stack's
logs follow.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.supervisor.stack import LocalStack

LOG_CHARACTERS = 3000


def main(arguments: Sequence[str] | None = None) -> int:
    """Start a stack, run the command, stop the stack; returns the command's exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--live", choices=("firestore", "ws"), help="how browsers hear of changes; as the machine can, unless given")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    # Not below the repository: Postgres does not run as root, and its own user may not be let in there.
    with (
        TemporaryDirectory(prefix="reelgraph-stack-") as directory,
        LocalStack(Path(directory) / "state", live=options.live) as stack,
    ):
        environment = os.environ | {"E2E_BASE_URL": stack.urls["api"]}
        code = subprocess.run(options.command, env=environment, check=False).returncode
        if code:
            print_last_words(stack)
        return code


def print_last_words(stack: LocalStack) -> None:
    """The end of each log that says anything."""
    for part in stack.urls:
        if words := stack.log(part).strip():
            print(f"--- {part}\n{words[-LOG_CHARACTERS:]}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
