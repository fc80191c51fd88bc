"""The whole deployment as stages of steps, in the order in which they need each other."""

from dataclasses import replace

from infra.gcp import actions, grants, ground, messages, qdrant, watching
from infra.gcp.place import Place, cloud_name
from infra.gcp.release import execute_command, jobs_look, replace_command, services_look, traffic_command
from infra.gcp.steps import Apis, Command, Resource, Stage
from infra.model import Bucket, Deployment, PullSubscription, PushSubscription


def stages(deployment: Deployment, place: Place) -> tuple[Stage, ...]:
    """From an empty project to a studio."""
    return (*foundation(deployment, place), *application(deployment, place))


def foundation(deployment: Deployment, place: Place) -> tuple[Stage, ...]:
    """Everything that a release needs."""
    below, origins = deployment.foundation, place.origins(deployment)
    staging = Bucket(below.staging, delete_after_days=30)
    schemas = {topic.schema.name: topic.schema for topic in deployment.topics if topic.schema}
    policies = [policy for policy in grants.policies(deployment, place) if not grants.is_after_release(policy)]
    ours = place.qdrant_host is None
    machine = list(qdrant.steps(below.vectors, below.network, below.mirror, place)) if ours else []
    database = below.database
    return (
        Stage("Google's APIs", (Apis(below.apis),)),
        Stage(
            "What stands on nothing else",
            (
                ground.network(below.network),
                *(ground.account(account, place) for account in deployment.accounts),
                *(ground.agent(agent, place) for agent in deployment.agents),
                *(ground.bucket(bucket, place, origins) for bucket in (*deployment.buckets, staging)),
                *ground.repositories(below, place),
                *ground.secrets(below.secrets),
                *(messages.queue(queue, place) for queue in deployment.queues),
                *(messages.schema(schema) for schema in schemas.values()),
                ground.firestore(place),
                ground.canvas_key(below.canvas_key),
                actions.identity_platform(place),
            ),
        ),
        Stage(
            "Inside the network, and topics",
            (
                *ground.inside_network(below.network, place),
                *machine[:1],
                *ground.secret_values(below.secrets),
                *(ground.time_to_live(field) for field in below.time_to_live),
                *(messages.topic(topic, place) for topic in deployment.topics),
                actions.rules(place),
            ),
        ),
        Stage("Private services access", (ground.peering(below.network), *machine[1:2])),
        Stage(
            "Cloud SQL, subscriptions",
            (
                ground.database_instance(database, below.network.name, place),
                *messages.subscriptions(deployment.topics, PullSubscription, place),
                *messages.subscriptions(deployment.topics, PushSubscription, place),
            ),
        ),
        Stage("Who may do what, and who logs in to the database", (*policies, *ground.inside_database(database, place))),
        Stage("Qdrant, and roles in the database", (*machine[2:], ground.database_roles(database, below.staging, place))),
    )


def application(deployment: Deployment, place: Place) -> tuple[Stage, ...]:
    """The release, and what calls it."""
    policies = [policy for policy in grants.policies(deployment, place) if grants.is_after_release(policy)]
    return (
        Stage("Release", (actions.build(deployment, place),)),
        Stage("Who may call whom", tuple(policies)),
        Stage(
            "What calls the services",
            (
                *(messages.trigger(trigger, place) for trigger in deployment.triggers),
                *(messages.scheduled_call(call, place) for call in deployment.scheduled_calls),
            ),
        ),
        *watching.stages(deployment.foundation.monthly_budget, place),
    )


def with_released(deployment: Deployment, place: Place) -> tuple[Stage, ...]:
    """All stages, with the services and jobs that a release makes as steps of their own, so that they can be taken away."""
    region = f"--region={place.region}"
    services = [
        Resource(
            title=f"service {cloud_name(service)}",
            look=services_look(place),
            field="metadata.name",
            name=cloud_name(service),
            create=(),
            delete=(Command(("run", "services", "delete", cloud_name(service), region)),),
        )
        for service in deployment.services
    ]
    jobs = [
        Resource(
            title=f"job {cloud_name(job.name)}",
            look=jobs_look(place),
            field="metadata.name",
            name=cloud_name(job.name),
            create=(),
            delete=(Command(("run", "jobs", "delete", cloud_name(job.name), region)),),
        )
        for job in deployment.jobs
    ]
    return tuple(
        replace(stage, steps=(*stage.steps, *services, *jobs)) if stage.title == "Release" else stage for stage in stages(deployment, place)
    )


def release_commands(deployment: Deployment, place: Place) -> tuple[Command, ...]:
    """What a release calls, for those who check commands; of documents only that there is one."""
    first = cloud_name(deployment.services[0])
    return (
        replace_command("services", {}, place),
        replace_command("jobs", {}, place),
        execute_command("migrate", place),
        traffic_command(first, f"{first}-000000000000", place),
        Command(("auth", "print-identity-token", f"--audiences={place.url(first)}")),
        Command(("config", "get", "account")),
        Command(("services", "api-keys", "get-key-string", "key")),
        Command(services_look(place)),
        Command(jobs_look(place)),
    )
