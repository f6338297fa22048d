"""The terminal program: one app, one screen, over one session."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from exittui.tui import first, panes
from exittui.tui.greeting import GREETING, is_terminal, terminal_size
from exittui.tui.looking import Looking
from exittui.tui.placing import Arrangement, placing

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.playback.player import Player
    from exittui.session.session import Session

LEFT_FOR: Final = "left for"
"""In what `run_app` returns, the command by which the person left, if there is more to come."""

SWITCH_INTERVAL: Final = 0.0005
"""Seconds until Python turns to another thread: the terminal is written to by a thread of its own,
which has to wait that long while the main one is busy. Python's 5 ms are half a key press."""


def run_app(
    session: Session,
    player: Player | None = None,
    *,
    speed: float = 0,
    renewed: Callable[[], Player | None] | None = None,
    theme: str = "dark",
    kept: object = None,
) -> dict[str, Any]:
    """Show the debugger until the person leaves it; the terminal is left as it was found.

    With a `player` a lesson is played over it, with a `speed` by itself; `renewed` gives another
    one when its script was changed. `kept` is what the last run returned: how the person has
    arranged the screen.
    """
    arranged = Arrangement.of(session.layout or kept)
    wanted, theme = theme, "none" if os.environ.get("NO_COLOR") else theme
    with GREETING:
        if is_terminal() and player is None:
            _first_picture(session, arranged, theme)
        session.keep_rules()
        from exittui.tui.textual_app import DebuggerApp  # noqa: PLC0415 - after the picture

        lesson = None
        if player is not None:
            from exittui.tui.lesson import Lesson  # noqa: PLC0415 - most starts have none

            lesson = Lesson(player, speed, renewed)
        app = DebuggerApp(session, theme=theme, lesson=lesson, arranged=arranged)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL)
        try:
            app.run()
        finally:
            sys.setswitchinterval(interval)
            gc.unfreeze()
    left = app.desk.theme
    kept = {**app.desk.arranged.plain(), "theme": wanted if left == "none" else left}
    return {**kept, LEFT_FOR: app.desk.left_for} if app.desk.left_for else kept


def _first_picture(session: Session, arranged: Arrangement, theme: str) -> None:
    """Write what the widgets are going to show, before they can be loaded.

    The source and the lines at the edges come first: what draws the rest takes time to load.
    """
    width, height = terminal_size()
    placed = placing(width, height, session.cpu_count, arranged)
    depth = "none" if theme == "none" else first.colours(os.environ)
    opening = first.opening(depth, theme)
    for drawn in panes.pictures(session.views, placed, Looking(), (width, height), session.prompt):
        GREETING.show(opening + first.encode(drawn, placed.places, depth, theme))
        opening = ""
