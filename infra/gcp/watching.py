"""The steps of what watches a deployment: metrics, objectives, alerts, the dashboard, and a budget."""

import hashlib
import json
from typing import Any

from infra.gcp.gcloud import DeploymentStopped
from infra.gcp.monitoring import MONITORED_SERVICE, MONITORED_SERVICE_ID, MONITORING, MonitoringFile
from infra.gcp.place import Place
from infra.gcp.steps import Action, Arguments, Cloud, Command, Outcome, Resource, Stage, contains

BUDGET = "Reelgraph"


def stages(monthly_budget: int, place: Place) -> tuple[Stage, ...]:
    """In the order in which they need each other."""
    steps = {kind: [_step(file, place) for file in MONITORING if file.kind == kind] for kind in ("metric", "policy", "dashboard")}
    return (
        Stage("Metrics, and a budget", (*steps["metric"], budget(monthly_budget, place))),
        Stage("Objectives", (objectives(place),)),
        Stage("Alerts and the dashboard", (*steps["policy"], *steps["dashboard"])),
    )


def _step(file: MonitoringFile, place: Place) -> Resource:
    content = file.content(place.project)
    document = json.loads(content)
    title = f"{file.kind} {file.name}"
    if file.kind == "metric":
        flags = (file.name, "--config-from-file={file}")
        return Resource(
            title=title,
            look=("logging", "metrics", "list"),
            name=file.name,
            wanted={"filter": document["filter"], "description": document["description"]},
            create=(Command(("logging", "metrics", "create", *flags), content),),
            update=(Command(("logging", "metrics", "update", *flags), content),),
            delete=(Command(("logging", "metrics", "delete", file.name)),),
        )
    # Google rewrites what it is sent, so that a label has to say what that was.
    version = hashlib.sha256(content.encode()).hexdigest()[:32]
    # Alerts are among the alpha commands still; their API is v3, and stable.
    policies: Arguments = ("alpha", "monitoring", "policies")
    label, group = ("userLabels", policies) if file.kind == "policy" else ("labels", ("monitoring", "dashboards"))
    labelled = json.dumps({**document, label: {"version": version}})
    flag = "--policy-from-file={file}" if file.kind == "policy" else "--config-from-file={file}"
    return Resource(
        title=title,
        look=(*group, "list"),
        field="displayName",
        name=document["displayName"].rsplit("/", 1)[-1],
        wanted={label: {"version": version}},
        create=(Command((*group, "create", flag), labelled),),
        # Made anew: an update of either wants what only the one there knows.
        update=(Command((*group, "delete", "{name}")), Command((*group, "create", flag), labelled)),
        delete=(Command((*group, "delete", "{name}")),),
    )


def objectives(place: Place) -> Action:
    """Service level objectives, for which gcloud has no command. https://cloud.google.com/monitoring/api/ref_v3/rest"""
    service = f"v3/projects/{place.project}/services/{MONITORED_SERVICE_ID}"

    def bring(cloud: Cloud) -> Outcome:
        outcome: Outcome = "in place"
        if cloud.rest("GET", "monitoring", service) is None:
            parent, _, name = service.rpartition("/")
            cloud.rest("POST", "monitoring", f"{parent}?serviceId={name}", dict(MONITORED_SERVICE))
            outcome = "created"
        for file in (file for file in MONITORING if file.kind == "slo"):
            wanted: Any = json.loads(file.content(place.project))
            found = cloud.rest("GET", "monitoring", f"{service}/serviceLevelObjectives/{file.name}")
            if contains(found, wanted):
                continue
            if found is None:
                cloud.rest("POST", "monitoring", f"{service}/serviceLevelObjectives?serviceLevelObjectiveId={file.name}", wanted)
            else:
                cloud.rest("PATCH", "monitoring", f"{service}/serviceLevelObjectives/{file.name}", wanted)
            outcome = "changed" if found else "created"
        return outcome

    def remove(cloud: Cloud) -> bool:
        if cloud.rest("GET", "monitoring", service) is None:
            return False
        for file in (file for file in MONITORING if file.kind == "slo"):
            cloud.rest("DELETE", "monitoring", f"{service}/serviceLevelObjectives/{file.name}")
        cloud.rest("DELETE", "monitoring", service)
        return True

    return Action("service level objectives", bring, remove=remove)


def budget(amount: int, place: Place) -> Action:
    """A budget that tells the billing account's administrators at half, nine tenths and all of it. It stops nothing."""
    described: Arguments = ("billing", "projects", "describe", place.project)

    def create(account: str) -> Command:
        rules = (f"--threshold-rule=percent={share}" for share in ("0.5", "0.9", "1.0"))
        project = f"--filter-projects=projects/{place.project}"
        name = f"{BUDGET} {place.project}"
        return Command(
            (
                *("billing", "budgets", "create", f"--billing-account={account}", f"--display-name={name}"),
                *(f"--budget-amount={amount}", project, *rules),
            )
        )

    def ours(cloud: Cloud) -> tuple[str, str | None]:
        """The billing account, and our budget's name in it."""
        account = str(cloud.look(described).get("billingAccountName", "")).rsplit("/", 1)[-1]
        budgets = cloud.look(("billing", "budgets", "list", f"--billing-account={account}"))
        return account, next((item["name"] for item in budgets if item.get("displayName") == f"{BUDGET} {place.project}"), None)

    def bring(cloud: Cloud) -> Outcome:
        try:
            account, found = ours(cloud)
            if found is None:
                cloud.run(create(account))
        except DeploymentStopped as refusal:
            if not _forbidden(refusal):
                raise
            return "left out"
        return "in place" if found else "created"

    def remove(cloud: Cloud) -> bool:
        try:
            _, found = ours(cloud)
            if found:
                cloud.run(delete, {"name": found})
        except DeploymentStopped as refusal:
            if not _forbidden(refusal):
                raise
            return False
        return found is not None

    delete = Command(("billing", "budgets", "delete", "{name}"))
    some = "0X0X0X-0X0X0X-0X0X0X"
    looks = (Command(described), Command(("billing", "budgets", "list", f"--billing-account={some}")))
    return Action("budget (left out where the account may not: roles/billing.costsManager)", bring, (*looks, create(some), delete), remove)


def _forbidden(refusal: DeploymentStopped) -> bool:
    """Budgets belong to the billing account, whose administrator need not be who deploys."""
    return "PERMISSION_DENIED" in str(refusal) or "does not have permission" in str(refusal)
