"""Creates what the description says of Pub/Sub: schemas, topics that enforce them, and subscriptions.

The emulator is reached as the product reaches it: the clients read PUBSUB_EMULATOR_HOST, which our caller has set.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud.pubsub_v1 import PublisherClient, SchemaServiceClient, SubscriberClient

from infra.model import PullSubscription, PushSubscription, Topic, TopicSchema

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 10.0

PushEndpoint = Callable[[PushSubscription], str]
"""Where messages of a subscription are posted to."""


def provision_topics(topics: Sequence[Topic], project: str, push_endpoint: PushEndpoint) -> list[str]:
    """Bring Pub/Sub in line with `topics`; return what had to be changed. Raises the client's errors."""
    changes: list[str] = []
    with SchemaServiceClient() as schemas:
        changes += [change for topic in topics if topic.schema for change in _schema(schemas, topic.schema, project)]
    publisher = PublisherClient()
    changes += [change for topic in topics for change in _topic(publisher, topic, project)]
    # All topics are there by now: a subscription may name one for its dead letters.
    with SubscriberClient() as subscriber:
        for topic in topics:
            for subscription in topic.subscriptions:
                request = _subscription_request(subscription, topic, project, push_endpoint)
                changes += _subscription(subscriber, subscription.name, request)
    return changes


def _schema(client: Any, schema: TopicSchema, project: str) -> list[str]:
    name, definition = f"projects/{project}/schemas/{schema.name}", (REPOSITORY / schema.path).read_text()
    wanted = {"name": name, "type_": "AVRO", "definition": definition}
    try:
        current = client.get_schema(name=name, timeout=TIMEOUT_SECONDS)
    except NotFound:
        client.create_schema(parent=f"projects/{project}", schema_id=schema.name, schema=wanted, timeout=TIMEOUT_SECONDS)
        return [f"schema {schema.name} created"]
    if current.definition == definition:
        return []
    client.commit_schema(name=name, schema=wanted, timeout=TIMEOUT_SECONDS)
    return [f"schema {schema.name} changed"]


def _topic(publisher: Any, topic: Topic, project: str) -> list[str]:
    wanted: dict[str, Any] = {"name": f"projects/{project}/topics/{topic.name}"}
    if topic.schema:
        wanted["schema_settings"] = {"schema": f"projects/{project}/schemas/{topic.schema.name}", "encoding": "JSON"}
    try:
        publisher.create_topic(request=wanted, timeout=TIMEOUT_SECONDS)
    except AlreadyExists:
        current = publisher.get_topic(topic=wanted["name"], timeout=TIMEOUT_SECONDS)
        if current.schema_settings.schema == wanted.get("schema_settings", {}).get("schema", ""):
            return []
        update = {"topic": wanted, "update_mask": {"paths": ["schema_settings"]}}
        publisher.update_topic(request=update, timeout=TIMEOUT_SECONDS)
        return [f"topic {topic.name} changed"]
    return [f"topic {topic.name} created"]


def _subscription(subscriber: Any, name: str, request: dict[str, Any]) -> list[str]:
    try:
        subscriber.create_subscription(request=request, timeout=TIMEOUT_SECONDS)
    except AlreadyExists:
        return []
    return [f"subscription {name} created"]


def _subscription_request(
    subscription: PushSubscription | PullSubscription, topic: Topic, project: str, push_endpoint: PushEndpoint
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "name": f"projects/{project}/subscriptions/{subscription.name}",
        "topic": f"projects/{project}/topics/{topic.name}",
        "expiration_policy": {},  # never: one that nobody uses for a month is still wanted
    }
    if isinstance(subscription, PullSubscription):
        return request | {"message_retention_duration": timedelta(days=subscription.retention_days)}
    request |= {
        "ack_deadline_seconds": subscription.ack_deadline_seconds,
        "push_config": {"push_endpoint": push_endpoint(subscription)},
        "retry_policy": {
            "minimum_backoff": timedelta(seconds=subscription.min_backoff_seconds),
            "maximum_backoff": timedelta(seconds=subscription.max_backoff_seconds),
        },
    }
    if subscription.dead_letter:
        request["dead_letter_policy"] = {
            "dead_letter_topic": f"projects/{project}/topics/{subscription.dead_letter.topic}",
            "max_delivery_attempts": subscription.dead_letter.max_delivery_attempts,
        }
    return request
