"""The steps of what carries work and facts: queues, schemas, topics, subscriptions, triggers, the scheduler."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra import wanted
from infra.gcp.place import Place, cloud_name
from infra.gcp.steps import Command, Resource
from infra.model import FinalizeTrigger, PullSubscription, PushSubscription, Queue, ScheduledCall, Topic, TopicSchema

REPOSITORY = Path(__file__).parents[2]


def queue(described: Queue, place: Place) -> Resource:
    """A Cloud Tasks queue. It stays with the data: Google keeps the name of a deleted queue for days, and an idle one costs nothing."""
    retry, where = described.retry, (described.name, f"--location={place.region}")
    flags = (
        f"--max-dispatches-per-second={described.max_dispatches_per_second:g}",
        f"--max-concurrent-dispatches={described.max_concurrent_dispatches}",
        f"--max-attempts={retry.max_attempts}",
        f"--min-backoff={wanted.seconds(retry.min_backoff_seconds)}",
        f"--max-backoff={wanted.seconds(retry.max_backoff_seconds)}",
        f"--max-doublings={retry.max_doublings}",
    )
    return Resource(
        title=f"queue {described.name}",
        look=("tasks", "queues", "list", f"--location={place.region}"),
        name=described.name,
        wanted=wanted.queue(described),
        create=(Command(("tasks", "queues", "create", *where, *flags)),),
        update=(Command(("tasks", "queues", "update", *where, *flags)),),
        delete=(Command(("tasks", "queues", "delete", *where)),),
        is_data=True,
    )


def schema(described: TopicSchema) -> Resource:
    """An Avro schema. A changed one becomes its next revision, which Pub/Sub takes where it is compatible."""
    definition = json.dumps(json.loads((REPOSITORY / described.path).read_text()))
    flags = (described.name, "--type=avro", "--definition-file={file}")
    return Resource(
        title=f"schema {described.name}",
        look=("pubsub", "schemas", "list", "--view=full"),
        name=described.name,
        wanted={"definition": definition},
        create=(Command(("pubsub", "schemas", "create", *flags), definition),),
        update=(Command(("pubsub", "schemas", "commit", *flags), definition),),
        delete=(Command(("pubsub", "schemas", "delete", described.name)),),
    )


def topic(described: Topic, place: Place) -> Resource:
    """A topic, whose messages Pub/Sub holds against its schema."""
    name = described.schema and described.schema.name
    flags = (f"--schema={name}", "--message-encoding=json") if name else ()
    settings = {"schema": f"projects/{place.project}/schemas/{name}", "encoding": "JSON"}
    return Resource(
        title=f"topic {described.name}",
        look=("pubsub", "topics", "list"),
        name=described.name,
        wanted={"schemaSettings": settings} if name else {},
        create=(Command(("pubsub", "topics", "create", described.name, *flags)),),
        update=(Command(("pubsub", "topics", "update", described.name, *flags)),) if name else (),
        delete=(Command(("pubsub", "topics", "delete", described.name)),),
    )


def subscription(described: PushSubscription | PullSubscription, topic_name: str, place: Place) -> Resource:
    """A subscription of a topic. It never expires, however long nobody asks."""
    match described:
        case PullSubscription():
            retention = described.retention_days * 86400
            settings: dict[str, Any] = {"messageRetentionDuration": retention}
            flags: tuple[str, ...] = (f"--message-retention-duration={retention}s",)
        case PushSubscription():
            url, email = place.url(described.service), place.email(described.account)
            endpoint = url + described.path
            settings = {"pushConfig": {"pushEndpoint": endpoint, "oidcToken": {"serviceAccountEmail": email, "audience": url}}}
            flags = (
                f"--push-endpoint={endpoint}",
                f"--push-auth-service-account={email}",
                f"--push-auth-token-audience={url}",
                f"--ack-deadline={described.ack_deadline_seconds}",
                f"--min-retry-delay={described.min_backoff_seconds}s",
                f"--max-retry-delay={described.max_backoff_seconds}s",
            )
            settings |= {"ackDeadlineSeconds": described.ack_deadline_seconds}
            settings |= {"retryPolicy": {"minimumBackoff": described.min_backoff_seconds, "maximumBackoff": described.max_backoff_seconds}}
            if described.dead_letter is not None:
                dead = described.dead_letter
                name = f"projects/{place.project}/topics/{dead.topic}"
                settings |= {"deadLetterPolicy": {"deadLetterTopic": name, "maxDeliveryAttempts": dead.max_delivery_attempts}}
                flags += (f"--dead-letter-topic={name}", f"--max-delivery-attempts={dead.max_delivery_attempts}")
    return Resource(
        title=f"subscription {described.name}",
        look=("pubsub", "subscriptions", "list"),
        name=described.name,
        wanted=settings,
        create=(
            Command(("pubsub", "subscriptions", "create", described.name, f"--topic={topic_name}", "--expiration-period=never", *flags)),
        ),
        update=(Command(("pubsub", "subscriptions", "update", described.name, *flags)),),
        delete=(Command(("pubsub", "subscriptions", "delete", described.name)),),
    )


def trigger(described: FinalizeTrigger, place: Place) -> Resource:
    """An Eventarc trigger of a bucket. Its filters cannot be changed, so another bucket is another trigger of the same name."""
    filters = wanted.trigger_filters(described, place.bucket(described.bucket_suffix))
    service, where = cloud_name(described.service), (described.name, f"--location={place.region}")
    create = Command(
        (
            *("eventarc", "triggers", "create", *where),
            *(f"--event-filters={attribute}={value}" for attribute, value in filters.items()),
            *(f"--destination-run-service={service}", f"--destination-run-region={place.region}", "--destination-run-path=/"),
            f"--service-account={place.email(described.account)}",
        )
    )
    delete = Command(("eventarc", "triggers", "delete", *where))
    return Resource(
        title=f"trigger {described.name}",
        look=("eventarc", "triggers", "list", f"--location={place.region}"),
        name=described.name,
        wanted={
            "destination": {"cloudRun": {"service": service, "region": place.region, "path": "/"}},
            "serviceAccount": place.email(described.account),
        },
        create=(create,),
        update=(delete, create),
        delete=(delete,),
    )


def scheduled_call(described: ScheduledCall, place: Place) -> Resource:
    """A Cloud Scheduler job."""
    url, email = place.url(described.service), place.email(described.account)
    settings = wanted.scheduled_call(described, url, email)
    flags = (
        described.name,
        f"--location={place.region}",
        f"--schedule={described.schedule}",
        f"--time-zone={settings['timeZone']}",
        f"--uri={settings['httpTarget']['uri']}",
        "--http-method=POST",
        f"--oidc-service-account-email={email}",
        f"--oidc-token-audience={url}",
        f"--attempt-deadline={described.attempt_deadline_seconds}s",
    )
    return Resource(
        title=f"scheduled call {described.name}",
        look=("scheduler", "jobs", "list", f"--location={place.region}"),
        name=described.name,
        wanted=settings,
        create=(Command(("scheduler", "jobs", "create", "http", *flags)),),
        update=(Command(("scheduler", "jobs", "update", "http", *flags)),),
        delete=(Command(("scheduler", "jobs", "delete", described.name, f"--location={place.region}")),),
    )


def subscriptions(topics: tuple[Topic, ...], kind: type[PushSubscription | PullSubscription], place: Place) -> Iterator[Resource]:
    """The subscriptions of one kind."""
    for described in topics:
        yield from (subscription(one, described.name, place) for one in described.subscriptions if isinstance(one, kind))
