"""The pages: a list of traces, and one trace as nested bars. Pure: spans in, HTML out, without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from .store import Span

STYLE = """
:root { color-scheme: light dark; --bar: #4f7cff; --error: #e5484d; --line: #8884; }
body { font: 13px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 1200px; padding: 0 16px; }
h1 { font-size: 18px; } a { color: inherit; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 8px 4px 0; vertical-align: top; white-space: nowrap; }
td.name { max-width: 420px; overflow: hidden; text-overflow: ellipsis; } td.time { width: 55%; } td.number { text-align: right; }
.error { color: var(--error); } .quiet { opacity: .65; }
.track { position: relative; height: 18px; } .bar { position: absolute; top: 3px; height: 12px; min-width: 2px; border-radius: 3px; }
details { white-space: normal; } summary { list-style: none; cursor: pointer; } dl { margin: 2px 0 6px; font-size: 12px; }
dt { float: left; clear: left; opacity: .65; padding-right: 8px; } dd { margin: 0; overflow-wrap: anywhere; }
"""
SERVICE_HUES = (222, 152, 28, 280, 340, 190, 90, 0)


@dataclass(frozen=True)
class Row:
    """A span in the waterfall; `depth` counts its ancestors in this trace."""

    span: Span
    depth: int


def waterfall(spans: Sequence[Span]) -> list[Row]:
    """The spans, each below its parent, siblings by their beginning. One whose parent did not arrive stands at the top."""
    known = {span.span_id for span in spans}
    children: dict[str | None, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent_id if span.parent_id in known else None, []).append(span)
    rows: list[Row] = []
    pending = [Row(span, 0) for span in reversed(children.get(None, []))]
    while pending:
        row = pending.pop()
        rows.append(row)
        pending += [Row(child, row.depth + 1) for child in reversed(children.get(row.span.span_id, []))]
    return rows


def root_of(spans: Sequence[Span]) -> Span:
    """The span that a trace is called after: its first without a parent among them."""
    return waterfall(spans)[0].span


def list_page(traces: Sequence[Sequence[Span]]) -> str:
    """All traces, newest first."""
    lines = "".join(_list_line(spans) for spans in traces)
    head = "<tr><th>began<th>trace<th>service<th class=number>spans<th class=number>duration<th></tr>"
    empty = "" if traces else "<p>Nothing yet: open the studio, or run something. Traces are kept in memory until the stack stops.</p>"
    return _page("Traces", f"<h1>Traces</h1>{empty}<table>{head}{lines}</table>")


def trace_page(spans: Sequence[Span]) -> str:
    """One trace."""
    root, begin, end = root_of(spans), _begin(spans), _end(spans)
    services = sorted({span.service for span in spans})
    hues = {service: SERVICE_HUES[place % len(SERVICE_HUES)] for place, service in enumerate(services)}
    lines = "".join(_row_line(row, begin, max(end - begin, 1), hues) for row in waterfall(spans))
    title = f"{escape(root.name)} <span class=quiet>{_duration(end - begin)}, {len(spans)} spans, {root.trace_id}</span>"
    return _page(root.name, f"<p><a href=/>All traces</a></p><h1>{title}</h1><table>{lines}</table>")


def _list_line(spans: Sequence[Span]) -> str:
    root, begin = root_of(spans), _begin(spans)
    began = datetime.fromtimestamp(begin / 1e9, UTC).astimezone().strftime("%H:%M:%S")
    failed = "<span class=error>error</span>" if any(span.is_error for span in spans) else ""
    return (
        f"<tr><td>{began}<td class=name><a href=/traces/{root.trace_id}>{escape(root.name)}</a><td>{escape(root.service)}"
        f"<td class=number>{len(spans)}<td class=number>{_duration(_end(spans) - begin)}<td>{failed}</tr>"
    )


def _row_line(row: Row, begin: int, total: int, hues: dict[str, int]) -> str:
    span = row.span
    left, width = 100 * (span.begins_ns - begin) / total, 100 * (span.ends_ns - span.begins_ns) / total
    colour = "var(--error)" if span.is_error else f"hsl({hues[span.service]} 65% 55%)"
    facts = {"kind": span.kind, "span": span.span_id, **span.attributes}
    linked = "".join(f"<dt>link<dd><a href=/traces/{trace_id}>{trace_id}</a>" for trace_id in span.links)
    listed = "".join(f"<dt>{escape(name)}<dd>{escape(str(value))}" for name, value in facts.items()) + linked
    status = "<span class=error>error</span> " if span.is_error else ""
    return (
        f"<tr><td class=name style='padding-left:{14 * row.depth}px'><details><summary>{status}{escape(span.name)}"
        f" <span class=quiet>{escape(span.service)}</span></summary><dl>{listed}</dl></details>"
        f"<td class=number>{_duration(span.ends_ns - span.begins_ns)}"
        f"<td class=time><div class=track><div class=bar style='left:{left:.3f}%;width:{width:.3f}%;background:{colour}'></div></div></tr>"
    )


def _begin(spans: Sequence[Span]) -> int:
    return min(span.begins_ns for span in spans)


def _end(spans: Sequence[Span]) -> int:
    return max(span.ends_ns for span in spans)


def _duration(nanoseconds: int) -> str:
    milliseconds = nanoseconds / 1e6
    return f"{milliseconds:.1f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.2f} s"


def _page(title: str, body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>{body}"
