"""What a subscriber may expect of a fact: CloudEvents attributes beside the record that schemas/events/record.json describes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.journeys.support import MEDIA

SCHEMAS = MEDIA.parents[1] / "schemas" / "events"
JSON_TYPES = {"string": str, "integer": int}
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True)
class ReceivedFact:
    """A fact as it arrived: its `ce-` attributes without that prefix, and the record that is its data."""

    attributes: Mapping[str, str]
    record: Mapping[str, Any]

    @classmethod
    def of(cls, headers: Mapping[str, str], data: bytes) -> "ReceivedFact":
        """From message attributes or HTTP headers, and the body."""
        attributes = {name.lower().removeprefix("ce-"): value for name, value in headers.items() if name.lower().startswith("ce-")}
        return cls(attributes, json.loads(data))

    @property
    def type(self) -> str:
        """Such as `reelgraph.job.v1.succeeded`."""
        return str(self.record["type"])

    @property
    def rev(self) -> int:
        """The entry of the project's log."""
        return int(self.record["rev"])

    @property
    def detail(self) -> dict[str, Any]:
        """What happened, as the log says it."""
        detail: dict[str, Any] = json.loads(self.record["detail"])
        return detail

    def check(self) -> None:
        """Fail unless attributes and record are as documented and say the same."""
        schema = json.loads((SCHEMAS / "record.json").read_text())
        assert set(self.record) == set(schema["required"]) == set(schema["properties"])
        for name, described in schema["properties"].items():
            assert type(self.record[name]) is JSON_TYPES[described["type"]], f"{name} is no {described['type']}"
        project = f"projects/{self.record['project_id']}"
        attributes = dict(self.attributes)
        # CloudEvents' extension for traces; where nobody records any there is none.
        traceparent = attributes.pop("traceparent", None)
        assert traceparent is None or TRACEPARENT.fullmatch(traceparent)
        assert attributes == {
            "id": f"{self.record['project_id']}-{self.rev}",
            "source": f"//reelgraph/{project}",
            "specversion": "1.0",
            "type": self.type,
            "time": self.record["time"],
            "subject": project,
            "datacontenttype": "application/json",
        }
        assert self.record["id"] == self.attributes["id"]
        assert datetime.fromisoformat(self.record["time"]).tzinfo is not None


def check_told(facts: Sequence[ReceivedFact], events: Sequence[Mapping[str, Any]]) -> None:
    """Fail unless each entry of the project's log that is public arrived as one fact, with the log's words, and nothing else did."""
    for fact in facts:
        fact.check()
    assert [(fact.rev, fact.type, fact.detail) for fact in sorted(facts, key=lambda fact: fact.rev)] == public_entries(events)


def public_entries(events: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, dict[str, Any]]]:
    """Number, CloudEvents type and words of the entries of a project's log that leave the product, in order."""
    public = set(json.loads((SCHEMAS / "types.json").read_text()))
    told = [(int(event["rev"]), "reelgraph.{}.v1.{}".format(*str(event["type"]).split(".", 1)), event["payload"]) for event in events]
    return [entry for entry in told if entry[1] in public]
