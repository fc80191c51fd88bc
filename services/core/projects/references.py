"""What nodes point at and do not own: pictures and takes. An edit may name only those of its own project and node.

Their tables belong to capabilities above this one, so only the columns that are asked about are named here.
"""

from uuid import UUID

from sqlalchemy import Text, Uuid, column, select, table
from sqlalchemy.orm import Session

from services.core.kit.errors import Invalid

_ASSETS = table("assets", column("id", Uuid), column("project_id", Uuid), column("kind", Text), column("state", Text))
_TAKES = table("takes", column("id", Uuid), column("node_id", Uuid))


def picture_state(session: Session, project_id: UUID, asset_id: UUID) -> str:
    """pending, ready or rejected; Invalid where the project has no such picture."""
    state: str | None = session.scalar(
        select(_ASSETS.c.state).where(_ASSETS.c.id == asset_id, _ASSETS.c.project_id == project_id, _ASSETS.c.kind == "image")
    )
    if state is None:
        raise Invalid(
            "picture_not_found", f"There is no picture {asset_id} in this project.", "Upload it into this project.", field="asset_id"
        )
    return state


def check_take(session: Session, node_id: UUID, take_id: UUID) -> None:
    """Raise Invalid unless the take is one of this node's."""
    if session.scalar(select(_TAKES.c.id).where(_TAKES.c.id == take_id, _TAKES.c.node_id == node_id)) is None:
        raise Invalid("take_of_another_node", "This take belongs to another node.", "Choose one of the node's own takes.")
