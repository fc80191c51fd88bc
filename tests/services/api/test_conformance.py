"""Requests drawn from the published description: none brings the service to a fault, and every answer is what the description says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from infra.local.identity import Identity
from tests.services.api.serving import served
from tests.services.api.world import Studio, World

DESCRIPTION = Path(__file__).resolve().parents[3] / "schemas/openapi.json"
DOCUMENT: dict[str, Any] = json.loads(DESCRIPTION.read_text())
TAGS = sorted({tag for path in DOCUMENT["paths"].values() for operation in path.values() for tag in operation["tags"]})
CHECKS: list[Any] = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 2}
TIMEOUT_SECONDS = 20


@pytest.fixture
def studio(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """One of everything, and a key with which live tokens are signed."""
    identity = Identity.load_or_create(tmp_path / "identity", "http://127.0.0.1:1/token", "reelgraph-test")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    return world.studio()


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


def known(studio: Studio) -> dict[str, str]:
    """What a request may name so that it finds something, by the name of the parameter or field."""
    parts = {name: str(value) for name, value in vars(studio).items() if name.endswith("_id")}
    nodes = {"node_id": str(studio.loose_id), "source_node_id": str(studio.prompt_id), "target_node_id": str(studio.loose_id)}
    others = {"user_id": str(studio.viewer.id), "job_id": str(studio.failed_job_id), "selected_take_id": str(studio.take_id)}
    return parts | nodes | others


def with_known(value: Any, ids: dict[str, str]) -> Any:
    """The value with every id that has the name of a known thing replaced by it."""
    if isinstance(value, dict):
        return {name: ids[name] if name in ids and isinstance(item, str) else with_known(item, ids) for name, item in value.items()}
    return [with_known(item, ids) for item in value] if isinstance(value, list) else value


def operations_of(tag: str) -> list[Any]:
    """The operations of one tag, those that delete last."""
    found: list[Any] = [result.ok() for result in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations() if isinstance(result, Ok)]
    ours = [operation for operation in found if tag in operation.tags]
    return sorted(ours, key=lambda operation: (operation.method == "delete", operation.label))


@pytest.mark.parametrize("tag", TAGS)
def test_answers_are_what_the_description_says(tag: str, studio: Studio, address: str) -> None:
    ids = known(studio)
    called = 0

    def call(case: Any, findable: bool) -> None:
        nonlocal called
        if findable:
            case.path_parameters = {**case.path_parameters, **{name: ids[name] for name in case.path_parameters if name in ids}}
            case.query = with_known(dict(case.query), ids)
            case.body = with_known(case.body, ids)
        called += 1
        answer = case.call(base_url=f"http://{address}", headers=studio.owner.once(), allow_redirects=False, timeout=TIMEOUT_SECONDS)
        case.validate_response(answer, checks=CHECKS)

    operations = operations_of(tag)
    for operation in operations:
        for mode, examples in EXAMPLES.items():
            limits = settings(
                max_examples=examples,
                phases=[Phase.generate],
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            if mode is GenerationMode.NEGATIVE and not can_be_wrong(operation):
                continue
            limits(given(case=operation.as_strategy(generation_mode=mode), findable=st.booleans())(call))()

    assert called >= len(operations) > 0


def can_be_wrong(operation: Any) -> bool:
    """Whether a request has any part that the description constrains."""
    return any(True for _ in operation.iter_parameters()) or bool(operation.body)
