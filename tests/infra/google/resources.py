"""Google's APIs as far as gcloud's commands need them: resources that are made, listed, changed and deleted, and their policies.

Nothing is checked but what exists: a passing run shows commands and request bodies, not permissions, quotas or Google's own checks.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.infra.google.proxy import Answer, Call, answer

Document = dict[str, Any]
VERSION = re.compile(r"^/(compute/|sql/|apis/[a-z.]+/|admin/)?(v\d+(?:(?:alpha|beta)\d*)?)/")
PROJECT, NUMBER = "demo-project", "123456789012"
REGION = "us-central1"


@dataclass(frozen=True)
class Collection:
    """How an API deals with one collection, the part of a path before a resource's name.

    `id` is where a request to make one says its name: a parameter of the query, or "body.FIELD". `listed` is the field of a list,
    where it is not the collection's name. `operation`: it answers a long-running operation, of that style.
    """

    id: str
    listed: str | None = None
    operation: str | None = None


STANDARD, COMPUTE, SQL = "standard", "compute", "sql"
COLLECTIONS: dict[tuple[str, str], Collection] = {
    ("iam", "serviceAccounts"): Collection("body.accountId", "accounts"),  # and known by its address
    ("secretmanager", "secrets"): Collection("secretId"),
    ("secretmanager", "versions"): Collection("body.name"),
    ("compute", "networks"): Collection("body.name", "items", COMPUTE),
    ("compute", "subnetworks"): Collection("body.name", "items", COMPUTE),
    ("compute", "addresses"): Collection("body.name", "items", COMPUTE),
    ("compute", "firewalls"): Collection("body.name", "items", COMPUTE),
    ("compute", "disks"): Collection("body.name", "items", COMPUTE),
    ("compute", "instances"): Collection("body.name", "items", COMPUTE),
    ("sqladmin", "instances"): Collection("body.name", "items", SQL),
    ("sqladmin", "databases"): Collection("body.name", "items", SQL),
    ("sqladmin", "users"): Collection("body.name", "items", SQL),
    ("artifactregistry", "repositories"): Collection("repositoryId", operation=STANDARD),
    ("firestore", "databases"): Collection("databaseId", operation=STANDARD),
    ("firestore", "fields"): Collection("", operation=STANDARD),
    ("apikeys", "keys"): Collection("auto", operation=STANDARD),
    ("eventarc", "triggers"): Collection("triggerId", operation=STANDARD),
    ("firebaserules", "rulesets"): Collection("auto"),
    ("firebaserules", "releases"): Collection("body.name"),
    ("monitoring", "services"): Collection("serviceId"),
    ("monitoring", "serviceLevelObjectives"): Collection("serviceLevelObjectiveId"),
    ("billingbudgets", "budgets"): Collection("auto"),
    ("logging", "metrics"): Collection("body.name"),
    ("monitoring", "alertPolicies"): Collection("auto"),
    ("monitoring", "dashboards"): Collection("auto"),
    ("monitoring", "notificationChannels"): Collection("auto"),
}


@dataclass
class Resources:
    """What exists, by host and path without the version."""

    things: dict[str, Document] = field(default_factory=dict)
    policies: dict[str, Document] = field(default_factory=dict)
    enabled: set[str] = field(default_factory=set)
    imports: list[Document] = field(default_factory=list)
    """What Cloud SQL was told to run."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def serve(self, call: Call) -> Answer:
        """Answer one call."""
        api = call.host.removesuffix(".googleapis.com")
        path = VERSION.sub("", call.path).replace("projects/-/", f"projects/{PROJECT}/")
        with self.lock:
            if "operations/" in path:
                return answer({"name": path, "done": True, "status": "DONE", "kind": f"{api}#operation", "response": {}})
            if special := self._special(api, path, call):
                return special
            if api == "identitytoolkit":
                found = self.things.get(f"{api}/{path}")
                return answer(found) if found else answer({"error": {"code": 404, "message": "CONFIGURATION_NOT_FOUND"}}, 404)
            *_, parent, last = ("", "", *path.split("/"))
            if (api, last) in COLLECTIONS:
                return self._collection(api, path, COLLECTIONS[api, last], call)
            if (api, parent) in COLLECTIONS:
                return self._item(api, path, COLLECTIONS[api, parent], call)
        return answer(
            {"error": {"code": 501, "message": f"no fake of {call.method} {call.host} {call.path}", "status": "UNIMPLEMENTED"}}, 501
        )

    def _special(self, api: str, path: str, call: Call) -> Answer | None:
        subject, _, verb = path.rpartition(":" if ":" in path else "/")
        match verb:
            case "getIamPolicy":
                return answer(self.policies.get(f"{api}/{subject}", {"etag": "ACAB"}))
            case "setIamPolicy":
                self.policies[f"{api}/{subject}"] = {**call.json()["policy"], "etag": "ACAB"}
                return answer(self.policies[f"{api}/{subject}"])
            case "batchEnable" | "enable":
                names = call.json().get("serviceIds") or [subject.rsplit("/", 1)[-1]]
                self.enabled |= set(names)
                return answer({"name": "operations/noop.DONE_OPERATION", "done": True, "response": {}})
            case "generateServiceIdentity":
                return answer({"name": "operations/finished.DONE_OPERATION", "done": True, "response": {"email": "agent", "uniqueId": "1"}})
            case "addVersion":
                parent = f"{api}/{subject}/versions"
                number = 1 + sum(name.startswith(f"{parent}/") for name in self.things)
                name = f"projects/{NUMBER}/secrets/{subject.rsplit('/', 1)[-1]}/versions/{number}"
                self.things[f"{parent}/{number}"] = {"name": name, "state": "ENABLED", "payload": call.json()["payload"]}
                return answer({"name": name, "state": "ENABLED", "clientSpecifiedPayloadChecksum": True})
            case "import":
                self.imports.append(call.json()["importContext"])
                done = {"kind": "sql#operation", "name": "done", "status": "DONE", "targetProject": PROJECT}
                return answer({**done, "operationType": "IMPORT", "importContext": call.json()["importContext"]})
            case "keyString":
                return answer({"keyString": "AIza-public-key"})
            case "initializeAuth":
                self.things[f"identitytoolkit/projects/{PROJECT}/config"] = {"name": f"projects/{NUMBER}/config"}
                return answer({})
        if api == "cloudbilling":
            account = {"billingAccountName": "billingAccounts/000000-000000-000000", "billingEnabled": True}
            return answer({"name": f"projects/{PROJECT}/billingInfo", **account})
        if api == "cloudresourcemanager" and path == f"projects/{PROJECT}":
            return answer({"projectId": PROJECT, "projectNumber": NUMBER, "lifecycleState": "ACTIVE", "name": PROJECT})
        if api == "serviceusage" and path.endswith("/services"):
            return answer({"services": [{"config": {"name": name}, "state": "ENABLED"} for name in sorted(self.enabled)]})
        if api == "servicenetworking":
            return self._peering(call)
        return None

    def _peering(self, call: Call) -> Answer:
        key = "servicenetworking/connection"
        if call.method == "GET":
            return answer({"connections": [self.things[key]] if key in self.things else []})
        if call.method == "DELETE" or "connections/" in call.path:
            self.things.pop(key, None)
        else:
            self.things[key] = {
                **call.json(),
                "service": "services/servicenetworking.googleapis.com",
                "peering": "servicenetworking-googleapis-com",
            }
        return answer({"name": "operations/pssn.done", "done": True, "response": {}})

    def _collection(self, api: str, path: str, collection: Collection, call: Call) -> Answer:
        if call.method == "GET":
            inside = re.compile(re.escape(f"{api}/{path}").replace("/\\-/", "/[^/]+/").replace("/-/", "/[^/]+/") + "/[^/]+$")
            found = [thing for name, thing in self.things.items() if inside.match(name)]
            return answer({collection.listed or path.rsplit("/", 1)[-1]: found})
        body = call.json()
        name = self._new_name(collection, call, body)
        key = f"{api}/{path}/{name}"
        if key in self.things:
            return answer({"error": {"code": 409, "message": f"{key} already exists", "status": "ALREADY_EXISTS"}}, 409)
        self.things[key] = thing = self._made(api, path, name, body)
        return self._answered(api, path, collection, key, thing)

    def _item(self, api: str, path: str, collection: Collection, call: Call) -> Answer:
        key = f"{api}/{path}"
        if key not in self.things and not (api == "firestore" and call.method == "PATCH"):
            return answer({"error": {"code": 404, "message": f"{key} was not found", "status": "NOT_FOUND"}}, 404)
        if call.method == "GET":
            return answer(self.things[key])
        if call.method == "DELETE":
            thing = self.things.pop(key)
            for inner in [name for name in self.things if name.startswith(f"{key}/")]:
                del self.things[inner]
            return self._answered(api, path.rpartition("/")[0], collection, key, {} if collection.operation is None else thing, "delete")
        body = call.json()
        body = body.get("release", body)
        self.things[key] = _merged(self.things.get(key, {"name": path}), body)
        return self._answered(api, path.rpartition("/")[0], collection, key, self.things[key])

    def _new_name(self, collection: Collection, call: Call, body: Document) -> str:
        if collection.id == "auto":
            return f"made-{len(self.things)}"
        if collection.id.startswith("body."):
            name = str(body[collection.id.removeprefix("body.")]).rsplit("/", 1)[-1]
            return f"{name}@{PROJECT}.iam.gserviceaccount.com" if collection.listed == "accounts" else name
        return call.query[collection.id]

    def _made(self, api: str, path: str, name: str, body: Document) -> Document:
        """What the service would make of it, as far as somebody looks."""
        full = f"{path}/{name}"
        match api:
            case "iam":
                return {**body.get("serviceAccount", {}), "name": full, "email": name, "uniqueId": str(len(self.things))}
            case "compute":
                link = f"https://www.googleapis.com/compute/v1/{full}"
                return {**body, **_area(path), "name": name, "selfLink": link, "status": "RUNNING", "id": "1"}
            case "sqladmin":
                state = {"state": "RUNNABLE", "serviceAccountEmailAddress": f"p{NUMBER}@gcp-sa-cloud-sql.iam.gserviceaccount.com"}
                return {**body, **(state if path.endswith("instances") else {}), "project": PROJECT}
            case "apikeys":
                return {**body, "name": full, "uid": name}
            case "firebaserules" if path.endswith("releases"):
                return body
            case "logging":
                return body
            case _:
                return {**body, "name": full}

    def _answered(self, api: str, path: str, collection: Collection, key: str, thing: Document, verb: str = "insert") -> Answer:
        match collection.operation:
            case None:
                return answer(thing)
            case "compute":
                base = "https://compute.googleapis.com/compute/v1"
                done = {"kind": "compute#operation", "name": "done", "operationType": verb, "status": "DONE", "progress": 100}
                links = {"selfLink": f"{base}/{path}/operations/done", "targetLink": f"{base}/{key.removeprefix('compute/')}"}
                return answer({**done, **links, **_area(path)})
            case "sql":
                return answer(
                    {
                        "kind": "sql#operation",
                        "name": "done",
                        "status": "DONE",
                        "targetId": key.rsplit("/", 1)[-1],
                        "targetProject": PROJECT,
                    }
                )
            case _:
                scope = f"projects/{PROJECT}/databases/(default)" if api == "firestore" else path.rsplit("/", 1)[0]
                return answer({"name": f"{scope}/operations/done", "done": True, "response": thing})


def _merged(before: Document, change: Document) -> Document:
    after = dict(before)
    for name, value in change.items():
        after[name] = _merged(after[name], value) if isinstance(value, dict) and isinstance(after.get(name), dict) else value
    return after


def _area(path: str) -> Document:
    """The region or zone that Compute Engine says of what lies under `path`."""
    found = re.match(r"(projects/[^/]+/(region|zone)s/[^/]+)", path)
    return {found[2]: f"https://www.googleapis.com/compute/v1/{found[1]}"} if found else {}
