"""What is wrong before anything starts is one line with the mend."""

import os
import socket
import stat
from pathlib import Path

import pytest

from infra.local.supervisor.composition import compose
from infra.local.supervisor.emulators import VARIABLE, find_emulators
from infra.local.supervisor.environments import base_environment, kept_secret
from infra.local.supervisor.layout import Layout
from infra.local.supervisor.options import Options, parse_options
from infra.local.supervisor.parts import Plan
from infra.local.supervisor.preflight import check_disk, check_ports, check_programs, sole_owner
from infra.local.supervisor.problems import CannotStart
from infra.local.supervisor.programs import Command
from tests.local.supervisor.support import a_server

ABSENT = find_emulators({VARIABLE: "off"})


def a_plan(tmp_path: Path, arguments: str = "", **environment: str) -> Plan:
    """The plan of a stack on a machine without emulators."""
    options = parse_options(["--state", str(tmp_path), *arguments.split()], environment)
    return compose(options, ABSENT, environment)


def environment_of(plan: Plan, name: str) -> dict[str, str]:
    """What a part of the plan is started with."""
    program = plan.named()[name].program  # type: ignore[union-attr] # a part, not a step
    assert isinstance(program, Command)
    return dict(program.environment)


def test_a_port_in_use_names_who_has_it_and_how_to_take_others(port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        message = rf"^Port {port} is in use by process {os.getpid()} \(.*python.*\); api needs it\. .*REELGRAPH_PORT={port + 100}$"
        with pytest.raises(CannotStart, match=message):
            check_ports((a_server("api", port),), Layout(Path.cwd(), port))


def test_free_ports_are_no_problem(port: int) -> None:
    check_ports((a_server("api", port), a_server("worker", port + 1)), Layout(Path.cwd(), port))


def test_a_second_copy_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8700)
    with sole_owner(layout):
        message = rf"^Reelgraph runs already with .*: http://127\.0\.0\.1:8700 \(process {os.getpid()}\)\..* kill {os.getpid()}$"
        with pytest.raises(CannotStart, match=message), sole_owner(layout):
            pytest.fail("two owners")
    with sole_owner(layout):
        pass


def test_a_state_directory_that_cannot_be_made_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CannotStart, match=r"cannot be written .*REELGRAPH_STATE=DIR"),
        sole_owner(Layout(tmp_path / "file" / "state", 8700)),
    ):
        pytest.fail("there is no such directory")


def test_a_full_disk_is_a_message(tmp_path: Path) -> None:
    check_disk(tmp_path, required_bytes=1)
    with pytest.raises(CannotStart, match=r"^Only [0-9.]+ GB are free where .* is; Reelgraph needs .* GB\. .*REELGRAPH_STATE=DIR$"):
        check_disk(tmp_path, required_bytes=10**18)


def test_a_broken_environment_of_a_function_is_a_message(tmp_path: Path) -> None:
    (plain,) = a_plan(tmp_path, "--only identity").parts
    check_programs((plain,))
    (tmp_path / "python").symlink_to("/nowhere/python3")
    broken = type(plain)("image_uploaded", Command((str(tmp_path / "python"),), tmp_path, {}), plain.port, plain.ready)
    with pytest.raises(CannotStart, match=r"^image_uploaded cannot start: .*python is missing or broken\. .*make install$"):
        check_programs((broken,))


