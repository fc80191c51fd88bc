"""From a number of videos to the lines of a bill. Pure: prices, assumptions and the description in, dollars out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infra.cost import prices
from infra.cost.assumptions import Assumptions, polls_for_each_render
from infra.cost.prices import GIB, HOURS, MINUTES, Price
from infra.foundation import Database
from infra.model import Deployment
from services.core.accounts.live_tokens import LIFETIME
from services.core.video.catalogue import PROMPT_MODEL, find_model, list_models
from services.core.video.chain import HOP_SECONDS, total_seconds

# The prices themselves are the catalogue's (services/core/video/catalogue.py), as third parties quote that page.
MODELS = "https://cloud.google.com/vertex-ai/generative-ai/pricing"
BACKUPS = 7  # Cloud SQL keeps that many days' unless told otherwise: https://cloud.google.com/sql/docs/postgres/backup-recovery/backups
BOOT_DISK_GIB = 10  # infra/gcp/qdrant.py
STARTS_FOR_EACH_REQUEST = 0.01  # instances that start, and read their secrets
TASKS_FOR_EACH_RENDER = 3  # submit, settle, and the first look after it; polls come on top
OPERATIONS_FOR_EACH_TASK = 2  # creating it, and delivering it
SWEEPS = MINUTES  # one each minute


@dataclass(frozen=True)
class Line:
    """One piece: how many units at which price, and what they cost in a month."""

    piece: str
    what: str
    units: float
    price: Price

    @property
    def usd(self) -> float:
        """A month's."""
        return self.price.of(self.units)


