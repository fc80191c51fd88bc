"""Posts pending events to their destinations until each is acknowledged, as Eventarc does: at least once, in no particular order."""

import asyncio
import sys
import time
import traceback

import httpx
from starlette.concurrency import run_in_threadpool

from infra.local.identity import Identity
from infra.local.storage.triggers import LONGEST_RETRY_SECONDS, Delivery, DeliveryQueue

# Far more than a slow destination takes at once, so that it does not hold up the others.
MOST_AT_ONCE = 256
# The functions behind these triggers analyse a picture within seconds; a silent one is asked again after this long.
DEFAULT_TIMEOUT_SECONDS = 60.0


class EventDelivery:
    """The task that empties the delivery queue; `wake` tells it that a transaction has written to it."""

    def __init__(self, queue: DeliveryQueue, identity: Identity, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        self._queue = queue
        self._identity = identity
        self._timeout_seconds = timeout_seconds
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look at the queue now. May be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Deliver until cancelled. What is under way then stays in the queue and is delivered again after a restart."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                await self._deliver()
            except Exception:
                # The border of a background task: without this line nobody would learn that events have stopped.
                traceback.print_exc()
                await asyncio.sleep(LONGEST_RETRY_SECONDS)

    async def _deliver(self) -> None:
        busy: set[int] = set()
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=self._timeout_seconds, trust_env=False, limits=limits) as client, asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                free = MOST_AT_ONCE - len(busy)
                due, seconds_until_next = await run_in_threadpool(self._queue.due, set(busy), free) if free else ([], None)
                for delivery in due:
                    busy.add(delivery.id)
                    group.create_task(self._attempt(client, delivery, busy))
                try:
                    await asyncio.wait_for(self._news.wait(), seconds_until_next)
                except TimeoutError:
                    continue

    async def _attempt(self, client: httpx.AsyncClient, delivery: Delivery, busy: set[int]) -> None:
        """Post once and record the outcome; then give the place in `busy` back."""
        problem = await self._post(client, delivery)
        if problem is None:
            await run_in_threadpool(self._queue.acknowledge, delivery.id)
        elif time.time() >= delivery.expires_at:
            print(f"eventarc: {delivery.trigger_name}: dropped an event after 24 h: {problem}", file=sys.stderr)
            await run_in_threadpool(self._queue.acknowledge, delivery.id)
        else:
            delay = await run_in_threadpool(self._queue.postpone, delivery)
            print(f"eventarc: {delivery.trigger_name}: {problem}; attempt {delivery.attempts + 2} in {delay:.1f} s", file=sys.stderr)
        busy.discard(delivery.id)
        self._news.set()

    async def _post(self, client: httpx.AsyncClient, delivery: Delivery) -> str | None:
        """Post one event in CloudEvents binary mode and return what went wrong, if anything."""
        headers = delivery.headers | {"content-type": "application/json"}
        if delivery.service_account:
            headers["authorization"] = f"Bearer {self._identity.id_token(delivery.service_account, delivery.uri)}"
        try:
            response = await client.post(delivery.uri, content=delivery.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            return type(failure).__name__
        return None if response.is_success else f"answered {response.status_code}"
