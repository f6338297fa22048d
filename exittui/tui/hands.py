"""What a person does to the screen itself: panes, layouts, themes, the search, the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.errors import UsageError, did_you_mean
from exittui.session.commands import BY_NAME, Order, key_name, number
from exittui.tui.content import Content, Entry, Target
from exittui.tui.layouts import LAYOUTS
from exittui.tui.lines import plain
from exittui.tui.looks import THEMES, grounds
from exittui.tui.panes import TITLES
from exittui.tui.placing import TABS, Arrangement, moved, seams_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.tui.desk import Desk
    from exittui.tui.placing import Seam

_COPIES: Final = ("row", "pane", "screen", "schedule")


class Hands:
    """Carries out what only the screen can do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._searching = ""
        self._commands: dict[str, Callable[[str], str]] = {
            "zoom": self._zoom,
            "layout": self._layout,
            "pane": self._pane,
            "panes": self._panes,
            "hide": self._hide,
            "wider": lambda text: self._resize(text, 4, down=False),
            "narrower": lambda text: self._resize(text, -4, down=False),
            "taller": lambda text: self._resize(text, 1, down=True),
            "shorter": lambda text: self._resize(text, -1, down=True),
            "search": self.search,
            "stay": self._stay,
            "object": self._object,
            "theme": self._theme,
            "copy": self._copy,
            "screenshot": self._screenshot,
            "help": self._help,
            "lessons": self._lessons,
            "quit": self._quit,
        }
        self._keys: dict[str, Callable[[], None]] = {
            "colon": desk.prompt.start,
            "slash": lambda: desk.prompt.start(search=True),
            "enter": self._enter,
            "backspace": self._back,
            "tab": lambda: self._turn(1),
            "shift+tab": lambda: self._turn(-1),
            "grave_accent": self._turn_stack,
            "up": lambda: self._move(-1),
            "k": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "j": lambda: self._move(1),
            "pageup": lambda: self._move(-self._page()),
            "pagedown": lambda: self._move(self._page()),
            "left_curly_bracket": lambda: self._scrub(-1),
            "right_curly_bracket": lambda: self._scrub(1),
            "delete": self._delete,
            "escape": self._follow,
            "ctrl+c": lambda: desk.say("", f"{key_name('q')} quits, Ctrl+Q too"),
        }

    def press(self, key: str) -> bool:
        """A key that only the screen has; whether it is one."""
        if self._searching and key in ("n", "N"):
            self._find(1 if key == "n" else -1)
            return True
        self._end_search(key)
        if key == "y" and self._why():
            return True
        if key == "p":
            self.reveal("choices")
            self._desk.light("choices")
            self._desk.say("", "Enter lets the chosen one go")
            return True
        action = self._keys.get(key)
        if action is None:
            return False
        action()
        return True

    def do(self, name: str, argument: str) -> str:
        """A command of the screen; a note on it. Raises UsageError for what cannot be done."""
        return self._commands[name](argument)

    # -- rows ----------------------------------------------------------------------------------

    def _move(self, lines: int) -> None:
        """Move the cursor of the pane that has the keys."""
        desk = self._desk
        if desk.lit in desk.rows:
            desk.rows[desk.lit].move(lines)
        elif desk.lit == "timeline":
            desk.looking.zoom(2.0 if lines > 0 else 0.5, desk.session.machine.recorded)
            desk.draw()
        else:
            desk.source.move(lines)

    def _page(self) -> int:
        desk = self._desk
        return desk.rows[desk.lit].page() if desk.lit in desk.rows else desk.source.page()

    def _enter(self) -> None:
        """Enter the chosen row; where there is none, type."""
        desk = self._desk
        if desk.lit not in desk.rows or not desk.rows[desk.lit].enter():
            desk.prompt.start()

    def enter(self, pane: str, target: Target) -> None:
        """What entering a row does."""
        desk = self._desk
        if pane == "menu":
            self._chosen(target)
            return
        match target.kind, target.value:
            case "object", int(found):
                self._follow_link(found, target)
            case "thread", int(row):
                self._inspect_thread(row)
            case "step", int(step):
                desk.carry_out(Order(BY_NAME["goto"], str(step)))
            case "stop", int(stop):
                self._toggle_stop(stop)
            case "command", str(line):
                desk.carry_out(desk.session.read(line))

    def _follow_link(self, found: int, target: Target) -> None:
        """Show an object; a row of one follows its link."""
        if target.field:
            if target.link is None:
                self._desk.say("", f"{target.field} points nowhere; y says why it is what it is")
                return
            found = target.link
        self.inspect(found)

    def _inspect_thread(self, row: int) -> None:
        """Look at a thread: its stack, and its struct."""
        desk = self._desk
        found = desk.session.views.thread_at(row)
        number_of = desk.session.views.wider.thread_object(row)
        if found is None or number_of is None:
            return
        desk.session.look_at(found)
        self.inspect(number_of)

    def inspect(self, found: int) -> None:
        """Show an object in its pane."""
        desk = self._desk
        desk.looking.inspect(found)
        desk.rows["objects"].begin()
        desk.rows["objects"].cursor = 0
        self.reveal("objects")
        desk.light("objects")

    def _back(self) -> None:
        """To the object looked at before."""
        desk = self._desk
        if not desk.looking.back():
            desk.say("", "no object was looked at before")
            return
        desk.rows["objects"].begin()
        if desk.looking.trail:
            desk.rows["objects"].cursor = 0
        desk.say("")
        desk.draw()

    def _toggle_stop(self, stop: int) -> None:
        desk = self._desk
        views = desk.session.views.wider.breakpoints()
        enabled = any(one.number == stop and one.enabled for one in views)
        desk.carry_out(Order(BY_NAME["disable" if enabled else "enable"], str(stop)))

    def asked(self, pane: str, *, heading: bool) -> None:
        """The other button of the mouse on a row, or any on a heading."""
        desk = self._desk
        if pane == "menu" or heading:
            if pane == "menu":
                self._close_menu()
            elif pane == "objects":
                self._back()
            return
        desk.light(pane)
        if pane == "stops":
            self._delete()
        else:
            self._why()

    def _delete(self) -> None:
        """Delete the stop that is chosen."""
        desk = self._desk
        target = desk.rows["stops"].target if desk.lit == "stops" else None
        if target is None or target.kind != "stop":
            desk.say("Del clears a chosen stop: turn to the pane of stops")
            return
        desk.carry_out(Order(BY_NAME["delete"], str(target.value)))

    def _why(self) -> bool:
        """Why the chosen field is what it is; whether a field is chosen."""
        desk = self._desk
        target = desk.rows[desk.lit].target if desk.lit in desk.rows else None
        if target is None:
            return False
        if target.kind == "local":
            desk.carry_out(Order(BY_NAME["why"], str(target.value)), f"why {target.value}")
            return True
        if target.kind != "object" or not target.field or not isinstance(target.value, int):
            return False
        found = desk.session.views.wider.why_field(target.value, target.field)
        desk.session.why = found
        go = "; Y goes there" if found.step is not None else ""
        desk.say("", found.sentence + go)
        desk.looking.answered(desk.session.prompt, f"why {found.what}", (found.sentence,))
        desk.draw_pane("console")
        return True

    # -- panes ---------------------------------------------------------------------------------

    def _turn(self, by: int) -> None:
        """The next pane gets the keys, or the one before: of those that are seen, or of all."""
        desk = self._desk
        placed = desk.placed
        names = list(TABS) if placed.arrangement == "tabs" else list(placed.stacks)
        names = [name for name in names if name not in desk.arranged.hidden] or names
        if names:
            at = names.index(desk.lit) if desk.lit in names else 0
            desk.light(names[(at + by) % len(names)])

    def _turn_stack(self) -> None:
        """The next pane of those that share a place."""
        desk = self._desk
        stack = desk.placed.stacks.get(desk.lit, ())
        if len(stack) < 2:  # noqa: PLR2004 - itself alone
            self._turn(1)
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

    def _pane(self, text: str) -> str:
        name = _one_of(text or self._desk.lit, TABS, "pane")
        self.reveal(name)
        self._desk.light(name)
        return ""

    def _zoom(self, text: str) -> str:
        """One pane alone, or all of them."""
        desk = self._desk
        if text:
            desk.lit = _one_of(text, TABS, "pane")
            desk.arranged.zoomed = desk.lit
        else:
            desk.arranged.zoomed = "" if desk.arranged.zoomed else desk.lit
        desk.light(desk.lit)
        return f"{TITLES[desk.lit]} alone; z shows all" if desk.arranged.zoomed else ""

    def _hide(self, text: str) -> str:
        desk = self._desk
        name = _one_of(text or desk.lit, TABS, "pane")
        if name == "source":
            raise UsageError("the source stays: there would be nothing to come back to")
        desk.arranged.hidden.add(name)
        desk.arranged.zoomed = ""
        if desk.placed.arrangement == "tabs" and desk.lit == name:
            desk.lit = "source"
        desk.light(desk.lit)
        return f"{TITLES[name]} is hidden; v brings it back"

    def _layout(self, text: str) -> str:
        desk = self._desk
        names = list(LAYOUTS)
        if text == "reset":
            desk.arranged = Arrangement(layout=desk.arranged.layout)
        elif text:
            desk.arranged.layout = _one_of(text, (*names, "reset"), "layout")
        else:
            at = names.index(desk.arranged.layout)
            desk.arranged.layout = names[(at + 1) % len(names)]
        desk.arranged.zoomed = ""
        desk.light(desk.lit)
        return f"layout {desk.arranged.layout} of {', '.join(names)}"

    # -- sizes ---------------------------------------------------------------------------------

    def _resize(self, text: str, by: int, *, down: bool) -> str:
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

    # -- the source ----------------------------------------------------------------------------

    def search(self, text: str) -> str:
        """Find a text in the source; n and N go on until something else is done."""
        desk = self._desk
        text = text or desk.source.found
        if not text:
            return ""
        if "source" not in desk.placed.places:
            self.reveal("source")
        self._searching = text
        return desk.source.find(text)

    def _find(self, by: int) -> None:
        source = self._desk.source
        self._desk.say("", source.find(self._searching, by))

    def _end_search(self, key: str) -> None:
        if self._searching and key not in ("n", "N"):
            self._searching = ""
            self._desk.say("")

    def _stay(self, text: str) -> str:
        del text
        source = self._desk.source
        if source.stays:
            source.follow()
            return "the source follows the chosen CPU"
        source.stay()
        return "the source stays here; o follows the chosen CPU again"

    def _follow(self) -> None:
        """Back to where the chosen CPU is."""
        desk = self._desk
        desk.source.follow()
        if desk.lit in desk.rows:
            desk.rows[desk.lit].begin()
        desk.say("")
        desk.draw()

    def _scrub(self, by: int) -> None:
        desk = self._desk
        desk.draw_timeline()
        step = desk.timeline.by_columns(by)
        if step is None:
            desk.session.views.wider  # noqa: B018 - the timeline has not been seen yet
            step = desk.session.machine.position + by
        if 0 <= step <= desk.session.machine.recorded:
            desk.carry_out(Order(BY_NAME["goto"], str(step)))

    def _object(self, text: str) -> str:
        """An object that an expression names."""
        session = self._desk.session
        value = session.asking.compile(text, session.scope())(session.machine)
        oid = getattr(value, "__dict__", {}).get("_oid")
        if not isinstance(oid, int):
            raise UsageError(f"{text!r} is no object: print shows its value")
        self.inspect(oid)
        return ""

    # -- the rest ------------------------------------------------------------------------------

    def _theme(self, text: str) -> str:
        desk = self._desk
        if desk.theme == "none":
            return "NO_COLOR asks for no colours"
        if text:
            theme = _one_of(text, THEMES, "theme")
        else:
            theme = THEMES[(THEMES.index(desk.theme) + 1) % len(THEMES)]
        desk.show_in(theme)
        return f"theme {theme} of {', '.join(THEMES)}"

    def paper(self) -> None:
        """What is behind the panes, and Textual's own palette, in the colours of the theme."""
        desk = self._desk
        if desk.theme == "none":
            return
        desk.app.theme = "textual-light" if desk.theme == "light" else "textual-dark"
        desk.styles.background = grounds(desk.theme)[""]

    def _copy(self, text: str) -> str:
        """Something to the clipboard of the terminal."""
        desk = self._desk
        what = _one_of(text, _COPIES, "thing to copy") if text else ""
        pane = desk.all[desk.lit]
        if what == "schedule":
            copied = str(desk.session.machine.schedule())
        elif what == "screen":
            copied = "\n".join(
                plain(one.lines) for name, one in desk.all.items() if name in desk.placed.places
            )
        elif what == "pane":
            copied = plain(pane.lines)
        elif desk.lit in desk.rows and (row := desk.rows[desk.lit].row_text):
            copied = row
        elif desk.lit in desk.rows or desk.lit in {"timeline", "cpus"}:
            copied = plain(pane.lines)
        else:
            copied = desk.source.line_text
        desk.app.copy_to_clipboard(copied)
        lines = copied.count("\n") + 1
        return f"copied: {copied.strip()[:60]}" if lines == 1 else f"copied {lines} lines"

    def _screenshot(self, text: str) -> str:
        """The screen as an SVG file."""
        desk = self._desk
        path = Path(text or f"exittui-{desk.session.machine.position}.svg").expanduser()
        path.write_text(desk.app.export_screenshot(title="exittui"), encoding="utf-8")
        return f"written to {path}"

    def _help(self, text: str) -> str:
        del text
        self._desk.toggle_help()
        return ""

    def _lessons(self, _: str) -> str:
        self._desk.left_for = "lessons"
        self._desk.app.exit()
        return ""

    def _quit(self, text: str) -> str:
        del text
        self._desk.app.exit()
        return ""

    def compare(self, argument: str) -> bool:
        """Put other kernels beside this one, on a screen of their own; whether it was kernels."""
        from exittui.session.doing.comparing import kernels_named  # noqa: PLC0415 - on request
        from exittui.session.lockstep import Lockstep  # noqa: PLC0415 - as above
        from exittui.tui.lockstep import LockstepScreen  # noqa: PLC0415 - as above

        desk = self._desk
        try:
            names = kernels_named(desk.session, argument)
            if not names:
                return False
            lockstep = Lockstep.of_session(desk.session, names)
        except UsageError as error:
            desk.say(error.message)
            return True
        desk.app.push_screen(LockstepScreen(lockstep, theme=desk.theme))
        return True

    # -- the menu of panes ---------------------------------------------------------------------

    def _panes(self, text: str) -> str:
        """Open the list of panes, layouts and themes."""
        del text
        desk = self._desk
        desk.menu.lit = True
        desk.menu.begin()
        desk.menu.cursor = 0
        desk.show_overlays()
        return ""

    def draw_menu(self) -> None:
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

    def press_menu(self, key: str) -> None:
        """A key while the menu is open."""
        menu = self._desk.menu
        moves = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8, "tab": 1}
        if key in moves:
            menu.move(moves[key])
        elif key in ("enter", "space"):
            menu.enter()
        elif key == "x" and menu.target is not None and menu.target.kind == "pane":
            if menu.target.value != "source":
                self._hide(str(menu.target.value))
            self.draw_menu()
        elif key in ("escape", "q", "v"):
            self._close_menu()

    def _close_menu(self) -> None:
        self._desk.menu.lit = False
        self._desk.show_overlays()

    def _chosen(self, target: Target) -> None:
        """A row of the menu was entered."""
        self._close_menu()
        self._desk.carry_out(Order(BY_NAME[target.kind], str(target.value)))


def _one_of(text: str, known: tuple[str, ...], what: str) -> str:
    """A word that is known, or what begins only one that is."""
    found = [one for one in known if one == text] or [one for one in known if one.startswith(text)]
    if len(found) != 1:
        accepted = ", ".join(known)
        raise UsageError(f"no {what} {text!r}{did_you_mean(text, known)}; accepted: {accepted}")
    return found[0]