@dataclass(frozen=True)
class Estimate:
    """A month with that many finished videos."""

    videos: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    @property
    def usd(self) -> float:
        """All of it."""
        return sum(line.usd for line in self.lines)

    def usd_of(self, piece: str) -> float:
        """One piece."""
        return sum(line.usd for line in self.lines if line.piece == piece)

    @property
    def pieces(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(dict.fromkeys(line.piece for line in self.lines))


def estimate(deployment: Deployment, videos: int, assumptions: Assumptions | None = None) -> Estimate:
    """What a month costs in which people finish `videos`; 0 is a deployment that nobody uses."""
    count = _Month(deployment, videos, assumptions or Assumptions())
    return Estimate(videos, tuple(count.lines()), tuple(count.notes()))


@dataclass(frozen=True)
class _Month:
    deployment: Deployment
    videos: int
    a: Assumptions

    def lines(self) -> Iterator[Line]:
        """Everything, dearest first as far as it depends on videos."""
        yield from self._veo()
        yield from self._gemini()
        yield from self._cloud_run()
        yield from self._database()
        yield from self._firestore()
        yield from self._messages()
        yield from self._storage()
        yield from self._vectors()
        yield from self._the_rest()

    def notes(self) -> Iterator[str]:
        """Where the numbers say that something else gives out first."""
        for model in list_models():
            seconds = self._renders * self.a.model_shares.get(model.id, 0) * model.expected_seconds
            if (at_once := seconds / prices.SECONDS) > model.max_open_operations / 2:
                yield (
                    f"{at_once:.0f} renders of {model.name} are under way on average, of {model.max_open_operations} that the catalogue"
                    " allows at once: busy hours need more of Google, and of the catalogue."
                )
        if (per_minute := self._renders / MINUTES) > 1:
            tier = self.deployment.foundation.database.tier
            yield f"{per_minute:.0f} renders a minute on average. {tier} was not measured under that load: a larger tier costs more."

    @property
    def _renders(self) -> float:
        return self.videos * self.a.renders

    @property
    def _rendered_seconds(self) -> float:
        """Paid for; of an extension only what is new."""
        return self.videos * self.a.takes_for_each_clip * (self.a.base_seconds + self.a.extensions * HOP_SECONDS)

    @property
    def _polls(self) -> float:
        return self._renders * polls_for_each_render(self.a)

    @property
    def _tasks(self) -> float:
        return self._renders * TASKS_FOR_EACH_RENDER + self._polls + self.videos * (self.a.enhanced_prompts + 2 * self.a.pictures)

    @property
    def _api_requests(self) -> float:
        tokens = self.a.people * self.a.minutes_open * 60 / LIFETIME.total_seconds()
        return self.videos * (self.a.api_requests + tokens)

    @property
    def _stored_gib(self) -> float:
        """In a month like all before it."""
        films = self._rendered_seconds * self.a.megabytes_for_each_second
        # Each render is written by Veo and again, stitched, by us.
        return (2 * films + self.videos * self.a.pictures * 2 * self.a.picture_megabytes) * self.a.months_kept * 1e6 / GIB

    def _veo(self) -> Iterator[Line]:
        for name, share in self.a.model_shares.items():
            model = find_model(name).model
            price = Price(model.price_of(self.a.resolution) / 1e6, 1, "second", MODELS, seen=None)
            yield Line("Veo", f"{model.name}, {self.a.resolution} with sound", self._rendered_seconds * share, price)

    def _gemini(self) -> Iterator[Line]:
        calls = self.videos * self.a.enhanced_prompts
        tokens = (
            ("tokens in", self.a.prompt_input_tokens, PROMPT_MODEL.price_microusd_per_million_input_tokens),
            ("tokens out", self.a.prompt_output_tokens, PROMPT_MODEL.price_microusd_per_million_output_tokens),
        )
        for what, each, microusd in tokens:
            yield Line("Gemini", f"{PROMPT_MODEL.id}, {what}", calls * each, Price(microusd / 1e6, 1e6, "token", MODELS, seen=None))

    def _cloud_run(self) -> Iterator[Line]:
        a, pictures = self.a, self.videos * self.a.pictures
        work = self._renders * a.settle_seconds + (self._tasks - self._renders) * a.worker_task_seconds
        seconds = {
            "api": self._api_requests * a.api_request_seconds,
            "worker": work + SWEEPS * a.sweep_seconds,
            "image_uploaded": pictures * a.face_seconds,
            "video_rendered": self._renders * a.function_seconds,
        }
        requests = self._api_requests + self._tasks + SWEEPS + pictures + self._renders
        # Counted as if each request had an instance to itself, which is the most. What is free is for all services together.
        services = {name: self.deployment.service(name) for name in seconds}
        memory = sum(seconds[name] * service.memory_mib / 1024 for name, service in services.items())
        yield Line("Cloud Run", "services: CPU", sum(seconds[name] * service.cpu for name, service in services.items()), prices.RUN_CPU)
        yield Line("Cloud Run", "services: memory", memory, prices.RUN_MEMORY)
        yield Line("Cloud Run", "services: requests", requests, prices.RUN_REQUESTS)
        export = self.deployment.job("export")
        exporting = self.videos * a.exported_share * a.export_seconds
        yield Line("Cloud Run", "exports: CPU", exporting * export.cpu, prices.RUN_JOB_CPU)
        yield Line("Cloud Run", "exports: memory", exporting * export.memory_mib / 1024, prices.RUN_JOB_MEMORY)

    def _database(self) -> Iterator[Line]:
        database = self.deployment.foundation.database
        cpus, memory_gib = tier_of(database)
        held = max(database.storage_gib, self.videos * self.a.months_kept * self.a.database_kilobytes * 1000 / GIB)
        yield Line("Cloud SQL", f"{database.tier}: CPU", cpus * HOURS, prices.SQL_CPU)
        yield Line("Cloud SQL", f"{database.tier}: memory", memory_gib * HOURS, prices.SQL_MEMORY)
        yield Line("Cloud SQL", "disk", held, prices.SQL_STORAGE)
        # The first is whole, the others are what changed; counted as twice the data, which is less than the disk at first.
        used = self.videos * self.a.months_kept * self.a.database_kilobytes * 1000 / GIB
        yield Line("Cloud SQL", f"{BACKUPS} backups and the log", 2 * used, prices.SQL_BACKUP)

    def _firestore(self) -> Iterator[Line]:
        a = self.a
        written = self._renders * (a.live_changes_for_each_render + a.revisions_for_each_render)
        # Each change is read by who listens. Before a node's document is written it is read; a rule reads a membership for each listener.
        listens = self.videos * a.people * a.minutes_open * 60 / LIFETIME.total_seconds() * 2 * 2
        read = written * a.people + self._renders * a.live_changes_for_each_render + listens
        yield Line("Firestore", "reads", read, prices.FIRESTORE_READS)
        yield Line("Firestore", "writes", written, prices.FIRESTORE_WRITES)
        yield Line("Firestore", "deletes", self._renders, prices.FIRESTORE_DELETES)

    def _messages(self) -> Iterator[Line]:
        facts = self._renders * self.a.facts_for_each_render
        events = next(topic for topic in self.deployment.topics if topic.name.endswith("-events"))
        each = max(prices.PUBSUB_MINIMUM_BYTES, self.a.fact_bytes)
        yield Line("Pub/Sub", "facts, published and delivered", facts * each * (1 + len(events.subscriptions)), prices.PUBSUB)
        yield Line("Cloud Tasks", "operations", self._tasks * OPERATIONS_FOR_EACH_TASK, prices.TASKS)
        yield Line("Cloud Scheduler", "jobs", len(self.deployment.scheduled_calls), prices.SCHEDULER)
        yield Line("Eventarc", "events of Cloud Storage", self._renders + self.videos * self.a.pictures, prices.EVENTARC)

    def _storage(self) -> Iterator[Line]:
        a = self.a
        yield Line("Cloud Storage", f"{a.months_kept:g} months of films and pictures", self._stored_gib, prices.STORAGE)
        yield Line("Cloud Storage", "writes and lists", self._renders * 6 + self.videos * a.pictures * 4, prices.STORAGE_CLASS_A)
        yield Line("Cloud Storage", "reads", self._renders * 8 + self.videos * a.plays * 4, prices.STORAGE_CLASS_B)
        film = total_seconds(a.base_seconds, a.extensions) * a.megabytes_for_each_second * 1e6 / GIB
        yield Line("Network", "films to browsers", self.videos * a.plays * film, prices.EGRESS)
        yield Line("Network", "answers of the api", self._api_requests * a.api_answer_kilobytes * 1000 / GIB, prices.RUN_EGRESS)

    def _vectors(self) -> Iterator[Line]:
        vectors = self.deployment.foundation.vectors
        yield Line("Qdrant", vectors.machine_type, HOURS, prices.MACHINES[vectors.machine_type])
        yield Line("Qdrant", "disk of the vectors", vectors.disk_gib, prices.BALANCED_DISK)
        yield Line("Qdrant", "boot disk", BOOT_DISK_GIB, prices.STANDARD_DISK)

    def _the_rest(self) -> Iterator[Line]:
        a, secrets = self.a, len(self.deployment.foundation.secrets)
        requests = self._api_requests + self._tasks + SWEEPS
        yield Line("Secret Manager", "versions", secrets, prices.SECRET_VERSIONS)
        yield Line("Secret Manager", "accesses", requests * STARTS_FOR_EACH_REQUEST * secrets, prices.SECRET_ACCESSES)
        yield Line("Logging", "stored", requests * a.log_bytes_for_each_request / GIB, prices.LOGS)
        yield Line("Trace", "spans", requests * a.spans_for_each_request, prices.TRACES)
        yield Line("Artifact Registry", f"{a.versions_kept} versions", a.images_gib * a.versions_kept, prices.REGISTRY)
        yield Line("Cloud Build", f"{a.builds} builds", a.builds * a.build_minutes, prices.BUILD)


def tier_of(database: Database) -> tuple[int, float]:
    """vCPUs and GiB of a custom tier: db-custom-CPUS-MEBIBYTES. Raises ValueError for another kind."""
    found = re.fullmatch(r"db-custom-(\d+)-(\d+)", database.tier)
    if found is None:
        raise ValueError(f"{database.tier} is no custom tier: its price has to be added to infra/cost/prices.py.")
    return int(found[1]), int(found[2]) / 1024
