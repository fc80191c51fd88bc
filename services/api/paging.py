"""The query parameters of lists that come page by page."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.core.kit.paging import LARGEST_PAGE

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")]
Before = Annotated[UUID | None, Query(description="The id of the last entry of the page before; without it the list begins.")]
