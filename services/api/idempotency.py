"""`Idempotency-Key`: a POST that starts work and is sent twice starts it once, and both get the same answer.

    @router.post("/projects/{project_id}/runs", status_code=202, response_model=RunAnswer)
    def start_run(order: RunOrder, membership: RunWorkMember, session: UnitOfWork, once: Idempotent) -> Response:
        return once.answer(202, lambda: RunAnswer.of(runs.start(session, membership, order)))

The key is inserted in the transaction of the work. Therefore a duplicate that arrives meanwhile waits for the first and then gets its
answer; and an error undoes the key together with the work, so that the same request may be tried again.
"""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.api.dependencies import UnitOfWork, current_user_id
from services.core.accounts.model import IdempotencyKey
from services.core.kit.errors import Invalid

REPLAYED_HEADER = "Idempotency-Replayed"
ACCEPTED_KEY = re.compile(r"[!-~]{1,200}")  # visible ASCII
ADVICE = "Send the header Idempotency-Key with a new UUID for each thing you start, and the same one when you repeat a request."


@dataclass(frozen=True)
class Idempotency:
    """One request under its key. `request_digest` tells a repetition from another request that reuses the key."""

    session: Session
    user_id: UUID
    key: str
    request_digest: str

    def answer(self, status: int, work: Callable[[], BaseModel]) -> Response:
        """Do `work` and answer its result with `status`; or, if this request was answered before, answer the same again.

        Raises Invalid("idempotency_key_reused") where the key came with another request; and whatever `work` raises.
        """
        if not self._claim():
            first = self._first()
            return _response(first.response_body or "", first.response_status, replayed=True)
        body = work().model_dump_json()
        self._keep(status, body)
        return _response(body, status)

    def answer_with_secret(
        self, status: int, work: Callable[[], tuple[BaseModel, BaseModel]], again: Callable[[str], BaseModel]
    ) -> Response:
        """The same for an answer that may not be kept: `work` also returns what is kept, as JSON, and `again` answers a repetition from it.

        Raises what `answer` does, and whatever `again` raises.
        """
        if not self._claim():
            first = self._first()
            return _response(again(first.response_body or "").model_dump_json(), first.response_status, replayed=True)
        answer, kept = work()
        self._keep(status, kept.model_dump_json())
        return _response(answer.model_dump_json(), status)

    def _claim(self) -> bool:
        """Whether the key is ours. While another transaction holds it uncommitted, Postgres makes this one wait for its end."""
        row = insert(IdempotencyKey).values(user_id=self.user_id, key=self.key, request_digest=self.request_digest)
        return self.session.scalar(row.on_conflict_do_nothing().returning(IdempotencyKey.key)) is not None

    def _keep(self, status: int, body: str) -> None:
        mine = IdempotencyKey.user_id == self.user_id, IdempotencyKey.key == self.key
        self.session.execute(update(IdempotencyKey).where(*mine).values(response_status=status, response_body=body))

    def _first(self) -> IdempotencyKey:
        first = self.session.get_one(IdempotencyKey, (self.user_id, self.key))
        if first.request_digest != self.request_digest:
            raise Invalid("idempotency_key_reused", "This Idempotency-Key was used for another request.", ADVICE)
        assert first.response_status is not None, "the key is committed only together with its answer"
        return first


def _response(body: str, status: int | None, *, replayed: bool = False) -> Response:
    return Response(body, status or 200, {REPLAYED_HEADER: "true"} if replayed else None, "application/json")


async def request_digest(request: Request) -> str:
    """SHA-256 over method, path with query, and body; the spacing of a JSON body and the order of its keys do not matter."""
    body = await request.body()
    with suppress(ValueError, RecursionError):  # what is not JSON, or nested too deeply, stays as it is: then every byte matters
        body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    target = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(target.encode() + body).hexdigest()


def idempotency(
    session: UnitOfWork,
    user_id: Annotated[UUID, Depends(current_user_id)],
    digest: Annotated[str, Depends(request_digest)],
    key: Annotated[str | None, Header(alias="Idempotency-Key", description="Names this request, so that repeating it is harmless.")] = None,
) -> Idempotency:
    """The key of this request. Raises Invalid: `idempotency_key_missing` or `idempotency_key_invalid`."""
    if key is None:
        raise Invalid("idempotency_key_missing", "This starts work, so it needs a key by which a repetition is known.", ADVICE)
    if not ACCEPTED_KEY.fullmatch(key):
        raise Invalid("idempotency_key_invalid", "An Idempotency-Key has 1 to 200 visible ASCII characters.", ADVICE)
    return Idempotency(session, user_id, key, digest)


Idempotent = Annotated[Idempotency, Depends(idempotency)]
