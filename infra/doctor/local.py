"""Looks at this machine and at the local stack, running or not, through the same REST interfaces as in the cloud."""

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

import httpx

from infra import wanted
from infra.description import DEPLOYMENT
from infra.doctor import facts
from infra.doctor.findings import Finding
from infra.doctor.rules import examine, examine_inside
from infra.doctor.worker import WorkerAway, ask, understood
from infra.gcp.steps import contains
from infra.local.identity import Identity
from infra.local.supervisor.composition import compose
from infra.local.supervisor.doctor import Seen, is_running, look_at_machine, look_at_ports
from infra.local.supervisor.emulators import Emulators
from infra.local.supervisor.environments import PROJECT, REGION, invoker, origins
from infra.local.supervisor.layout import HOST, Layout, shown
from infra.local.supervisor.options import Options
from infra.local.supervisor.parts import DatabaseReady, HttpReady, Part
from services.core.assets.objects import SCOPE
from services.worker.diagnostics import Diagnostics

TIMEOUT_SECONDS = 5.0
WORKER_TIMEOUT_SECONDS = 30.0  # it asks Qdrant, and waits five seconds for it
LOCATION = f"projects/{PROJECT}/locations/{REGION}"
# The Firestore emulator takes this for an administrator.
ADMINISTRATOR = {"authorization": "Bearer owner"}


@dataclass(frozen=True)
class LocalMends:
    """How a stack on this machine is mended: by starting it again, or through the stand-ins' interfaces."""

    layout: Layout

    @property
    def redo(self) -> str:
        return "stop it (Ctrl-C) and start it again: make run"

    @property
    def migrate(self) -> str:
        return "stop it (Ctrl-C), then: make migrate"

    def log(self, service: str) -> str:
        return shown(self.layout.logs / f"{service}.log")

    def ask_worker(self, task: str) -> str:
        return f"make doctor DO={task}"

    def resume_queue(self, name: str) -> str:
        return f"curl -X POST {self.layout.url('cloud_tasks')}/v2/{LOCATION}/queues/{name}:resume"

    def resume_call(self, name: str) -> str:
        return f"curl -X POST {self.layout.url('cloud_scheduler')}/v1/{LOCATION}/jobs/{name}:resume"

    def run_call(self, name: str) -> str:
        return f"curl -X POST {self.layout.url('cloud_scheduler')}/v1/{LOCATION}/jobs/{name}:run"

    def read_messages(self, subscription: str) -> str:
        body = "-H content-type:application/json -d '{\"maxMessages\": 10}'"
        return f"curl -X POST {body} {self.layout.url('pubsub')}/v1/projects/{PROJECT}/subscriptions/{subscription}:pull"


def look_at_machine_and_stack(
    options: Options, emulators: Emulators, environment: Mapping[str, str], show: Callable[[Seen], None]
) -> list[Finding]:
    """Everything that is wrong here; what is as it should be is shown."""
    seen = list(look_at_machine(options))
    running = is_running(options)
    if not running:
        seen.append(look_at_ports(options))
    for each in seen:
        if not each.mend:
            show(each)
    findings = [Finding("error" if each.is_needed else "warning", each.thing, each.what, each.mend) for each in seen if each.mend]
    if running:
        show(Seen("Stack", f"runs at {options.layout.url('api')}; data and logs in {shown(options.layout.state)}"))
        findings += _Stack(options, compose(options, emulators, environment).parts).look()
    return findings


def worker_token(options: Options) -> str:
    """An OIDC token of the invoker for the stack's worker. Raises FileNotFoundError where no stack has run yet."""
    identity = Identity.load(options.layout.data("identity"))
    return identity.id_token(invoker(options, identity), options.layout.url("worker"))


