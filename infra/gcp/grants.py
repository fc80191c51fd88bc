"""The steps that give accounts their roles: for each resource its whole policy at once, so that a role taken from the table goes too."""

from collections import defaultdict
from collections.abc import Iterator

from infra.access import Grant, Kind
from infra.gcp.ground import agent_member
from infra.gcp.place import Place, cloud_name
from infra.gcp.steps import Arguments, Policy
from infra.model import Deployment, PushSubscription

Target = tuple[Kind, str]
EVERYBODY = "allUsers"
PUBSUB_AGENT = "gcp-sa-pubsub.iam.gserviceaccount.com"


def granted(deployment: Deployment, place: Place) -> Iterator[tuple[Grant, str]]:
    """Every grant with its member: those of the table, and those that follow from the rest of the description."""
    for account in deployment.accounts:
        yield from ((grant, f"serviceAccount:{place.email(account.name)}") for grant in account.grants)
    agents = {agent.domain: agent_member(agent, place) for agent in deployment.agents}
    for agent in deployment.agents:
        yield from ((grant, agents[agent.domain]) for grant in agent.grants)
    for topic in deployment.topics:
        for subscription in topic.subscriptions:
            if isinstance(subscription, PushSubscription) and subscription.dead_letter:
                dead = Grant("roles/pubsub.publisher", "set dead letters aside", "topic", subscription.dead_letter.topic)
                taken = Grant("roles/pubsub.subscriber", "take dead letters away", "subscription", subscription.name)
                yield from ((grant, agents[PUBSUB_AGENT]) for grant in (dead, taken))
    for service in deployment.services:
        if service.is_public:
            yield Grant("roles/run.invoker", "be called by everybody", "service", service.name), EVERYBODY


def policies(deployment: Deployment, place: Place) -> Iterator[Policy]:
    """One step for each resource on which something is granted; those of services and jobs are for after the first release."""
    by_target: defaultdict[Target, set[tuple[str, str]]] = defaultdict(set)
    for grant, member in granted(deployment, place):
        by_target[grant.kind, grant.name].add((grant.role, member))
    ours = frozenset({EVERYBODY, *(f"serviceAccount:{place.email(account.name)}" for account in deployment.accounts)})
    for (kind, name), bindings in by_target.items():
        get, write = policy_commands(kind, name, place)
        title = f"grants on {kind} {name}".rstrip()
        yield Policy(title, get, write, tuple(sorted(bindings)), ours, outlives_us=kind in ("project", "bucket", "queue"))


def is_after_release(policy: Policy) -> bool:
    """Whether what it is about is made by a release."""
    return policy.look[:2] in {("run", "services"), ("run", "jobs")}


def policy_commands(kind: Kind, name: str, place: Place) -> tuple[Arguments, Arguments]:
    """How to read a policy, and how to write it from `{file}`."""
    location, region = f"--location={place.region}", f"--region={place.region}"
    group: Arguments
    match kind:
        case "project":
            group, target = ("projects",), (place.project,)
        case "bucket":
            group, target = ("storage", "buckets"), (f"gs://{place.bucket(name)}",)
        case "topic":
            group, target = ("pubsub", "topics"), (name,)
        case "subscription":
            group, target = ("pubsub", "subscriptions"), (name,)
        case "secret":
            group, target = ("secrets",), (name,)
        case "account":
            group, target = ("iam", "service-accounts"), (place.email(name),)
        case "queue":
            return ("tasks", "queues", "get-iam-policy", name, location), ("tasks", "queues", "set-iam-policy", name, "{file}", location)
        case "service" | "job":
            group = ("run", "services" if kind == "service" else "jobs")
            cloud = cloud_name(name)
            return (*group, "get-iam-policy", cloud, region), (*group, "set-iam-policy", cloud, "{file}", region)
        case "repository":
            group = ("artifacts", "repositories")
            return (*group, "get-iam-policy", name, location), (*group, "set-iam-policy", name, "{file}", location)
    return (*group, "get-iam-policy", *target), (*group, "set-iam-policy", *target, "{file}")
