"""Live documents while Firestore does not answer: what fails is told, and the next delivery does not suffer for it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from google.api_core import exceptions

from services.core.kit.ids import new_id
from services.core.outbox.drain import DeliveryFailed
from services.core.outbox.live import FirestoreDispatcher, LiveRows
from services.core.settings import Settings
from tests.services.core.outbox.conftest import SettingsMaker

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PROJECT = new_id()


class FakeClient:
    """A client that answers every write in one way, as a channel does that waits before it connects anew."""

    def __init__(self, error: type[exceptions.GoogleAPIError] | None) -> None:
        self._error = error
        self.written: list[str] = []

    def document(self, path: str) -> "FakeDocument":
        return FakeDocument(self, path)

    def write(self, path: str) -> None:
        if self._error is not None:
            raise self._error("as a test wants it")
        self.written.append(path)


class FakeDocument:
    def __init__(self, client: FakeClient, path: str) -> None:
        self._client, self._path = client, path

    def set(self, _document: dict[str, Any], **_options: Any) -> None:
        self._client.write(self._path)


def rows() -> LiveRows:
    return LiveRows(node=lambda _: None, project_rev=lambda _: 7, role=lambda _project, _user: None)


def dispatch(dispatcher: FirestoreDispatcher) -> None:
    dispatcher.dispatch(UUID(int=0), {"kind": "project", "project_id": str(PROJECT)})


def a_dispatcher(make_settings: SettingsMaker, *clients: FakeClient) -> FirestoreDispatcher:
    """One that connects to these clients, one after the other."""
    waiting = list(clients)

    def connect(_: Settings) -> FakeClient:
        return waiting.pop(0)

    return FirestoreDispatcher(make_settings(), rows(), lambda: NOW, connect)


def test_after_an_outage_the_next_delivery_connects_anew(make_settings: SettingsMaker) -> None:
    away, back = FakeClient(exceptions.ServiceUnavailable), FakeClient(None)
    dispatcher = a_dispatcher(make_settings, away, back)

    with pytest.raises(DeliveryFailed, match="ServiceUnavailable"):
        dispatch(dispatcher)
    dispatch(dispatcher)
    dispatch(dispatcher)

    assert (away.written, back.written) == ([], [f"projects/{PROJECT}"] * 2)


def test_a_refusal_is_no_outage_and_keeps_the_connection(make_settings: SettingsMaker) -> None:
    refusing, unused = FakeClient(exceptions.PermissionDenied), FakeClient(None)
    dispatcher = a_dispatcher(make_settings, refusing, unused)

    for _ in range(2):
        with pytest.raises(DeliveryFailed, match="PermissionDenied"):
            dispatch(dispatcher)

    assert unused.written == []
