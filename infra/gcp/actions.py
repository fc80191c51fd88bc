"""Steps of code, for what one gcloud command does not do: Firestore's rules, Identity Platform, and the build."""

import hashlib
from pathlib import Path
from urllib.parse import quote

from infra.gcp.manifests import SOURCE_LABEL
from infra.gcp.place import Place, cloud_name
from infra.gcp.release import jobs_look, services_look
from infra.gcp.steps import Action, Arguments, Cloud, Command, Outcome, contains
from infra.model import Deployment

REPOSITORY = Path(__file__).parents[2]
RULES = REPOSITORY / "infra" / "gcp" / "firestore.rules"
RELEASE = "cloud.firestore"  # of the default database: https://firebase.google.com/docs/reference/rules/rest/v1/projects.releases
UPLOADED: Arguments = ("meta", "list-files-for-upload", ".")


def rules(place: Place) -> Action:
    """Who may read live documents; gcloud has no command for rules. https://firebase.google.com/docs/reference/rules/rest"""
    project, content = f"projects/{place.project}", RULES.read_text()

    def bring(cloud: Cloud) -> Outcome:
        release = cloud.rest("GET", "firebaserules", f"v1/{project}/releases/{RELEASE}")
        ruleset = release and cloud.rest("GET", "firebaserules", f"v1/{release['rulesetName']}")
        if contains(ruleset, {"source": {"files": [{"content": content}]}}):
            return "in place"
        source = {"source": {"files": [{"name": RULES.name, "content": content}]}}
        made = cloud.rest("POST", "firebaserules", f"v1/{project}/rulesets", source)
        wanted = {"name": f"{project}/releases/{RELEASE}", "rulesetName": made["name"]}
        if release is None:
            cloud.rest("POST", "firebaserules", f"v1/{project}/releases", wanted)
            return "created"
        cloud.rest("PATCH", "firebaserules", f"v1/{project}/releases/{RELEASE}", {"release": wanted})
        return "changed"

    return Action("Firestore's rules", bring)


def identity_platform(place: Place) -> Action:
    """Firebase logins, for custom tokens only: no way of signing in is switched on. https://cloud.google.com/identity-platform/docs/reference/rest"""

    def bring(cloud: Cloud) -> Outcome:
        if cloud.rest("GET", "identitytoolkit", f"admin/v2/projects/{quote(place.project)}/config") is not None:
            return "in place"
        cloud.rest("POST", "identitytoolkit", f"v2/projects/{quote(place.project)}/identityPlatform:initializeAuth", {})
        return "created"

    return Action("Identity Platform", bring)


def build(deployment: Deployment, place: Place, config: str = "cloudbuild.yaml") -> Action:
    """Cloud Build makes the images, and releases them from within; skipped where what runs was made from the same files."""

    def bring(cloud: Cloud) -> Outcome:
        source = source_digest(str(cloud.run(Command(UPLOADED))).split("\n"))
        label = {"metadata": {"labels": {SOURCE_LABEL: source}}}
        services = {item["metadata"]["name"]: item for item in cloud.look(services_look(place))}
        jobs = {item["metadata"]["name"]: item for item in cloud.look(jobs_look(place))}
        released = [contains(services.get(cloud_name(service)), label) for service in deployment.services]
        released += [contains(jobs.get(cloud_name(job.name)), label) for job in deployment.jobs]
        if all(released):
            return "in place"
        cloud.run(submit_command(deployment, place, config, source))
        return "changed"

    return Action("build, tests, images, migration and release by Cloud Build (about 20 minutes)", bring, build_commands(deployment, place))


def build_commands(deployment: Deployment, place: Place) -> tuple[Command, ...]:
    """What the build may call, for those who check commands."""
    return (Command(UPLOADED), submit_command(deployment, place, "cloudbuild.yaml", "0" * 40))


def submit_command(deployment: Deployment, place: Place, config: str, source: str) -> Command:
    """Send the source to Cloud Build, and wait."""
    foundation = deployment.foundation
    account = f"projects/{place.project}/serviceAccounts/{place.email('deployer')}"
    images = f"{place.registry}/{place.project}/{foundation.repository}"
    substitutions = f"_REGION={place.region},_IMAGES={images},_SOURCE={source},_QDRANT_HOST={place.qdrant_host or ''}"
    return Command(
        (
            *("builds", "submit", ".", f"--config={config}", f"--region={place.region}", f"--service-account={account}"),
            *(f"--gcs-source-staging-dir=gs://{place.bucket(foundation.staging)}/source", f"--substitutions={substitutions}"),
        )
    )


def source_digest(names: list[str], directory: Path = REPOSITORY) -> str:
    """Identifies the files that are sent to the build, by name and content; it may be a label."""
    digest = hashlib.sha256()
    for name in sorted(filter(None, names)):
        digest.update(name.encode() + b"\0" + hashlib.sha256((directory / name).read_bytes()).digest())
    return digest.hexdigest()[:40]
