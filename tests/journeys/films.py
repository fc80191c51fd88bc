"""A project with two finished videos, and the films that are made of them by a job of the stack."""

from dataclasses import dataclass
from typing import Any

import psutil

from infra.local.supervisor.stack import LocalStack
from tests.journeys.support import Studio, eventually

FILM_SECONDS = 300.0
"""Two cores that others use, too, scale some frames a second."""


@dataclass(frozen=True)
class Theatre:
    """A studio whose two nodes have one take each, of 4 s in 720p."""

    studio: Studio
    node_ids: tuple[str, str]
    take_ids: tuple[str, str]

    @classmethod
    def open(cls, stack: LocalStack) -> "Theatre":
        """Somebody new, whose videos are done."""
        studio = Studio.open(stack)
        nodes = studio.add_video("A fox wakes up"), studio.add_video("It runs off")
        for job_id in [studio.start(node_id) for node_id in nodes]:
            assert studio.wait_for_state(job_id, "succeeded", "failed")["state"] == "succeeded"
        first, second = (studio.takes(node_id)[0]["id"] for node_id in nodes)
        return cls(studio, nodes, (first, second))

    @property
    def path(self) -> str:
        """Where exports are."""
        return f"/api/projects/{self.studio.project_id}/exports"

    def order(self, film: dict[str, Any], resolution: str, key: str | None = None) -> dict[str, Any]:
        """Have a film made; what is answered."""
        body = {"film": film, "resolution": resolution}
        answer: dict[str, Any] = self.studio.person.call("POST", self.path, body=body, starts_work=True, key=key)
        return answer

    def export(self, *take_ids: str, resolution: str, key: str | None = None) -> dict[str, Any]:
        """Have a film made of takes."""
        return self.order({"kind": "takes", "take_ids": list(take_ids)}, resolution, key)

    def export_of(self, export_id: str) -> dict[str, Any]:
        """An export as it is now."""
        export: dict[str, Any] = self.studio.person.call("GET", f"{self.path}/{export_id}")
        return export

    def cancel(self, export_id: str) -> dict[str, Any]:
        """Stop an export; as it is then."""
        export: dict[str, Any] = self.studio.person.call("POST", f"{self.path}/{export_id}/cancel")
        return export

    def until_it_works(self, export_id: str) -> None:
        """Return when an execution tells that it has done something."""
        eventually(lambda: self.export_of(export_id)["progress"] > 0, f"progress of export {export_id}")

    def ended(self, export_id: str) -> dict[str, Any]:
        """The export, once it has ended."""

        def look() -> dict[str, Any] | None:
            export = self.export_of(export_id)
            return export if export["state"] not in ("queued", "running") else None

        return eventually(look, f"the end of export {export_id}", FILM_SECONDS)

    def told(self) -> list[dict[str, Any]]:
        """What the project's log says of exports."""
        return [event for event in self.studio.person.events(self.studio.project_id) if event["type"].startswith("export.")]


def exporters(stack: LocalStack, export_id: str) -> list[psutil.Process]:
    """The processes of executions that make this film."""
    found = []
    for process in psutil.Process(stack.pids["run_jobs"]).children(recursive=True):
        try:
            if process.cmdline()[1:3] == ["-m", "services.exporter"] and process.environ().get("EXPORT_ID") == export_id:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found
