"""One attempt at a target, with a deadline shorter than the API allows: the test need not wait 15 seconds."""

import asyncio

from infra.local.cloud_tasks.delivery import Answer, Delivery, deliver, http_client
from tests.local.cloud_tasks.support import Target


def delivered(url: str, headers: dict[str, str] | None = None) -> Answer:
    delivery = Delivery("POST", url, headers or {}, {"User-Agent": "Google-Cloud-Tasks"}, b"", deadline_seconds=0.5)

    async def once() -> Answer:
        async with http_client() as client:
            return await deliver(client, delivery)

    return asyncio.run(once())


def test_target_that_exceeds_the_deadline_has_failed(target: Target) -> None:
    target.hold("/stuck")

    answer = delivered(target.url("/stuck"))

    assert (answer.status, answer.succeeded, answer.rpc_code) == (None, False, 4)


def test_headers_that_belong_to_the_service_cannot_be_forged(target: Target) -> None:
    forged = {"X-CloudTasks-TaskRetryCount": "9", "X-AppEngine-QueueName": "q", "Host": "elsewhere.example", "X-Mine": "kept"}

    assert delivered(target.url("/work"), forged).succeeded

    headers = target.received("/work")[0].headers
    assert headers["x-mine"] == "kept"
    assert headers["host"].startswith("127.0.0.1:")
    assert not any(name.startswith(("x-cloudtasks", "x-appengine")) for name in headers)


def test_redirect_is_not_an_acknowledgement(target: Target) -> None:
    target.will_answer("/moved", 302, headers={"Location": target.url("/work")})

    assert not delivered(target.url("/moved")).succeeded
    assert target.received("/work") == []
