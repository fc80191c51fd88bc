"""Runs gcloud, and calls Google's REST interfaces where it has no command; what goes wrong is said in words."""

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.gcp.steps import RANDOM, Arguments, Command

# What passes by itself, in the words of Google's answers: an API that was switched on a moment ago, a service that is away briefly.
PASSING = r"has not been used in project|before or it is disabled|UNAVAILABLE|HTTPError 50[234]|RESOURCE_EXHAUSTED"
# The same for commands that change something: what one service knows has not reached the other yet.
PASSING_CHANGE = (
    PASSING + r"|does not exist|Permission denied while using the Eventarc Service Agent|concurrent policy changes|try again|in progress"
)
# A metric made a moment ago, which an alert names.
SLOWLY = r"up to 10 minutes"
SLOW_TIMES = 3  # as long as for the others
MISSING = r"NOT_FOUND|HTTPError 404|\b404\b|not found|does not exist"
ADVICE = (
    (r"billing", "Link the project to a billing account: https://console.cloud.google.com/billing/linkedaccount, and run this again."),
    (r"Reauthentication|gcloud auth login|active account", "Log in with `gcloud auth login`, and run this again."),
    (r"PERMISSION_DENIED|does not have permission|403", "Who deploys needs roles/owner on the project: `gcloud config get account`."),
    (r"allowedPolicyMemberDomains", "The organisation forbids public services: ask its administrator for an exception."),
    (r"instanceAlreadyExists|instance name .*used", "Google keeps a deleted database's name for a week: take another project."),
    (r"queue.*(recently|existed too)", "Google keeps a deleted queue's name for days: wait, or take another project."),
    (r"QUOTA|quota", "A quota is used up: https://console.cloud.google.com/iam-admin/quotas raises it."),
    (r"Producer services .* still using", "Google frees the connection some days after the database is gone: run this again then."),
)  # fmt: skip
RERUN = "Mend it and run this again: what is done already is left as it is."


class DeploymentStopped(Exception):
    """A step that failed; the message says what failed, with which command, and what to do."""


class NotThere(DeploymentStopped):
    """What was asked about does not exist."""


class Gcloud:
    """gcloud for one project. `patience_seconds` is how long an answer that passes by itself is asked for again."""

    def __init__(self, project: str, environment: Mapping[str, str], patience_seconds: float = 240, pause_seconds: float = 10) -> None:
        self._project = project
        self._environment = {**environment, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1", "CLOUDSDK_CORE_PROJECT": project}
        self._patience_seconds = patience_seconds
        self._pause_seconds = pause_seconds
        self._looked: dict[Arguments, Any] = {}
        self._locks: dict[Arguments, threading.Lock] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Look anew from now on."""
        self._looked.clear()

    def look(self, arguments: Arguments) -> Any:
        """What gcloud shows as JSON; asked once, until `forget`. Raises DeploymentStopped."""
        with self._lock:
            lock = self._locks.setdefault(arguments, threading.Lock())
        with lock:
            if arguments not in self._looked:
                self._looked[arguments] = json.loads(self._call((*arguments, "--format=json"), PASSING) or "[]")
            return self._looked[arguments]

    def look_again(self, arguments: Arguments) -> Any:
        """The same, some seconds later. Raises DeploymentStopped."""
        self.pause()
        with self._lock:
            self._looked.pop(arguments, None)
        return self.look(arguments)

    def pause(self) -> None:
        """Give Google a moment."""
        time.sleep(self._pause_seconds)

    def run(self, command: Command, found: Mapping[str, Any] | None = None) -> str:
        """Run a command and return what it prints. Raises DeploymentStopped."""
        if command.content is None:
            return self._call(_filled(command.arguments, found or {}), PASSING_CHANGE)
        content = secrets.token_hex(32) if command.content == RANDOM else command.content
        with tempfile.TemporaryDirectory(prefix="reelgraph-") as directory:
            path = Path(directory) / "content.json"
            path.touch(mode=0o600)
            path.write_text(content)
            return self._call(_filled(command.arguments, {**(found or {}), "file": str(path)}), PASSING_CHANGE)

    def rest(self, method: str, api: str, path: str, body: Any = None) -> Any:
        """Call Google's REST interface `api` as the person whom gcloud knows; None where it answers 404. Raises DeploymentStopped."""
        url = f"https://{api}.googleapis.com/{path}"
        token = self.look(("auth", "print-access-token"))
        headers = {"Content-Type": "application/json", "X-Goog-User-Project": self._project}
        headers["Authorization"] = f"Bearer {token['token'] if isinstance(token, dict) else token}"
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, sent, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # https
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            if error.code == 404 or "CONFIGURATION_NOT_FOUND" in text:
                return None
            raise DeploymentStopped(_explained(f"{method} {url}", f"{error.code} {text}")) from error
        except OSError as error:
            raise DeploymentStopped(_explained(f"{method} {url}", str(error))) from error

    def _call(self, arguments: Arguments, passing: str) -> str:
        gcloud = shutil.which("gcloud", path=self._environment.get("PATH"))
        if gcloud is None:
            raise DeploymentStopped(
                "gcloud is not installed. Get it from https://cloud.google.com/sdk/docs/install, then: gcloud auth login"
            )
        until = time.monotonic() + self._patience_seconds
        while True:
            done = subprocess.run(  # noqa: S603  # gcloud, with our own arguments
                [gcloud, *arguments], env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                return done.stdout
            late = until + (SLOW_TIMES - 1) * self._patience_seconds if re.search(SLOWLY, done.stderr) else until
            passes = re.search(f"{passing}|{SLOWLY}", done.stderr, re.IGNORECASE)
            if time.monotonic() + self._pause_seconds > late or not passes:
                kind = NotThere if re.search(MISSING, done.stderr, re.IGNORECASE) else DeploymentStopped
                raise kind(_explained(shlex.join(("gcloud", *arguments)), done.stderr))
            self.pause()


def _filled(arguments: Arguments, values: Mapping[str, Any]) -> Arguments:
    return tuple(re.sub(r"\{(\w+)\}", lambda placeholder: str(values[placeholder[1]]), argument) for argument in arguments)


def _explained(command: str, output: str) -> str:
    said = output.strip() or "nothing was said"
    advice = next((text for pattern, text in ADVICE if re.search(pattern, said, re.IGNORECASE)), RERUN)
    return f"  {command}\nanswered:\n  {said[-3000:]}\nWhat to do: {advice}"


def person_environment() -> dict[str, str]:
    """The environment of gcloud: the person's own, without questions and update notices."""
    return {**os.environ, "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1"}
