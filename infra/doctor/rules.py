"""From facts to findings. Pure: what is wrong, and how it is mended in this place."""

from collections.abc import Iterator
from typing import Protocol, assert_never

from infra.doctor.facts import BacklogFacts, ExecutionFacts, LiveFacts, QueueFacts, QuotaFacts, ScheduledCallFacts, ServiceFacts
from infra.doctor.findings import Finding
from services.worker.diagnostics import Diagnostics

# The sweep comes each minute, and sees to what is five seconds overdue. Two that are missed are no accident.
MISSED_SWEEPS_SECONDS = 150.0
# A task that failed comes again within a minute, and a row that was not delivered with the next sweep.
LATE_SECONDS = 120.0
LIVE_PATIENCE_SECONDS = 10.0  # a revision is written at most once a second, and delivered at once


class Mends(Protocol):
    """How things are mended in one place: each a command to copy, or where to look."""

    @property
    def redo(self) -> str:
        """Brings everything in line with the description."""

    @property
    def migrate(self) -> str:
        """Brings the database to the newest migration."""

    def log(self, service: str) -> str:
        """Where a service says what it does."""

    def ask_worker(self, task: str) -> str:
        """Has the worker do something that needs no data: a name in worker.TASKS."""

    def resume_queue(self, name: str) -> str:
        """Lets a queue deliver again."""

    def resume_call(self, name: str) -> str:
        """Lets a scheduled call come again."""

    def run_call(self, name: str) -> str:
        """Makes a scheduled call now."""

    def read_messages(self, subscription: str) -> str:
        """Shows what waits in a subscription, and leaves it there."""


Fact = QueueFacts | ScheduledCallFacts | ServiceFacts | ExecutionFacts | BacklogFacts | QuotaFacts


def examine(fact: Fact, mends: Mends) -> Iterator[Finding]:
    """What is wrong with one thing."""
    match fact:
        case QueueFacts():
            return _queue(fact, mends)
        case ScheduledCallFacts():
            return _scheduled_call(fact, mends)
        case ServiceFacts():
            return _service(fact, mends)
        case ExecutionFacts():
            return _execution(fact, mends)
        case BacklogFacts():
            return _backlog(fact, mends)
        case QuotaFacts():
            return _quota(fact, mends)
        case _:
            assert_never(fact)


def _queue(queue: QueueFacts, mends: Mends) -> Iterator[Finding]:
    thing = f"queue {queue.name}"
    if queue.state != "RUNNING":
        what = f"is {queue.state.lower()}, so nothing is rendered."
        yield Finding("error", thing, what, mends.resume_queue(queue.name))
    elif queue.late_seconds is not None and queue.late_seconds > LATE_SECONDS:
        answer = f", the last time with {queue.answer!r}" if queue.answer else ""
        what = f"is stuck: its oldest task is {_duration(queue.late_seconds)} late, after {queue.attempts} attempts{answer}."
        yield Finding("error", thing, what, f"see why the worker does not take it: {mends.log('worker')}")


def _scheduled_call(call: ScheduledCallFacts, mends: Mends) -> Iterator[Finding]:
    thing = f"scheduled call {call.name}"
    if call.state != "ENABLED":
        what = f"is {call.state.lower()}: what got stuck stays stuck, and nothing is tried again."
        yield Finding("error", thing, what, mends.resume_call(call.name))
    elif call.code:
        what = f"failed {_duration(call.last_seconds_ago or 0)} ago with code {call.code}{f' ({call.message})' if call.message else ''}."
        yield Finding("error", thing, what, f"see why the worker refused: {mends.log('worker')}")
    elif call.last_seconds_ago is not None and call.last_seconds_ago > MISSED_SWEEPS_SECONDS:
        what = f"ran {_duration(call.last_seconds_ago)} ago for the last time."
        yield Finding("error", thing, what, mends.run_call(call.name))


def _service(service: ServiceFacts, mends: Mends) -> Iterator[Finding]:
    if not service.is_ready:
        said = f": {service.message.rstrip('.')}" if service.message else ""
        yield Finding("error", f"service {service.name}", f"is not ready{said}.", f"see why: {mends.log(service.name)}; then: {mends.redo}")


def _execution(execution: ExecutionFacts, mends: Mends) -> Iterator[Finding]:
    if execution.status != "EXECUTION_FAILED":
        return
    thing, what, why = f"job {execution.job}", "failed the last time it ran.", f"see why: {mends.log(execution.job)}"
    if execution.job == "migrate":
        yield Finding("error", thing, what, f"{why}; then: {mends.migrate}")
    else:  # an export has told the person who asked for it; nothing else waits for one
        yield Finding("warning", thing, what, why)


