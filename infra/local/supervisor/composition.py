"""Turns the deployment's description into a plan for this machine: its services, the stand-ins they need, and the steps between."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infra.description import DEPLOYMENT
from infra.local.identity import Identity
from infra.local.supervisor.emulators import FIRESTORE_CLASS, PUBSUB_CLASS, Emulators
from infra.local.supervisor.environments import (
    DATABASE,
    PROJECT,
    ambient_settings,
    base_environment,
    chosen_behaviour,
    described_environment,
    origins,
    own_credentials,
    product_ambient_settings,
    product_settings,
    trace_settings,
)
from infra.local.supervisor.layout import HOST, REPOSITORY, Layout
from infra.local.supervisor.options import Events, Live, Options
from infra.local.supervisor.parts import DatabaseReady, HttpReady, Part, Plan, Step
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import Command, PostgresServer
from infra.model import Service

FIRESTORE_HEAP = "-Xmx256m"
PUBSUB_HEAP = "-Xmx192m"
# A compiler and a collector for programs that start fast and stay small.
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.language=en")
REAL_NOTE = (
    "Buckets and Vertex AI are those of {project}, and cost money. Cloud Storage's events cannot reach this machine: "
    "videos are found by polling, and uploads are inspected when asked for."
)
RULES = REPOSITORY / "infra" / "gcp" / "firestore.rules"


@dataclass(frozen=True)
class _Composer:
    """What all parts are made from."""

    options: Options
    emulators: Emulators
    events: Events
    live: Live
    base: Mapping[str, str]
    settings: Mapping[str, str]
    identity: Identity

    @property
    def layout(self) -> Layout:
        return self.options.layout

    @property
    def has_traces(self) -> bool:
        return self.options.only is None or "traces" in self.options.only

    def traces(self) -> Part:
        """The collector of traces. It keeps nothing, and anybody on this machine may send."""
        port = self.layout.port("traces")
        program = Command((sys.executable, "-m", "infra.local.traces", "--port", str(port)), REPOSITORY, self.base)
        return Part("traces", program, port, HttpReady(f"{self.layout.url('traces')}/healthz"))

    def stand_in(self, name: str, *more: str, after: tuple[str, ...] = ()) -> Part:
        """A module of infra/local, by the contract that all of them keep."""
        layout = self.layout
        arguments = [sys.executable, "-m", f"infra.local.{name}", "--port", str(layout.port(name)), "--state", str(layout.data(name))]
        if name != "qdrant":
            arguments += ["--project", self.settings["GOOGLE_CLOUD_PROJECT"]]
        if name not in ("qdrant", "identity"):
            arguments += ["--identity", str(layout.data("identity")), "--token-uri", f"{layout.url('identity')}/token"]
        program = Command((*arguments, *more), REPOSITORY, self.base)
        # They need the identity's key, not its process: compose() has made it.
        return Part(name, program, layout.port(name), HttpReady(f"{layout.url(name)}/healthz"), after=after)

    def for_real_google(self, name: str) -> Part:
        """A stand-in that gets along with Google's own credentials."""
        layout = self.layout
        arguments = ("--port", str(layout.port(name)), "--state", str(layout.data(name)), "--identity", str(layout.data("identity")))
        program = Command((sys.executable, "-m", "infra.local.supervisor.real_google", name, *arguments), REPOSITORY, self.base)
        return Part(name, program, layout.port(name), HttpReady(f"{layout.url(name)}/healthz"))

    def run_jobs(self) -> Part:
        """Cloud Run jobs. What they run inherits its environment, as an image's jobs have theirs from the deployment."""
        part = self.stand_in("run_jobs") if self.options.google is None else self.for_real_google("run_jobs")
        described = [described_environment(job, self.settings) for job in DEPLOYMENT.jobs]
        settings = {name: value for environment in described for name, value in environment.items()}
        ambient = product_ambient_settings(self.options, self.events) | own_credentials(
            self.options, DEPLOYMENT.job("export"), self.identity
        )
        ambient |= trace_settings(self.layout) if self.has_traces else {}
        assert isinstance(part.program, Command)
        return replace(part, program=replace(part.program, environment={**part.program.environment, **settings, **ambient}))

    def emulator(self, name: str, jar: Path, main_class: str, heap: str, *more: str) -> Part:
        layout = self.layout
        java = str(self.emulators.java)
        listen = (f"--host={HOST}", f"--port={layout.port(name)}")
        program = Command((java, heap, *JAVA_OPTIONS, "-cp", str(jar), main_class, *listen, *more), REPOSITORY, self.base)
        return Part(name, program, layout.port(name), HttpReady(layout.url(name)))

    def service(self, service: Service) -> Part:
        """A service of the description, started as its image starts it."""
        layout = self.layout
        directory = REPOSITORY / service.directory
        python = str(function_python(service) or sys.executable)
        environment = {
            **self.base,
            **described_environment(service, self.settings),
            **product_ambient_settings(self.options, self.events),
            **own_credentials(self.options, service, self.identity),
            **(trace_settings(layout) if self.has_traces else {}),
            **service.constants,
            "HOST": HOST,
            "PORT": str(layout.port(service.name)),
            # gunicorn keeps a control socket there, which two of its servers must not share.
            "XDG_RUNTIME_DIR": str(layout.data("run") / service.name),
        }
        touches_database = "DATABASE_URL" in service.environment
        return Part(
            service.name,
            Command((python, *service.command[1:]), directory, environment),
            layout.port(service.name),
            HttpReady(layout.url(service.name) + service.health.path, service.health.status),
            needs=("identity", "migrate") if touches_database else ("identity",),
            is_product=True,
            sources=(directory,) if service.directory != "." else (REPOSITORY / "services", REPOSITORY / "functions" / service.name),
        )

    def command(self, *arguments: str, settings: Mapping[str, str] | None = None) -> Command:
        """A Python command with the credentials of the stack."""
        environment = {**self.base, **(settings or {}), **ambient_settings(self.options, self.events)}
        return Command((sys.executable, *arguments), REPOSITORY, environment)


