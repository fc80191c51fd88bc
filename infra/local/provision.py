"""Creates what the deployment's description names in a running local stack, through the clients and REST calls used for Google Cloud.

Running it again changes nothing; where a resource differs from the description, it is brought in line.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import google.auth
import google.auth.transport.requests
import httpx
from google.api_core.exceptions import NotFound
from google.cloud import tasks_v2
from google.cloud.storage import Client as StorageClient

from infra import wanted
from infra.description import DEPLOYMENT
from infra.model import Bucket, Deployment, FinalizeTrigger, PushSubscription, Queue, ScheduledCall

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT_SECONDS = 10.0


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
    run_jobs: str | None = None
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
    if here.run_jobs:
        # Imported here: a second that a stack without jobs does not pay.
        from infra.local.run_jobs.provision import provision_job  # noqa: PLC0415  # see above

        changes += [change for job in deployment.jobs for change in provision_job(job, here.run_jobs, here.location, credentials)]
    if here.pubsub:
        # Imported here: most of a second that a stack without the emulator does not pay.
        from infra.local.pubsub import provision_topics  # noqa: PLC0415  # see above

        changes += provision_topics(deployment.topics, here.project, lambda subscription: _push_endpoint(subscription, here))
    return changes


def _queue(client: tasks_v2.CloudTasksClient, queue: Queue, here: Surroundings) -> list[str]:
    name = f"{here.location}/queues/{queue.name}"
    described = tasks_v2.Queue.from_json(json.dumps({"name": name, **wanted.queue(queue)}))
    try:
        current = client.get_queue(name=name, timeout=TIMEOUT_SECONDS)
    except NotFound:
        client.create_queue(parent=here.location, queue=described, timeout=TIMEOUT_SECONDS)
        return [f"queue {queue.name} created"]
    # The burst size follows from the rate: the service computes it, nobody sets it.
    described.rate_limits.max_burst_size = current.rate_limits.max_burst_size
    if (current.rate_limits, current.retry_config) == (described.rate_limits, described.retry_config):
        return []
    client.update_queue(queue=described, update_mask={"paths": ["rate_limits", "retry_config"]}, timeout=TIMEOUT_SECONDS)
    return [f"queue {queue.name} changed"]


def _bucket(client: Any, bucket: Bucket, here: Surroundings) -> list[str]:
    name = f"{here.bucket_base}-{bucket.suffix}"
    settings = wanted.bucket(bucket, here.origins)
    cors, lifecycle = settings["cors"], settings["lifecycle"]["rule"]
    current = client.lookup_bucket(name, timeout=TIMEOUT_SECONDS)
    if current is not None and (current.cors, list(current.lifecycle_rules)) == (cors, lifecycle):
        return []
    changed = current or client.bucket(name)
    changed.cors, changed.lifecycle_rules = cors, lifecycle
    if current is not None:
        changed.patch(timeout=TIMEOUT_SECONDS)
        return [f"bucket {name} changed"]
    changed.iam_configuration.uniform_bucket_level_access_enabled = True
    client.create_bucket(changed, location=here.region, timeout=TIMEOUT_SECONDS)
    return [f"bucket {name} created"]


def _trigger(client: httpx.Client, trigger: FinalizeTrigger, here: Surroundings) -> list[str]:
    path = f"/v1/{here.location}/triggers/{trigger.name}"
    filters = wanted.trigger_filters(trigger, f"{here.bucket_base}-{trigger.bucket_suffix}")
    described = {
        "eventFilters": [{"attribute": attribute, "value": value} for attribute, value in filters.items()],
        "destination": {"httpEndpoint": {"uri": here.service_urls[trigger.service] + "/"}},
        "serviceAccount": here.account_email,
    }
    current = _find(client, path)
    if current is not None and all(current.get(key) == value for key, value in described.items()):
        return []
    if current is not None:
        _accepted(client.delete(path))
    _accepted(client.post(f"/v1/{here.location}/triggers", params={"triggerId": trigger.name}, json=described))
    return [f"trigger {trigger.name} {'changed' if current else 'created'}"]


def _scheduled_call(client: httpx.Client, call: ScheduledCall, here: Surroundings) -> list[str]:
    name, url = f"{here.location}/jobs/{call.name}", here.service_urls[call.service]
    described = wanted.scheduled_call(call, url, here.account_email)
    current = _find(client, f"/v1/{name}")
    if current is None:
        _accepted(client.post(f"/v1/{here.location}/jobs", json={"name": name, **described}))
        return [f"scheduled call {call.name} created"]
    if all(current.get(key) == value for key, value in described.items()):
        return []
    _accepted(client.patch(f"/v1/{name}", params={"updateMask": ",".join(described)}, json=described))
    return [f"scheduled call {call.name} changed"]


def _push_endpoint(subscription: PushSubscription, here: Surroundings) -> str:
    audience = here.service_urls[subscription.service]
    # The emulator stores `oidc_token` but sends no token, so the identity stand-in stamps the message on its way.
    stamped = urlencode({"url": audience + subscription.path, "email": here.account_email, "audience": audience})
    return f"{here.identity}/push?{stamped}"


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
