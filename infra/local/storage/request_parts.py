"""What the handlers read from a request: path parts, JSON bodies, versions."""

import json
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

from infra.local.storage.errors import invalid
from infra.local.storage.objects import Source
from infra.local.storage.preconditions import Preconditions, integer


def path_part(request: Request, name: str) -> str:
    """Return a part of the path. Routes match the path as it was sent, so that an encoded slash stays within an object's name."""
    return unquote(request.path_params[name])


async def json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body, empty for an empty body; 400 for anything else."""
    text = await request.body()
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError as malformed:
        raise invalid("Parse Error: the body is not JSON.") from malformed
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value


def generation_parameter(request: Request, name: str = "generation") -> int | None:
    """Return the generation that the query asks for, if any."""
    text = request.query_params.get(name)
    return integer(name, text) if text else None


def source_in_path(request: Request) -> Source:
    """Return the object that a JSON request names, with its generation and preconditions."""
    return Source(
        path_part(request, "bucket"),
        path_part(request, "object"),
        generation_parameter(request),
        Preconditions.from_query(request.query_params),
    )
