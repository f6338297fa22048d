"""Which panes are seen, which one has the keys and how large each is, as a person wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.errors import UsageError, did_you_mean
from exittui.session.commands import number
from exittui.tui.layouts import LAYOUTS
from exittui.tui.panes import TITLES
from exittui.tui.placing import TABS, Arrangement, moved, seams_of

if TYPE_CHECKING:
    from exittui.tui.desk import Desk
    from exittui.tui.placing import Seam


class Arranging:
    """Shows, hides, zooms and resizes the panes of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def turn(self, by: int) -> None:
        """The next pane gets the keys, or the one before: of those that are seen, or of all."""
        desk = self._desk
        placed = desk.placed
        names = list(TABS) if placed.arrangement == "tabs" else list(placed.stacks)
        names = [name for name in names if name not in desk.arranged.hidden] or names
        if names:
            at = names.index(desk.lit) if desk.lit in names else 0
            desk.light(names[(at + by) % len(names)])

    def turn_stack(self) -> None:
        """The next pane of those that share a place."""
        desk = self._desk
        stack = desk.placed.stacks.get(desk.lit, ())
        if len(stack) < 2:  # noqa: PLR2004 - itself alone
            self.turn(1)
            return
        following = stack[(stack.index(desk.lit) + 1) % len(stack)]
        self.reveal(following)
        desk.light(following)

    def reveal(self, name: str) -> None:
        """Bring a pane into sight, wherever the layout has it."""
        desk = self._desk
        placed = desk.placed
        if placed.arrangement == "tabs":
            desk.lit = name
            desk.arranged.hidden.discard(name)
        elif name not in placed.stacks:
            tab = desk.arranged.tab
            desk.arranged.reveal(name, desk.app.size)
            desk.arranged.tab = tab
        desk.place()

    def pane(self, text: str) -> str:
        """Give the keys to the pane of this name."""
        name = one_of(text or self._desk.lit, TABS, "pane")
        self.reveal(name)
        self._desk.light(name)
        return ""

    def zoom(self, text: str) -> str:
        """One pane alone, or all of them."""
        desk = self._desk
        if text:
            desk.lit = one_of(text, TABS, "pane")
            desk.arranged.zoomed = desk.lit
        else:
            desk.arranged.zoomed = "" if desk.arranged.zoomed else desk.lit
        desk.light(desk.lit)
        return f"{TITLES[desk.lit]} alone; z shows all" if desk.arranged.zoomed else ""

    def hide(self, text: str) -> str:
        """Hide a pane."""
        desk = self._desk
        name = one_of(text or desk.lit, TABS, "pane")
        if name == "source":
            raise UsageError("the source stays: there would be nothing to come back to")
        desk.arranged.hidden.add(name)
        desk.arranged.zoomed = ""
        if desk.placed.arrangement == "tabs" and desk.lit == name:
            desk.lit = "source"
        desk.light(desk.lit)
        return f"{TITLES[name]} is hidden; v brings it back"

    def layout(self, text: str) -> str:
        """Another layout, the next one without a name."""
        desk = self._desk
        names = list(LAYOUTS)
        if text == "reset":
            desk.arranged = Arrangement(layout=desk.arranged.layout)
        elif text:
            desk.arranged.layout = one_of(text, (*names, "reset"), "layout")
        else:
            at = names.index(desk.arranged.layout)
            desk.arranged.layout = names[(at + 1) % len(names)]
        desk.arranged.zoomed = ""
        desk.light(desk.lit)
        return f"layout {desk.arranged.layout} of {', '.join(names)}"

    def resize(self, text: str, by: int, *, down: bool) -> str:
        """The pane that has the keys, or the timeline's stretch of steps."""
        desk = self._desk
        if down and desk.lit == "timeline" and not text:
            desk.looking.zoom(0.5 if by > 0 else 2.0, desk.session.machine.recorded)
            return ""
        cells = number(text, "number of cells") if text else abs(by)
        cells = cells if by > 0 else -cells
        for seam, before in seams_of(desk.placed, desk.lit, down=down):
            self.drag(seam, cells if before else -cells)
            return ""
        return "there is nothing beside it to take from"

    def drag(self, seam: Seam, by: int) -> None:
        """Move a seam."""
        desk = self._desk
        desk.arranged.sizes[seam.path] = moved(seam, by)
        desk.place()


def one_of(text: str, known: tuple[str, ...], what: str) -> str:
    """A word that is known, or what begins only one that is."""
    found = [one for one in known if one == text] or [one for one in known if one.startswith(text)]
    if len(found) != 1:
        accepted = ", ".join(known)
        raise UsageError(f"no {what} {text!r}{did_you_mean(text, known)}; accepted: {accepted}")
    return found[0]
