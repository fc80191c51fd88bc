"""Listing of objects: prefix, delimiter, offsets, glob and paging over names in order; pure."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from infra.local.storage.errors import invalid
from infra.local.storage.preconditions import integer
from infra.local.storage.resources import StoredObject

MOST_RESULTS = 1000
GLOB_TOKEN = re.compile(r"\*\*|\*|\?|\[!?[^]]+\]|\{[^}]*\}|.", re.DOTALL)


@dataclass(frozen=True)
class ListRequest:
    """What to list. `after` is the last object name or prefix of the page before."""

    prefix: str = ""
    delimiter: str = ""
    start_offset: str = ""
    end_offset: str = ""
    after: str = ""
    glob: re.Pattern[str] | None = None
    limit: int = MOST_RESULTS

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Read the parameters of `objects.list`; 400 for a number or a page token that is none."""
        glob = query.get("matchGlob")
        return cls(
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            start_offset=query.get("startOffset", ""),
            end_offset=query.get("endOffset", ""),
            after=decode_page_token(query.get("pageToken", "")),
            glob=compile_glob(glob) if glob else None,
            limit=page_size(query),
        )

    @property
    def first_name(self) -> str:
        """The smallest name that can be on this page."""
        return max(self.prefix, self.start_offset, self.after)


@dataclass
class Page:
    """One page: objects, the common prefixes beside them, and where the next page begins."""

    objects: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_page_token: str | None = None


def page_size(query: Mapping[str, str]) -> int:
    """Return `maxResults`, at most and by default 1000."""
    return min(integer("maxResults", query.get("maxResults") or "0") or MOST_RESULTS, MOST_RESULTS)


def encode_page_token(after: str) -> str:
    """Return the opaque token for the page after `after`."""
    return base64.urlsafe_b64encode(after.encode()).decode()


def decode_page_token(token: str) -> str:
    """Return what `encode_page_token` was given; 400 for anything else."""
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError) as malformed:
        raise invalid("Invalid page token.") from malformed


def compile_glob(pattern: str) -> re.Pattern[str]:
    """Translate a glob of `matchGlob`: `*` and `?` stop at a slash, `**` does not, `{a,b}` is a choice, `[a-z]` a set."""
    return re.compile("".join(_translate(token) for token in GLOB_TOKEN.findall(pattern)), re.DOTALL)


def _translate(token: str) -> str:
    match token:
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _ if len(token) > 1 and token[0] == "{":
            return "(?:" + "|".join(compile_glob(choice).pattern for choice in token[1:-1].split(",")) + ")"
        case _ if len(token) > 1 and token[0] == "[":
            negated = token[1] == "!"
            members = token[2 if negated else 1 : -1].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
            return f"[{'^' if negated else ''}{members}]"
        case _:
            return re.escape(token)


def take_page(ordered: Iterable[StoredObject], request: ListRequest) -> Page:
    """Return one page of objects that come in order of name, starting at `request.first_name` or before."""
    page = Page()
    last = request.after
    for stored in ordered:
        if not stored.name.startswith(request.prefix) and stored.name > request.prefix:
            break
        if request.end_offset and stored.name >= request.end_offset:
            break
        if not _is_listed(stored.name, request):
            continue
        common_prefix = _common_prefix(stored.name, request)
        if common_prefix is not None and common_prefix <= last:
            continue
        if len(page.objects) + len(page.prefixes) == request.limit:
            page.next_page_token = encode_page_token(last)
            break
        if common_prefix is None:
            page.objects.append(stored)
            last = stored.name
        else:
            page.prefixes.append(common_prefix)
            last = common_prefix
    return page


def _is_listed(name: str, request: ListRequest) -> bool:
    return (
        name.startswith(request.prefix)
        and name >= request.start_offset
        and (not request.after or name > request.after)
        and (request.glob is None or request.glob.fullmatch(name) is not None)
    )


def _common_prefix(name: str, request: ListRequest) -> str | None:
    """Return the prefix up to and including the first delimiter after the requested one."""
    if not request.delimiter:
        return None
    end = name.find(request.delimiter, len(request.prefix))
    return None if end < 0 else name[: end + len(request.delimiter)]
