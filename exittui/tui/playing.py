"""A lesson over the debugger's screen: where it goes, the screen follows.

What a lesson has to measure is done slice by slice. Until that is done the screen shows what it
did, and the foot of the caption how far it is; Escape or Ctrl+C ends it, and the lesson stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.looking import Looking
from exittui.tui.placing import TABS
from exittui.tui.running import PAUSE, SLICE, Running

if TYPE_CHECKING:
    from textual.timer import Timer

    from exittui.tui.arranging import Arranging
    from exittui.tui.desk import Desk
    from exittui.tui.lesson import Lesson

_LOOK: Final = 0.5
"""Seconds after which it is looked whether the script of a lesson was changed."""
_LEAST: Final = 0.05
"""Seconds that every moment stays, however fast the lesson plays by itself."""


class Playing:
    """One lesson on one screen."""

    def __init__(self, desk: Desk, lesson: Lesson, arranging: Arranging) -> None:
        self._desk = desk
        self._lesson = lesson
        self._arranging = arranging
        self._clock: Timer | None = None

    def begin(self) -> None:
        """Show its first moment, and look after it from now on."""
        self.follow()
        if self._lesson.speed:
            self._start_clock()
        if self._lesson.renewed is not None:
            self._desk.set_interval(_LOOK, self._renew)

    def press(self, key: str) -> bool:
        """Take a key; whether it was one of the lesson's."""
        if not self._lesson.press(key):
            return False
        self._go()
        return True

    def follow(self) -> None:
        """Show where the lesson stands now, and what it points to."""
        desk, lesson = self._desk, self._lesson
        desk.say("")
        desk.source.cursor = None
        found = lesson.opened()
        if found is not None:
            desk.looking.inspect(found)
        for name in lesson.glowing():
            if name in desk.rows:
                desk.rows[name].begin()
        tab = lesson.tab()
        if tab in TABS:
            self._arranging.reveal(tab)
        desk.place()

    # -- what is measured ----------------------------------------------------------------------

    @property
    def measuring(self) -> bool:
        """Whether what is on its way is a measurement for the lesson."""
        return self._lesson.doing is not None

    def interrupt(self) -> None:
        """End the measurement: the lesson stays where it is, and goes on when it is told to."""
        if self._lesson.doing is not None:
            self._lesson.doing.stop()
            self._end()

    def _go(self) -> None:
        """Follow the lesson, at once or when it has measured what it shows next."""
        desk, doing = self._desk, self._lesson.doing
        if doing is None:
            self.follow()
            return
        self._stop_clock()
        desk.running = Running(doing)
        desk.say("")
        desk.draw_caption()
        # A slice may be long, the first above all: what is measured is to be read before it.
        desk.call_after_refresh(desk.set_timer, PAUSE, self._go_on)

    def _go_on(self) -> None:
        """The next slice."""
        desk = self._desk
        if desk.running is None:
            return
        if desk.running.go(SLICE):
            desk.draw_caption()
            desk.set_timer(PAUSE, self._go_on)
            return
        self._end()
        if self._lesson.speed:
            self._start_clock()

    def _end(self) -> None:
        self._desk.running = None
        self._lesson.measured()
        self.follow()

    # -- by itself -----------------------------------------------------------------------------

    def _start_clock(self) -> None:
        """Go on by itself when the time of this moment is over."""
        self._stop_clock()
        self._clock = self._desk.set_timer(max(self._lesson.seconds(), _LEAST), self._tick)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _tick(self) -> None:
        """A lesson that plays by itself goes on, and says when it will again."""
        if self._desk.running is not None:
            self._start_clock()
            return
        more = self._lesson.tick()
        self._go()
        if more and not self.measuring:
            self._start_clock()

    def _renew(self) -> None:
        """A script that was changed is played from now on, from the moment that is shown."""
        desk, lesson = self._desk, self._lesson
        if desk.running is not None or not lesson.renew():
            return
        if desk.session is not lesson.player.session:
            desk.session = lesson.player.session
            desk.prompt.history = desk.session.history
            desk.prompt.complete = desk.session.complete
            desk.looking = Looking()
        self.follow()
