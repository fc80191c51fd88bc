"""Everything ends in the middle of a run, as at night or after Ctrl-C, and is started again: nothing is lost."""

from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.supervisor.stack import LocalStack
from tests.chaos.support import check_made_once
from tests.journeys.support import SHORT, SMALL, Studio


def test_a_stack_that_is_started_again_goes_on_where_it_ended() -> None:
    # Not below pytest's directories, which are closed to the user Postgres runs as.
    with TemporaryDirectory(prefix="reelgraph-stack-") as directory:
        with LocalStack(Path(directory) / "state", only=SMALL) as stack:
            studio, port = Studio.open(stack), stack.layout.base_port
            made, held = studio.add_video("Made yesterday"), studio.add_video("Begun yesterday")
            studio.wait_for_state(studio.start(made), "succeeded", "failed")
            studio.simulator.tell("hold")
            job_id = studio.start(held)
            studio.wait_for_state(job_id, "polling")

        with LocalStack(Path(directory) / "state", port, only=SMALL):
            assert studio.person.node(studio.project_id, made)["state"] == "succeeded"
            assert studio.person.job(job_id)["state"] == "polling"
            studio.simulator.release()
            check_made_once(studio, held, job_id, cost_microusd=SHORT, before_microusd=SHORT)
