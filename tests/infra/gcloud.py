"""The real gcloud, for tests: where it is, and what it says of commands."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.gcp.steps import Arguments

AT_ONCE = 2

needs_gcloud = pytest.mark.skipif(shutil.which("gcloud") is None, reason="the gcloud CLI is not installed")


def cache(name: str, *parts: bytes) -> Path:
    """Where a result is kept that depends on `parts` and the installed gcloud only."""
    version = Path(shutil.which("gcloud") or "").resolve().parent.parent / "VERSION"
    digest = hashlib.sha256(b"\0".join((version.read_bytes(), *parts))).hexdigest()
    directory = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reelgraph" / name
    directory.mkdir(parents=True, exist_ok=True)
    return directory / digest[:32]


def refusals(commands: Iterable[Arguments], directory: Path) -> dict[str, str]:
    """What gcloud's linter has against commands, by command. Those it accepted once are not asked about again."""
    lines = sorted({shlex.join(("gcloud", *_plain(arguments))) for arguments in commands})
    new = [line for line in lines if not cache("linted", line.encode()).exists()]
    shares = [share for share in (new[start::AT_ONCE] for start in range(AT_ONCE)) if share]
    refused: dict[str, str] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for said in pool.map(lambda numbered: _lint(numbered[1], directory / f"commands-{numbered[0]}.json"), enumerate(shares)):
            refused |= said
    for line in set(new) - refused.keys():
        cache("linted", line.encode()).touch()
    return refused


def _plain(arguments: Arguments) -> Arguments:
    """Without the braces of placeholders: they would be quoted, which the linter takes for the value of the flag before."""
    return tuple(argument.replace("{", "").replace("}", "") for argument in arguments)


def _lint(lines: Sequence[str], path: Path) -> dict[str, str]:
    path.write_text(json.dumps([{"command_string": line} for line in lines]))
    environment = {**os.environ, "CLOUDSDK_CONFIG": str(path.parent / "gcloud"), "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
    command = ["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={path}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert len(said) == len(lines), "the linter passed over commands"
    return {line: f"{item['error_type']}: {item['error_message']}" for line, item in zip(lines, said, strict=True) if not item["success"]}
