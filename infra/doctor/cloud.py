"""Looks at a deployment on Google Cloud: with gcloud, with Google's REST interfaces, and by asking the worker as its invoker."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from infra.access import INVOKER
from infra.doctor import facts
from infra.doctor.drift import SWITCHED_OFF, compare, unseen, why_granted
from infra.doctor.findings import Finding
from infra.doctor.rules import Fact, Mends, examine, examine_inside
from infra.doctor.worker import WorkerAway, ask, understood
from infra.gcp.gcloud import DeploymentStopped
from infra.gcp.place import Place, cloud_name
from infra.gcp.release import jobs_look, services_look
from infra.gcp.steps import Cloud, Stage
from infra.model import Deployment, PullSubscription, PushSubscription
from services.core.video.catalogue import list_models

# What Google counts submits of Veo by, as its refusals name it: "Quota exceeded for ... with base model: veo-...".
VEO_QUOTA = "aiplatform.googleapis.com/long_running_online_prediction_requests_per_base_model"
BACKLOG = 'metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages"'
SECONDS_FOR_A_COLD_START = 60.0

Probe = Callable[[], Iterable[Fact]]
AskWorker = Callable[[str, str, str, float], dict[str, Any]]
"""worker.ask."""


@dataclass(frozen=True)
class CloudMends:
    """How a deployment is mended: `make` and gcloud, to be run from the repository."""

    place: Place

    @property
    def redo(self) -> str:
        return f"make deploy {self._where}"

    @property
    def migrate(self) -> str:
        return f"gcloud run jobs execute migrate --wait --region={self.place.region} {self._project}"

    def log(self, service: str) -> str:
        name = cloud_name(service)
        labels = f"'resource.labels.service_name={name} OR resource.labels.job_name={name}'"
        return f"gcloud logging read {labels} --freshness=1h --limit=50 {self._project}"

    def ask_worker(self, task: str) -> str:
        return f"make doctor DO={task} {self._where}"

    def resume_queue(self, name: str) -> str:
        return f"gcloud tasks queues resume {name} {self._location}"

    def resume_call(self, name: str) -> str:
        return f"gcloud scheduler jobs resume {name} {self._location}"

    def run_call(self, name: str) -> str:
        return f"gcloud scheduler jobs run {name} {self._location}"

    def read_messages(self, subscription: str) -> str:
        return f"gcloud pubsub subscriptions pull {subscription} --limit=10 {self._project}"

    def let_act_as_invoker(self) -> str:
        """Lets the person who asks call the worker."""
        role = "--role=roles/iam.serviceAccountOpenIdTokenCreator --member=user:$(gcloud config get account)"
        return f"gcloud iam service-accounts add-iam-policy-binding {self.place.email(INVOKER)} {role} {self._project}"

    @property
    def _where(self) -> str:
        return f"PROJECT={self.place.project} REGION={self.place.region}"

    @property
    def _project(self) -> str:
        return f"--project={self.place.project}"

    @property
    def _location(self) -> str:
        return f"--location={self.place.region} {self._project}"


def look_at_deployment(
    deployment: Deployment, place: Place, stages: Iterable[Stage], cloud: Cloud, at_once: int, ask_worker: AskWorker = ask
) -> list[Finding]:
    """Everything that is wrong with a deployment, which `stages` bring about."""
    mends, probes = CloudMends(place), _probes(deployment, place, cloud)
    with ThreadPoolExecutor(at_once) as threads:
        inside = threads.submit(lambda: list(_look_inside(place, cloud, mends, ask_worker)))
        running = [threads.submit(_look, thing, probe, mends) for thing, probe in probes.items()]
        drifted = compare(stages, cloud, mends.redo, why_granted(deployment, place), at_once)
        return [*drifted, *(finding for probe in running for finding in probe.result()), *inside.result()]


def worker_token(place: Place, cloud: Cloud) -> str:
    """An OIDC token of the invoker for the worker. Raises DeploymentStopped where the person may not have one."""
    account = f"v1/projects/-/serviceAccounts/{place.email(INVOKER)}"
    answer = cloud.rest("POST", "iamcredentials", f"{account}:generateIdToken", {"audience": place.url("worker"), "includeEmail": True})
    if answer is None:
        raise DeploymentStopped(f"There is no account {place.email(INVOKER)}.\nWhat to do: {CloudMends(place).redo}")
    return str(answer["token"])


def _look(thing: str, probe: Probe, mends: Mends) -> list[Finding]:
    try:
        return [finding for fact in probe() for finding in examine(fact, mends)]
    except DeploymentStopped as stopped:
        return [] if SWITCHED_OFF.search(str(stopped)) else [unseen(thing, stopped)]


def _probes(deployment: Deployment, place: Place, cloud: Cloud) -> dict[str, Probe]:
    """What is looked at while it runs, by what it is called where looking fails."""
    return {
        "services": lambda: _services(deployment, place, cloud),
        "jobs": lambda: map(facts.execution_facts, cloud.look(jobs_look(place))),
        "queues": lambda: _queues(deployment, place, cloud),
        "scheduled calls": lambda: _scheduled_calls(deployment, place, cloud),
        "dead letters": lambda: _backlogs(deployment, place, cloud),
        "quota of Veo": lambda: _quotas(place, cloud),
    }


def _services(deployment: Deployment, place: Place, cloud: Cloud) -> Iterator[Fact]:
    found = {fact.name: fact for fact in map(facts.service_facts, cloud.look(services_look(place)))}
    for service in deployment.services:
        name = cloud_name(service)
        yield found.get(name, facts.ServiceFacts(name, is_ready=False, message="it was never released"))


def _queues(deployment: Deployment, place: Place, cloud: Cloud) -> Iterator[Fact]:
    ours = {queue.name for queue in deployment.queues}
    for queue in cloud.look(("tasks", "queues", "list", f"--location={place.region}")):
        if queue["name"].rsplit("/", 1)[-1] in ours:
            tasks = cloud.rest("GET", "cloudtasks", f"v2/{queue['name']}/tasks?pageSize=1000") or {}
            yield facts.queue_facts(queue, tasks.get("tasks", []), datetime.now(UTC))


def _scheduled_calls(deployment: Deployment, place: Place, cloud: Cloud) -> Iterator[Fact]:
    ours = {call.name for call in deployment.scheduled_calls}
    for job in cloud.look(("scheduler", "jobs", "list", f"--location={place.region}")):
        if job["name"].rsplit("/", 1)[-1] in ours:
            yield facts.scheduled_call_facts(job, datetime.now(UTC))


def _backlogs(deployment: Deployment, place: Place, cloud: Cloud) -> Iterator[Fact]:
    subscriptions = [(topic.name, subscription) for topic in deployment.topics for subscription in topic.subscriptions]
    dead = {push.dead_letter.topic for _, push in subscriptions if isinstance(push, PushSubscription) and push.dead_letter}
    names = [pull.name for topic, pull in subscriptions if topic in dead and isinstance(pull, PullSubscription)]
    now = datetime.now(UTC)
    asked = {"filter": BACKLOG, "interval.startTime": _wire(now - timedelta(hours=1)), "interval.endTime": _wire(now)}
    answer = cloud.rest("GET", "monitoring", f"v3/projects/{place.project}/timeSeries?{urlencode(asked)}") or {}
    yield from facts.backlog_facts(answer.get("timeSeries", []), names)


def _quotas(place: Place, cloud: Cloud) -> Iterator[Fact]:
    service = f"v1beta1/projects/{place.project}/services/aiplatform.googleapis.com"
    metric = cloud.rest("GET", "serviceusage", f"{service}/consumerQuotaMetrics/{quote(VEO_QUOTA, safe='')}")
    for model in list_models():
        allowed = facts.quota_of(metric or {}, model.id, model.region)
        if allowed is not None:
            yield facts.QuotaFacts(model.id, allowed, model.requests_per_minute)


def _look_inside(place: Place, cloud: Cloud, mends: CloudMends, ask_worker: AskWorker) -> Iterator[Finding]:
    """What the worker says, and whether Firestore has what it should."""
    try:
        token = worker_token(place, cloud)
    except DeploymentStopped as stopped:
        what = unseen("database", stopped).what
        yield Finding("error", "database", what, f"only the invoker may ask the worker: {mends.let_act_as_invoker()}")
        return
    try:
        found = understood(ask_worker(place.url("worker"), "/diagnostics", token, SECONDS_FOR_A_COLD_START))
    except WorkerAway as away:
        yield Finding("error", "service worker", f"{away}.", f"see why: {mends.log('worker')}; then: {mends.redo}")
        return
    live = None
    if found.revision is not None and found.live == "firestore":
        path = f"v1/projects/{place.project}/databases/(default)/documents/projects/{found.revision.project_id}"
        try:
            live = facts.LiveFacts(str(found.revision.project_id), facts.revision_of(cloud.rest("GET", "firestore", path)))
        except DeploymentStopped as stopped:
            yield unseen("Firestore", stopped)
    yield from examine_inside(found, live, mends)


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
