"""Facts as CloudEvents: one flat record, its attributes beside it, the detail as JSON text (schemas/events)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

SOURCE = "//reelgraph"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened in a project, as the outside sees it. Ids, states and money; never prompts or addresses."""

    project_id: UUID
    rev: int
    type: str
    """Dotted, past tense: `job.succeeded`."""
    at: datetime
    detail: dict[str, Any]

    @property
    def id(self) -> str:
        """Unique for each fact, and the same however often it is delivered."""
        return f"{self.project_id}-{self.rev}"

    @property
    def event_type(self) -> str:
        """The CloudEvents type: `reelgraph.job.v1.succeeded`."""
        resource, verb = self.type.split(".", 1)
        return f"reelgraph.{resource}.v1.{verb}"

    def attributes(self) -> dict[str, str]:
        """CloudEvents attributes of the binary mode, without their transport's prefix."""
        return {
            "id": self.id,
            "source": f"{SOURCE}/projects/{self.project_id}",
            "specversion": "1.0",
            "type": self.event_type,
            "time": self.at.isoformat(),
            "subject": f"projects/{self.project_id}",
            "datacontenttype": "application/json",
        }

    def data(self) -> bytes:
        """The flat record."""
        record = {
            "id": self.id,
            "type": self.event_type,
            "time": self.at.isoformat(),
            "project_id": str(self.project_id),
            "rev": self.rev,
            "detail": json.dumps(self.detail, sort_keys=True),
        }
        return json.dumps(record).encode()
