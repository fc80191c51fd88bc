"""The whole deployment, carried out by the real gcloud: interrupted, finished, repeated, and taken away.

It takes minutes of processor time, so what came of it is kept, by the content of all that it depends on, and the tests look at that.
"""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from infra.description import DEPLOYMENT
from infra.gcp import grants, plan
from infra.gcp.ground import agent_member
from infra.gcp.place import Place, cloud_name
from tests.emulators import Emulator, pubsub_emulator
from tests.infra.gcloud import cache, needs_gcloud
from tests.infra.google.cloud import Google, google
from tests.infra.google.proxy import answer
from tests.infra.google.resources import NUMBER, PROJECT, REGION
from tests.local.cloud_tasks.support import REPOSITORY

__all__ = ["pubsub_emulator"]
pytestmark = [needs_gcloud, pytest.mark.emulators]

DEPENDS_ON = (
    "infra/*.py",
    "infra/gcp/**/*",
    "infra/local/**/*.py",
    "schemas/**/*.avsc",
    "cloudbuild.yaml",
    "tests/infra/test_deploy.py",
    "tests/infra/google/*",
)
ENOUGH_CHANGES = 45  # about half of the foundation
PLACE = Place(PROJECT, REGION, NUMBER)


def act(cloud: Google, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.gcp", *arguments, f"--project={PROJECT}", "--pause-seconds=0.05", "--at-once=3"]
    output = (cloud.directory / "output").open("w+")
    return subprocess.Popen(
        command, cwd=cloud.source, env=cloud.environment, stdout=output, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def ended(cloud: Google, process: subprocess.Popen[str]) -> dict[str, Any]:
    before = len(cloud.changes)
    code = process.wait(1800)
    return {"code": code, "output": (cloud.directory / "output").read_text(), "changes": cloud.changes[before:]}


def scenario(cloud: Google) -> dict[str, Any]:
    first = act(cloud, "deploy")
    with cloud.changed:
        assert cloud.changed.wait_for(lambda: len(cloud.changes) >= ENOUGH_CHANGES or first.poll() is not None, timeout=1800)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    at_interruption = len(cloud.changes)
    # The state of one service has not reached another yet: it has to be asked again.
    passing = {"error": {"code": 400, "message": "Service account reelgraph-api does not exist.", "status": "INVALID_ARGUMENT"}}
    cloud.refusals["setIamPolicy"] = answer(passing, 400)
    finished = ended(cloud, act(cloud, "deploy"))
    state = {
        "services": {name: document for (kind, name), document in cloud.run.things.items() if kind == "services"},
        "jobs": sorted(name for kind, name in cloud.run.things if kind == "jobs"),
        "executed": list(cloud.run.executed),
        "policies": {**cloud.resources.policies, **{"/".join(key): policy for key, policy in cloud.run.policies.items()}},
        "sql": [item["uri"] for item in cloud.resources.imports],
        "builds": len(cloud.builds),
    }
    again = ended(cloud, act(cloud, "deploy"))
    destroyed = ended(cloud, act(cloud, "destroy", "--data=delete", f"--confirm={PROJECT}"))
    left = sorted(cloud.resources.things) + sorted("/".join(key) for key in cloud.run.things if key[0] in ("services", "jobs"))
    return {
        "at_interruption": at_interruption, "finished": finished, "again": again, "destroyed": destroyed, "left": left,
        "project_policy": cloud.resources.policies[f"cloudresourcemanager/projects/{PROJECT}"], **state,
    }  # fmt: skip


@pytest.fixture(scope="module")
def record(pubsub_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    paths = sorted({path for pattern in DEPENDS_ON for path in REPOSITORY.glob(pattern) if path.is_file() and path.suffix != ".pyc"})
    kept = cache("deployed", *(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes() for path in paths))
    if not kept.exists():
        with google(tmp_path_factory.mktemp("google"), pubsub_emulator.address) as cloud:
            found = scenario(cloud)
        if any(found[name]["code"] for name in ("finished", "again", "destroyed")):
            return found  # shown by the tests, and not kept
        kept.write_text(json.dumps(found))
    result: dict[str, Any] = json.loads(kept.read_text())
    return result


def test_an_interrupted_deployment_is_finished_by_the_next(record: dict[str, Any]) -> None:
    assert record["at_interruption"] >= ENOUGH_CHANGES
    assert record["finished"]["code"] == 0, record["finished"]["output"]
    assert "in place" in record["finished"]["output"], "what the first run did was done again"


def test_a_second_deployment_changes_nothing(record: dict[str, Any]) -> None:
    again = record["again"]
    assert (again["code"], again["changes"]) == (0, []), again["output"]
    assert "No steps changed something" in again["output"]


def test_every_service_serves_by_digest_and_the_migration_ran_once(record: dict[str, Any]) -> None:
    assert set(record["services"]) == {cloud_name(service) for service in DEPLOYMENT.services}
    assert record["jobs"] == sorted(job.name for job in DEPLOYMENT.jobs)
    assert (record["executed"], record["builds"]) == (["migrate"], 1)
    for service in record["services"].values():
        (container,) = service["spec"]["template"]["spec"]["containers"]
        assert "@sha256:" in container["image"]
        assert [share["percent"] for share in service["status"]["traffic"] if share.get("percent")] == [100]


def test_exactly_the_grants_of_the_table_were_made(record: dict[str, Any]) -> None:
    made = {
        (binding["role"], member)
        for policy in record["policies"].values()
        for binding in policy.get("bindings", [])
        for member in binding["members"]
    }
    wanted = {(grant.role, member) for grant, member in grants.granted(DEPLOYMENT, PLACE) if grant.kind != "bucket"}
    assert made - wanted == set()
    assert wanted - made == set()


def test_the_database_was_told_who_may_do_what_once(record: dict[str, Any]) -> None:
    assert len(record["sql"]) == 1


def test_destroying_it_leaves_nothing_of_ours(record: dict[str, Any]) -> None:
    assert record["destroyed"]["code"] == 0, record["destroyed"]["output"]
    # What Google keeps: an initialised Identity Platform, and rules without a database.
    stays = ("identitytoolkit/", "firebaserules/")
    assert [name for name in record["left"] if not name.startswith(stays)] == []
    members = {member for binding in record["project_policy"].get("bindings", []) for member in binding["members"]}
    assert members == {agent_member(agent, PLACE) for agent in DEPLOYMENT.agents}, "only Google's agents have roles now"


def test_the_plan_names_every_step_once() -> None:
    titles = [step.title for stage in plan.with_released(DEPLOYMENT, PLACE) for step in stage.steps]
    assert len(set(titles)) == len(titles)
