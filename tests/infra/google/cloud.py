"""Google Cloud for a test: the stand-ins and the official Pub/Sub emulator where there are such, a recording fake for the rest."""

import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from infra.local.identity import Identity
from tests.infra.google import forking_gcloud
from tests.infra.google.proxy import Answer, Call, Proxy, answer
from tests.infra.google.resources import PROJECT, REGION, Resources
from tests.infra.google.run import CloudRun
from tests.local.cloud_tasks.support import REPOSITORY, stand_in, wait_until

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
DIGEST = "sha256:" + "ab" * 32
READS = re.compile(r"oauth2|getIamPolicy|/operations/|:wait$|testIamPermissions|storageLayout")
# Of a policy and of builds the stand-ins and emulators know nothing, or not all.
NOT_FORWARDED = re.compile(r":(get|set)IamPolicy$")
HOP = {"host", "connection", "content-length", "transfer-encoding", "authorization", "accept-encoding", "proxy-connection", "keep-alive"}
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Google:
    """Everything of Google that the deployment touches. `changes` are the calls that changed something, in their order."""

    directory: Path
    source: Path
    """What is deployed: a copy, since others may edit the tree meanwhile, and then a second deployment would have something to build."""
    forwards: Mapping[str, str]
    identity: Identity
    resources: Resources = field(default_factory=Resources)
    run: CloudRun = field(default_factory=CloudRun)
    changes: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    refusals: dict[str, Answer] = field(default_factory=dict)
    """Answers given once, to calls whose method and path contain the key."""
    builds: list[dict[str, Any]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def serve(self, call: Call) -> Answer:
        """Answer one call to a Google API, or to a service that was deployed."""
        what = f"{call.method} {call.host}{call.path}"
        for key in [key for key in self.refusals if key in what]:
            return self.refusals.pop(key)
        given = self._serve(call)
        if call.method not in ("GET", "HEAD") and not READS.search(what) and given.status < 400:
            with self.changed:
                self.changes.append(what)
                self.changed.notify_all()
        return given

    def _serve(self, call: Call) -> Answer:
        if call.host.endswith(".run.app"):
            return self.run.answers(call)
        if call.host == "oauth2.googleapis.com":
            return self._token(call)
        if call.host.endswith("run.googleapis.com"):
            return self.run.serve(call)
        if call.host.endswith("cloudbuild.googleapis.com"):
            return self._build(call)
        if call.host in self.forwards and not NOT_FORWARDED.search(call.path):
            return self._forward(self.forwards[call.host], call)
        return self.resources.serve(call)

    def _token(self, call: Call) -> Answer:
        """For the account that deploys, whose key gcloud has: https://datatracker.ietf.org/doc/html/rfc7523."""
        claims = self.identity.verified_claims(parse_qs(call.body.decode())["assertion"][0])
        if audience := claims.get("target_audience"):
            return answer({"id_token": self.identity.id_token(claims["iss"], audience)})
        return answer({"access_token": self.identity.access_token(SCOPE), "expires_in": 3600, "token_type": "Bearer"})

    def _forward(self, base: str, call: Call) -> Answer:
        headers = {name: value for name, value in call.headers.items() if name not in HOP}
        headers["authorization"] = f"Bearer {self.identity.access_token(SCOPE)}"
        request = urllib.request.Request(base + call.target, call.body or None, headers, method=call.method)
        try:
            with _direct.open(request, timeout=30) as given:
                return _passed_on(given.status, given.read(), given.headers)
        except urllib.error.HTTPError as refusal:
            return _passed_on(refusal.code, refusal.read(), refusal.headers)

    def _build(self, call: Call) -> Answer:
        """A build does what its last step does: it releases the images it made."""
        if "/operations/" in call.path or call.method == "GET":
            return answer(self.builds[-1])
        build = call.json()
        given = build["substitutions"]
        images = (f"--backend-image={given['_IMAGES']}/backend@{DIGEST}", f"--face-image={given['_IMAGES']}/image_uploaded@{DIGEST}")
        place = (f"--project={PROJECT}", f"--region={given['_REGION']}", f"--source={given['_SOURCE']}", "--pause-seconds=0.05")
        command = [sys.executable, "-m", "infra.gcp", "release", *place, *images]
        done = subprocess.run(command, cwd=self.source, env=self.environment, capture_output=True, text=True, check=False)
        state = "SUCCESS" if done.returncode == 0 else "FAILURE"
        said = {
            "id": "build-1",
            "projectId": PROJECT,
            "status": state,
            "logUrl": "https://console",
            "statusDetail": done.stdout + done.stderr,
        }
        self.builds.append(
            {**build, **said, "createTime": "2026-01-01T00:00:00Z", "name": f"projects/{PROJECT}/locations/{REGION}/builds/build-1"}
        )
        metadata = {"@type": "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata", "build": self.builds[-1]}
        return answer({"name": f"operations/build/{PROJECT}/b", "metadata": metadata, "done": True})


def _passed_on(status: int, body: bytes, headers: Message) -> Answer:
    return Answer(status, body, {name: value for name, value in headers.items() if name.lower() not in HOP | {"date", "server"}})


def _source(copy: Path) -> Path:
    """As much of the repository as a deployment reads."""
    for folder in ("infra", "schemas"):
        shutil.copytree(REPOSITORY / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("cloudbuild.yaml", ".gcloudignore", ".gitignore"):
        shutil.copy(REPOSITORY / file, copy / file)
    return copy


@contextmanager
def google(directory: Path, pubsub_address: str) -> Iterator[Google]:
    """Start all of it; leave the environment in which gcloud finds it in `environment`."""
    identity = Identity.load_or_create(directory / "identity", "https://oauth2.googleapis.com/token", PROJECT)
    with ExitStack() as running:

        def start(name: str) -> str:
            arguments = ("--state", str(directory / name), "--project", PROJECT, "--identity", str(directory / "identity"))
            return running.enter_context(stand_in(name, *arguments)).url

        storage, tasks, scheduler = start("storage"), start("cloud_tasks"), start("cloud_scheduler")
        forwards = {
            "storage.googleapis.com": storage,
            "cloudtasks.googleapis.com": tasks,
            "cloudscheduler.googleapis.com": scheduler,
            "pubsub.googleapis.com": f"http://{pubsub_address}",
        }
        cloud = Google(directory, _source(directory / "source"), forwards, identity)
        proxy = Proxy(directory, cloud.serve)
        running.callback(proxy.close)
        cloud.environment |= proxy.environment(directory, identity)
        running.enter_context(_fast_gcloud(directory, cloud.environment))
        yield cloud


@contextmanager
def _fast_gcloud(directory: Path, environment: dict[str, str]) -> Iterator[None]:
    """Put a gcloud on the path of `environment` that is the installed one, started once: see forking_gcloud.py."""
    root = Path(shutil.which("gcloud") or "").resolve().parents[1]
    bundled = root / "platform" / "bundledpythonunix" / "bin" / "python3"
    python = str(bundled if bundled.exists() else shutil.which("python3"))
    address, script = str(directory / "gcloud.socket"), directory / "bin" / "gcloud"
    script.parent.mkdir()
    script.write_text(forking_gcloud.SCRIPT.format(python=python, address=address))
    script.chmod(0o755)
    environment["PATH"] = f"{script.parent}:{environment['PATH']}"
    # -S, as gcloud's own script starts it: nothing of other packages that are installed.
    command = [python, "-S", forking_gcloud.__file__, address, str(root / "lib")]
    server = subprocess.Popen(command, env=environment)
    try:
        wait_until(lambda: Path(address).exists() or server.poll() is not None, seconds=60)
        yield
    finally:
        server.kill()
        server.wait()