class _Stack:
    """A stack that runs. `parts` are those that `make run` would start now; some of them it may have been started without."""

    def __init__(self, options: Options, parts: tuple[Part, ...]) -> None:
        self._options = options
        self._layout = options.layout
        self._parts = parts
        self._mends = LocalMends(options.layout)

    def look(self) -> list[Finding]:
        """Everything that is wrong with it."""
        with ThreadPoolExecutor(len(self._parts)) as threads:
            answers = dict(zip((part.name for part in self._parts), threads.map(_answers, self._parts), strict=True))
        found, findings = self._diagnostics(), []
        unused = _unused(found)
        down = {name for name, does in answers.items() if not does} - unused
        for name in sorted(down):
            mend = f"it comes back by itself, or never: {self._mends.log(name)}; then {self._mends.redo}"
            findings.append(Finding("error", name, f"does not answer on port {self._layout.port(name)}.", mend))
        if isinstance(found, WorkerAway) and "worker" not in down:
            findings.append(Finding("error", "worker", f"{found}.", f"see why: {self._mends.log('worker')}"))
        here = answers.keys() - down - unused
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, headers=self._credentials()) as client:
            for name, probe in self._probes().items():
                if name in here:
                    findings += self._ask(name, probe, client)
            if isinstance(found, Diagnostics):
                live = self._live(client, found) if "firestore" in here else None
                findings += examine_inside(found, live, self._mends)
        return findings

    def _ask(self, name: str, probe: Callable[[httpx.Client], Iterable[Finding]], client: httpx.Client) -> list[Finding]:
        try:
            return list(probe(client))
        except httpx.HTTPError as error:
            return [Finding("error", name, f"could not be asked: {error}.", f"see why: {self._mends.log(name)}")]

    def _credentials(self) -> dict[str, str]:
        identity = Identity.load(self._layout.data("identity"))
        return {"authorization": f"Bearer {identity.access_token(SCOPE)}"}

    def _probes(self) -> dict[str, Callable[[httpx.Client], Iterable[Finding]]]:
        """By the part that is asked."""
        storage = {} if self._options.google else {"storage": self._buckets}
        return {"cloud_tasks": self._queues, "cloud_scheduler": self._scheduled_calls, "pubsub": self._topics, **storage}

    def _diagnostics(self) -> Diagnostics | WorkerAway:
        try:
            url = self._layout.url("worker")
            return understood(ask(url, "/diagnostics", worker_token(self._options), WORKER_TIMEOUT_SECONDS))
        except WorkerAway as away:
            return away

    def _queues(self, client: httpx.Client) -> Iterator[Finding]:
        url = self._layout.url("cloud_tasks")
        for queue in DEPLOYMENT.queues:
            name = f"{LOCATION}/queues/{queue.name}"
            found = _get(client, f"{url}/v2/{name}")
            yield from self._compared(f"queue {queue.name}", found, wanted.queue(queue))
            if found is not None:
                tasks = _get(client, f"{url}/v2/{name}/tasks") or {}
                yield from examine(facts.queue_facts(found, tasks.get("tasks", []), datetime.now(UTC)), self._mends)

    def _scheduled_calls(self, client: httpx.Client) -> Iterator[Finding]:
        url, email = self._layout.url("cloud_scheduler"), invoker(self._options, Identity.load(self._layout.data("identity")))
        for call in DEPLOYMENT.scheduled_calls:
            found = _get(client, f"{url}/v1/{LOCATION}/jobs/{call.name}")
            fields = wanted.scheduled_call(call, self._layout.url(call.service), email)
            yield from self._compared(f"scheduled call {call.name}", found, fields)
            if found is not None:
                yield from examine(facts.scheduled_call_facts(found, datetime.now(UTC)), self._mends)

    def _buckets(self, client: httpx.Client) -> Iterator[Finding]:
        for bucket in DEPLOYMENT.buckets:
            name = f"{PROJECT}-{bucket.suffix}"
            found = _get(client, f"{self._layout.url('storage')}/storage/v1/b/{name}")
            yield from self._compared(f"bucket {name}", found, wanted.bucket(bucket, origins(self._options)))

    def _topics(self, client: httpx.Client) -> Iterator[Finding]:
        for topic in DEPLOYMENT.topics:
            name = f"projects/{PROJECT}/topics/{topic.name}"
            yield from self._compared(f"topic {topic.name}", _get(client, f"{self._layout.url('pubsub')}/v1/{name}"), {"name": name})

    def _live(self, client: httpx.Client, found: Diagnostics) -> facts.LiveFacts | None:
        if found.revision is None:
            return None
        path = f"v1/projects/{PROJECT}/databases/(default)/documents/projects/{found.revision.project_id}"
        try:
            document = _get(client, f"{self._layout.url('firestore')}/{path}", ADMINISTRATOR)
        except httpx.HTTPError:
            return None  # it went away this moment, and its part is looked at the next time
        return facts.LiveFacts(str(found.revision.project_id), facts.revision_of(document))

    def _compared(self, thing: str, found: Any, fields: Mapping[str, Any]) -> Iterator[Finding]:
        if found is None:
            yield Finding("error", thing, "is missing.", self._mends.redo)
        elif not contains(found, fields):
            yield Finding("error", thing, "differs from the description.", self._mends.redo)


def _unused(found: Diagnostics | WorkerAway) -> set[str]:
    """Emulators that the stack was started without."""
    if isinstance(found, WorkerAway):
        return set()
    return ({"firestore"} if found.live != "firestore" else set()) | ({"pubsub"} if found.events != "pubsub" else set())


def _answers(part: Part) -> bool:
    match part.ready:
        case HttpReady(url, status):
            try:
                return httpx.get(url, timeout=TIMEOUT_SECONDS, trust_env=False).status_code == status
            except httpx.HTTPError:
                return False
        case DatabaseReady():
            try:
                with socket.create_connection((HOST, part.port), TIMEOUT_SECONDS):
                    return True
            except OSError:
                return False
        case _:
            assert_never(part.ready)


def _get(client: httpx.Client, url: str, headers: Mapping[str, str] | None = None) -> Any:
    """JSON; None where there is no such thing. Raises httpx.HTTPError."""
    answer = client.get(url, headers=headers)
    return None if answer.status_code == 404 else answer.raise_for_status().json()
