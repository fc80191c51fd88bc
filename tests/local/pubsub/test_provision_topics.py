"""Topics take only what fits their schema, and what a push subscriber never takes is not lost: as described, on the official emulator."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import InvalidArgument
from google.pubsub_v1 import PublisherClient, SubscriberClient

from infra.description import COMMANDS_TOPIC, DEPLOYMENT, EVENTS_TOPIC
from infra.local.pubsub import provision_topics
from infra.model import DeadLetter, PushSubscription, Topic
from services.core.kit.ids import new_id
from tests.emulators import Emulator
from tests.local.cloud_tasks.support import Target, wait_until

pytestmark = pytest.mark.emulators

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
COMMAND = json.loads((EXAMPLES / "commands/record/run_all.json").read_text())
FACT = json.loads((EXAMPLES / "events/message/reelgraph.command.v1.accepted.json").read_text())["data"]

Provision = Callable[[Sequence[Topic]], list[str]]


@pytest.fixture
def project(pubsub_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project of its own on the emulator."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_emulator.address)
    return f"p-{new_id()}"


@pytest.fixture
def target() -> Iterator[Target]:
    """Whoever messages are pushed to."""
    listening = Target()
    yield listening
    listening.close()


@pytest.fixture
def provision(project: str, target: Target) -> Provision:
    return lambda topics: provision_topics(topics, project, lambda subscription: target.url(subscription.path))


@pytest.fixture
def publish(project: str) -> Callable[[str, bytes], None]:
    def send(topic: str, data: bytes) -> None:
        message: Any = {"data": data}
        PublisherClient().publish(topic=f"projects/{project}/topics/{topic}", messages=[message], timeout=10, retry=None)

    return send


def described(name: str) -> Topic:
    return next(topic for topic in DEPLOYMENT.topics if topic.name == name)


def test_what_is_described_is_made_once(provision: Provision) -> None:
    assert provision(DEPLOYMENT.topics) == [
        "schema reelgraph-event created",
        "schema reelgraph-command created",
        "topic reelgraph-events created",
        "topic reelgraph-commands created",
        "topic reelgraph-commands-dead-letter created",
        "subscription pipeline-command created",
        "subscription reelgraph-commands-dead-letter created",
    ]
    assert provision(DEPLOYMENT.topics) == []


def test_a_topic_gets_the_schema_that_it_lacked_and_another_when_that_changes(
    provision: Provision, publish: Callable[[str, bytes], None]
) -> None:
    events, commands = described(EVENTS_TOPIC), described(COMMANDS_TOPIC)
    assert events.schema and commands.schema
    provision([replace(events, schema=None)])
    publish(EVENTS_TOPIC, b"anything")

    assert provision([events]) == ["schema reelgraph-event created", f"topic {EVENTS_TOPIC} changed"]

    with pytest.raises(InvalidArgument):
        publish(EVENTS_TOPIC, b"anything")
    assert provision([replace(events, schema=replace(events.schema, path=commands.schema.path))]) == ["schema reelgraph-event changed"]


def test_the_subscription_of_commands_is_patient_and_drops_nothing(provision: Provision, project: str) -> None:
    provision(DEPLOYMENT.topics)

    found = SubscriberClient().get_subscription(subscription=f"projects/{project}/subscriptions/pipeline-command")
    kept = SubscriberClient().get_subscription(subscription=f"projects/{project}/subscriptions/reelgraph-commands-dead-letter")

    assert (found.retry_policy.minimum_backoff.seconds, found.retry_policy.maximum_backoff.seconds) == (10, 600)
    assert found.dead_letter_policy.dead_letter_topic == kept.topic
    assert (found.dead_letter_policy.max_delivery_attempts, kept.message_retention_duration.days) == (20, 7)


@pytest.mark.parametrize(("topic", "record"), [(EVENTS_TOPIC, FACT), (COMMANDS_TOPIC, COMMAND)], ids=[EVENTS_TOPIC, COMMANDS_TOPIC])
def test_what_fits_is_taken_and_what_does_not_is_refused(
    provision: Provision, publish: Callable[[str, bytes], None], topic: str, record: dict[str, Any]
) -> None:
    provision(DEPLOYMENT.topics)
    without = [json.dumps({name: value for name, value in record.items() if name != left_out}).encode() for left_out in record]
    wrong = [json.dumps(record | {name: []}).encode() for name in record]

    publish(topic, json.dumps(record).encode())
    publish(topic, json.dumps(dict(reversed(record.items()))).encode())

    for data in (b"hello", b"[]", b"{}", *without, *wrong):
        with pytest.raises(InvalidArgument):
            publish(topic, data)


def test_a_scope_that_there_is_not_is_refused(provision: Provision, publish: Callable[[str, bytes], None]) -> None:
    provision(DEPLOYMENT.topics)

    with pytest.raises(InvalidArgument):
        publish(COMMANDS_TOPIC, json.dumps(COMMAND | {"scope": "most"}).encode())


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(COMMAND | {"colour": "red"}).encode(),
        json.dumps(COMMAND).encode() + b" and more",
        json.dumps(COMMAND | {"project_id": "mine", "inputs": "{"}).encode(),
    ],
    ids=["unknown field", "more behind the record", "texts that mean nothing"],
)
def test_what_a_schema_lets_slip_through(provision: Provision, publish: Callable[[str, bytes], None], data: bytes) -> None:
    # Why the function reads each command strictly, although the topic has a schema.
    provision(DEPLOYMENT.topics)

    publish(COMMANDS_TOPIC, data)


def test_what_a_subscriber_never_takes_ends_as_a_dead_letter(
    provision: Provision, publish: Callable[[str, bytes], None], project: str, target: Target
) -> None:
    impatient = PushSubscription(
        "pushed", "pipeline_command", "/", "invoker", min_backoff_seconds=0, max_backoff_seconds=0, dead_letter=DeadLetter("dead", 5)
    )
    dead = replace(described("reelgraph-commands-dead-letter"), name="dead")
    provision([Topic("live", subscriptions=(impatient,)), dead])
    target.will_answer("/", 503)

    publish("live", b"a command")

    subscriber, received = SubscriberClient(), list[Any]()

    def look() -> bool:
        pulled = subscriber.pull(subscription=f"projects/{project}/subscriptions/{dead.subscriptions[0].name}", max_messages=1, timeout=20)
        received.extend(pulled.received_messages)
        return bool(received)

    wait_until(look, seconds=30)
    letter = received[0].message
    assert (letter.data, letter.attributes["CloudPubSubDeadLetterSourceDeliveryCount"]) == (b"a command", "5")
    assert len(target.received("/")) == 5
