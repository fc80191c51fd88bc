"""The services and jobs as Cloud Run's own documents, for `gcloud run services replace`. JSON, which YAML contains."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from infra.gcp.environments import CanvasKey, values
from infra.gcp.place import Place, cloud_name
from infra.model import Deployment, Image, Job, Service

Document = dict[str, Any]
Images = Mapping[Image, str]
"""By name, the image with its digest: HOST/PROJECT/REPOSITORY/NAME@sha256:..."""
IMAGES: tuple[Image, ...] = ("backend", "image_uploaded")
CANDIDATE = "candidate"
SOURCE_LABEL = "reelgraph-source"


def service(described: Service, deployment: Deployment, place: Place, images: Images, key: CanvasKey, source: str) -> Document:
    """A service whose revision is named after all that it consists of, so that the same revision is never made twice.

    It says nothing of traffic: see `with_traffic`.
    """
    probe = described.health
    container = _container(described, deployment, place, images, key)
    container["ports"] = [{"name": "http1", "containerPort": 8080}]
    # A path is for services that answer 200 to everybody; for the others, that the port is open has to do.
    check: Document = {"httpGet": {"path": probe.path}} if probe.status == 200 else {"tcpSocket": {"port": 8080}}
    container["startupProbe"] = {**check, "periodSeconds": 2, "failureThreshold": 60, "timeoutSeconds": 2}
    template: Document = {
        "metadata": {
            "annotations": {
                **_network(deployment),
                "autoscaling.knative.dev/maxScale": str(described.max_instances),
                "run.googleapis.com/startup-cpu-boost": "true",
                "run.googleapis.com/execution-environment": "gen2",
            }
        },
        "spec": {
            "containerConcurrency": described.concurrency,
            "timeoutSeconds": described.timeout_seconds,
            "serviceAccountName": place.email(described.account),
            "containers": [container],
        },
    }
    name = cloud_name(described)
    template["metadata"]["name"] = f"{name}-{_digest(template)[:12]}"
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "labels": {SOURCE_LABEL: source},
            "annotations": {"run.googleapis.com/ingress": "all"},
        },
        "spec": {"template": template},
    }


def with_traffic(document: Document, serving: str | None) -> Document:
    """The same, with all traffic to the revision `serving` and a URL of its own for the new one; with none yet, all to the new one."""
    revision = document["spec"]["template"]["metadata"]["name"]
    candidate = {"revisionName": revision, "percent": 0, "tag": CANDIDATE}
    traffic = [{"revisionName": serving, "percent": 100}, candidate] if serving else [{**candidate, "percent": 100}]
    return {**document, "spec": {**document["spec"], "traffic": traffic}}


def job(described: Job, deployment: Deployment, place: Place, images: Images, key: CanvasKey, source: str) -> Document:
    """A job of one task."""
    task: Document = {
        "maxRetries": described.max_retries,
        "timeoutSeconds": str(described.timeout_seconds),
        "serviceAccountName": place.email(described.account),
        "containers": [_container(described, deployment, place, images, key)],
    }
    execution = {"taskCount": 1, "template": {"spec": task}}
    return {
        "apiVersion": "run.googleapis.com/v1",
        "kind": "Job",
        "metadata": {"name": cloud_name(described.name), "labels": {SOURCE_LABEL: source}},
        "spec": {
            "template": {
                "metadata": {"annotations": {**_network(deployment), "run.googleapis.com/execution-environment": "gen2"}},
                "spec": execution,
            }
        },
    }


def digest_of(document: Document) -> str:
    """Identifies what a document asks for, as text that may be a label."""
    return _digest(document["spec"]["template"])[:32]


def _container(described: Service | Job, deployment: Deployment, place: Place, images: Images, key: CanvasKey) -> Document:
    plain = [{"name": name, "value": value} for name, value in values(described, deployment, place, key).items()]
    wanted = deployment.secrets_of(described)
    secret = [
        {"name": held.setting, "valueFrom": {"secretKeyRef": {"name": held.name, "key": "latest"}}}
        for held in deployment.foundation.secrets
        if held.setting in wanted
    ]
    return {
        "image": images[described.image],
        "command": list(described.command[:1]),
        "args": list(described.command[1:]),
        "env": plain + secret,
        "resources": {"limits": {"cpu": str(described.cpu), "memory": f"{described.memory_mib}Mi"}},
    }


def _network(deployment: Deployment) -> Document:
    """Straight into our network, for private addresses only: https://cloud.google.com/run/docs/configuring/vpc-direct-vpc."""
    name = deployment.foundation.network.name
    return {
        "run.googleapis.com/network-interfaces": json.dumps([{"network": name, "subnetwork": name}]),
        "run.googleapis.com/vpc-access-egress": "private-ranges-only",
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
