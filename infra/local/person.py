"""A person at the API, as a program: what the demo and the journey tests do in a signed-in user's place."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx

CONTENT_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".heic": "image/heic"}
CHUNK_BYTES = 1024 * 1024  # a multiple of 256 KiB, as resumable uploads want
REST_STATES = ("succeeded", "failed", "blocked", "cancelled")
PATIENCE_SECONDS = 600.0
LOOK_SECONDS = 0.2

Say = Callable[[str], None]


class Refused(Exception):
    """The API answered with a problem, which is `problem`."""

    def __init__(self, method: str, path: str, problem: dict[str, Any]) -> None:
        super().__init__(f"{method} {path}: {problem.get('detail')} {problem.get('advice', '')}".strip())
        self.problem = problem


class NeverHappened(Exception):
    """What was waited for did not come."""


class Person:
    """Somebody who registered a moment ago. Every method raises Refused where the API refuses; what waits, waits `patience_seconds`."""

    def __init__(self, api_url: str, user_id: str, token: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._http = httpx.Client(base_url=api_url, timeout=60)
        self._patience_seconds = patience_seconds
        self.user_id = user_id
        self.token = token

    @classmethod
    def register(cls, api_url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Self:
        """A new account with a random address."""
        body = {"email": f"person-{secrets.token_hex(6)}@example.com", "password": secrets.token_urlsafe(16), "display_name": "Person"}
        signed_in = httpx.post(f"{api_url}/api/auth/register", json=body, timeout=60).raise_for_status().json()
        return cls(api_url, signed_in["user"]["id"], signed_in["access_token"], patience_seconds)

    def __enter__(self) -> Self:
        """Stay connected for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._http.close()

    def call(self, method: str, path: str, *, body: object = None, starts_work: bool = False, key: str | None = None) -> Any:
        """One request and its JSON answer. What starts work carries an Idempotency-Key, a fresh one unless `key` is given."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if starts_work:
            headers["Idempotency-Key"] = key or str(uuid4())
        answer = self._http.request(method, path, json=body, headers=headers)
        if answer.is_error:
            raise Refused(method, path, answer.json())
        return answer.json() if answer.content else None

    def create_project(self, name: str) -> str:
        """A project's id."""
        project_id: str = self.call("POST", "/api/projects", body={"name": name})["id"]
        return project_id

    def add_node(self, project_id: str, kind: str, title: str, config: dict[str, Any] | None = None, *, x: float = 0) -> str:
        """A node's id."""
        body = {"type": kind, "title": title, "position": {"x": x, "y": 0}, "config": config or {}}
        node_id: str = self.call("POST", f"/api/projects/{project_id}/nodes", body=body)["id"]
        return node_id

    def connect(self, project_id: str, source: str, source_port: str, target: str, target_port: str) -> None:
        """Wire two nodes."""
        wire = {"source_node_id": source, "source_port": source_port, "target_node_id": target, "target_port": target_port}
        self.call("POST", f"/api/projects/{project_id}/connections", body=wire)

    def configure(self, project_id: str, node_id: str, config: dict[str, Any]) -> None:
        """Change settings of a node; those that are not named stay."""
        self.call("PATCH", f"/api/projects/{project_id}/nodes/{node_id}", body={"config": config})

    def node(self, project_id: str, node_id: str) -> dict[str, Any]:
        """A node as it is now."""
        node: dict[str, Any] = self.call("GET", f"/api/projects/{project_id}/nodes/{node_id}")
        return node

    def upload(self, project_id: str, node_id: str, picture: Path, say: Say = lambda _: None, *, consent: bool = True) -> str:
        """Upload a picture into an image node, in chunks as a browser does; the file's id."""
        size = picture.stat().st_size
        order = {
            "project_id": project_id,
            "node_id": node_id,
            "file_name": picture.name,
            "content_type": CONTENT_TYPES.get(picture.suffix.lower(), "application/octet-stream"),
            "size_bytes": size,
            "consent": consent,
        }
        upload = self.call("POST", "/api/files/uploads", body=order, starts_work=True)
        with picture.open("rb") as file, httpx.Client(timeout=60) as storage:
            first = 0
            while chunk := file.read(CHUNK_BYTES):
                last = first + len(chunk) - 1
                answer = storage.put(upload["upload_url"], content=chunk, headers={"Content-Range": f"bytes {first}-{last}/{size}"})
                if answer.status_code not in (200, 201, 308):
                    raise NeverHappened(f"The upload of {picture.name} was refused with {answer.status_code}.")
                first = last + 1
                say(f"{first * 100 // size} %")
        asset_id: str = upload["asset"]["id"]
        return asset_id

    def wait_for_node(
        self, project_id: str, node_id: str, say: Say = lambda _: None, *, until: tuple[str, ...] = REST_STATES
    ) -> dict[str, Any]:
        """The node, once it is in one of these states. Raises NeverHappened where that takes too long."""
        deadline = time.monotonic() + self._patience_seconds
        while time.monotonic() < deadline:
            node = self.node(project_id, node_id)
            if node["state"] in until:
                return node
            status = node["status"]
            hop = f"{status['hop']} of {status['hops']}" if status.get("hops") else ""
            say(" ".join(part for part in (node["state"], status.get("stage", ""), hop) if part))
            time.sleep(LOOK_SECONDS)  # a program that has no socket open looks now and then
        raise NeverHappened(f"Node {node_id} was not {' or '.join(until)} within {self._patience_seconds:.0f} s, but {node['state']}.")

    def run(self, project_id: str, node_id: str | None = None, *, force: bool = False) -> dict[str, Any]:
        """Run a video node; without `node_id` everything. The run."""
        body = {"scope": "node" if node_id else "all", "node_id": node_id, "force": force}
        run: dict[str, Any] = self.call("POST", f"/api/projects/{project_id}/runs", body=body, starts_work=True)
        return run

    def wait_for_run(self, project_id: str, run_id: str) -> dict[str, Any]:
        """The run, once it has ended. Raises NeverHappened where that takes too long."""
        deadline = time.monotonic() + self._patience_seconds
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.call("GET", f"/api/projects/{project_id}/runs/{run_id}")
            if run["state"] != "running":
                return run
            time.sleep(LOOK_SECONDS)
        raise NeverHappened(f"Run {run_id} did not end within {self._patience_seconds:.0f} s.")

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it is now."""
        job: dict[str, Any] = self.call("GET", f"/api/jobs/{job_id}")
        return job

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job; the job as it is then."""
        job: dict[str, Any] = self.call("POST", f"/api/jobs/{job_id}/cancel")
        return job

    def retry(self, job_id: str) -> dict[str, Any]:
        """Do a job that ended badly once more; the new job."""
        job: dict[str, Any] = self.call("POST", f"/api/jobs/{job_id}/retry", starts_work=True)
        return job

    def money(self, project_id: str) -> dict[str, int]:
        """What a project may spend, has spent, has set aside, and may have been billed, in millionths of a US dollar."""
        money: dict[str, int] = self.call("GET", f"/api/projects/{project_id}")["money"]
        return money

    def events(self, project_id: str, *, after: int = 0) -> list[dict[str, Any]]:
        """The project's log after an entry, oldest first, as far as one answer goes."""
        events: list[dict[str, Any]] = self.call("GET", f"/api/projects/{project_id}/events?after={after}&limit=1000")["events"]
        return events

    def jobs(self, project_id: str, node_id: str) -> list[dict[str, Any]]:
        """The jobs of a node, newest first."""
        jobs: list[dict[str, Any]] = self.call("GET", f"/api/jobs?project_id={project_id}&node_id={node_id}")
        return jobs

    def takes(self, project_id: str, node_id: str) -> list[dict[str, Any]]:
        """The results of a node, newest first."""
        takes: list[dict[str, Any]] = self.call("GET", f"/api/projects/{project_id}/nodes/{node_id}/takes")
        return takes
