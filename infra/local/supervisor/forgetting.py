"""Deletes the data of a stack that does not run."""

import shutil
from pathlib import Path

from infra.local.supervisor.layout import PORT_OFFSETS
from infra.local.supervisor.leftovers import NOTE, end_leftovers

# Only what is ours by name: the directory is a person's choice, and may hold other things.
OURS = (*PORT_OFFSETS, "logs", "run", "secrets")


def forget(state: Path) -> list[str]:
    """Delete what the parts have kept; return the names of what there was."""
    end_leftovers(state)
    (state / NOTE).unlink(missing_ok=True)
    found = [name for name in OURS if (state / name).is_dir()]
    for name in found:
        shutil.rmtree(state / name)
    return found
