"""A fact is one CloudEvent, the same however often it is told."""

import json
from datetime import UTC, datetime
from uuid import UUID

from services.core.kit.cloud_events import Fact

PROJECT = UUID(int=1)
FACT = Fact(PROJECT, 12, "run.finished", datetime(2026, 11, 22, 12, tzinfo=UTC), {"state": "succeeded", "jobs": {"succeeded": 2}})


def test_a_fact_has_an_id_of_its_own_and_a_versioned_type() -> None:
    assert (FACT.id, FACT.event_type) == (f"{PROJECT}-12", "reelgraph.run.v1.finished")


def test_all_attributes_are_text_and_name_the_project() -> None:
    attributes = FACT.attributes()

    assert all(isinstance(value, str) for value in attributes.values())
    assert attributes["source"] == f"//reelgraph/projects/{PROJECT}"
    assert (attributes["id"], attributes["type"], attributes["specversion"]) == (FACT.id, FACT.event_type, "1.0")
    assert datetime.fromisoformat(attributes["time"]) == FACT.at


def test_the_record_is_flat_and_its_detail_is_json_text() -> None:
    record = json.loads(FACT.data())

    assert json.loads(record.pop("detail")) == FACT.detail
    assert record == {
        "id": FACT.id,
        "type": FACT.event_type,
        "time": "2026-11-22T12:00:00+00:00",
        "project_id": str(PROJECT),
        "rev": 12,
    }
    assert FACT.data() == FACT.data()