def _backlog(backlog: BacklogFacts, mends: Mends) -> Iterator[Finding]:
    if not backlog.is_dead_letter or not backlog.messages:
        return
    thing, more = f"subscription {backlog.subscription}", backlog.messages - backlog.messages_before
    look = f"each says why it was refused: {mends.read_messages(backlog.subscription)}"
    if more > 0:
        yield Finding("error", thing, f"has {backlog.messages} dead letters, {more} more than an hour ago.", look)
    else:
        yield Finding("warning", thing, f"has {backlog.messages} dead letters.", look)


def _quota(quota: QuotaFacts, mends: Mends) -> Iterator[Finding]:
    if quota.allowed_per_minute < quota.used_per_minute:
        what = f"may be called {quota.allowed_per_minute} times a minute here, and we count on {quota.used_per_minute}: renders will wait."
        mend = "ask for more at https://console.cloud.google.com/iam-admin/quotas, or lower requests_per_minute in the catalogue of models"
        yield Finding("warning", f"quota of {quota.model}", what, mend)


def examine_inside(found: Diagnostics, live: LiveFacts | None, mends: Mends) -> Iterator[Finding]:
    """What is wrong with what only Postgres knows. `live` is the document of the project that was written last, where it was looked at."""
    yield from _migrations(found, mends)
    yield from _outbox(found, mends)
    yield from _jobs(found, mends)
    yield from _live(found, live, mends)
    yield from _faces(found, mends)


def _migrations(found: Diagnostics, mends: Mends) -> Iterator[Finding]:
    migrations = found.migrations
    if migrations.current != migrations.newest:
        what = f"is at migration {migrations.current or 'none'}, and the code is written for {migrations.newest}."
        yield Finding("error", "database", what, mends.migrate)


DESTINATIONS = {"tasks": "Cloud Tasks", "events": "Pub/Sub", "live": "Firestore"}


def _outbox(found: Diagnostics, mends: Mends) -> Iterator[Finding]:
    for destination, waiting in found.outbox.items():
        if waiting.oldest_seconds > LATE_SECONDS:
            rows = "1 effect was" if waiting.rows == 1 else f"{waiting.rows} effects were"
            reason = f", {waiting.attempts} attempts, the last one: {waiting.reason}" if waiting.reason else ""
            where = DESTINATIONS.get(destination, destination)
            what = f"{rows} not delivered to {where}; the oldest waits {_duration(waiting.oldest_seconds)}{reason}."
            yield Finding("error", f"outbox of {destination}", what, f"mend {where}, or deliver at once: {mends.ask_worker('sweep')}")
    if found.neglected_seconds > MISSED_SWEEPS_SECONDS:
        what = f"has not come for {_duration(found.neglected_seconds)}: what it does each minute is undone."
        yield Finding("error", "sweep", what, f"look at the scheduled call sweep, or do it now: {mends.ask_worker('sweep')}")


def _jobs(found: Diagnostics, mends: Mends) -> Iterator[Finding]:
    for state, stage in found.jobs.items():
        if stage.overdue_seconds > MISSED_SWEEPS_SECONDS:
            what = f"{stage.jobs} in this state, and nobody has looked at the most neglected one for {_duration(stage.overdue_seconds)}."
            yield Finding("error", f"jobs that are {state}", what, f"{mends.ask_worker('sweep')}; if they stay: {mends.log('worker')}")


def _live(found: Diagnostics, live: LiveFacts | None, mends: Mends) -> Iterator[Finding]:
    revision = found.revision
    if live is None or revision is None or revision.written_seconds_ago < LIVE_PATIENCE_SECONDS:
        return
    if live.found_rev is None or live.found_rev < revision.rev:
        has = "has no document" if live.found_rev is None else f"is at revision {live.found_rev} there"
        what = f"listeners hear nothing: project {revision.project_id} {has}, at {revision.rev} in Postgres."
        yield Finding("error", "Firestore", what, f"write all documents anew: {mends.ask_worker('reproject')}")


def _faces(found: Diagnostics, mends: Mends) -> Iterator[Finding]:
    faces = found.faces
    if faces.indexed is None:
        what = "the worker does not reach it; faces are compared one by one with those in Postgres until it does."
        yield Finding("error", "Qdrant", what, mends.redo)
    elif faces.indexed < faces.believed:
        what = f"has {faces.indexed} of {faces.believed} faces: a person may get a second character."
        yield Finding("error", "Qdrant", what, f"make the index anew: {mends.ask_worker('reindex-faces')}")


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
