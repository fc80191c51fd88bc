"""What Reelgraph consists of once deployed: one description, from which the local stack is started and Google Cloud is provisioned."""

from infra.access import ACCOUNTS, AGENTS, INVOKER
from infra.foundation import FOUNDATION
from infra.model import (
    Bucket,
    CorsRule,
    DeadLetter,
    Deployment,
    FinalizeTrigger,
    HealthCheck,
    Job,
    PullSubscription,
    PushSubscription,
    Queue,
    RetryConfig,
    ScheduledCall,
    Service,
    Topic,
    TopicSchema,
)

# Names of settings (services/core/settings.py; .env.example explains each).
_GOOGLE = (
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_REGION",
    "GCS_BUCKET",
    "STORAGE_ENDPOINT",
    "CLOUD_TASKS_ENDPOINT",
    "TASKS_QUEUE",
    "RUN_ENDPOINT",
    "EXPORT_JOB",
    "VERTEX_ENDPOINT",
    "GEMINI_API_KEY",
    "PROVIDER_DEADLINE_SECONDS",
    "SIGNING_ACCOUNT",
)
_DATABASE = ("DATABASE_URL", "INSTANCE_CONNECTION_NAME", "DB_USER", "DB_NAME", "DB_IP_TYPE", "DB_POOL_SIZE")
_FACES = ("QDRANT_HOST", "QDRANT_API_KEY", "FACE_FUNCTION_URL")
_CALLERS = ("JWT_SECRET", "WORKER_URL", "INVOKER_ACCOUNT", "CALLER_ACCOUNTS", "OIDC_CERTS_URL")
_FACTS = ("EVENTS", "EVENTS_TOPIC", "EVENT_SUBSCRIBERS", "LIVE", "FIRESTORE_EMULATOR_HOST", "FIREBASE_API_KEY")
_BACKEND = _GOOGLE + _DATABASE + _FACES + _CALLERS + _FACTS

QUEUE = "reelgraph-jobs"
EVENTS_TOPIC = "reelgraph-events"
COMMANDS_TOPIC = "reelgraph-commands"
COMMANDS_DEAD_LETTER_TOPIC = "reelgraph-commands-dead-letter"

_PLAYED = CorsRule(("GET", "HEAD"), ("Content-Type", "Content-Length", "Content-Range", "Accept-Ranges"))


def _function(source: str, target: str, signature_type: str = "cloudevent") -> tuple[str, ...]:
    # `python -m` puts the working directory on the path, which the console script does not.
    return ("python", "-m", "functions_framework", "--source", source, "--target", target, "--signature-type", signature_type)


API = Service(
    name="api",
    image="backend",
    command=("python", "-m", "services.api"),
    directory=".",
    environment=(*_BACKEND, "ALLOWED_ORIGINS", "CANVAS_DIRECTORY"),
    health=HealthCheck("/readyz"),
    memory_mib=1024,
    concurrency=80,
    timeout_seconds=3600,  # sockets live as long as a request may
    account="api",
    is_public=True,
    smoke=HealthCheck("/config.json"),
)
WORKER = Service(
    name="worker",
    image="backend",
    command=("python", "-m", "services.worker"),
    directory=".",
    environment=_BACKEND,
    health=HealthCheck("/healthz"),
    memory_mib=2048,
    concurrency=16,
    timeout_seconds=900,  # the dispatch deadline of a task: settling a long chain
    account="worker",
    smoke=HealthCheck("/tasks/sweep", 405),
)
IMAGE_UPLOADED = Service(
    name="image_uploaded",
    image="image_uploaded",
    command=_function("main.py", "image_uploaded"),
    directory="functions/image_uploaded",
    environment=("GOOGLE_CLOUD_PROJECT", "GCS_BUCKET", "WORKER_URL", "STORAGE_ENDPOINT"),
    health=HealthCheck("/", 405),
    memory_mib=2048,  # up to 830 MB while it decodes the largest picture (functions/README.md)
    concurrency=4,
    timeout_seconds=300,
    account="image_uploaded",
    constants={"THREADS": "4"},
)
VIDEO_RENDERED = Service(
    name="video_rendered",
    image="backend",
    command=_function("functions/video_rendered/main.py", "video_rendered"),
    directory=".",
    environment=("GOOGLE_CLOUD_PROJECT", "WORKER_URL"),
    health=HealthCheck("/", 405),
    memory_mib=512,
    concurrency=8,
    timeout_seconds=300,
    account="video_rendered",
    constants={"THREADS": "8"},
)
PIPELINE_COMMAND = Service(
    name="pipeline_command",
    image="backend",
    command=_function("functions/pipeline_command/main.py", "pipeline_command", "http"),
    directory=".",
    environment=("GOOGLE_CLOUD_PROJECT", "WORKER_URL", "EVENTS"),
    health=HealthCheck("/", 405),
    memory_mib=512,
    concurrency=8,
    timeout_seconds=60,
    account="pipeline_command",
    constants={"THREADS": "8", "DEAD_LETTER_TOPIC": COMMANDS_DEAD_LETTER_TOPIC},
)

