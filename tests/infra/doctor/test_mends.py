"""What a finding tells a person to run can be run: gcloud knows its commands, and `make doctor` what DO= names."""

import re
import shlex
from pathlib import Path

from infra.doctor.cloud import CloudMends
from infra.doctor.local import LocalMends
from infra.doctor.worker import TASKS
from infra.gcp.place import Place
from infra.local.supervisor.layout import Layout
from services.worker import diagnostics
from services.worker.app import tasks
from tests.infra.gcloud import needs_gcloud, refusals

CLOUD = CloudMends(Place("my-project", "us-central1", "123456789012"))
RULES = (Path(__file__).parents[3] / "infra" / "doctor" / "rules.py").read_text()


@needs_gcloud
def test_gcloud_accepts_every_mend(tmp_path: Path) -> None:
    mends = (
        CLOUD.migrate,
        CLOUD.log("worker"),
        CLOUD.resume_queue("reelgraph-jobs"),
        CLOUD.resume_call("sweep"),
        CLOUD.run_call("sweep"),
        CLOUD.read_messages("reelgraph-commands-dead-letter"),
        CLOUD.let_act_as_invoker().replace("$(gcloud config get account)", "somebody@example.com"),
        "gcloud config get account",
        "gcloud services enable aiplatform.googleapis.com",
        "gcloud projects describe my-project",
    )

    assert refusals((tuple(shlex.split(mend)[1:]) for mend in mends), tmp_path) == {}


def test_every_task_that_a_mend_asks_for_is_one_of_the_worker() -> None:
    routes = {route.path for router in (tasks, diagnostics.router) for route in router.routes}  # type: ignore[attr-defined]  # all have paths

    assert set(re.findall(r"""ask_worker\(['"]([a-z-]+)['"]\)""", RULES)) == TASKS.keys()
    assert set(TASKS.values()) <= routes


def test_mends_of_a_stack_name_its_own_addresses(tmp_path: Path) -> None:
    mends = LocalMends(Layout(tmp_path, 9000))

    assert mends.resume_queue("jobs").startswith("curl -X POST http://127.0.0.1:9011/v2/projects/reelgraph-local/")
    assert mends.log("worker") == str(tmp_path / "logs" / "worker.log")
    assert mends.read_messages("dead").endswith("http://127.0.0.1:9022/v1/projects/reelgraph-local/subscriptions/dead:pull")
