"""Facts reach Pub/Sub, or subscribers directly, as CloudEvents that say the same however often they come."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1 import PublisherClient, SubscriberClient, Subscription

from services.core.kit.cloud_events import Fact
from services.core.kit.ids import new_id
from services.core.outbox.drain import DeliveryFailed, Dispatcher
from services.core.outbox.events import DirectDispatcher, PubSubDispatcher
from services.core.settings import Settings
from tests.emulators import Emulator
from tests.local.cloud_tasks.support import Target, wait_until
from tests.services.core.outbox.conftest import SettingsMaker
from tests.services.core.projects.canvas import START

PROJECT = new_id()
FACT = Fact(PROJECT, 7, "job.succeeded", START, {"job_id": "j", "cost_microusd": 1_200_000})
ATTRIBUTES = {
    "id": f"{PROJECT}-7",
    "source": f"//reelgraph/projects/{PROJECT}",
    "specversion": "1.0",
    "type": "reelgraph.job.v1.succeeded",
    "time": "2026-11-22T12:00:00+00:00",
    "subject": f"projects/{PROJECT}",
    "datacontenttype": "application/json",
}
RECORD = {
    "id": f"{PROJECT}-7",
    "type": "reelgraph.job.v1.succeeded",
    "time": "2026-11-22T12:00:00+00:00",
    "project_id": str(PROJECT),
    "rev": 7,
    "detail": '{"cost_microusd": 1200000, "job_id": "j"}',
}
ROW = {"project_id": str(PROJECT), "rev": 7}


def the_log(project_id: UUID, rev: int) -> Fact | None:
    """A log with one entry."""
    return FACT if (project_id, rev) == (PROJECT, 7) else None


class Inbox:
    """A subscription to the topic of one test, and what has come by it."""

    def __init__(self, settings: Settings) -> None:
        project = f"projects/{settings.google_cloud_project}"
        self._topic = f"{project}/topics/{settings.events_topic}"
        self._subscription = f"{project}/subscriptions/s{new_id().hex}"
        self._subscriber = SubscriberClient()
        self.messages: list[Any] = []

    def open(self) -> None:
        """Create topic and subscription."""
        PublisherClient().create_topic(name=self._topic)
        ordered = Subscription(name=self._subscription, topic=self._topic, enable_message_ordering=True)
        self._subscriber.create_subscription(request=ordered)

    def take(self) -> int:
        """Take what has come since; returns how many messages have come in all."""
        request = {"subscription": self._subscription, "max_messages": 10, "return_immediately": True}
        taken = self._subscriber.pull(request=request, timeout=5).received_messages
        if taken:
            self._subscriber.acknowledge(subscription=self._subscription, ack_ids=[received.ack_id for received in taken])
        self.messages += [received.message for received in taken]
        return len(self.messages)

    def wait_for(self, count: int) -> list[Any]:
        """The messages, once that many have come."""
        wait_until(lambda: self.take() >= count)
        return self.messages


@pytest.fixture
def pubsub_settings(make_settings: SettingsMaker, pubsub_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_emulator.address)
    return make_settings(events_topic=f"events-{new_id()}")


@pytest.fixture
def inbox(pubsub_settings: Settings) -> Inbox:
    inbox = Inbox(pubsub_settings)
    inbox.open()
    return inbox


@pytest.mark.emulators
def test_a_fact_is_published_as_a_cloud_event_with_its_projects_ordering_key(pubsub_settings: Settings, inbox: Inbox) -> None:
    PubSubDispatcher(pubsub_settings, the_log).dispatch(new_id(), ROW)

    (message,) = inbox.wait_for(1)
    assert json.loads(message.data) == RECORD
    assert dict(message.attributes) == {f"ce-{name}": value for name, value in ATTRIBUTES.items()} | {"content-type": "application/json"}
    assert message.ordering_key == str(PROJECT)


@pytest.mark.emulators
def test_a_fact_published_twice_is_known_by_its_id(pubsub_settings: Settings, inbox: Inbox) -> None:
    dispatcher = PubSubDispatcher(pubsub_settings, the_log)
    for _ in range(2):
        dispatcher.dispatch(new_id(), ROW)

    assert [message.attributes["ce-id"] for message in inbox.wait_for(2)] == [FACT.id, FACT.id]


@pytest.mark.emulators
def test_a_topic_that_is_missing_keeps_the_fact_in_the_outbox(pubsub_settings: Settings) -> None:
    with pytest.raises(DeliveryFailed, match="NotFound"):
        PubSubDispatcher(pubsub_settings, the_log).dispatch(new_id(), ROW)


@pytest.mark.emulators
def test_facts_flow_again_when_pubsub_is_back_and_none_comes_behind_our_back(
    pubsub_settings: Settings, pubsub_emulator: Emulator, inbox: Inbox
) -> None:
    dispatcher = PubSubDispatcher(pubsub_settings, the_log)
    dispatcher.dispatch(new_id(), ROW)
    pubsub_emulator.kill()
    try:
        for _ in range(3):
            with pytest.raises(DeliveryFailed, match="ServiceUnavailable"):
                dispatcher.dispatch(new_id(), ROW)
    finally:
        pubsub_emulator.start()

    def opened() -> bool:
        try:
            inbox.open()
        except GoogleAPICallError:
            return False  # its connection waits a moment before it tries again
        return True

    wait_until(opened, seconds=20)
    wait_until(lambda: delivers(dispatcher), seconds=20)

    dispatcher.dispatch(new_id(), ROW)

    assert len(inbox.wait_for(2)) == 2
    assert inbox.take() == 2


def delivers(dispatcher: Dispatcher) -> bool:
    """Whether the other side takes a row now."""
    try:
        dispatcher.dispatch(new_id(), ROW)
    except DeliveryFailed:
        return False
    return True


def nobody(_project_id: UUID, _rev: int) -> None:
    """A log whose project is gone."""


@pytest.mark.parametrize("make", [PubSubDispatcher, DirectDispatcher])
def test_a_fact_of_a_deleted_project_is_not_told(
    make: Callable[[Settings, Callable[[UUID, int], None]], Dispatcher], make_settings: SettingsMaker, target: Target
) -> None:
    make(make_settings(event_subscribers=(target.url("/events"),)), nobody).dispatch(new_id(), ROW)

    assert target.received("/events") == []


def test_without_pubsub_each_subscriber_gets_the_cloud_event_in_binary_mode(make_settings: SettingsMaker, target: Target) -> None:
    settings = make_settings(event_subscribers=(target.url("/one"), target.url("/two")))

    DirectDispatcher(settings, the_log).dispatch(new_id(), ROW)

    for path in ("/one", "/two"):
        (received,) = target.received(path)
        assert json.loads(received.body) == RECORD
        assert {name: received.headers[f"ce-{name}"] for name in ATTRIBUTES} == ATTRIBUTES
        assert received.headers["content-type"] == "application/json"


def test_a_subscriber_that_refuses_keeps_the_fact_and_does_not_keep_it_from_others(make_settings: SettingsMaker, target: Target) -> None:
    target.will_answer("/one", 500, 200)
    gone = "http://127.0.0.1:1/gone"
    settings = make_settings(event_subscribers=(gone, target.url("/one"), target.url("/two")))

    with pytest.raises(DeliveryFailed, match="2 of 3 subscribers did not take it: ConnectError, HTTPStatusError"):
        DirectDispatcher(settings, the_log).dispatch(new_id(), ROW)

    assert len(target.received("/two")) == 1


def test_without_subscribers_there_is_nobody_to_tell(make_settings: SettingsMaker) -> None:
    def unread(_project_id: UUID, _rev: int) -> Fact | None:
        raise AssertionError("the log was read for nobody")

    DirectDispatcher(make_settings(), unread).dispatch(new_id(), ROW)
