"""Every command that deploys, releases or takes away is one that the real gcloud accepts, with these flags."""

from collections.abc import Iterator
from pathlib import Path

from infra.description import DEPLOYMENT
from infra.gcp import plan
from infra.gcp.place import Place
from infra.gcp.steps import Arguments, commands, looks
from tests.infra.gcloud import needs_gcloud, refusals

PLACE = Place("my-project", "us-central1", "123456789012")
pytestmark = needs_gcloud


def all_commands() -> Iterator[Arguments]:
    for stage in plan.with_released(DEPLOYMENT, PLACE):
        for step in stage.steps:
            yield from looks(step)
            yield from (command.arguments for command in commands(step))
    yield from (command.arguments for command in plan.release_commands(DEPLOYMENT, PLACE))


def test_gcloud_accepts_every_command_and_flag(tmp_path: Path) -> None:
    assert refusals(all_commands(), tmp_path) == {}


def test_the_linter_refuses_what_gcloud_does_not_know(tmp_path: Path) -> None:
    wrong = [("run", "services", "list", "--no-such-flag"), ("pubsub", "topics", "invent", "x")]

    assert set(refusals(wrong, tmp_path)) == {"gcloud run services list --no-such-flag", "gcloud pubsub topics invent x"}
