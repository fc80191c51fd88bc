"""Another system drives the studio: it knows google-cloud-pubsub and what schemas/ publishes, and nothing else."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from google.api_core.exceptions import InvalidArgument
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.cloud.pubsub_v1.subscriber.message import Message

from infra.local.supervisor.stack import LocalStack
from services.core.kit.ids import new_id
from tests.journeys.facts import ReceivedFact
from tests.journeys.support import SHORT, SMALL, Studio, a_stack, eventually, require_emulators

pytestmark = pytest.mark.emulators

REPOSITORY = Path(__file__).parents[2]
COMMANDS = REPOSITORY / "schemas" / "commands"
# Nobody uploads a picture here.
PARTS = (*(part for part in SMALL if part != "image_uploaded"), "pubsub", "pipeline_command")


@dataclass
class Client:
    """The other system: it publishes commands, receives facts, and looks into the dead letters."""

    project: str
    facts: list[ReceivedFact] = field(default_factory=list)
    dead_letters: list[Message] = field(default_factory=list)

    def publish(self, **record: Any) -> str:
        """Send a command; its id."""
        command = {"id": str(new_id()), "type": "reelgraph.run.v1.start", "scope": "all", "node_id": "", "inputs": "{}", **record}
        jsonschema_rs.validator_for(json.loads((COMMANDS / "record.json").read_text())).validate(command)
        jsonschema_rs.validator_for(json.loads((COMMANDS / "inputs.json").read_text())).validate(json.loads(command["inputs"]))
        self.send(json.dumps(command).encode())
        return str(command["id"])

    def send(self, data: bytes) -> None:
        """Send anything."""
        PublisherClient().publish(f"projects/{self.project}/topics/reelgraph-commands", data).result(timeout=30)

    def facts_of(self, command_id: str, name: str) -> list[ReceivedFact]:
        """The facts of a type that name the command."""
        return [fact for fact in [*self.facts] if fact.type == f"reelgraph.{name}" and fact.detail.get("command_id") == command_id]

    def wait_for(self, command_id: str, name: str, count: int = 1) -> list[ReceivedFact]:
        """Those facts, once there are `count`."""
        return eventually(lambda: found if len(found := self.facts_of(command_id, name)) >= count else [], f"{name} of {command_id}")

    def wait_for_dead_letter(self, data: bytes) -> Message:
        """The dead letter that carries these bytes."""
        return eventually(lambda: next((letter for letter in [*self.dead_letters] if letter.data == data), None), "the dead letter")


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack with Pub/Sub."""
    require_emulators()
    with a_stack(only=PARTS) as stack:
        yield stack


@pytest.fixture(scope="module")
def client(stack: LocalStack) -> Iterator[Client]:
    """The other system, subscribed to both topics."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PUBSUB_EMULATOR_HOST", urlsplit(stack.urls["pubsub"]).netloc)
        client = Client(stack.environments["worker"]["GOOGLE_CLOUD_PROJECT"])
        with SubscriberClient() as subscriber:
            name = f"projects/{client.project}/subscriptions/other-system"
            subscriber.create_subscription(request={"name": name, "topic": f"projects/{client.project}/topics/reelgraph-events"})
            dead = f"projects/{client.project}/subscriptions/reelgraph-commands-dead-letter"
            with (
                received(subscriber, name, lambda message: client.facts.append(ReceivedFact.of(message.attributes, message.data))),
                received(subscriber, dead, client.dead_letters.append),
            ):
                yield client


@contextmanager
def received(subscriber: SubscriberClient, name: str, keep: Any) -> Iterator[None]:
    """Messages of a subscription are kept in the block."""

    def receive(message: Message) -> None:
        keep(message)
        message.ack()

    pulling = subscriber.subscribe(name, receive)
    try:
        yield
    finally:
        pulling.cancel()
        pulling.result()


@dataclass(frozen=True)
class Played:
    """A project in which two commands have run, at the same time and over the same nodes."""

    studio: Studio
    idea: str
    """The prompt node that both gave words to."""
    video: str
    given: dict[str, str]
    """These words by the command's id."""


@pytest.fixture(scope="module")
def played(stack: LocalStack, client: Client) -> Played:
    """Both runs are over."""
    studio = an_accepting_studio(stack)
    idea, video = studio.person.add_node(studio.project_id, "prompt", "Idea", {"text": "A fox on ice"}), studio.add_video("unused")
    studio.connect(idea, "prompt", video, "prompt")
    given = {
        client.publish(project_id=studio.project_id, inputs=json.dumps({idea: {"text": words}})): words
        for words in ("A heron in the rain", "An owl in the snow")
    }
    for command_id in given:
        client.wait_for(command_id, "run.v1.finished")
    return Played(studio, idea, video, given)


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A project that accepts commands."""
    return an_accepting_studio(stack)


def an_accepting_studio(stack: LocalStack) -> Studio:
    """A new person's project; its owner has said that other systems may start its runs."""
    studio = Studio.open(stack)
    studio.person.call("PATCH", f"/api/projects/{studio.project_id}", body={"accepts_commands": True})
    return studio