def test_without_emulators_the_stack_says_that_it_runs_without_them(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    assert plan.notes == (f"Official emulators: switched off by {VARIABLE}. Running with EVENTS=direct LIVE=ws.",)
    assert not {"firestore", "pubsub", "reproject"} & plan.named().keys()
    worker = environment_of(plan, "worker")
    assert (worker["EVENTS"], worker["LIVE"]) == ("direct", "ws")
    assert "FIRESTORE_EMULATOR_HOST" not in worker and "PUBSUB_EMULATOR_HOST" not in worker


def test_wishing_for_what_is_absent_is_a_message_and_for_what_is_there_anyway_no_note(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"^EVENTS=pubsub needs an official emulator: switched off"):
        a_plan(tmp_path, EVENTS="pubsub")
    with pytest.raises(CannotStart, match=r"^LIVE=firestore needs an official emulator: switched off"):
        a_plan(tmp_path, LIVE="firestore")
    assert a_plan(tmp_path, EVENTS="direct", LIVE="ws").notes == ()


def test_a_gcloud_without_emulators_is_told_how_to_get_them(tmp_path: Path) -> None:
    found = find_emulators({VARIABLE: str(tmp_path)})
    assert found.firestore_jar is None and found.pubsub_jar is None
    assert "gcloud components install cloud-firestore-emulator pubsub-emulator" in found.missing


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ("--port 80", {}, "REELGRAPH_PORT must be a number from 1024"),
        ("--port many", {}, "REELGRAPH_PORT must be a number"),
        ("", {"EVENTS": "kafka"}, "EVENTS must be pubsub or direct, not 'kafka'"),
        ("", {"LIVE": "fax"}, "LIVE must be firestore or ws, not 'fax'"),
        ("--only api,teapot", {}, "There is no part teapot. The parts: api, "),
        ("--real", {"GCS_BUCKET": "b"}, "set GOOGLE_CLOUD_PROJECT"),
    ],
)
def test_a_wish_that_makes_no_sense_is_a_message(tmp_path: Path, arguments: str, environment: dict[str, str], message: str) -> None:
    with pytest.raises(CannotStart, match=message):
        a_plan(tmp_path, arguments, **environment)


def test_all_ports_follow_from_the_base_port(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, REELGRAPH_PORT="9100")
    ports = {part.name: part.port for part in plan.parts}
    assert ports == {name: port + 400 for name, port in {part.name: part.port for part in a_plan(tmp_path).parts}.items()}
    assert ports["api"] == 9100 and ports["postgres"] == 9120
    assert environment_of(plan, "worker")["WORKER_URL"] == "http://127.0.0.1:9101"


def test_an_external_database_replaces_the_server(tmp_path: Path) -> None:
    url = "postgresql+pg8000://me@db.example/reelgraph"
    plan = a_plan(tmp_path, DATABASE_URL=url)
    assert "postgres" not in plan.named()
    assert environment_of(plan, "worker")["DATABASE_URL"] == url


def test_choosing_parts_brings_what_they_need_and_no_more(tmp_path: Path) -> None:
    assert a_plan(tmp_path, "--only api").named().keys() == {"api", "identity", "postgres", "migrate"}
    assert a_plan(tmp_path, "--only cloud_tasks,identity").named().keys() == {"cloud_tasks", "identity", "provision"}
    assert a_plan(tmp_path, "--only qdrant").named().keys() == {"qdrant"}


def test_what_a_person_has_set_for_something_else_does_not_reach_the_product(tmp_path: Path) -> None:
    strange = {
        "GOOGLE_APPLICATION_CREDENTIALS": "/mine.json",
        "STORAGE_EMULATOR_HOST": "http://elsewhere",
        "GEMINI_API_KEY": "mine",
        "PORT": "1",
        "HTTPS_PROXY": "http://proxy:3128",
        "NO_PROXY": "intranet",
    }
    worker = environment_of(a_plan(tmp_path, **strange), "worker")
    assert worker["GOOGLE_APPLICATION_CREDENTIALS"] == str(tmp_path / "identity" / "reelgraph-worker.json")
    assert worker["PORT"] == "8701" and worker["HOST"] == "127.0.0.1"
    assert "STORAGE_EMULATOR_HOST" not in worker and "GEMINI_API_KEY" not in worker
    # Nothing of the local product leaves the machine, by whatever way the person's other programs do.
    assert (worker["HTTPS_PROXY"], worker["NO_PROXY"]) == ("http://127.0.0.1:9", "intranet,127.0.0.1,localhost")


def test_loopback_needs_no_proxy_even_where_none_is_excepted() -> None:
    assert base_environment({})["no_proxy"] == "127.0.0.1,localhost"


def test_a_function_gets_only_what_its_description_names(tmp_path: Path) -> None:
    function = environment_of(a_plan(tmp_path), "image_uploaded")
    assert function["WORKER_URL"] == "http://127.0.0.1:8701" and function["THREADS"] == "4"
    assert "JWT_SECRET" not in function and "DATABASE_URL" not in function


def test_a_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "jwt_secret"
    secret = kept_secret(path)
    assert len(secret) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_secret(path) == secret
    assert kept_secret(tmp_path / "other") != secret


def test_options_are_what_the_command_line_says_before_the_environment(tmp_path: Path) -> None:
    options = parse_options(["--port", "9000"], {"REELGRAPH_PORT": "9100", "REELGRAPH_STATE": str(tmp_path)})
    assert options == Options(Layout(tmp_path, 9000))
