"""The takes that nodes point at and do not own: an edit may name only those of its own node. Pictures: see pictures.py.

Their table belongs to a capability above this one, so only the columns that are asked about are named here.
"""

from uuid import UUID

from sqlalchemy import Uuid, column, select, table
from sqlalchemy.orm import Session

from services.core.kit.errors import Invalid

_TAKES = table("takes", column("id", Uuid), column("node_id", Uuid))


def check_take(session: Session, node_id: UUID, take_id: UUID) -> None:
    """Raise Invalid unless the take is one of this node's."""
    if session.scalar(select(_TAKES.c.id).where(_TAKES.c.id == take_id, _TAKES.c.node_id == node_id)) is None:
        raise Invalid("take_of_another_node", "This take belongs to another node.", "Choose one of the node's own takes.")
