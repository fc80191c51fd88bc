"""Writes the tables of docs/deployment.md from the description."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.model import Deployment, PushSubscription

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"
BEGIN, END = "<!-- from infra/description.py, by `python -m infra.gcp table` -->", "<!-- end -->"


def write(deployment: Deployment, *, is_check: bool = False) -> bool:
    """Bring the page in line; True where it was not, which a check leaves so."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n\n{render(deployment)}\n{END}{after}"
    if not is_check and wanted != page:
        PAGE.write_text(wanted)
    return wanted != page


def render(deployment: Deployment) -> str:
    """All tables, in Markdown."""
    return "\n".join(_lines(deployment))


def _lines(deployment: Deployment) -> Iterator[str]:
    services = (
        (
            f"`{one.name}`",
            one.image,
            f"{one.cpu}, {one.memory_mib} MiB",
            str(one.concurrency),
            str(one.max_instances),
            f"{one.timeout_seconds} s",
            f"`{one.account}`",
            "everybody" if one.is_public else "accounts of ours",
        )
        for one in deployment.services
    )
    yield from _table(
        "Services", ("Service", "Image", "CPU, memory", "At once", "Instances", "Time limit", "Runs as", "May be called by"), services
    )
    jobs = (
        (
            f"`{one.name}`",
            f"`{' '.join(one.command)}`",
            f"{one.cpu}, {one.memory_mib} MiB",
            f"{one.timeout_seconds} s",
            str(one.max_retries),
            f"`{one.account}`",
        )
        for one in deployment.jobs
    )
    yield from _table("Jobs", ("Job", "Command", "CPU, memory", "Time limit", "Retries", "Runs as"), jobs)
    for title, accounts in (
        ("Accounts", [(f"`{one.name}`", one.uses, one.grants) for one in deployment.accounts]),
        ("Google's agents", [(f"`{one.domain.split('.')[0]}`", f"acts for `{one.api}`", one.grants) for one in deployment.agents]),
    ):
        rows = (
            (name if index == 0 else "", uses if index == 0 else "", f"`{grant.role}`", f"{grant.kind} {grant.name}".rstrip(), grant.why)
            for name, uses, grants in accounts
            for index, grant in enumerate(grants)
        )
        yield from _table(title, ("Account", "Presented by", "Role", "On", "So that it may"), rows)
    queues = (
        (
            f"`{one.name}`",
            f"{one.max_dispatches_per_second:g}/s",
            str(one.max_concurrent_dispatches),
            f"{one.retry.max_attempts} times, after {one.retry.min_backoff_seconds:g} to {one.retry.max_backoff_seconds:g} s",
        )
        for one in deployment.queues
    )
    yield from _table("Queues", ("Queue", "Rate", "At once", "Again"), queues)
    topics = (
        (f"`{topic.name}`", f"`{topic.schema.path}`" if topic.schema else "", f"`{one.name}`" if one else "", _reader(one), _dead(one))
        for topic in deployment.topics
        for one in (topic.subscriptions or (None,))
    )
    yield from _table("Topics", ("Topic", "Schema", "Subscription", "To", "Dead letters"), topics)
    buckets = (
        (
            f"`…-{one.suffix}`",
            ", ".join(one.cors.methods) if one.cors else "nothing",
            f"{one.delete_after_days} days" if one.delete_after_days else "kept",
        )
        for one in deployment.buckets
    )
    yield from _table("Buckets", ("Bucket", "Pages of ours may", "Objects are"), buckets)
    calls = [
        (f"`{one.name}`", f"an object is final in `…-{one.bucket_suffix}`", f"`{one.service}`", f"`{one.account}`")
        for one in deployment.triggers
    ]
    calls += [
        (f"`{one.name}`", f"`{one.schedule}` (UTC)", f"`{one.service}` `{one.path}`", f"`{one.account}`")
        for one in deployment.scheduled_calls
    ]
    yield from _table("Triggers and schedule", ("Name", "When", "Calls", "As"), calls)


def _reader(subscription: object) -> str:
    match subscription:
        case None:
            return ""
        case PushSubscription():
            return f"`{subscription.service}` `{subscription.path}`, as `{subscription.account}`"
        case _:
            return "whoever pulls"


def _dead(subscription: object) -> str:
    if isinstance(subscription, PushSubscription) and subscription.dead_letter:
        return f"`{subscription.dead_letter.topic}`, after {subscription.dead_letter.max_delivery_attempts} times"
    return ""


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"### {title}\n"
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
