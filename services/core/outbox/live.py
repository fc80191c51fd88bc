"""Delivers live documents to Firestore: projections of rows, written so that a late delivery can do no harm.

Documents: projects/{project}/live/{node} for running nodes, projects/{project} with the revision,
projects/{project}/members/{user} for the rules. Browsers listen to them; servers never read them back as truth.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from services.core.kit.clock import Clock
from services.core.outbox.drain import DeliveryFailed
from services.core.settings import Settings

# The outbox tries again; left to itself the client would do so for minutes, while the request that committed waits.
ONE_TRY: Mapping[str, Any] = {"timeout": 5.0, "retry": None}
ATTEMPTS = 5  # two writers of one node's document at the same time are rare; five are not seen
TTL = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LiveNode:
    """A node's row as far as listeners see it; `is_live` False means its document shall not exist."""

    project_id: UUID
    node_id: UUID
    version: int
    document: dict[str, Any]
    is_live: bool


Revision = int | Literal["later", "gone"]
"""The revision to write now; `later` where one was written within the last second and the next is arranged; `gone` with its project."""


@dataclass(frozen=True)
class LiveRows:
    """Reads what is projected, at the moment of delivery."""

    node: Callable[[UUID], LiveNode | None]
    project_rev: Callable[[UUID], Revision]
    role: Callable[[UUID, UUID], str | None]
    """What a person is in a project; None where they are no member."""


class FirestoreDispatcher:
    """Writes with preconditions, never in transactions: Postgres arbitrates, the version decides.

    After each write the row is read once more, and written again where it has moved on. Without that, a delivery that was
    overtaken between its read and its write could bring back a document that a newer delivery had deleted.
    """

    def __init__(self, settings: Settings, rows: LiveRows, clock: Clock, connect: Callable[[Settings], Any] | None = None) -> None:
        self._settings = settings
        self._rows = rows
        self._clock = clock
        self._connect = connect or _connect

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        """Bring one document in line with its row."""
        from google.api_core.exceptions import GoogleAPIError, ServiceUnavailable  # noqa: PLC0415  # with the client, on first use
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  # with the client, on first use

        try:
            match payload["kind"]:
                case "node":
                    self._project_node(UUID(payload["node_id"]))
                case "project":
                    self._project_rev(UUID(payload["project_id"]))
                case "member":
                    self._project_member(UUID(payload["project_id"]), UUID(payload["user_id"]))
                case kind:
                    raise ValueError(f"unknown live document {kind!r}")
        except (GoogleAPIError, GoogleAuthError, OSError) as error:
            if isinstance(error, ServiceUnavailable):
                # Its channel would not connect anew for as long as two minutes, and refuse everything until then; a new one tries at once.
                self.__dict__.pop("_client", None)
            raise DeliveryFailed(f"Firestore did not take it: {type(error).__name__}") from error

    def _project_node(self, node_id: UUID) -> None:
        row = self._rows.node(node_id)
        for _ in range(ATTEMPTS):
            if row is None:
                return  # its project is gone, and all live documents with it
            in_line, seen = self._write_node(row), row
            row = self._rows.node(node_id)
            if in_line and row == seen:
                return
        raise DeliveryFailed("The live document changed under every attempt.")

    def _write_node(self, row: LiveNode) -> bool:
        """True where the document is as new as `row` now, False where another delivery wrote at the same moment."""
        from google.api_core import exceptions  # noqa: PLC0415  # with the client, on first use

        reference = self._client.document(f"projects/{row.project_id}/live/{row.node_id}")
        if not row.is_live:
            reference.delete(**ONE_TRY)
            return True
        found = reference.get(**ONE_TRY)
        if found.exists and found.get("version") >= row.version:
            return True
        document = {**row.document, "expires_at": self._clock() + TTL}
        try:
            if found.exists:
                reference.update(document, option=self._client.write_option(last_update_time=found.update_time), **ONE_TRY)
            else:
                reference.create(document, **ONE_TRY)
        except (exceptions.FailedPrecondition, exceptions.AlreadyExists, exceptions.NotFound):
            return False
        return True

    def _project_rev(self, project_id: UUID) -> None:
        reference = self._client.document(f"projects/{project_id}")
        match self._rows.project_rev(project_id):
            case int(rev):
                reference.set({"rev": rev, "updated_at": self._clock()}, **ONE_TRY)
            case "gone":
                for name in ("members", "live"):  # members first: from then on nobody may read the others
                    for document in reference.collection(name).list_documents(**ONE_TRY):
                        document.delete(**ONE_TRY)
                reference.delete(**ONE_TRY)
            case "later":
                pass

    def _project_member(self, project_id: UUID, user_id: UUID) -> None:
        reference = self._client.document(f"projects/{project_id}/members/{user_id}")
        role = self._rows.role(project_id, user_id)
        for _ in range(ATTEMPTS):
            if role is None:
                reference.delete(**ONE_TRY)
            else:
                reference.set({"role": role}, **ONE_TRY)
            written, role = role, self._rows.role(project_id, user_id)
            if role == written:
                return
        raise DeliveryFailed("The role changed under every attempt.")

    @cached_property
    def _client(self) -> Any:
        return self._connect(self._settings)


def _connect(settings: Settings) -> Any:
    from google.cloud import firestore  # noqa: PLC0415  # cold start: most of a second

    return firestore.Client(project=settings.google_cloud_project)


class SocketsOnly:
    """For machines without Firestore: sockets follow the project's log in Postgres, so there is nothing to write."""

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        """Nothing to do."""
