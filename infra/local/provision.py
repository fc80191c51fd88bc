"""Creates what the deployment's description names in a running local stack, through the clients and REST calls used for Google Cloud.

Running it again changes nothing; where a resource differs from the description, it is brought in line.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import google.auth
import google.auth.transport.requests
import httpx
from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud import tasks_v2
from google.cloud.storage import Client as StorageClient

from infra.description import DEPLOYMENT
from infra.model import Bucket, Deployment, FinalizeTrigger, PushSubscription, Queue, ScheduledCall, Topic

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT_SECONDS = 10.0
FINALIZED = "google.cloud.storage.object.v1.finalized"


@dataclass(frozen=True)
class Surroundings:
    """Where things are: the addresses of the APIs (None: left alone), and what the description's names stand for here.

    `service_urls` maps names of services to URLs without a slash at their end; `account_email` stands for every account, because the
    local stack has one. `pubsub` is host:port of the official emulator; it needs `identity`, which adds the tokens that it leaves out.
    """

    project: str
    region: str
    bucket_base: str
    service_urls: Mapping[str, str]
    account_email: str
    origins: tuple[str, ...] = ()
    cloud_tasks: str | None = None
    cloud_scheduler: str | None = None
    storage: str | None = None
    identity: str | None = None
    pubsub: str | None = None

    @property
    def location(self) -> str:
        """The parent of regional resources."""
        return f"projects/{self.project}/locations/{self.region}"


def provision(deployment: Deployment, here: Surroundings, credentials: Any) -> list[str]:
    """Bring the stack in line with `deployment`; return what had to be changed, one phrase each, nothing where all was right.

    Raises the clients' errors and httpx.HTTPError where an API refuses or cannot be reached.
    """
    changes: list[str] = []
    if here.cloud_tasks:
        client = tasks_v2.CloudTasksClient(transport="rest", credentials=credentials, client_options={"api_endpoint": here.cloud_tasks})
        changes += [change for queue in deployment.queues for change in _queue(client, queue, here)]
    if here.storage:
        buckets = StorageClient(project=here.project, credentials=credentials, client_options={"api_endpoint": here.storage})
        changes += [change for bucket in deployment.buckets for change in _bucket(buckets, bucket, here)]
        with _rest(here.storage, credentials) as eventarc:
            changes += [change for trigger in deployment.triggers for change in _trigger(eventarc, trigger, here)]
    if here.cloud_scheduler:
        with _rest(here.cloud_scheduler, credentials) as scheduler:
            changes += [change for call in deployment.scheduled_calls for change in _scheduled_call(scheduler, call, here)]
    if here.pubsub:
        changes += [change for topic in deployment.topics for change in _topic(topic, here)]
    return changes


def _queue(client: tasks_v2.CloudTasksClient, queue: Queue, here: Surroundings) -> list[str]:
    name = f"{here.location}/queues/{queue.name}"
    retry = queue.retry
    wanted = tasks_v2.Queue(
        {
            "name": name,
            "rate_limits": {
                "max_dispatches_per_second": queue.max_dispatches_per_second,
                "max_concurrent_dispatches": queue.max_concurrent_dispatches,
            },
            "retry_config": {
                "max_attempts": retry.max_attempts,
                "min_backoff": timedelta(seconds=retry.min_backoff_seconds),
                "max_backoff": timedelta(seconds=retry.max_backoff_seconds),
                "max_doublings": retry.max_doublings,
            },
        }
    )
    try:
        current = client.get_queue(name=name, timeout=TIMEOUT_SECONDS)
    except NotFound:
        client.create_queue(parent=here.location, queue=wanted, timeout=TIMEOUT_SECONDS)
        return [f"queue {queue.name} created"]
    # The burst size follows from the rate: the service computes it, nobody sets it.
    wanted.rate_limits.max_burst_size = current.rate_limits.max_burst_size
    if (current.rate_limits, current.retry_config) == (wanted.rate_limits, wanted.retry_config):
        return []
    client.update_queue(queue=wanted, update_mask={"paths": ["rate_limits", "retry_config"]}, timeout=TIMEOUT_SECONDS)
    return [f"queue {queue.name} changed"]


def _bucket(client: Any, bucket: Bucket, here: Surroundings) -> list[str]:
    name = f"{here.bucket_base}-{bucket.suffix}"
    rule = {
        "origin": list(here.origins),
        "method": list(bucket.cors.methods),
        "responseHeader": list(bucket.cors.response_headers),
        "maxAgeSeconds": bucket.cors.max_age_seconds,
    }
    days = bucket.delete_after_days
    lifecycle = [] if days is None else [{"action": {"type": "Delete"}, "condition": {"age": days}}]
    current = client.lookup_bucket(name, timeout=TIMEOUT_SECONDS)
    if current is not None and (current.cors, list(current.lifecycle_rules)) == ([rule], lifecycle):
        return []
    changed = current or client.bucket(name)
    changed.cors, changed.lifecycle_rules = [rule], lifecycle
    if current is not None:
        changed.patch(timeout=TIMEOUT_SECONDS)
        return [f"bucket {name} changed"]
    changed.iam_configuration.uniform_bucket_level_access_enabled = True
    client.create_bucket(changed, location=here.region, timeout=TIMEOUT_SECONDS)
    return [f"bucket {name} created"]


def _trigger(client: httpx.Client, trigger: FinalizeTrigger, here: Surroundings) -> list[str]:
    path = f"/v1/{here.location}/triggers/{trigger.name}"
    wanted = {
        "eventFilters": [
            {"attribute": "type", "value": FINALIZED},
            {"attribute": "bucket", "value": f"{here.bucket_base}-{trigger.bucket_suffix}"},
        ],
        "destination": {"httpEndpoint": {"uri": here.service_urls[trigger.service] + "/"}},
        "serviceAccount": here.account_email,
    }
    current = _find(client, path)
    if current is not None and all(current.get(key) == value for key, value in wanted.items()):
        return []
    if current is not None:
        _accepted(client.delete(path))
    _accepted(client.post(f"/v1/{here.location}/triggers", params={"triggerId": trigger.name}, json=wanted))
    return [f"trigger {trigger.name} {'changed' if current else 'created'}"]


def _scheduled_call(client: httpx.Client, call: ScheduledCall, here: Surroundings) -> list[str]:
    name, url = f"{here.location}/jobs/{call.name}", here.service_urls[call.service]
    wanted = {
        "schedule": call.schedule,
        "timeZone": "Etc/UTC",
        "httpTarget": {
            "uri": url + call.path,
            "httpMethod": "POST",
            "oidcToken": {"serviceAccountEmail": here.account_email, "audience": url},
        },
        "attemptDeadline": f"{call.attempt_deadline_seconds}s",
    }
    current = _find(client, f"/v1/{name}")
    if current is None:
        _accepted(client.post(f"/v1/{here.location}/jobs", json={"name": name, **wanted}))
        return [f"scheduled call {call.name} created"]
    if all(current.get(key) == value for key, value in wanted.items()):
        return []
    _accepted(client.patch(f"/v1/{name}", params={"updateMask": ",".join(wanted)}, json=wanted))
    return [f"scheduled call {call.name} changed"]


def _topic(topic: Topic, here: Surroundings) -> list[str]:
    """The emulator is reached as the product reaches it: the clients read PUBSUB_EMULATOR_HOST, which our caller has set."""
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient  # noqa: PLC0415  # most of a second that a stack without the emulator does not pay

    publisher = PublisherClient()
    name = f"projects/{here.project}/topics/{topic.name}"
    changes = _created(f"topic {topic.name}", lambda: publisher.create_topic(name=name, timeout=TIMEOUT_SECONDS))
    with SubscriberClient() as subscriber:

        def create(subscription: PushSubscription) -> list[str]:
            request = _subscription_request(subscription, name, here)
            return _created(
                f"subscription {subscription.name}", lambda: subscriber.create_subscription(request=request, timeout=TIMEOUT_SECONDS)
            )

        return changes + [change for subscription in topic.subscriptions for change in create(subscription)]


def _subscription_request(subscription: PushSubscription, topic_name: str, here: Surroundings) -> dict[str, Any]:
    audience = here.service_urls[subscription.service]
    # The emulator stores `oidc_token` but sends no token, so the identity stand-in stamps the message on its way.
    stamped = urlencode({"url": audience + subscription.path, "email": here.account_email, "audience": audience})
    return {
        "name": f"projects/{here.project}/subscriptions/{subscription.name}",
        "topic": topic_name,
        "ack_deadline_seconds": subscription.ack_deadline_seconds,
        "push_config": {"push_endpoint": f"{here.identity}/push?{stamped}"},
    }


def _created(what: str, create: Callable[[], object]) -> list[str]:
    try:
        create()
    except AlreadyExists:
        return []
    return [f"{what} created"]


def _rest(endpoint: str, credentials: Any) -> httpx.Client:
    credentials.refresh(google.auth.transport.requests.Request())
    # No proxy of the environment may come between this machine and itself.
    headers = {"authorization": f"Bearer {credentials.token}"}
    return httpx.Client(base_url=endpoint, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)


def _find(client: httpx.Client, path: str) -> dict[str, Any] | None:
    answer = client.get(path)
    if answer.status_code == 404:
        return None
    found: dict[str, Any] = _accepted(answer).json()
    return found


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        message = f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {answer.text}"
        raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
    return answer


def main(arguments: Sequence[str] | None = None) -> None:
    """Provision the stack that a JSON document (the fields of Surroundings) on the command line describes; print what changed."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.provision", description=__doc__)
    parser.add_argument("surroundings", help="the fields of Surroundings as JSON")
    fields = json.loads(parser.parse_args(arguments).surroundings)
    here = Surroundings(**fields | {"origins": tuple(fields.get("origins", ()))})
    credentials, _ = google.auth.default(scopes=[SCOPE])
    sys.stdout.writelines(f"{change}\n" for change in provision(DEPLOYMENT, here, credentials))


if __name__ == "__main__":
    main()