def function_python(service: Service) -> Path | None:
    """The interpreter of a service that has an environment of its own."""
    return None if service.image == "backend" else REPOSITORY / service.directory / ".venv" / "bin" / "python"


def compose(options: Options, emulators: Emulators, environment: Mapping[str, str]) -> Plan:
    """The plan for `options`. Raises CannotStart for a wish that this machine cannot fulfil."""
    events, live, notes = _adapters(options, emulators)
    layout = options.layout
    token_uri = f"{layout.url('identity')}/token"
    identity = Identity.load_or_create(layout.data("identity"), token_uri, PROJECT).with_token_uri(token_uri)
    settings = product_settings(options, events, live, identity) | chosen_behaviour(environment)
    composer = _Composer(options, emulators, events, live, base_environment(environment), settings, identity)
    parts = (*_foundation(composer), *(composer.service(service) for service in DEPLOYMENT.services), *_canvas(composer))
    chosen = _chosen(Plan(parts, _steps(composer), notes), options.only)
    return replace(chosen, steps=(*chosen.steps, *_provisioning(composer, chosen.parts)))


def _adapters(options: Options, emulators: Emulators) -> tuple[Events, Live, tuple[str, ...]]:
    """Which way facts and live updates go: as asked, else as what runs allows."""
    for variable, is_asked, jar in (
        ("EVENTS=pubsub", options.events == "pubsub", emulators.pubsub_jar),
        ("LIVE=firestore", options.live == "firestore", emulators.firestore_jar),
    ):
        if is_asked and jar is None:
            raise CannotStart(f"{variable} needs an official emulator: {emulators.missing}.")

    def runs(name: str, jar: Path | None) -> bool:
        return jar is not None and (options.only is None or name in options.only)

    events: Events = options.events or ("pubsub" if runs("pubsub", emulators.pubsub_jar) else "direct")
    live: Live = options.live or ("firestore" if runs("firestore", emulators.firestore_jar) else "ws")
    notes = [REAL_NOTE.format(project=options.google.project)] if options.google else []
    if emulators.missing and options.only is None and not (options.events and options.live):
        notes.append(f"Official emulators: {emulators.missing}. Running with EVENTS={events} LIVE={live}.")
    return events, live, tuple(notes)


