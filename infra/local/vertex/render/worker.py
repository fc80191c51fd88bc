"""The render process: reads one RenderOrder from standard input, writes its files, exits.

A process of its own, so that a crash in a native codec fails one operation and not the simulator. It holds its standard input open
and dies when that closes: a simulator that was killed leaves no orphan rendering.
"""

import os
import sys
import threading

from infra.local.vertex.render.specification import RenderOrder
from infra.local.vertex.render.video import render


def _die_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """Carry out the order on the first line of standard input."""
    order = RenderOrder.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if order.crash:
        os.abort()
    for specification, output in zip(order.specifications, order.outputs, strict=True):
        if output.exists():
            continue  # rendered before the simulator was restarted
        unfinished = output.with_suffix(".unfinished")
        render(specification, unfinished)
        unfinished.replace(output)


if __name__ == "__main__":
    main()
    # The thread that waits for the parent holds a lock on standard input, which makes an ordinary interpreter exit abort.
    sys.stdout.flush()
    os._exit(0)
