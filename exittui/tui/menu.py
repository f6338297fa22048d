"""The menu of panes, layouts and themes, which is laid over the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.session.commands import BY_NAME, Order
from exittui.tui.content import Content, Entry, Target
from exittui.tui.layouts import LAYOUTS
from exittui.tui.looks import THEMES
from exittui.tui.panes import TITLES
from exittui.tui.placing import TABS

if TYPE_CHECKING:
    from exittui.tui.arranging import Arranging
    from exittui.tui.desk import Desk


class Menu:
    """Lets a person choose from all there are."""

    def __init__(self, desk: Desk, arranging: Arranging) -> None:
        self._desk = desk
        self._arranging = arranging

    def open(self) -> None:
        """Open it."""
        desk = self._desk
        desk.menu.lit = True
        desk.menu.begin()
        desk.menu.cursor = 0
        desk.show_overlays()

    def draw(self) -> None:
        """All panes with what is seen of them, the layouts, and the themes."""
        desk = self._desk
        seen = desk.placed.stacks
        entries: list[Entry] = []
        for name in TABS:
            state = "shown" if name in seen else "hidden" if name in desk.arranged.hidden else ""
            mark = "●" if name in seen else "○" if state else " "
            line = ((f"{mark} ", "strong"), (f"{TITLES[name]:12}", "text"), (state, "faint"))
            entries.append(Entry(line, Target("pane", name)))
        for kind, names, current in (
            ("layout", LAYOUTS, desk.arranged.layout),
            ("theme", THEMES, desk.theme),
        ):
            for name in names:
                mark = "●" if name == current else " "
                line = ((f"{mark} ", "strong"), (f"{kind} ", "quiet"), (name, "text"))
                entries.append(Entry(line, Target(kind, name)))
        title = (("Panes, layouts, themes", "title"), ("  Enter, Esc", "quiet"))
        desk.menu.view(Content(title, len(entries), lambda a, n: entries[a : a + n]))

    def press(self, key: str) -> None:
        """A key while the menu is open."""
        menu = self._desk.menu
        moves = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8, "tab": 1}
        if key in moves:
            menu.move(moves[key])
        elif key in ("enter", "space"):
            menu.enter()
        elif key == "x" and menu.target is not None and menu.target.kind == "pane":
            if menu.target.value != "source":
                self._arranging.hide(str(menu.target.value))
            self.draw()
        elif key in ("escape", "q", "v"):
            self.close()

    def close(self) -> None:
        """Close it."""
        self._desk.menu.lit = False
        self._desk.show_overlays()

    def chosen(self, target: Target) -> None:
        """A row of the menu was entered."""
        self.close()
        self._desk.carry_out(Order(BY_NAME[target.kind], str(target.value)))