def _foundation(composer: _Composer) -> list[Part]:
    """What the product stands on."""
    layout, emulators = composer.layout, composer.emulators
    parts = [composer.traces(), composer.run_jobs(), *(composer.stand_in(name) for name in ("cloud_scheduler", "qdrant"))]
    if composer.options.google is None:
        parts += [composer.stand_in(name) for name in ("identity", "cloud_tasks", "storage")]
        parts.append(composer.stand_in("vertex", "--storage-endpoint", layout.url("storage"), after=("storage",)))
    else:
        parts += [composer.for_real_google(name) for name in ("identity", "cloud_tasks")]
    if composer.options.database_url is None:
        port = layout.port("postgres")
        server = PostgresServer(layout.data("postgres"), port, composer.base)
        administration = f"postgresql+pg8000://postgres@{layout.address('postgres')}/postgres"
        parts.append(Part("postgres", server, port, DatabaseReady(administration, DATABASE)))
    if composer.live == "firestore" and emulators.firestore_jar is not None:
        parts.append(composer.emulator("firestore", emulators.firestore_jar, FIRESTORE_CLASS, FIRESTORE_HEAP, f"--rules={RULES}"))
    if composer.events == "pubsub" and emulators.pubsub_jar is not None:
        parts.append(composer.emulator("pubsub", emulators.pubsub_jar, PUBSUB_CLASS, PUBSUB_HEAP))
    return parts


def _canvas(composer: _Composer) -> list[Part]:
    """The canvas with hot reload; without `make dev` it is a static export that the api serves."""
    directory = REPOSITORY / "frontend"
    if not composer.options.is_development or not (directory / "package.json").exists():
        return []
    port = composer.layout.port("canvas")
    # frontend/next.config.ts: what the canvas forwards /api and /ws to.
    environment = {**composer.base, "API_ORIGIN": composer.layout.url("api")}
    program = Command(("npm", "run", "dev", "--", "--port", str(port)), directory, environment)
    return [Part("canvas", program, port, HttpReady(composer.layout.url("canvas")), is_product=True)]


def _steps(composer: _Composer) -> tuple[Step, ...]:
    layout, migration = composer.layout, DEPLOYMENT.job("migrate")
    command = composer.command(*migration.command[1:], settings=described_environment(migration, composer.settings))
    steps = [Step("migrate", command, needs=() if composer.options.database_url else ("postgres",))]
    if composer.live == "firestore":
        module = "infra.local.supervisor.reproject"
        caller = ("--identity", str(layout.data("identity")), "--caller", composer.settings["INVOKER_ACCOUNT"])
        command = composer.command("-m", module, "--worker", layout.url("worker"), *caller)
        steps.append(Step("reproject", command, needs=("worker", "firestore"), repeat_after=("firestore",), is_required=False))
    return tuple(steps)


def _provisioning(composer: _Composer, parts: tuple[Part, ...]) -> tuple[Step, ...]:
    """The step that creates queues, buckets and so on in those stand-ins and emulators that run."""
    layout, settings = composer.layout, composer.settings
    names = {part.name for part in parts}
    stand_ins = ("cloud_tasks", "cloud_scheduler", "storage", "run_jobs")
    endpoints: dict[str, str] = {name: layout.url(name) for name in stand_ins if name in names}
    if "pubsub" in names:
        endpoints["pubsub"] = layout.address("pubsub")
    if not endpoints:
        return ()
    here: dict[str, object] = {
        "project": settings["GOOGLE_CLOUD_PROJECT"],
        "region": settings["GOOGLE_CLOUD_REGION"],
        "bucket_base": settings["GCS_BUCKET"],
        "service_urls": {service.name: layout.url(service.name) for service in DEPLOYMENT.services},
        "account_email": settings["INVOKER_ACCOUNT"],
        "origins": origins(composer.options),
        "identity": layout.url("identity"),
        **endpoints,
    }
    command = composer.command("-m", "infra.local.provision", json.dumps(here))
    # What the Pub/Sub emulator knew is gone with its process; the stand-ins keep everything on disk.
    return (Step("provision", command, needs=("identity",), after=tuple(endpoints), repeat_after=("pubsub",)),)


def _chosen(plan: Plan, only: frozenset[str] | None) -> Plan:
    if only is None:
        return plan
    known = plan.named()
    if unknown := only - known.keys():
        raise CannotStart(f"There is no part {', '.join(sorted(unknown))}. The parts: {', '.join(sorted(known))}")
    return plan.only(only)
