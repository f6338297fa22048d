"""The Textual side of the program; `app.run_app` loads it once the first picture stands."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, ClassVar

from textual.app import App

from exittui.tui.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.command import Provider
    from textual.screen import Screen

    from exittui.session.session import Session
    from exittui.tui.lesson import Lesson
    from exittui.tui.placing import Arrangement


def _palette() -> type[Provider]:
    """The command palette's source, loaded when it is first opened."""
    from exittui.tui.palette import CommandTable  # noqa: PLC0415 - rarely needed

    return CommandTable


class DebuggerApp(App[None]):
    """Holds the one screen; everything else is the screen's."""

    TITLE = "exittui"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    CSS_PATH = "placing.tcss"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        session: Session,
        *,
        theme: str = "dark",
        lesson: Lesson | None = None,
        arranged: Arrangement | None = None,
    ) -> None:
        """The theme `none` is for NO_COLOR; a `lesson` is played over the debugger."""
        super().__init__(ansi_color=True if theme == "none" else None)
        self.desk = Desk(session, theme=theme, lesson=lesson, arranged=arranged)
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[None]:
        """The debugger's screen is the only one."""
        return self.desk

    def on_mount(self) -> None:
        """What the start made stays for good: the collector need not look at it again."""
        gc.freeze()
        gc.enable()
