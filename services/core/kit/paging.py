"""Long lists page by page, newest first: what comes after a row is found by its time and id, however many have been added meanwhile."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from services.core.kit.errors import Invalid

LARGEST_PAGE = 1000
Place = tuple[InstrumentedAttribute[datetime], InstrumentedAttribute[UUID]]
"""The columns by which a list is ordered: when a row was made, and its id, which decides between two of one time."""


def newest_first(place: Place) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order of such lists."""
    return place[0].desc(), place[1].desc()


def older(place: Place, last: Row[datetime, UUID] | None) -> list[ColumnElement[bool]]:
    """The condition for what comes after `last`, the place of the page before's last row; none for the first page."""
    return [] if last is None else [tuple_(*place) < tuple_(*last)]


def page_not_found(before: UUID) -> Invalid:
    """`before` is not in the list it was given for."""
    return Invalid(
        "page_not_found",
        f"There is no {before} in this list, so what comes after it is not known.",
        "Send the id of the last entry of the page before; where that was deleted meanwhile, start without `before`.",
        field="before",
    )
