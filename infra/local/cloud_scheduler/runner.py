"""Runs cron jobs when their minute comes, or when told to, and retries failed runs."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import httpx

from infra.local.cloud_scheduler.jobs import Job, rfc3339
from infra.local.cloud_scheduler.store import Store
from infra.local.cloud_tasks.delivery import Answer, Delivery, deliver
from infra.local.identity import Identity

log = logging.getLogger(__name__)

# How long the loop may sleep: the clock on the wall may jump, a laptop may have slept.
LONGEST_SLEEP_SECONDS = 60.0
RETRY_AFTER_STORE_ERROR_SECONDS = 1.0
# A run that is later than this was missed, and is not made up for: the granularity of a schedule is a minute.
LATEST_START_SECONDS = 60.0


class Runner:
    """Starts due jobs. Lives on one event loop, together with everyone who writes to `store`. `now` gives seconds since 1970."""

    def __init__(self, store: Store, client: httpx.AsyncClient, identity: Identity, now: Callable[[], float]) -> None:
        self._store = store
        self._client = client
        self._identity = identity
        self._now = now
        self._woken = asyncio.Event()
        self._runs: dict[str, asyncio.Task[None]] = {}

    def schedule(self, job: Job) -> Job:
        """Save `job` with its next run computed from now, and return it as saved."""
        if job.state == "PAUSED":
            self._store.save_job(job, None)
            return job
        next_run = job.next_run(self._moment())
        scheduled = job.model_copy(update={"schedule_time": rfc3339(next_run)})
        self._store.save_job(scheduled, next_run.timestamp())
        self._woken.set()
        return scheduled

    def skip_what_was_missed(self) -> None:
        """Move every job on to its next run after now. For the start: what came due while nothing ran is not replayed."""
        for job, _ in self._store.due_jobs(self._now()):
            self.schedule(job)

    async def run(self) -> None:
        """Start jobs until cancelled; runs under way are then abandoned."""
        try:
            while True:
                self._woken.clear()
                seconds = self._start_due_jobs_or_log()
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._woken.wait()
        finally:
            for run in self._runs.values():
                run.cancel()

    def start(self, job: Job, scheduled_for: float | None = None) -> None:
        """Run `job` now, as scheduled for `scheduled_for` (default: now). A job that is still running is left alone."""
        if job.name in self._runs:
            return
        moment = datetime.fromtimestamp(scheduled_for, UTC) if scheduled_for is not None else self._moment()
        run = asyncio.create_task(self._run(job, moment))
        self._runs[job.name] = run
        run.add_done_callback(lambda _: self._runs.pop(job.name, None))

    def _start_due_jobs_or_log(self) -> float:
        try:
            return self._start_due_jobs()
        except sqlite3.Error:
            # The border of one round: a full disk must not end scheduling for good.
            log.exception("cloud_scheduler: could not read or move on due jobs; trying again")
            return RETRY_AFTER_STORE_ERROR_SECONDS

    def _start_due_jobs(self) -> float:
        """Start the jobs whose time has come; return seconds until the next one."""
        now = self._now()
        for job, due_at in self._store.due_jobs(now):
            scheduled = self.schedule(job)
            if now - due_at < LATEST_START_SECONDS:
                self.start(scheduled, due_at)
        next_run_at = self._store.next_run_at()
        if next_run_at is None:
            return LONGEST_SLEEP_SECONDS
        return min(LONGEST_SLEEP_SECONDS, max(0.001, next_run_at - self._now()))

    async def _run(self, job: Job, scheduled_for: datetime) -> None:
        """Attempt `job` until it succeeds or its retries are used up."""
        policy, first_attempt_at, attempts = job.retry_config.policy, self._now(), 0
        while True:
            attempted_at = self._moment()
            answer = await deliver(self._client, self._delivery(job, scheduled_for))
            attempts += 1
            self._record(job, attempted_at, answer)
            if answer.succeeded or policy.gives_up(attempts, self._now() - first_attempt_at):
                break
            await asyncio.sleep(policy.backoff_seconds(attempts))
        if not answer.succeeded:
            log.warning("cloud_scheduler: %s failed after %d attempts: %s", job.name, attempts, answer.reason)

    def _record(self, job: Job, attempted_at: datetime, answer: Answer) -> None:
        status: dict[str, object] = {} if answer.succeeded else {"code": answer.rpc_code, "message": answer.reason}
        self._store.save_outcome(job.name, rfc3339(attempted_at), status)

    def _delivery(self, job: Job, scheduled_for: datetime) -> Delivery:
        target = job.http_target
        service_headers = {
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": job.name.rpartition("/")[2],
            "X-CloudScheduler-ScheduleTime": rfc3339(scheduled_for),
        }
        if target.oidc_token:
            token = self._identity.id_token(target.oidc_token.service_account_email, target.oidc_token.audience or target.uri)
            service_headers["Authorization"] = f"Bearer {token}"
        return Delivery(target.http_method, target.uri, target.headers, service_headers, target.content, job.attempt_deadline)

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)