# Started by the worker, which begins another execution where one dies: so it is not retried by itself. Its memory holds /tmp, too: the
# clips, or the film, of at most ten minutes (services/core/exports/rules.py).
EXPORT = Job(
    name="export",
    image="backend",
    command=("python", "-m", "services.exporter"),
    environment=_BACKEND,
    memory_mib=8192,
    account="export",
    cpu=4,
    timeout_seconds=7200,
)

DEPLOYMENT = Deployment(
    services=(API, WORKER, IMAGE_UPLOADED, VIDEO_RENDERED, PIPELINE_COMMAND),
    jobs=(
        Job("migrate", "backend", ("python", "-m", "services.migrations", "upgrade"), _BACKEND, 512, "migrate"),
        EXPORT,
    ),
    queues=(
        Queue(
            QUEUE,
            max_dispatches_per_second=50,
            max_concurrent_dispatches=16,
            # "Not yet" is 200 and a new task, so what comes again is an outage: soon at first, then each minute. The sweep is the net.
            retry=RetryConfig(max_attempts=20, min_backoff_seconds=1, max_backoff_seconds=60, max_doublings=6),
        ),
    ),
    topics=(
        Topic(EVENTS_TOPIC, TopicSchema("reelgraph-event", "schemas/events/record.avsc")),
        Topic(
            COMMANDS_TOPIC,
            TopicSchema("reelgraph-command", "schemas/commands/record.avsc"),
            (
                # Twenty attempts, each later than the one before: an outage of more than two hours is slept through.
                PushSubscription(
                    "pipeline-command",
                    "pipeline_command",
                    "/",
                    INVOKER,
                    dead_letter=DeadLetter(COMMANDS_DEAD_LETTER_TOPIC, max_delivery_attempts=20),
                ),
            ),
        ),
        # Without a schema: what did not fit one comes here too. Kept until somebody has looked.
        Topic(COMMANDS_DEAD_LETTER_TOPIC, subscriptions=(PullSubscription(COMMANDS_DEAD_LETTER_TOPIC),)),
    ),
    buckets=(
        # Browsers PUT what people upload; nobody reads it from here, and what was worth keeping was copied to media.
        Bucket("uploads", CorsRule(("PUT",), ("Content-Type", "Content-Range", "Range")), delete_after_days=1),
        Bucket("renders", _PLAYED),
        Bucket("media", _PLAYED),
    ),
    triggers=(
        FinalizeTrigger("image-uploaded", "uploads", "image_uploaded", INVOKER),
        FinalizeTrigger("video-rendered", "renders", "video_rendered", INVOKER),
    ),
    scheduled_calls=(ScheduledCall("sweep", "* * * * *", "worker", "/tasks/sweep", INVOKER, attempt_deadline_seconds=180),),
    accounts=ACCOUNTS,
    agents=AGENTS,
    foundation=FOUNDATION,
)
