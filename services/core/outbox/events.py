"""Delivers facts: to the Pub/Sub topic, or straight to subscribers where there is no Pub/Sub."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.core.kit.cloud_events import Fact
from services.core.kit.telemetry import carried
from services.core.outbox.drain import DeliveryFailed
from services.core.settings import Settings

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 5.0

FindFact = Callable[[UUID, int], Fact | None]
"""Reads a fact from the project's log; None where the project is gone."""


class PubSubDispatcher:
    """Publishes to the events topic, in the binary mode of CloudEvents' binding to Pub/Sub.

    Attributes have the prefix `ce-`; `content-type` is the data's, by which a receiver knows the mode
    (https://github.com/googleapis/google-cloudevents/blob/main/docs/spec/pubsub.md#3-pubsub-message-mapping).
    """

    def __init__(self, settings: Settings, find_fact: FindFact) -> None:
        self._settings = settings
        self._find_fact = find_fact

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        """Publish and wait until Pub/Sub has it. A repeat is a second message with the same id: subscribers see that."""
        from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415  # with the client, on first use
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  # with the client, on first use

        fact = self._find_fact(UUID(payload["project_id"]), int(payload["rev"]))
        if fact is None:
            return
        attributes = {f"ce-{name}": value for name, value in fact.attributes().items()} | carried("ce-")
        attributes["content-type"] = "application/json"
        message = {"data": fact.data(), "attributes": attributes, "ordering_key": str(fact.project_id)}
        try:
            self._client.publish(topic=self._topic, messages=[message], timeout=TIMEOUT_SECONDS, retry=None)
        except (GoogleAPIError, GoogleAuthError, OSError) as error:
            raise DeliveryFailed(f"Pub/Sub did not take it: {type(error).__name__}") from error

    @cached_property
    def _client(self) -> Any:
        # The client of the plain API: the outbox is the buffer already, and the buffering client on top of it tries again for
        # ever, behind our back, as soon as messages have an order.
        from google.pubsub_v1 import PublisherClient  # noqa: PLC0415  # cold start: most of a second

        return PublisherClient()

    @property
    def _topic(self) -> str:
        return f"projects/{self._settings.google_cloud_project}/topics/{self._settings.events_topic}"


class DirectDispatcher:
    """Posts each fact to every subscriber as a CloudEvent over HTTP, in binary mode, for machines without Pub/Sub."""

    def __init__(self, settings: Settings, find_fact: FindFact) -> None:
        self._subscribers = settings.event_subscribers
        self._find_fact = find_fact

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        """Post to all; where one refuses, all get it again later: they know it by its id."""
        fact = self._find_fact(UUID(payload["project_id"]), int(payload["rev"])) if self._subscribers else None
        if fact is None:
            return
        import httpx  # noqa: PLC0415  # cold start, see `_client`

        headers = {f"ce-{name}": value for name, value in fact.attributes().items()} | carried("ce-") | carried()
        headers["content-type"] = "application/json"
        refused: list[httpx.HTTPError] = []
        for url in self._subscribers:
            try:
                self._client.post(url, content=fact.data(), headers=headers).raise_for_status()
            except httpx.HTTPError as error:
                refused.append(error)
        if refused:
            kinds = ", ".join(type(error).__name__ for error in refused)
            raise DeliveryFailed(f"{len(refused)} of {len(self._subscribers)} subscribers did not take it: {kinds}") from refused[0]

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx  # noqa: PLC0415  # cold start: only who has subscribers needs it

        return httpx.Client(timeout=TIMEOUT_SECONDS)
