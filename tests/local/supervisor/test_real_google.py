"""With a real project the product carries Google's credentials, and still gets ID tokens and tasks on this machine."""

import asyncio
import json
import subprocess
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.x509 import load_pem_x509_certificate

from infra.local.supervisor.composition import compose
from infra.local.supervisor.emulators import VARIABLE, find_emulators
from infra.local.supervisor.options import parse_options
from infra.local.supervisor.parts import Plan
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import Command
from tests.local.supervisor.support import Run, run

PROJECT = {"GOOGLE_CLOUD_PROJECT": "mine", "GCS_BUCKET": "my-base", "SIGNING_ACCOUNT": "signer@mine.iam.gserviceaccount.com"}
FETCH = """
import google.auth, google.auth.transport.requests
from google.oauth2 import id_token
credentials, _ = google.auth.default()
print(type(credentials).__module__)
print(id_token.fetch_id_token(google.auth.transport.requests.Request(), "http://the.worker"))
"""


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """What `gcloud auth application-default login` leaves, of nobody."""
    path = tmp_path / "application_default_credentials.json"
    path.write_text(json.dumps({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}))
    return path


def a_real_plan(tmp_path: Path, port: int, environment: dict[str, str], only: str = "") -> Plan:
    arguments = ["--real", "--state", str(tmp_path / "state"), "--port", str(port), *(["--only", only] if only else [])]
    return compose(parse_options(arguments, environment), find_emulators({VARIABLE: "off"}), environment)


def test_a_real_project_replaces_two_stand_ins_and_says_what_that_means(tmp_path: Path, credentials: Path) -> None:
    plan = a_real_plan(tmp_path, 8700, PROJECT | {"GOOGLE_APPLICATION_CREDENTIALS": str(credentials)})
    assert not {"storage", "vertex"} & plan.named().keys()
    assert plan.notes[0].startswith("Buckets and Vertex AI are those of mine, and cost money.")
    assert "cannot reach this machine" in plan.notes[0]
    (worker,) = (part.program for part in plan.parts if part.name == "worker")
    assert isinstance(worker, Command)
    assert {name: worker.environment[name] for name in PROJECT} == PROJECT
    assert worker.environment.keys().isdisjoint({"STORAGE_ENDPOINT", "VERTEX_ENDPOINT", "GOOGLE_APPLICATION_CREDENTIALS"})
    # Objects of another bucket would be missing from the database of the simulated ones.
    assert "/state/real/" in worker.environment["CLOUDSDK_CONFIG"]


def test_without_credentials_the_mend_is_the_login(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"there are none in .*: gcloud auth application-default login"):
        a_real_plan(tmp_path, 8700, PROJECT | {"CLOUDSDK_CONFIG": str(tmp_path)})


def test_credentials_that_cannot_sign_need_an_account_that_can(tmp_path: Path, credentials: Path) -> None:
    environment = {name: value for name, value in PROJECT.items() if name != "SIGNING_ACCOUNT"}
    with pytest.raises(CannotStart, match="cannot sign URLs: set SIGNING_ACCOUNT"):
        a_real_plan(tmp_path, 8700, environment | {"CLOUDSDK_CONFIG": str(credentials.parent)})


def test_a_process_with_a_persons_credentials_gets_id_tokens_and_may_create_tasks(tmp_path: Path, credentials: Path, port: int) -> None:
    environment = PROJECT | {"GOOGLE_APPLICATION_CREDENTIALS": str(credentials)}
    product = {part.name: part.program for part in a_real_plan(tmp_path, port, environment).parts}["image_uploaded"]
    assert isinstance(product, Command)

    def check() -> None:
        # The function's environment has a google-auth of its own.
        command = [product.arguments[0], "-c", FETCH]
        asked = subprocess.run(command, env=dict(product.environment), capture_output=True, text=True, check=True, timeout=30)
        module, token = asked.stdout.split()
        assert module == "google.oauth2.credentials"
        ((key_id, certificate),) = httpx.get(f"http://127.0.0.1:{port + 10}/certs", trust_env=False).json().items()
        assert jwt.get_unverified_header(token)["kid"] == key_id
        key = load_pem_x509_certificate(certificate.encode()).public_key()
        claims = jwt.decode(token, key, algorithms=["RS256"], audience="http://the.worker")  # type: ignore[arg-type] # it is RSA
        assert claims["email"] == "local@reelgraph-local.iam.gserviceaccount.com"
        queues = f"http://127.0.0.1:{port + 11}/v2/projects/mine/locations/us-central1/queues"
        assert httpx.get(queues, headers={"authorization": "Bearer ya29.of-google"}, trust_env=False).status_code == 200

    async def body() -> None:
        plan = a_real_plan(tmp_path, port, environment, only="identity,cloud_tasks")
        async with Run(tmp_path / "run", *plan.parts) as stack:
            await stack.supervisor.start()
            await asyncio.to_thread(check)

    run(body)
