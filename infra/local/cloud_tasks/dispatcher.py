"""Decides which task is sent when, sends it, and settles what became of the attempt."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

import httpx
from google.cloud import tasks_v2

from infra.local.cloud_tasks.delivery import Answer, Delivery, deliver
from infra.local.cloud_tasks.pace import TokenBucket
from infra.local.cloud_tasks.resources import retry_policy, timestamp
from infra.local.cloud_tasks.store import Store, StoredTask
from infra.local.identity import Identity

log = logging.getLogger(__name__)

# How long the loop may sleep although nothing is due: the clock on the wall may jump, a laptop may have slept.
LONGEST_SLEEP_SECONDS = 60.0
RETRY_AFTER_STORE_ERROR_SECONDS = 1.0


class _Flow:
    """What limits one queue at this moment."""

    def __init__(self, bucket: TokenBucket) -> None:
        self.bucket = bucket
        self.in_flight = 0


class Dispatcher:
    """Sends due tasks as fast as each queue allows. Lives on one event loop, together with everyone who writes to `store`."""

    def __init__(self, store: Store, client: httpx.AsyncClient, identity: Identity, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._client = client
        self._identity = identity
        self._now = now
        self._woken = asyncio.Event()
        self._flows: dict[str, _Flow] = {}
        self._attempts: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look again: a task was added, an attempt ended, or a queue changed."""
        self._woken.set()

    async def run(self) -> None:
        """Dispatch until cancelled. Attempts under way are then abandoned; the store sends them again at the next start."""
        try:
            while True:
                self._woken.clear()
                seconds = self._start_what_may_start_or_log()
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._woken.wait()
        finally:
            for attempt in self._attempts:
                attempt.cancel()

    def start(self, stored: StoredTask) -> bool:
        """Send `stored` now, whatever its queue's state and limits; False if it is in flight already or has ended."""
        task, now = stored.task, timestamp(self._now())
        task.dispatch_count += 1
        task.last_attempt = tasks_v2.Attempt(schedule_time=task.schedule_time, dispatch_time=now)
        if "first_attempt" not in task:
            task.first_attempt = tasks_v2.Attempt(dispatch_time=now)
        if not self._store.start_attempt(stored):
            return False
        self._flow(stored.queue_name).in_flight += 1
        attempt = asyncio.create_task(self._attempt(stored))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._attempts.discard)
        return True

    def _start_what_may_start_or_log(self) -> float:
        try:
            return self._start_what_may_start()
        except sqlite3.Error:
            # The border of one round: a full disk must not end dispatching for good.
            log.exception("cloud_tasks: could not read or mark due tasks; trying again")
            return RETRY_AFTER_STORE_ERROR_SECONDS

    def _start_what_may_start(self) -> float:
        """Start every task that is due and within its queue's limits; return seconds until there may be more."""
        sleep = LONGEST_SLEEP_SECONDS
        for queue in self._store.running_queues_with_pending_tasks():
            flow, limits, monotonic = self._flow(queue.name), queue.rate_limits, time.monotonic()
            flow.bucket.set_limits(limits.max_dispatches_per_second, limits.max_burst_size, monotonic)
            room = limits.max_concurrent_dispatches - flow.in_flight
            for stored in self._store.due_tasks(queue.name, self._now(), limit=max(0, min(room, flow.bucket.available(monotonic)))):
                flow.bucket.take()
                self.start(stored)
            next_due_at = self._store.next_due_at(queue.name)
            # A queue at its concurrency limit is looked at again when one of its attempts ends.
            if next_due_at is not None and flow.in_flight < limits.max_concurrent_dispatches:
                sleep = min(sleep, max(next_due_at - self._now(), flow.bucket.seconds_until_token(monotonic)))
        return max(0.001, sleep)

    def _flow(self, queue_name: str) -> _Flow:
        if queue_name not in self._flows:
            queue = self._store.find_queue(queue_name)
            limits = queue.rate_limits if queue else tasks_v2.RateLimits()
            bucket = TokenBucket(limits.max_dispatches_per_second, limits.max_burst_size, time.monotonic())
            self._flows[queue_name] = _Flow(bucket)
        return self._flows[queue_name]

    async def _attempt(self, stored: StoredTask) -> None:
        flow = self._flow(stored.queue_name)
        try:
            self._settle(stored, flow, await deliver(self._client, self._delivery(stored)))
        except Exception:
            # The border of one attempt: the others go on, and this task is sent again after the next start.
            log.exception("cloud_tasks: attempt of %s failed inside the stand-in", stored.task.name)
        finally:
            flow.in_flight -= 1
            self.wake()

    def _settle(self, stored: StoredTask, flow: _Flow, answer: Answer) -> None:
        """Throttle the queue or let it recover, then end the task or schedule it again."""
        task, now = stored.task, self._now()
        if answer.refused_for_load:
            flow.bucket.worker_refused()
        else:
            flow.bucket.worker_answered()
        queue = self._store.find_queue(stored.queue_name)
        if answer.succeeded or queue is None:
            self._store.end_task(task.name, now)
            return
        policy = retry_policy(queue, task)
        if policy.gives_up(task.dispatch_count, now - task.first_attempt.dispatch_time.timestamp()):
            log.warning("cloud_tasks: gave up %s after %d attempts: %s", task.name, task.dispatch_count, answer.reason)
            self._store.end_task(task.name, now)
            return
        _record(stored, answer, now)
        # "The retry specified in the Retry-After header is considered" (HttpRequest): never sooner than the worker asked.
        pause = max(policy.backoff_seconds(task.dispatch_count), answer.retry_after_seconds)
        task.schedule_time = timestamp(now + pause)
        self._store.schedule_again(stored)

    def _delivery(self, stored: StoredTask) -> Delivery:
        task, request = stored.task, stored.task.http_request
        service_headers = {
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": stored.queue_name.rpartition("/")[2],
            "X-CloudTasks-TaskName": task.name.rpartition("/")[2],
            "X-CloudTasks-TaskRetryCount": str(task.dispatch_count - 1),
            "X-CloudTasks-TaskExecutionCount": str(stored.execution_count),
            "X-CloudTasks-TaskETA": f"{task.schedule_time.timestamp():.6f}",
        }
        if stored.previous_response is not None:
            service_headers["X-CloudTasks-TaskPreviousResponse"] = str(stored.previous_response)
            service_headers["X-CloudTasks-TaskRetryReason"] = ""
        if "oidc_token" in request:
            token = self._identity.id_token(request.oidc_token.service_account_email, request.oidc_token.audience or request.url)
            service_headers["Authorization"] = f"Bearer {token}"
        elif "oauth_token" in request:
            scope = request.oauth_token.scope or "https://www.googleapis.com/auth/cloud-platform"
            service_headers["Authorization"] = f"Bearer {self._identity.access_token(scope)}"
        return Delivery(
            method=tasks_v2.HttpMethod(request.http_method).name,
            url=request.url,
            headers=dict(request.headers),
            service_headers=service_headers,
            body=request.body,
            deadline_seconds=task.dispatch_deadline.total_seconds(),
        )


def _record(stored: StoredTask, answer: Answer, now: float) -> None:
    """Note a failed attempt in the task, as the next attempt's headers and GetTask tell it."""
    stored.previous_response = answer.status
    stored.task.last_attempt.response_status = {"code": answer.rpc_code, "message": answer.reason}
    if answer.status is None:
        return
    stored.task.response_count += 1
    # Recorded from the service: an answer 5xx does not count as an execution.
    stored.execution_count += answer.status < 500
    stored.task.last_attempt.response_time = timestamp(now)
