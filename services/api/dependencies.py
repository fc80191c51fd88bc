"""What routes ask for: the container, one transaction, who is calling, and what they may do in the project of the path."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from services.core.accounts import service as accounts
from services.core.accounts.authorization import Action, Membership, authorize
from services.core.accounts.model import User
from services.core.accounts.tokens import read_access_token
from services.core.bootstrap import Container
from services.core.kit.errors import Unauthenticated

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access_token of register, login or refresh.")


def get_container(connection: HTTPConnection) -> Container:
    """The container this process was started with; for HTTP routes and WebSockets alike."""
    container: Container = connection.app.state.container
    return container


TheContainer = Annotated[Container, Depends(get_container)]


async def _database_slot(connection: HTTPConnection) -> AsyncIterator[None]:
    """Wait for a connection's worth of room, without holding a thread.

    The endpoints share a pool of 40 threads, and a transaction needs one at each of its steps. Were all of them allowed to wait for one
    of the few connections, none would be left for the transactions that hold these, and all would stand until the pool times out.
    """
    async with connection.app.state.database_slots:
        yield


def unit_of_work(
    connection: HTTPConnection, container: TheContainer, _slot: Annotated[None, Depends(_database_slot, scope="function")]
) -> Iterator[Session]:
    """The transaction of this request; sockets of this instance hear of what it logged as soon as it is committed."""
    with container.database.unit_of_work(logged=connection.app.state.hub.wake_soon) as session:
        yield session


UnitOfWork = Annotated[Session, Depends(unit_of_work, scope="function")]
"""One session for the whole request. Scope "function" commits before the answer is sent, so a commit that fails is answered with an
error; in the default scope the client would be told 201 and the row would not be there."""


def current_user_id(container: TheContainer, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> UUID:
    """Whose access token came with the request. Raises Unauthenticated: `token_missing`, `token_expired` or `token_invalid`."""
    if bearer is None:
        raise Unauthenticated("token_missing", "This needs an access token.", "Sign in, then send Authorization: Bearer <access_token>.")
    return read_access_token(container.settings.jwt_secret, bearer.credentials, container.clock())


def current_user(session: UnitOfWork, user_id: Annotated[UUID, Depends(current_user_id)]) -> User:
    """The person who calls. Raises Unauthenticated, also where the account is gone."""
    return accounts.get_user(session, user_id)


CurrentUser = Annotated[User, Depends(current_user)]


@cache
def member(action: Action) -> Any:
    """For routes with `project_id` in their path: `membership: Annotated[Membership, member(Action.EDIT_GRAPH)]`.

    Answers 404 to strangers and 403 to members whose role does not suffice, before the route runs.
    """

    def membership(session: UnitOfWork, user_id: Annotated[UUID, Depends(current_user_id)], project_id: UUID) -> Membership:
        return authorize(session, user_id, project_id, action)

    return Depends(membership)
