"""What a person does to the screen itself: rows, the source, themes, the search, the clipboard.

What is done to the panes is in `arranging`, the menu of them in `menu`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.errors import UsageError
from exittui.session.commands import BY_NAME, Order, key_name
from exittui.tui.arranging import Arranging, one_of
from exittui.tui.lines import plain
from exittui.tui.looks import THEMES, grounds
from exittui.tui.menu import Menu

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.tui.content import Target
    from exittui.tui.desk import Desk

_COPIES: Final = ("row", "pane", "screen", "schedule")


class Hands:
    """Carries out what only the screen can do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.arranging = arranging = Arranging(desk)
        self.menu = Menu(desk, arranging)
        self._searching = ""
        self._commands: dict[str, Callable[[str], str]] = {
            "zoom": arranging.zoom,
            "layout": arranging.layout,
            "pane": arranging.pane,
            "panes": self._panes,
            "hide": arranging.hide,
            "wider": lambda text: arranging.resize(text, 4, down=False),
            "narrower": lambda text: arranging.resize(text, -4, down=False),
            "taller": lambda text: arranging.resize(text, 1, down=True),
            "shorter": lambda text: arranging.resize(text, -1, down=True),
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
            "tab": lambda: arranging.turn(1),
            "shift+tab": lambda: arranging.turn(-1),
            "grave_accent": arranging.turn_stack,
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
            self.arranging.reveal("choices")
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
            self.menu.chosen(target)
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
        self.arranging.reveal("objects")
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
                self.menu.close()
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

    # -- the source ----------------------------------------------------------------------------

    def search(self, text: str) -> str:
        """Find a text in the source; n and N go on until something else is done."""
        desk = self._desk
        text = text or desk.source.found
        if not text:
            return ""
        if "source" not in desk.placed.places:
            self.arranging.reveal("source")
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
            theme = one_of(text, THEMES, "theme")
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
        what = one_of(text, _COPIES, "thing to copy") if text else ""
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

    def _panes(self, text: str) -> str:
        """Open the list of panes, layouts and themes."""
        del text
        self.menu.open()
        return ""

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
