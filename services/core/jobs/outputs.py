"""Names of what the provider writes: the prefix of each attempt, and back from an object's name to its job. Pure."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME = re.compile(rf"^(?P<job>{_ID})/(?P<attempt>{_ID})/(?:.*/)?sample_(?P<sample>\d+)\.mp4$")
_URI = re.compile(r"^gs://(?P<bucket>[^/]+)/(?P<name>.+)$")


@dataclass(frozen=True, slots=True)
class Output:
    """An object that an attempt of a job made: its sample-th video."""

    bucket: str
    name: str
    attempt_id: str
    sample: int

    def as_json(self) -> dict[str, Any]:
        """For the job's row."""
        return asdict(self)


def output_prefix(job_id: UUID, attempt_id: UUID) -> str:
    """Where an attempt's outputs appear in the renders bucket: known before the call, so that no output can be orphaned."""
    return f"{job_prefix(job_id)}{attempt_id}/"


def job_prefix(job_id: UUID) -> str:
    """Where the outputs of all attempts of a job lie."""
    return f"{job_id}/"


def parse_output(bucket: str, name: str) -> tuple[UUID, Output] | None:
    """The job and the output that an object's name speaks of; None for any other object."""
    found = _NAME.match(name)
    if found is None:
        return None
    return UUID(found["job"]), Output(bucket, name, str(UUID(found["attempt"])), int(found["sample"]))


def parse_uri(uri: str) -> tuple[UUID, Output] | None:
    """The same from a gs:// address."""
    found = _URI.match(uri)
    return parse_output(found["bucket"], found["name"]) if found else None


def merge(known: list[dict[str, Any]], found: Iterable[Output]) -> list[dict[str, Any]]:
    """Known outputs and those found, each object once, in the order of attempt and sample.

    Should a provider render one submit twice, it gives two objects of one number in folders of their own: both are billed, so both
    are kept, and the later one gets the next free number.
    """
    outputs = {str(output["name"]): output for output in known}
    for output in sorted(found, key=lambda output: output.name):
        if output.name not in outputs:
            taken = {int(other["sample"]) for other in outputs.values() if other["attempt_id"] == output.attempt_id}
            sample = max(taken) + 1 if output.sample in taken else output.sample
            outputs[output.name] = replace(output, sample=sample).as_json()
    return sorted(outputs.values(), key=lambda output: (str(output["attempt_id"]), int(output["sample"])))
