"""The composition root: builds what a process needs from its settings; the only importer of vendor adapters."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from services.core.accounts.live_tokens import Signature, find_signature
from services.core.assets.objects import SCOPE, ObjectStore
from services.core.characters.index import FaceIndex
from services.core.characters.service import Characters
from services.core.exports.executions import Executions
from services.core.exports.tools import ExportTools
from services.core.jobs.tools import Tools
from services.core.kit.clock import Clock, system_clock
from services.core.kit.cloud_events import Fact
from services.core.kit.database import Database, make_engine
from services.core.outbox.cloud_tasks import CloudTasksDispatcher
from services.core.outbox.drain import Dispatcher, Drain
from services.core.outbox.events import DirectDispatcher, PubSubDispatcher
from services.core.outbox.live import FirestoreDispatcher, SocketsOnly
from services.core.projects.live import find_fact, live_rows
from services.core.prompts.gemini import GeminiDriver
from services.core.settings import Settings
from services.core.video.catalogue import PROMPT_MODEL
from services.core.video.media.runner import MediaRunner
from services.core.video.veo import VeoDriver


@dataclass(frozen=True)
class Container:
    """Everything that lives as long as the process. Nothing is connected before it is used."""

    settings: Settings
    clock: Clock
    database: Database
    drain: Drain
    store: ObjectStore
    characters: Characters

    @cached_property
    def signature(self) -> Signature:
        """Signs the tokens by which browsers listen."""
        return find_signature(self.settings)

    @cached_property
    def tools(self) -> Tools:
        """What the steps of jobs work with; only the worker asks, since it loads Google credentials."""
        import google.auth  # noqa: PLC0415  # the api never needs it at start

        settings = self.settings
        credentials, _ = google.auth.default(scopes=[SCOPE])
        project, region, endpoint = settings.google_cloud_project, settings.google_cloud_region, settings.vertex_endpoint
        return Tools(
            settings=settings,
            database=self.database,
            clock=self.clock,
            store=self.store,
            veo=VeoDriver(project, region, credentials, endpoint),
            gemini=GeminiDriver(project, PROMPT_MODEL.location, credentials, endpoint, settings.gemini_api_key),
            media=MediaRunner(),
        )

    @cached_property
    def export_tools(self) -> ExportTools:
        """What the steps of exports work with: the worker's, and those of the job that it starts."""
        return ExportTools(self.settings, self.database, self.clock, self.store, Executions(self.settings))


def build_container(settings: Settings, clock: Clock = system_clock) -> Container:
    """Wire the product from `settings`. Nothing here reaches out over the network."""
    database = Database(make_engine(settings))
    drain = Drain(database, _dispatchers(settings, database, clock), clock)
    database.deliver = drain.deliver
    index = FaceIndex(settings.qdrant_host, settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None)
    return Container(
        settings=settings,
        clock=clock,
        database=database,
        drain=drain,
        store=ObjectStore(settings),
        characters=Characters(database, index, clock),
    )


def _dispatchers(settings: Settings, database: Database, clock: Clock) -> dict[str, Dispatcher]:
    def fact(project_id: UUID, rev: int) -> Fact | None:
        return find_fact(database, project_id, rev)

    return {
        "tasks": CloudTasksDispatcher(settings),
        "events": PubSubDispatcher(settings, fact) if settings.events == "pubsub" else DirectDispatcher(settings, fact),
        "live": FirestoreDispatcher(settings, live_rows(database, clock), clock) if settings.live == "firestore" else SocketsOnly(),
    }
