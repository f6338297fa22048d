"""Control-C during a search: it is heard between two moves.

Python raises KeyboardInterrupt wherever it happens to be. In the middle of a step, or while one is
taken back, the machine could not be put back to where it was, and what was found would be lost. So
while a search runs the press is only noted, and `Graph.hear` raises it before the next move.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.checker.search import Graph


@contextmanager
def between_moves(graph: Graph) -> Iterator[None]:
    """Have Control-C noted in `graph.pressed`, where it would raise KeyboardInterrupt.

    That is in the main thread, unless somebody else listens to it.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def note(*_: object) -> None:
        graph.pressed = True

    try:
        signal.signal(signal.SIGINT, note)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
