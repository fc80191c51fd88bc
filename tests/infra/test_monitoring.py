"""What watches a deployment reads what the code writes: metrics are made of fields that log lines have, alerts of metrics that exist."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog

from infra.description import DEPLOYMENT
from infra.gcp.monitoring import DIRECTORY, MONITORING, Kind, MonitoringFile
from infra.gcp.place import cloud_name
from services.core.jobs import reasons
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.kit.logging import processors
from services.core.outbox.drain import Drain
from services.core.outbox.rows import add_event, add_live_node, add_task
from services.core.video.outcomes import NotSent
from tests.services.core.jobs.world import World

USER_METRIC = "logging.googleapis.com/user/"
PROJECT = "reelgraph-test"
# What Cloud Logging lifts out of the line (https://cloud.google.com/logging/docs/structured-logging#special-payload-fields).
LIFTED = {"severity", "time", "httpRequest"}


def files(kind: Kind) -> list[MonitoringFile]:
    return [file for file in MONITORING if file.kind == kind]


def read(file: MonitoringFile) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.content(PROJECT))
    return document


METRICS = {file.name: read(file) for file in files("metric")}


@pytest.fixture
def log() -> Iterator[StringIO]:
    written = StringIO()
    structlog.configure(processors=processors("worker", PROJECT), logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.reset_defaults()


@pytest.fixture
def lines(database: Database, tmp_path: Path, log: StringIO) -> list[dict[str, Any]]:
    """What is logged while a video is made, another fails, the outbox is delivered and the sweep runs."""
    world = World(database, tmp_path / "buckets")
    job_id = world.submitted(world.a_video())
    world.finalized(world.render(job_id))
    world.settle(job_id)
    world.forget_told()
    dispatcher = Delivers()
    drain = Drain(database, dict.fromkeys(("tasks", "events", "live"), dispatcher), world.clock)
    with database.unit_of_work() as session:
        add_task(session, "/tasks/admit", {"model": "m"})
        add_event(session, project_id=new_id(), rev=1)
        add_live_node(session, new_id())
    world.clock.tick(days=3650)
    drain.deliver_due()
    world.sweep()
    structlog.get_logger().error("something.failed")
    return [json.loads(line) for line in log.getvalue().splitlines()]


class Delivers:
    """Takes everything."""

    def dispatch(self, row_id: object, payload: object) -> None:
        """Nothing to do."""


def test_every_file_is_listed_and_every_name_has_a_file() -> None:
    assert {file.path for file in MONITORING} == set(DIRECTORY.rglob("*.json"))
    assert all(METRICS[name]["name"] == name for name in METRICS)


def test_metrics_read_fields_that_are_written(lines: list[dict[str, Any]]) -> None:
    for name, metric in METRICS.items():
        matching = [line for line in lines if matches(metric["filter"], line)]
        assert matching, f"no line is for {name}: {metric['filter']}"
        extractors = [metric.get("valueExtractor", ""), *metric.get("labelExtractors", {}).values()]
        fields = {field for extractor in extractors for field in re.findall(r"jsonPayload\.(\w+)", extractor)}
        for line in matching:
            assert fields <= line.keys() - LIFTED, name
        if "valueExtractor" in metric:
            (value,) = re.findall(r"jsonPayload\.(\w+)", metric["valueExtractor"])
            assert all(isinstance(line[value], int | float) for line in matching), name


def matches(text: str, line: dict[str, Any]) -> bool:
    """Whether Cloud Logging's filter lets a line of a Cloud Run service through; all terms of ours are joined by AND."""
    return all(_holds(term, line) for term in text.split(" AND "))


def _holds(term: str, line: dict[str, Any]) -> bool:
    parsed = re.fullmatch(r'(?:jsonPayload\.)?([\w.]+)(!=|>=|=|:)("?)([^"]*)\3', term)
    assert parsed, f"a term that this test does not know: {term}"
    field, operator, quoted, value = parsed.groups()
    if field == "resource.type":
        return value == "cloud_run_revision"
    if field == "severity":
        return line["severity"] in ("ERROR", "CRITICAL")
    if field not in line:
        return False
    match operator:
        case ":":
            return True
        case ">=":
            return float(line[field]) >= float(value)
        case "!=":
            return str(line[field]) != value
        case _:
            assert quoted
            return str(line[field]) == value


@pytest.mark.parametrize("file", [*files("policy"), *files("slo"), *files("dashboard")], ids=lambda file: f"{file.kind}-{file.name}")
def test_what_watches_names_metrics_and_labels_that_exist(file: MonitoringFile) -> None:
    text = file.content(PROJECT)
    named = set(re.findall(re.escape(USER_METRIC) + r"(\w+)", text))
    queried = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"logging_googleapis_com:user_(\w+)", text)}

    assert named | queried <= METRICS.keys()
    assert named | queried or "run.googleapis.com" in text or "select_slo_burn_rate" in text
    labels = {label for name in named | queried for label in METRICS[name].get("labelExtractors", {})}
    asked = set(re.findall(r"metric\.labels\.(\w+)", text)) - {"response_code_class"}
    assert asked <= labels


def test_burn_rates_are_of_objectives_that_exist() -> None:
    burning = {objective for file in files("policy") for objective in re.findall(r"serviceLevelObjectives/([\w-]+)", file.content(PROJECT))}
    assert burning
    assert burning <= {file.name for file in files("slo")}


def test_services_and_causes_are_named_as_they_are() -> None:
    text = "".join(file.content(PROJECT) for file in MONITORING)
    names = {cloud_name(service) for service in DEPLOYMENT.services}
    assert set(re.findall(r'service_name=\\"(\w[\w-]*)\\"', text)) <= names

    known = {
        reasons.not_stored_reason(1, "").cause,
        reasons.input_unavailable_reason().cause,
        reasons.lost_reason("generate").cause,
        reasons.not_sent_reason(NotSent("refused")).cause,
    }
    (pattern,) = re.findall(r'full_match\(\\"([^"\\]+)', text)
    assert set(pattern.split("|")) == known