def test_each_command_runs_with_its_own_inputs_and_is_followed_to_its_take(played: Played, client: Client) -> None:
    made = {take["id"]: take["prompt"] for take in played.studio.takes(played.video)}
    for command_id, words in played.given.items():
        (accepted,) = client.facts_of(command_id, "command.v1.accepted")
        (succeeded,) = client.facts_of(command_id, "job.v1.succeeded")
        (finished,) = client.facts_of(command_id, "run.v1.finished")
        for fact in (accepted, succeeded, finished):
            fact.check()
        assert (accepted.detail["estimate_microusd"], accepted.detail["job_ids"]) == (SHORT, [succeeded.detail["job_id"]])
        assert accepted.detail["run_id"] == succeeded.detail["run_id"] == finished.detail["run_id"]
        assert finished.detail["state"] == "succeeded"
        assert [made.pop(take_id) for take_id in succeeded.detail["take_ids"]] == [words]
    assert made == {}


def test_the_project_itself_keeps_its_words(played: Played) -> None:
    assert played.studio.person.node(played.studio.project_id, played.idea)["config"]["text"] == "A fox on ice"


def test_a_command_that_comes_again_is_answered_again_and_pays_nothing(played: Played, client: Client) -> None:
    studio, (command_id, words) = played.studio, next(iter(played.given.items()))
    submits, money = studio.simulator.submits(), studio.money()

    client.publish(id=command_id, project_id=studio.project_id, inputs=json.dumps({played.idea: {"text": words}}))

    first, second = client.wait_for(command_id, "command.v1.accepted", 2)
    assert first == second
    assert len(studio.person.call("GET", f"/api/projects/{studio.project_id}/runs")) == len(played.given)
    assert (studio.simulator.submits(), studio.money()) == (submits, money)
    assert money == (2 * SHORT, 0, 0)


def test_the_program_of_the_documentation_gets_the_take_that_is_there(played: Played, client: Client, tmp_path: Path) -> None:
    subscription, (command_id, words) = "documentation", next(iter(played.given.items()))
    name, topic = f"projects/{client.project}/subscriptions/{subscription}", f"projects/{client.project}/topics/reelgraph-events"
    SubscriberClient().create_subscription(request={"name": name, "topic": topic, "enable_message_ordering": True})
    (code,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs" / "pubsub.md").read_text(), re.DOTALL)
    program = tmp_path / "run_project.py"
    program.write_text(code)
    arguments = [client.project, subscription, played.studio.project_id, played.idea, words]

    done = subprocess.run([sys.executable, program, *arguments], capture_output=True, text=True, timeout=60, check=False)

    (made,) = client.facts_of(command_id, "job.v1.succeeded")
    assert done.stdout.strip() == f"succeeded: {made.detail['take_ids'][0]}", done.stderr
    assert played.studio.money() == (2 * SHORT, 0, 0)


def test_over_the_limit_a_command_is_refused_with_advice_and_costs_nothing(studio: Studio, client: Client) -> None:
    studio.add_video("Too dear")
    studio.person.call("PUT", f"/api/projects/{studio.project_id}/spending-limit", body={"spending_limit_microusd": SHORT - 1})

    command_id = client.publish(project_id=studio.project_id)

    (refused,) = client.wait_for(command_id, "command.v1.refused")
    refused.check()
    assert (refused.detail["code"], refused.detail["estimate_microusd"]) == ("spending_limit_reached", SHORT)
    assert refused.detail["message"] and refused.detail["advice"]
    assert studio.person.call("GET", f"/api/projects/{studio.project_id}/runs") == []


def test_a_command_that_cannot_be_done_is_set_aside_with_the_reason(studio: Studio, client: Client) -> None:
    command = {"id": "1", "type": "reelgraph.run.v1.start", "project_id": studio.project_id, "scope": "all", "node_id": "", "inputs": "{}"}
    stranger = str(new_id())
    for code, record in (
        ("project_not_found", command | {"project_id": stranger}),
        ("node_not_found", command | {"inputs": json.dumps({stranger: {"text": "x"}})}),
        ("command_unreadable", command | {"inputs": "{"}),
        ("command_invalid", command | {"type": "reelgraph.run.v9.start"}),
    ):
        data = json.dumps(record).encode()
        client.send(data)
        letter = client.wait_for_dead_letter(data)
        assert letter.attributes["code"] == code
        assert letter.attributes["message"] and letter.attributes["advice"]


def test_a_project_whose_owner_did_not_say_so_takes_no_commands(stack: LocalStack, client: Client) -> None:
    studio = Studio.open(stack)
    studio.add_video("Nobody asked")
    command = {"id": "1", "type": "reelgraph.run.v1.start", "project_id": studio.project_id, "scope": "all", "node_id": "", "inputs": "{}"}
    data = json.dumps(command).encode()

    client.send(data)

    assert client.wait_for_dead_letter(data).attributes["code"] == "commands_not_accepted"
    assert studio.person.call("GET", f"/api/projects/{studio.project_id}/runs") == []


def test_what_does_not_fit_the_schema_is_not_taken_at_all(client: Client) -> None:
    with pytest.raises(InvalidArgument):
        client.send(b'{"id": "1"}')
