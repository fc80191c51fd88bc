"""What Reelgraph consists of once deployed: one description, from which the local stack is started and Google Cloud is provisioned."""

from infra.model import (
    Bucket,
    CorsRule,
    Deployment,
    FinalizeTrigger,
    HealthCheck,
    Job,
    Queue,
    RetryConfig,
    ScheduledCall,
    Service,
    Topic,
)

# Names of settings (services/core/settings.py; .env.example explains each).
_GOOGLE = (
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_REGION",
    "GCS_BUCKET",
    "STORAGE_ENDPOINT",
    "CLOUD_TASKS_ENDPOINT",
    "TASKS_QUEUE",
    "VERTEX_ENDPOINT",
    "GEMINI_API_KEY",
    "PROVIDER_DEADLINE_SECONDS",
    "SIGNING_ACCOUNT",
)
_DATABASE = ("DATABASE_URL", "INSTANCE_CONNECTION_NAME", "DB_USER", "DB_NAME", "DB_IP_TYPE", "DB_POOL_SIZE")
_FACES = ("QDRANT_HOST", "QDRANT_API_KEY", "FACE_FUNCTION_URL")
_CALLERS = ("JWT_SECRET", "WORKER_URL", "INVOKER_ACCOUNT", "OIDC_CERTS_URL")
_FACTS = ("EVENTS", "EVENTS_TOPIC", "EVENT_SUBSCRIBERS", "LIVE", "FIRESTORE_EMULATOR_HOST", "FIREBASE_API_KEY")
_BACKEND = _GOOGLE + _DATABASE + _FACES + _CALLERS + _FACTS

# The one account that may call the worker. Cloud Tasks and Cloud Scheduler present its token, and the functions run as it.
INVOKER = "invoker"
QUEUE = "reelgraph-jobs"
EVENTS_TOPIC = "reelgraph-events"

_PLAYED = CorsRule(("GET", "HEAD"), ("Content-Type", "Content-Length", "Content-Range", "Accept-Ranges"))


def _function(source: str, target: str) -> tuple[str, ...]:
    # `python -m` puts the working directory on the path, which the console script does not.
    return ("python", "-m", "functions_framework", "--source", source, "--target", target, "--signature-type", "cloudevent")


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
)
IMAGE_UPLOADED = Service(
    name="image_uploaded",
    image="image_uploaded",
    command=_function("main.py", "image_uploaded"),
    directory="functions/image_uploaded",
    environment=("GCS_BUCKET", "WORKER_URL", "STORAGE_ENDPOINT"),
    health=HealthCheck("/", 405),
    memory_mib=2048,  # up to 830 MB while it decodes the largest picture (functions/README.md)
    concurrency=4,
    timeout_seconds=300,
    account=INVOKER,
    constants={"THREADS": "4"},
)
VIDEO_RENDERED = Service(
    name="video_rendered",
    image="backend",
    command=_function("functions/video_rendered/main.py", "video_rendered"),
    directory=".",
    environment=("WORKER_URL",),
    health=HealthCheck("/", 405),
    memory_mib=512,
    concurrency=8,
    timeout_seconds=300,
    account=INVOKER,
    constants={"THREADS": "8"},
)

DEPLOYMENT = Deployment(
    services=(API, WORKER, IMAGE_UPLOADED, VIDEO_RENDERED),
    jobs=(Job("migrate", "backend", ("python", "-m", "services.migrations", "upgrade"), _BACKEND, 512, "worker"),),
    queues=(
        Queue(
            QUEUE,
            max_dispatches_per_second=50,
            max_concurrent_dispatches=16,
            # "Not yet" is 200 and a new task, so what comes again is an outage: soon at first, then each minute. The sweep is the net.
            retry=RetryConfig(max_attempts=20, min_backoff_seconds=1, max_backoff_seconds=60, max_doublings=6),
        ),
    ),
    topics=(Topic(EVENTS_TOPIC),),
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
)
