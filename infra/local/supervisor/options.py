"""What a person or a test may choose about a stack."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.local.supervisor.google_account import RealGoogle, real_google
from infra.local.supervisor.layout import DEFAULT_PORT, DEFAULT_STATE, PORT_COUNT, Layout
from infra.local.supervisor.problems import CannotStart

Events = Literal["pubsub", "direct"]
Live = Literal["firestore", "ws"]


# forget: delete all data.
Action = Literal["run", "forget"]


@dataclass(frozen=True)
class Options:
    """`events` and `live` None: as the emulators allow. `only` None: everything."""

    layout: Layout
    events: Events | None = None
    live: Live | None = None
    only: frozenset[str] | None = None
    database_url: str | None = None
    google: RealGoogle | None = None
    is_development: bool = False
    is_controlled: bool = False
    action: Action = "run"


def parse_options(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Options:
    """Read the command line and the environment. Raises CannotStart for values that make no sense."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.supervisor", description="Reelgraph on this machine.")
    parser.add_argument("--port", default=environment.get("REELGRAPH_PORT") or str(DEFAULT_PORT), metavar="BASE", help="first of 23 ports")
    parser.add_argument("--state", default=environment.get("REELGRAPH_STATE") or str(DEFAULT_STATE), metavar="DIR", help="data and logs")
    parser.add_argument("--only", metavar="A,B", help="these parts and what they need")
    parser.add_argument("--dev", action="store_true", help="restart the backend when its source changes; `next dev` for the canvas")
    parser.add_argument("--real", action="store_true", help="a real bucket and real Vertex AI, with your Google credentials")
    parser.add_argument("--control", action="store_true", help="take commands on stdin, stop when it closes (LocalStack)")
    parser.add_argument("--forget", action="store_const", const="forget", dest="action", help="delete all data")
    chosen = parser.parse_args(arguments)
    if not chosen.port.isdecimal() or not 1024 <= int(chosen.port) <= 65535 - PORT_COUNT:
        raise CannotStart(f"REELGRAPH_PORT must be a number from 1024 to {65535 - PORT_COUNT}, not {chosen.port!r}.")
    state = Path(chosen.state).expanduser().absolute()
    return Options(
        # Another project's objects would be missing from the other's database: each has its own.
        layout=Layout(state / "real" if chosen.real else state, int(chosen.port)),
        events=_events(environment.get("EVENTS", "")),
        live=_live(environment.get("LIVE", "")),
        only=frozenset(chosen.only.split(",")) if chosen.only else None,
        database_url=environment.get("DATABASE_URL") or None,
        google=real_google(environment) if chosen.real else None,
        is_development=chosen.dev,
        is_controlled=chosen.control,
        action=chosen.action or "run",
    )


def _events(value: str) -> Events | None:
    match value:
        case "":
            return None
        case "pubsub":
            return "pubsub"
        case "direct":
            return "direct"
        case _:
            raise CannotStart(f"EVENTS must be pubsub or direct, not {value!r}.")


def _live(value: str) -> Live | None:
    match value:
        case "":
            return None
        case "firestore":
            return "firestore"
        case "ws":
            return "ws"
        case _:
            raise CannotStart(f"LIVE must be firestore or ws, not {value!r}.")
