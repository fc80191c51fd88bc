"""Sends one HTTP request of Cloud Tasks or Cloud Scheduler to its target and reports how the target answered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

# The highest dispatch deadline of an HTTP target, in Cloud Tasks (Task.dispatch_deadline) and Cloud Scheduler alike.
LONGEST_DEADLINE_SECONDS = 1800.0
# Headers that the services compute themselves or keep for their own use, whatever the caller asked for.
RESERVED_HEADERS = ("host", "content-length", "user-agent")
RESERVED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudtasks-", "x-cloudscheduler")

# google.rpc codes for HTTP answers (google/rpc/code.proto); any other failure is UNKNOWN.
RPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 429: 8, 499: 1, 500: 13, 501: 12, 503: 14, 504: 4}
RPC_UNKNOWN = 2
RPC_DEADLINE_EXCEEDED = 4
RPC_UNAVAILABLE = 14


@dataclass(frozen=True)
class Delivery:
    """One attempt: the request as its creator wanted it, plus the headers that the service sets."""

    method: str
    url: str
    headers: Mapping[str, str]
    service_headers: Mapping[str, str]
    body: bytes
    deadline_seconds: float


@dataclass(frozen=True)
class Answer:
    """How an attempt ended. `status` is None where no answer came: refused connection, broken transfer, deadline."""

    status: int | None
    reason: str
    retry_after_seconds: float = 0.0
    deadline_exceeded: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the target acknowledged the request."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def rpc_code(self) -> int:
        """The google.rpc code of the attempt's status, 0 for success."""
        if self.status is None:
            return RPC_DEADLINE_EXCEEDED if self.deadline_exceeded else RPC_UNAVAILABLE
        return 0 if self.succeeded else RPC_CODES.get(self.status, RPC_UNKNOWN)

    @property
    def refused_for_load(self) -> bool:
        """Whether the target asked for fewer requests."""
        return self.status in (429, 503)


def http_client() -> httpx.AsyncClient:
    """Return a client for deliveries, which bring their own deadline: no proxy from the environment, no limit on connections."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    return httpx.AsyncClient(timeout=LONGEST_DEADLINE_SECONDS, trust_env=False, limits=limits)


async def deliver(client: httpx.AsyncClient, delivery: Delivery) -> Answer:
    """Send `delivery` once. Never raises for what the target or the network does."""
    kept = {name: value for name, value in delivery.headers.items() if not _is_reserved(name)}
    headers = httpx.Headers(kept)
    headers.update(dict(delivery.service_headers))
    try:
        async with asyncio.timeout(delivery.deadline_seconds):
            response = await client.request(delivery.method, delivery.url, headers=headers, content=delivery.body or None)
    except TimeoutError:
        return Answer(None, f"no answer within {delivery.deadline_seconds:g} s", deadline_exceeded=True)
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        return Answer(None, type(failure).__name__)
    return Answer(response.status_code, f"HTTP status code {response.status_code}", _retry_after_seconds(response))


def _is_reserved(name: str) -> bool:
    return name.lower() in RESERVED_HEADERS or name.lower().startswith(RESERVED_PREFIXES)


def _retry_after_seconds(response: httpx.Response) -> float:
    """Return the Retry-After header in seconds; 0 if absent or given as a date."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else 0.0
