"""The environment of each process: the person's own, without what would configure us by accident, plus plain settings."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra.access import INVOKER, account_email
from infra.description import DEPLOYMENT, EVENTS_TOPIC, QUEUE
from infra.local.identity import Identity
from infra.local.supervisor.layout import HOST, REPOSITORY, Layout
from infra.local.supervisor.options import Events, Live, Options
from infra.model import Job, Service, worker_callers
from services.core.settings import Settings

PROJECT = "reelgraph-local"
REGION = "us-central1"
CLOSED = f"http://{HOST}:9"  # the discard port, where nobody listens
DATABASE = "reelgraph"
# Would change how the Google clients, functions-framework, gunicorn or Python behave, without being a setting of ours.
FOREIGN = {
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GCE_METADATA_HOST",
    "GCE_METADATA_IP",
    "STORAGE_EMULATOR_HOST",
    "PUBSUB_EMULATOR_HOST",
    "DATASTORE_EMULATOR_HOST",
    "FIRESTORE_DATABASE",
    "HOST",
    "PORT",
    "DEBUG",
    "THREADS",
    "WORKERS",
    "GUNICORN_CMD_ARGS",
    "K_SERVICE",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
}
# Settings that say how the product behaves, and not where things are: a person's values for them hold on this machine too.
BEHAVIOUR = ("EVENT_SUBSCRIBERS", "PROVIDER_DEADLINE_SECONDS")


def base_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What every process gets: `environment` without settings of ours, and loopback kept away from proxies."""
    ours = FOREIGN | {name.upper() for name in Settings.model_fields}
    # OTEL_*: where a person's own programs send their traces.
    kept = {name: value for name, value in environment.items() if name not in ours and not name.startswith("OTEL_")}
    direct = f"{HOST},localhost"
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = f"{kept[name]},{direct}" if kept.get(name) else direct
    return kept | {"PYTHONUNBUFFERED": "1"}


def product_settings(options: Options, events: Events, live: Live, identity: Identity) -> dict[str, str]:
    """The settings of the whole product; a process gets those that its description names."""
    layout = options.layout
    google = options.google
    canvas = REPOSITORY / "frontend" / "out"
    settings = {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "GOOGLE_CLOUD_REGION": REGION,
        "GCS_BUCKET": PROJECT,
        "CLOUD_TASKS_ENDPOINT": layout.url("cloud_tasks"),
        "TASKS_QUEUE": QUEUE,
        "RUN_ENDPOINT": layout.url("run_jobs"),
        "DATABASE_URL": options.database_url or f"postgresql+pg8000://postgres@{layout.address('postgres')}/{DATABASE}",
        "QDRANT_HOST": layout.url("qdrant"),
        "FACE_FUNCTION_URL": layout.url("image_uploaded"),
        "JWT_SECRET": kept_secret(layout.data("secrets") / "jwt_secret"),
        "WORKER_URL": layout.url("worker"),
        "INVOKER_ACCOUNT": invoker(options, identity),
        "CALLER_ACCOUNTS": ",".join(account_email(account, PROJECT) for account in worker_callers(DEPLOYMENT)),
        "OIDC_CERTS_URL": f"{layout.url('identity')}/certs",
        "ALLOWED_ORIGINS": ",".join(_origins_of(options, "canvas") if options.is_development else ()),
        "EVENTS": events,
        "EVENTS_TOPIC": EVENTS_TOPIC,
        "LIVE": live,
    }
    if google is None:
        settings |= {"STORAGE_ENDPOINT": layout.url("storage"), "VERTEX_ENDPOINT": layout.url("vertex")}
    else:
        settings |= google.settings
    if live == "firestore":
        settings["FIRESTORE_EMULATOR_HOST"] = layout.address("firestore")
    if canvas.is_dir() and not options.is_development:
        settings["CANVAS_DIRECTORY"] = str(canvas)
    return settings


def invoker(options: Options, identity: Identity) -> str:
    """The account that calls the worker. With a real project the product has none of ours: its metadata server is the stand-in's."""
    return account_email(INVOKER, PROJECT) if options.google is None else identity.client_email


def chosen_behaviour(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of BEHAVIOUR that `environment` sets."""
    return {name: environment[name] for name in BEHAVIOUR if environment.get(name)}


def origins(options: Options) -> tuple[str, ...]:
    """Where a browser may have the canvas from: the api under both names of this machine, then the server of `make dev`."""
    return _origins_of(options, "api") + (_origins_of(options, "canvas") if options.is_development else ())


def _origins_of(options: Options, name: str) -> tuple[str, ...]:
    return tuple(f"http://{host}:{options.layout.port(name)}" for host in (HOST, "localhost"))


def ambient_settings(options: Options, events: Events) -> dict[str, str]:
    """What the Google clients themselves read; on Cloud Run the platform has it."""
    layout = options.layout
    emulator = {"PUBSUB_EMULATOR_HOST": layout.address("pubsub")} if events == "pubsub" else {}
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(layout.credentials), **emulator}


def product_ambient_settings(options: Options, events: Events) -> dict[str, str]:
    """The same for the product: with a real project, the person's credentials, and ID tokens from the stand-in's metadata server."""
    ambient, layout = ambient_settings(options, events), options.layout
    if options.google is None:
        # Nothing leaves the machine: every stand-in is plain http, and google-auth would look up the made-up account at Google's.
        ambient["HTTPS_PROXY"] = ambient["https_proxy"] = CLOSED
    else:
        del ambient["GOOGLE_APPLICATION_CREDENTIALS"]
        ambient["CLOUDSDK_CONFIG"] = str(options.google.keep_for_clients(layout.data("google")))
        ambient["GCE_METADATA_HOST"] = ambient["GCE_METADATA_IP"] = layout.address("identity")
    return ambient


def trace_settings(layout: Layout) -> dict[str, str]:
    """What OpenTelemetry reads: every trace, at once, to the stand-in."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": layout.url("traces"), "OTEL_BSP_SCHEDULE_DELAY": "500"}


def own_credentials(options: Options, described: Service | Job, identity: Identity) -> dict[str, str]:
    """The credentials of the account that a service or job runs as; with a real project, none of ours."""
    if options.google is not None:
        return {}
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(identity.credentials_of(account_email(described.account, PROJECT)))}


def described_environment(described: Service | Job, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that the description of a service or job names, as far as they are set."""
    return {name: settings[name] for name in described.environment if name in settings}


def kept_secret(path: Path) -> str:
    """The secret in `path`, made there once, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        unfinished.replace(path)
    return path.read_text()
