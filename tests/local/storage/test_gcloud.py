"""The real gcloud CLI provisions buckets and triggers here, and copies files, as it does in the cloud."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest
from google.cloud.storage import Client

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import StandIn, Target

pytestmark = pytest.mark.skipif(shutil.which("gcloud") is None, reason="the gcloud CLI is not installed")


def test_gcloud_provisions_a_bucket_and_a_trigger_copies_both_ways_and_removes_all(
    server: StandIn, identity: Identity, client: Client, target: Target, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(identity.access_token("https://www.googleapis.com/auth/cloud-platform"))
    environment = os.environ | {
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "CLOUDSDK_CORE_PROJECT": "reelgraph-local",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{server.url}/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_EVENTARC": f"{server.url}/",
    }

    def gcloud(*arguments: str) -> None:
        done = subprocess.run(["gcloud", *arguments], env=environment, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr

    name = f"gcloud-{uuid.uuid4().hex}"
    folder, returned = tmp_path / "folder", tmp_path / "returned.bin"
    folder.mkdir()
    (folder / "small.txt").write_text("from the command line")
    # Above gcloud's threshold for resumable uploads, 8 MiB.
    (folder / "large.bin").write_bytes(os.urandom(9 * 1024 * 1024))
    gcloud("storage", "buckets", "create", f"gs://{name}", "--location=us-central1", "--uniform-bucket-level-access")
    gcloud(
        *("eventarc", "triggers", "create", f"trigger-{uuid.uuid4().hex[:8]}", "--location=us-central1"),
        *("--event-filters=type=google.cloud.storage.object.v1.finalized", f"--event-filters=bucket={name}"),
        *(f"--destination-http-endpoint-uri={target.url('/gcloud')}", f"--service-account={identity.client_email}"),
    )
    gcloud("storage", "cp", "-r", str(folder), f"gs://{name}")
    gcloud("storage", "cp", f"gs://{name}/folder/large.bin", str(returned))

    small, large = client.bucket(name).get_blob("folder/small.txt"), client.bucket(name).get_blob("folder/large.bin")
    assert (small.download_as_text(), small.content_type) == ("from the command line", "text/plain")
    assert large.download_as_bytes() == returned.read_bytes() == (folder / "large.bin").read_bytes()
    assert client.get_bucket(name).iam_configuration.uniform_bucket_level_access_enabled
    assert {each.headers["ce-bucket"] for each in target.wait_for("/gcloud", count=2)} == {name}

    gcloud("storage", "rm", "-r", f"gs://{name}")
    assert client.lookup_bucket(name) is None
