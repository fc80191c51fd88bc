"""One-use tickets that open a WebSocket: a browser can send no Authorization header there, and a URL ends up in logs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.core.accounts.model import SocketTicket
from services.core.accounts.tokens import digest
from services.core.kit.errors import Unauthenticated
from services.core.kit.ids import new_secret

TICKET_LIFETIME = timedelta(seconds=30)  # asked for immediately before the socket is opened


@dataclass(frozen=True)
class Ticket:
    """The pass as the browser presents it, and when it stops being accepted."""

    value: str
    expires_at: datetime


def issue(session: Session, user_id: UUID, project_id: UUID, now: datetime) -> Ticket:
    """Give `user_id`, whose membership the caller has checked, a pass to the socket of the project."""
    ticket = Ticket(new_secret(), now + TICKET_LIFETIME)
    session.add(SocketTicket(ticket_hash=digest(ticket.value), user_id=user_id, project_id=project_id, expires_at=ticket.expires_at))
    session.flush()
    return ticket


def redeem(session: Session, ticket: str, project_id: UUID, now: datetime) -> UUID:
    """Use up a ticket and return whose it is; of two attempts at once, one succeeds.

    Raises Unauthenticated("ticket_invalid") for an unknown, used or expired ticket and for one of another project. The membership may
    have ended since the ticket was issued: the caller authorizes the person who is returned.
    """
    valid = SocketTicket.ticket_hash == digest(ticket), SocketTicket.project_id == project_id, SocketTicket.expires_at > now
    user_id: UUID | None = session.scalar(delete(SocketTicket).where(*valid).returning(SocketTicket.user_id))
    if user_id is None:
        raise Unauthenticated(
            "ticket_invalid", "The ticket was used before, has expired, or is of another project.", "Ask for a new ticket."
        )
    return user_id
