"""The estimate as people read it: a table of pieces, what they are made of, prices with their sources, and the assumptions."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.cost.assumptions import Assumptions, described, polls_for_each_render
from infra.cost.estimate import Estimate, Line, estimate
from infra.cost.prices import SEEN
from infra.model import Deployment
from services.core.video.chain import total_seconds

VOLUMES = (0, 10, 1_000, 100_000)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
UNVERIFIED = "unverified"


def summary(deployment: Deployment) -> Iterator[str]:
    """For a terminal: the pieces, by volume."""
    estimates = [estimate(deployment, videos) for videos in VOLUMES]
    yield f"{'USD a month':20}" + "".join(f"{_heading(each):>16}" for each in estimates)
    for piece in estimates[-1].pieces:
        mark = "*" if _is_unverified(estimates[-1], piece) else " "
        yield f"{piece + mark:20}" + "".join(f"{_money(each.usd_of(piece)):>16}" for each in estimates)
    yield f"{'All of it':20}" + "".join(f"{_money(each.usd):>16}" for each in estimates)
    yield f"{'For each video':20}" + "".join(f"{_each(each):>16}" for each in estimates)
    yield f"* a price in it is {UNVERIFIED}: docs/cost.md says which, with the source of each. Assumptions: infra/cost/assumptions.py"
    yield from _notes(estimates)


def page(deployment: Deployment) -> str:
    """docs/cost.md."""
    return "\n".join(_page(deployment)) + "\n"


def _page(deployment: Deployment) -> Iterator[str]:
    assumptions = Assumptions()
    estimates = [estimate(deployment, videos) for videos in VOLUMES]
    length = total_seconds(assumptions.base_seconds, assumptions.extensions)
    yield "# What it costs"
    yield ""
    yield "<!-- Written by `make cost`. Change infra/cost/ instead. -->"
    yield ""
    yield (
        f"A month of a deployment in us-central1, in US dollars, for so many finished videos of {length:g} s, each made with"
        f" {assumptions.renders:g} renders. Free tiers are counted. *{UNVERIFIED}* marks a price that was not found on a page of"
        f" Google's own; the others were read in stored copies of these pages, on {SEEN}. Check them before you rely on them."
    )
    yield ""
    yield f"| | {' | '.join(_heading(each) for each in estimates)} |"
    yield f"|---|{'---:|' * len(estimates)}"
    for piece in estimates[-1].pieces:
        mark = f" ({UNVERIFIED})" if _is_unverified(estimates[-1], piece) else ""
        yield f"| {piece}{mark} | {' | '.join(_money(each.usd_of(piece)) for each in estimates)} |"
    yield f"| **All of it** | {' | '.join(f'**{_money(each.usd)}**' for each in estimates)} |"
    yield f"| For each video | {' | '.join(_each(each) for each in estimates)} |"
    notes = list(_notes(estimates))
    yield from ("", *(f"- {note}" for note in notes)) if notes else ()
    yield from _lines(estimates)
    yield from _assumptions(assumptions)


def _lines(estimates: Sequence[Estimate]) -> Iterator[str]:
    yield from ("", "## Piece by piece", "")
    yield f"| Piece | What | {' | '.join(_heading(each) for each in estimates)} | Price | Free | Source |"
    yield f"|---|---|{'---:|' * len(estimates)}---|---|---|"
    for row in zip(*(each.lines for each in estimates), strict=True):
        line = row[0]
        costs = " | ".join(_money(each.usd) for each in row)
        yield f"| {line.piece} | {line.what} | {costs} | {_price(line)} | {_free(line)} | {_source(line)} |"


def _assumptions(assumptions: Assumptions) -> Iterator[str]:
    yield from ("", "## Assumptions", "")
    yield (
        f"Counted from the code: {polls_for_each_render(assumptions):.1f} polls for each render (services/core/jobs/cadence.py with the"
        " catalogue's usual times), a sweep each minute, memory and CPU of each service, tiers and machines (infra/description.py,"
        " infra/foundation.py). Guessed, in infra/cost/assumptions.py:"
    )
    yield from ("", "| | | Why |", "|---|---:|---|")
    for name, value, why in described(assumptions):
        yield f"| {name.replace('_', ' ')} | {_shares(assumptions) if name == 'model_shares' else value} | {why} |"


def _shares(assumptions: Assumptions) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in assumptions.model_shares.items())


def _notes(estimates: Sequence[Estimate]) -> Iterator[str]:
    for each in estimates:
        yield from (f"At {each.videos:,} videos: {note}" for note in each.notes)


def _is_unverified(each: Estimate, piece: str) -> bool:
    return any(line.price.seen is None for line in each.lines if line.piece == piece)


def _heading(each: Estimate) -> str:
    return f"{each.videos:,} videos" if each.videos else "idle"


def _each(each: Estimate) -> str:
    return _money(each.usd / each.videos) if each.videos else ""


def _money(usd: float) -> str:
    return f"{usd:,.0f}" if usd >= 1000 else f"{usd:.2f}"


def _price(line: Line) -> str:
    amount = {1: "", 1000: "1,000 ", 10_000: "10,000 ", 100_000: "100,000 ", 1e6: "million ", 2**40: "Ti"}[line.price.per]
    plural = "s" if amount.strip().replace(",", "").isdigit() or amount == "million " else ""
    return f"{line.price.usd:.10f}".rstrip("0").rstrip(".") + f" / {amount}{line.price.unit}{plural}"


def _free(line: Line) -> str:
    return f"{line.price.free:,.10g}" if line.price.free else ""


def _source(line: Line) -> str:
    return f"<{line.price.source}>, {line.price.seen or f'*{UNVERIFIED}*'}"
