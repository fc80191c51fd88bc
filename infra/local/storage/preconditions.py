"""Preconditions on generation and metageneration; pure, decided by the caller inside the transaction that acts on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from infra.local.storage.errors import invalid, not_modified, precondition_failed


def integer(name: str, text: str) -> int:
    """Return the non-negative integer that parameter `name` holds; 400 otherwise."""
    if not text.isascii() or not text.isdigit():
        raise invalid(f"Invalid value '{text}' for '{name}': a non-negative integer is expected.")
    return int(text)


@dataclass(frozen=True)
class Preconditions:
    """What must hold of the live version. A missing object counts as generation 0 and metageneration 0."""

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str], prefix: str = "if") -> Self:
        """Read `{prefix}GenerationMatch` and the other three of the JSON API; the prefix of a copy's source is `ifSource`."""

        def value(suffix: str) -> int | None:
            text = query.get(prefix + suffix)
            return None if text is None else integer(prefix + suffix, text)

        return cls(value("GenerationMatch"), value("GenerationNotMatch"), value("MetagenerationMatch"), value("MetagenerationNotMatch"))

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read `x-goog-if-generation-match` and `x-goog-if-metageneration-match` of the XML API."""

        def value(name: str) -> int | None:
            text = headers.get(name)
            return None if text is None else integer(name, text)

        return cls(generation_match=value("x-goog-if-generation-match"), metageneration_match=value("x-goog-if-metageneration-match"))

    def check(self, generation: int, metageneration: int) -> None:
        """Raise 412 unless the version at hand satisfies every condition."""
        if not (self._matches(generation, metageneration) and self._differs(generation, metageneration)):
            raise precondition_failed()

    def check_read(self, generation: int, metageneration: int) -> None:
        """As `check`, but a failed not-match answers 304: the reader already has this version."""
        if not self._matches(generation, metageneration):
            raise precondition_failed()
        if not self._differs(generation, metageneration):
            raise not_modified()

    def _matches(self, generation: int, metageneration: int) -> bool:
        return self.generation_match in (None, generation) and self.metageneration_match in (None, metageneration)

    def _differs(self, generation: int, metageneration: int) -> bool:
        return self.generation_not_match != generation and self.metageneration_not_match != metageneration


UNCONDITIONAL = Preconditions()
