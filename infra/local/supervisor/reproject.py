"""Asks the worker to write all live documents again: the Firestore emulator forgot them when it stopped."""

import argparse
import sys
from pathlib import Path

import httpx

from infra.local.identity import Identity

TIMEOUT_SECONDS = 60.0


def main() -> int:
    """POST /tasks/reproject as the account that may call the worker."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.supervisor.reproject", description=__doc__)
    parser.add_argument("--worker", required=True, metavar="URL", help="also the audience of the token")
    parser.add_argument("--identity", required=True, type=Path, metavar="DIR")
    parser.add_argument("--caller", required=True, metavar="EMAIL", help="the account that may call the worker")
    options = parser.parse_args()
    identity = Identity.load(options.identity)
    headers = {"authorization": f"Bearer {identity.id_token(options.caller, options.worker)}"}
    with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        answer = client.post(f"{options.worker}/tasks/reproject", json={}, headers=headers)
    if answer.is_success:
        return 0
    sys.stderr.write(f"the worker answered {answer.status_code}: {answer.text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
