"""What a doctor says: one line for each thing that is not as it should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
# error: something does not work, or nobody can tell. warning: it works, and may soon not.
ORDER: dict[Severity, int] = {"error": 0, "warning": 1}


@dataclass(frozen=True)
class Finding:
    """A thing by its name, what is wrong with it, and what to do: a command to copy where there is one."""

    severity: Severity
    thing: str
    what: str
    mend: str

    @property
    def line(self) -> str:
        """One line, whatever an answer of a server brought along."""
        return " ".join(f"{self.severity:8}{self.thing}: {self.what} Mend: {self.mend}".split("\n")).strip()


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Errors first, each once, otherwise as they were found."""
    return sorted(dict.fromkeys(findings), key=lambda finding: ORDER[finding.severity])


def exit_code(findings: Sequence[Finding]) -> int:
    """1 where something is wrong; a warning alone is 0."""
    return int(any(finding.severity == "error" for finding in findings))
