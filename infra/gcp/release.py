"""A release: migrate, deploy all services by digest without traffic, try each new revision, then move the traffic."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from infra.gcp import manifests
from infra.gcp.environments import CanvasKey
from infra.gcp.gcloud import DeploymentStopped, Gcloud
from infra.gcp.manifests import Document, Images
from infra.gcp.place import Place, cloud_name
from infra.gcp.steps import Arguments, Command, contains, last_part
from infra.model import Deployment, Service

MIGRATION = "migrate"
TRIES = 6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Release:
    """One version of everything. `source` identifies what the images were made from."""

    deployment: Deployment
    place: Place
    images: Images
    source: str

    def bring_about(self, gcloud: Gcloud, say: Say) -> None:
        """Bring it about. Until the last step the version before serves. Raises DeploymentStopped."""
        gcloud.forget()
        key = find_canvas_key(self.deployment, gcloud)
        self._jobs(gcloud, key, say)
        documents = [self.service_document(service, key) for service in self.deployment.services]
        listed = {item["metadata"]["name"]: item for item in gcloud.look(services_look(self.place))}
        serving = {name: serving_revision(item) for name, item in listed.items()}
        late = [document for document in documents if not self._serves(document, listed.get(_name(document), {}))]
        self._deploy(late, serving, gcloud, say)
        gcloud.forget()
        ready = {item["metadata"]["name"]: item for item in gcloud.look(services_look(self.place))}
        services = {cloud_name(service): service for service in self.deployment.services}
        for document in late:
            self._try_out(services[_name(document)], _tagged_url(ready[_name(document)]), gcloud, say)
        for document in late:
            gcloud.run(traffic_command(_name(document), _revision(document), self.place))
            say(f"  serving   {_revision(document)}")

    def service_document(self, service: Service, key: CanvasKey) -> Document:
        """Cloud Run's document of a service in this version."""
        return manifests.service(service, self.deployment, self.place, self.images, key, self.source)

    def _serves(self, document: Document, listed: Any) -> bool:
        """Whether this version has the traffic, and says so."""
        source = {"metadata": {"labels": {manifests.SOURCE_LABEL: self.source}}}
        return serving_revision(listed) == _revision(document) and contains(listed, source)

    def _jobs(self, gcloud: Gcloud, key: CanvasKey, say: Say) -> None:
        """Replace the jobs; the migration runs to its end where its image is new, since new code finds its tables only then."""
        listed = {item["metadata"]["name"]: item for item in gcloud.look(jobs_look(self.place))}
        for job in self.deployment.jobs:
            document = manifests.job(job, self.deployment, self.place, self.images, key, self.source)
            # The label of what it asks for is written when it did what has to be done with it.
            wanted = {"metadata": {"labels": {"reelgraph-version": manifests.digest_of(document)}}}
            if contains(listed.get(_name(document)), wanted):
                continue
            if job.name == MIGRATION:
                gcloud.run(replace_command("jobs", document, self.place))
                gcloud.run(execute_command(_name(document), self.place))
            document["metadata"]["labels"] |= wanted["metadata"]["labels"]
            gcloud.run(replace_command("jobs", document, self.place))
            say(f"  {'migrated' if job.name == MIGRATION else 'deployed':<9} job {job.name}")

    def _deploy(self, documents: Sequence[Document], serving: dict[str, str | None], gcloud: Gcloud, say: Say) -> None:
        def deploy(document: Document) -> None:
            gcloud.run(replace_command("services", manifests.with_traffic(document, serving.get(_name(document))), self.place))
            say(
                f"  deployed  {_revision(document)}, without traffic"
                if serving.get(_name(document))
                else f"  deployed  {_revision(document)}"
            )

        with ThreadPoolExecutor(max(1, len(documents))) as pool:
            list(pool.map(deploy, documents))

    def _try_out(self, service: Service, url: str, gcloud: Gcloud, say: Say) -> None:
        """One request to the new revision, as its callers make it: answered as described, within a cold start."""
        token = identity_token(self.place.url(service.name), gcloud)
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(url.rstrip("/") + service.smoke.path, headers=headers)  # noqa: S310  # Cloud Run's own URL
        status = 0
        for _ in range(TRIES):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            except OSError:
                status = 0
            if status == service.smoke.status:
                say(f"  tried     {service.name}: {service.smoke.path} answers {status}")
                return
            gcloud.pause()
        raise DeploymentStopped(
            f"  GET {request.full_url} answered {status or 'nothing'} instead of {service.smoke.status}. The version before still serves.\n"
            f"What to do: gcloud run services logs read {cloud_name(service)} --region={self.place.region}"
        )


def find_canvas_key(deployment: Deployment, gcloud: Gcloud) -> CanvasKey:
    """The API key of the canvas. Raises DeploymentStopped where the foundation has none."""
    name = deployment.foundation.canvas_key
    found = next((item for item in gcloud.look(("services", "api-keys", "list")) if item.get("displayName") == name), None)
    if found is None:
        raise DeploymentStopped(f"  There is no API key {name}.\nWhat to do: python -m infra.gcp deploy makes it.")
    answer = gcloud.look(("services", "api-keys", "get-key-string", last_part(found, "name")))
    return CanvasKey(answer["keyString"])


def identity_token(audience: str, gcloud: Gcloud) -> str:
    """An OIDC token of whoever deploys. Those of people have no audience of ours, and Cloud Run takes them all the same."""
    who = gcloud.look(("config", "get", "account")) or ""
    more = (f"--audiences={audience}",) if str(who).endswith("gserviceaccount.com") else ()
    return gcloud.run(Command(("auth", "print-identity-token", *more))).strip()


def services_look(place: Place) -> Arguments:
    """All services of the region."""
    return ("run", "services", "list", f"--region={place.region}")


def jobs_look(place: Place) -> Arguments:
    """All jobs of the region."""
    return ("run", "jobs", "list", f"--region={place.region}")


def replace_command(kind: str, document: Document, place: Place) -> Command:
    """Make or change a service or a job as its document says."""
    return Command(("run", kind, "replace", "{file}", f"--region={place.region}"), json.dumps(document, indent=2))


def execute_command(name: str, place: Place) -> Command:
    """Run a job to its end."""
    return Command(("run", "jobs", "execute", name, f"--region={place.region}", "--wait"))


def traffic_command(name: str, revision: str, place: Place) -> Command:
    """Give a revision all the traffic."""
    return Command(("run", "services", "update-traffic", name, f"--region={place.region}", f"--to-revisions={revision}=100"))


def serving_revision(item: Any) -> str | None:
    """The revision with all the traffic, where the service is well."""
    return next((share.get("revisionName") for share in _traffic(item) if share.get("percent") == 100), None)


def _tagged_url(item: Any) -> str:
    return str(next(share["url"] for share in _traffic(item) if share.get("tag") == manifests.CANDIDATE))


def _traffic(item: Any) -> list[Any]:
    return list(item.get("status", {}).get("traffic", []))


def _name(document: Document) -> str:
    return str(document["metadata"]["name"])


def _revision(document: Document) -> str:
    return str(document["spec"]["template"]["metadata"]["name"])
