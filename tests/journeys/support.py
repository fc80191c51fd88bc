"""What tests of the whole stack share: the stack itself, the simulated provider's controls, calls to the worker, and waiting."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic
from typing import Any, TypeVar

import httpx
import pytest
from google.cloud.storage import Client as StorageClient
from google.oauth2 import service_account

from infra.access import INVOKER, account_email
from infra.local.identity import Identity
from infra.local.person import Person
from infra.local.supervisor.emulators import find_emulators
from infra.local.supervisor.stack import LocalStack

MEDIA = Path(__file__).parents[1] / "media"
FAST = "veo-3.1-fast-generate-001"
SHORT = 4 * 100_000
"""What 4 s of the fast model in 720p cost, in microdollars; most clips of these tests are such."""
HOP = 7 * 100_000
# What the product answers with; without emulators, Scheduler and jobs.run a stack starts in half the time.
SMALL = ("api", "worker", "video_rendered", "image_uploaded", "cloud_tasks", "storage", "vertex", "qdrant", "identity")
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.1
LOG_CHARACTERS = 3000

Found = TypeVar("Found")


@contextmanager
def a_stack(**options: Any) -> Iterator[LocalStack]:
    """A stack of its own (LocalStack's options). Not below pytest's directories, which are closed to the user Postgres runs as."""
    with TemporaryDirectory(prefix="reelgraph-stack-") as directory, LocalStack(Path(directory) / "state", **options) as stack:
        try:
            yield stack
        except Exception as error:
            # In a fixture: the logs go with the stack, and without them nobody knows why.
            error.add_note(last_words(stack))
            raise


def last_words(stack: LocalStack) -> str:
    """The end of each log that says anything."""
    parts = ("supervisor", *stack.urls)
    return "\n".join(f"--- {part}\n{words[-LOG_CHARACTERS:]}" for part in parts if (words := stack.log(part).strip()))


def require_emulators() -> None:
    """Skip the test, with the reason, where the official emulators are not installed."""
    emulators = find_emulators(os.environ)
    if emulators.missing or emulators.java is None:
        pytest.skip(f"official emulators: {emulators.missing}")


def a_person(stack: LocalStack) -> Person:
    """Somebody new."""
    return Person.register(stack.urls["api"], patience_seconds=PATIENCE_SECONDS)


def eventually(
    look: Callable[[], Found | None], what: str, seconds: float = PATIENCE_SECONDS, *, pause_seconds: float = LOOK_SECONDS
) -> Found:
    """Look until there is something to see, and return it."""
    deadline, pause = monotonic() + seconds, Event()
    while not (found := look()):
        assert monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        pause.wait(pause_seconds)
    return found


def uploads(stack: LocalStack, project_id: str) -> list[str]:
    """The names of what lies in quarantine of a project."""
    credentials = service_account.Credentials.from_service_account_file(stack.layout.credentials)
    settings = stack.environments["worker"]
    client = StorageClient(settings["GOOGLE_CLOUD_PROJECT"], credentials, client_options={"api_endpoint": stack.urls["storage"]})
    return [blob.name for blob in client.list_blobs(f"{settings['GCS_BUCKET']}-uploads", prefix=f"{project_id}/")]


@dataclass(frozen=True)
class Simulator:
    """The simulated provider's own interface (infra/local/vertex/README.md)."""

    url: str

    def journal(self, job_id: str | None = None) -> list[dict[str, Any]]:
        """The submits that were accepted; with `job_id` those of one job, by the label that it sent."""
        rows: list[dict[str, Any]] = self._call("GET", "journal")
        return [row for row in rows if job_id in (None, row["labels"].get("reelgraph-job"))]

    def operation(self, name: str) -> dict[str, Any]:
        """One operation."""
        operation: dict[str, Any] = next(row for row in self._call("GET", "operations") if row["name"] == name)
        return operation

    def submits(self) -> int:
        """How many submits have arrived, refused ones and those that hang included."""
        return int(self._call("GET", "counters")["submits"])

    def tell(self, *entries: str | list[str]) -> None:
        """How the coming submits shall go: for each a word, or a list of words."""
        self._call("POST", "faults", {"next": list(entries)})

    def release(self) -> None:
        """Let everything go that is held."""
        self._call("POST", "release", {})

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return httpx.request(method, f"{self.url}/simulator/{path}", json=body, timeout=30).raise_for_status().json()


@dataclass(frozen=True)
class Invoker:
    """Cloud Tasks or Cloud Scheduler by hand: calls the worker with the OIDC token that it demands."""

    identity: Identity
    worker_url: str

    @classmethod
    def of(cls, stack: LocalStack) -> "Invoker":
        """The invoker of a stack."""
        return cls(Identity.load(stack.layout.data("identity")), stack.urls["worker"])

    def call(self, path: str, **body: str) -> dict[str, Any]:
        """Deliver one task; its result. An answer that is no 2xx is an error."""
        token = self.identity.id_token(account_email(INVOKER, self.identity.project), self.worker_url)
        answer = httpx.post(f"{self.worker_url}{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        result: dict[str, Any] = answer.raise_for_status().json()["result"]
        return result


@dataclass(frozen=True)
class Studio:
    """One person's project in a stack, with the provider's controls: most of these tests happen in one."""

    person: Person
    project_id: str
    simulator: Simulator
    invoker: Invoker

    @classmethod
    def open(cls, stack: LocalStack) -> "Studio":
        """Somebody new with an empty project."""
        person = a_person(stack)
        return cls(person, person.create_project("Journey"), Simulator(stack.urls["vertex"]), Invoker.of(stack))

    def add_video(self, prompt: str, **config: Any) -> str:
        """A video node of 4 s by the fast model, unless told otherwise; its id."""
        settings = {"model": FAST, "duration_seconds": 4, "prompt": prompt, **config}
        return self.person.add_node(self.project_id, "video", prompt[:40], settings)

    def add_picture(self, picture: Path, *, consent: bool = False) -> str:
        """An image node with an inspected picture; its id."""
        node_id = self.person.add_node(self.project_id, "image", picture.stem)
        self.person.upload(self.project_id, node_id, picture, consent=consent)
        assert self.person.wait_for_node(self.project_id, node_id)["state"] == "succeeded"
        return node_id

    def connect(self, source: str, source_port: str, target: str, target_port: str) -> None:
        """Wire two nodes."""
        self.person.connect(self.project_id, source, source_port, target, target_port)

    def start(self, node_id: str) -> str:
        """Run a video node whose one clip is new; its job's id."""
        (step,) = self.person.run(self.project_id, node_id)["steps"]
        job_id: str = step["job_id"]
        return job_id

    def wait_for_state(self, job_id: str, *states: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The job, once it is in one of these states."""
        return eventually(
            lambda: job if (job := self.person.job(job_id))["state"] in states else None, f"job {job_id} {' or '.join(states)}", seconds
        )

    def sweep_until(self, job_id: str, *states: str) -> dict[str, Any]:
        """The job, once it is in one of these states; meanwhile the sweep comes each second, not each minute."""

        def look() -> dict[str, Any] | None:
            self.invoker.call("/tasks/sweep")
            job = self.person.job(job_id)
            return job if job["state"] in states else None

        return eventually(look, f"job {job_id} {' or '.join(states)}", pause_seconds=1)

    def wait_for_provider(self, job_id: str) -> None:
        """Return when the provider is done with the latest submit of a job, which it has accepted."""
        name = eventually(lambda: self.simulator.journal(job_id), "the submit")[-1]["operation_name"]
        eventually(lambda: self.simulator.operation(name)["state"] == "done", "the end of the operation")

    def poll_when_done(self, job_id: str) -> None:
        """Ask the provider about a job as soon as the provider is done with it, instead of at the job's next poll."""
        self.wait_for_state(job_id, "polling")
        self.wait_for_provider(job_id)
        self.invoker.call("/tasks/poll-now", job_id=job_id)

    def takes(self, node_id: str) -> list[dict[str, Any]]:
        """The results of a node, newest first."""
        return self.person.takes(self.project_id, node_id)

    def money(self) -> tuple[int, int, int]:
        """Captured, reserved and uncertain, in microdollars."""
        money = self.person.money(self.project_id)
        return money["captured_microusd"], money["reserved_microusd"], money["uncertain_microusd"]
