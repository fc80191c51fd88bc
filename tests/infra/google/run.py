"""Cloud Run's v1 interface as far as `gcloud run` uses it: services that are ready at once, jobs whose executions succeed, policies."""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.infra.google.proxy import Answer, Call, answer
from tests.infra.google.resources import NUMBER, REGION

Document = dict[str, Any]
PATH = re.compile(r"^/apis/[a-z.]+/v1(?:alpha1)?/namespaces/[^/]+/(?P<kind>\w+)(?:/(?P<name>[^/:]+))?(?P<verb>:\w+)?$")
POLICY = re.compile(r"^/v[12]/projects/[^/]+/locations/[^/]+/(?P<kind>services|jobs)/(?P<name>[^/:]+):(?P<verb>\w+)$")
READY = [
    {"type": kind, "status": "True"}
    for kind in ("Ready", "ConfigurationsReady", "RoutesReady", "Completed", "ResourcesAvailable", "Started")
]
Key = tuple[str, str]


@dataclass
class CloudRun:
    """What runs. `executed` are the jobs in the order in which they ran."""

    things: dict[Key, Document] = field(default_factory=dict)
    policies: dict[Key, Document] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def serve(self, call: Call) -> Answer:
        """Answer one call."""
        with self.lock:
            if policy := POLICY.match(call.path):
                key = (policy["kind"], policy["name"])
                if policy["verb"] == "setIamPolicy":
                    self.policies[key] = {**call.json()["policy"], "etag": "ACAB"}
                return answer(self.policies.get(key, {"etag": "ACAB"}))
            found = PATH.match(call.path)
            if found is None:
                return answer({"error": {"code": 501, "message": f"no fake of {call.method} {call.path}"}}, 501)
            kind, name = found["kind"], found["name"]
            if name is None:
                return answer({"items": self._listed(kind)}) if call.method == "GET" else self._put(kind, call.json())
            if found["verb"] == ":run":
                return self._execute(name)
            if (kind, name) not in self.things:
                return answer({"error": {"code": 404, "message": f"{kind} '{name}' not found", "status": "NOT_FOUND"}}, 404)
            if call.method == "GET":
                return answer(self.things[kind, name])
            if call.method == "DELETE":
                del self.things[kind, name]
                return answer({"status": "Success"})
            return self._put(kind, call.json())

    def answers(self, call: Call) -> Answer:
        """The services themselves: each answers what its smoke test asks for."""
        paths = {"/config.json": 200, "/tasks/sweep": 405, "/": 405}
        return answer({}, paths.get(call.path, 404) if call.headers.get("authorization") else 403)

    def _listed(self, kind: str) -> list[Document]:
        return [thing for (of, _), thing in self.things.items() if of == kind]

    def _put(self, kind: str, document: Document) -> Answer:
        name = document["metadata"]["name"]
        before = self.things.get((kind, name), {}).get("metadata", {}).get("generation", 0)
        metadata = {**document["metadata"], "generation": before + 1, "resourceVersion": str(before + 1), "uid": name, "selfLink": name}
        status: Document = {"observedGeneration": before + 1, "conditions": READY}
        if kind == "services":
            revision = document["spec"]["template"]["metadata"]["name"]
            self.things["revisions", revision] = {"metadata": {"name": revision, "namespace": NUMBER}, "status": {"conditions": READY}}
            host = f"{name}-{NUMBER}.{REGION}.run.app"
            shares = [
                {**share, **({"url": f"https://{share['tag']}---{host}"} if "tag" in share else {})}
                for share in document["spec"].get("traffic") or [{"latestRevision": True, "percent": 100}]
            ]
            status |= {
                "url": f"https://{host}",
                "latestReadyRevisionName": revision,
                "latestCreatedRevisionName": revision,
                "traffic": shares,
            }
        self.things[kind, name] = {**document, "metadata": metadata, "status": status}
        return answer(self.things[kind, name])

    def _execute(self, job: str) -> Answer:
        self.executed.append(job)
        name = f"{job}-{len(self.executed)}"
        spec = self.things["jobs", job]["spec"]["template"]["spec"]
        self.things["executions", name] = execution = {
            "apiVersion": "run.googleapis.com/v1",
            "kind": "Execution",
            "metadata": {"name": name, "namespace": NUMBER, "labels": {"run.googleapis.com/job": job}, "generation": 1},
            "spec": spec,
            "status": {"conditions": READY, "observedGeneration": 1, "succeededCount": 1, "completionTime": "2026-01-01T00:00:00Z"},
        }
        return answer(execution)
