"""A lesson on the screen: its keys, its caption, what glows, and where it stands.

It is no widget: the screen asks it for lines and for what to point at, and hands it keys first.
All the keys of the debugger that it does not take still work; Escape comes back to the lesson.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.errors import ExittuiError
from exittui.playback.covering import curtain
from exittui.playback.pointing import OBJECTS, asked_about, pointers
from exittui.session.outcome import Doing, Outcome
from exittui.tui.paint.caption import caption, rows_needed
from exittui.tui.placing import CAPTION, DESK

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.playback.player import Player
    from exittui.playback.pointing import Pointer
    from exittui.session.curtain import Curtain
    from exittui.session.outcome import Telling
    from exittui.tui.lines import Lines

_READING: Final = 14.0
"""Characters a second that a person reads who also looks at the panes."""
_THINKING: Final = 6.0
TALL: Final = DESK[1]
SHORT: Final = 6
"""Rows of the caption below which nothing is won by it."""
_KEYS: Final = (
    "Space goes on, Backspace back, Esc comes back to the lesson; the debugger's keys still work."
)


class Lesson:
    """One player, and what the person has said to it."""

    def __init__(
        self,
        player: Player,
        speed: float = 0,
        renewed: Callable[[], Player | None] | None = None,
    ) -> None:
        """With a `speed` it goes on by itself, so many times as fast as people read.

        `renewed` gives a player of the script whenever it was changed, or raises ExittuiError.
        """
        self.player = player
        self.renewed = renewed
        self.speed = speed
        self.doing: Doing | None = None
        """What has to be measured before the lesson goes on; the screen does it slice by slice."""
        self._note = _KEYS if player.at <= 0 else ""
        self._passing = False
        self._returning = False
        self._keys = True

    def silent(self) -> None:
        """Say nothing about keys: nobody presses any."""
        self._note, self._keys = "", False

    # -- keys ----------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        """Take a key; whether it was one of the lesson's."""
        asked = self.player.question
        if key.isdigit() and asked is not None and self.player.open == "answer":
            self._answer(int(key) - 1)
            return True
        action = {
            "space": self.forward,
            "backspace": self._back,
            "escape": self._home,
            "H": self._hint,
        }.get(key)
        if action is None:
            return False
        self._returning = key in {"backspace", "escape"}
        action()
        return True

    def forward(self) -> None:
        """On, unless something is still to be answered; pressed twice, on all the same."""
        still = self.player.open
        if still is not None and not self._passing:
            self._passing = True
            self._note = (
                "The number of your answer, please; Space once more goes on without it."
                if still == "answer"
                else "The goal is not reached. H gives a hint; Space once more goes on without it."
            )
            return
        self._passing, self._note = False, ""
        doing = Doing(self._going(), self._stay)
        self.doing = doing if doing.advance() else None

    def _going(self) -> Telling:
        """To the next moment; what keeps the lesson from it is said."""
        try:
            yield from self.player.going()
        except ExittuiError as error:
            self._note = error.message
        return Outcome()

    def _stay(self) -> Outcome:
        self._note = "Interrupted; nothing is lost. Space measures it again."
        return Outcome()

    def measured(self) -> None:
        """What had to be measured is, or was interrupted."""
        self.doing = None

    def _back(self) -> None:
        self._passing, self._note = False, ""
        self.player.back()

    def _home(self) -> None:
        self._note = ""
        self.player.come_back()

    def _hint(self) -> None:
        self._note = self.player.hint()

    def _answer(self, choice: int) -> None:
        asked = self.player.question
        if asked is None or choice not in range(len(asked.choices)):
            self._note = f"1 to {len(asked.choices) if asked else 0}, please."
            return
        self._passing = False
        self.player.answer(choice)
        self._note = ""

    def moved(self) -> None:
        """The person has moved the session: look whether the goal is reached."""
        self._passing = False
        if self.player.open != "goal":
            return
        if self.player.judge():
            self._note = ""
            return
        past = self.player.went_past()
        if past is not None:
            self._note = f"It was so at step {past}, and you went on. :goto {past} goes there."

    def renew(self) -> bool:
        """Take the script over if it was changed, or say why it cannot be; whether it was."""
        try:
            found = self.renewed() if self.renewed is not None else None
        except ExittuiError as error:
            first, *more = error.message.splitlines()
            self._note = f"{first} (and {len(more)} more)" if more else first
            return True
        if found is None:
            return False
        self._note = "The script was changed; this is its new text."
        try:
            found.continue_from(self.player)
        except ExittuiError as error:
            self._note = f"The script was changed. {error.message}"
        self.player, self._passing = found, False
        return True

    # -- what the screen shows -----------------------------------------------------------------

    def rows(self, width: int, height: int) -> int:
        """How high the caption pane is: on a small terminal no higher than it has to be."""
        if height >= TALL:
            return CAPTION
        chosen = self.player.answers.get(self.player.at)
        return min(max(rows_needed(self.player, self._note, chosen, width), SHORT), CAPTION)

    def lines(self, width: int, height: int) -> Lines:
        """The caption pane."""
        chosen = self.player.answers.get(self.player.at)
        progress = self.doing.progress if self.doing is not None else None
        return caption(
            self.player, self._note, chosen, width, height, keys=self._keys, measured=progress
        )

    def glowing(self) -> dict[str, tuple[str, ...]]:
        """By pane, the words that glow; an empty word is the pane itself."""
        return _by_pane(self._pointers(self.player.at))

    def sought(self) -> dict[str, tuple[str, ...]]:
        """By pane, the words that are to be seen: what was pointed to last stays in sight."""
        return _by_pane(self._last_pointers())

    def curtain(self) -> Curtain | None:
        """What the panes do not show, for it would answer the question that is open."""
        player = self.player
        moment = player.moment
        if moment is None or player.question is None or player.solved:
            return None
        return curtain(player.session, moment.cue)

    def opened(self) -> int | None:
        """The number of the object that its pane has to show, if it is to show one."""
        return next((one.opened for one in self._last_pointers() if one.opened is not None), None)

    def _pointers(self, at: int) -> list[Pointer]:
        """What a moment points to, less what is not where the person has gone to.

        A question points to what it is about, if its author has not said otherwise.
        """
        if at < 0:
            return []
        moment = self.player.moments[at]
        before = self.player.moments[at - 1].shown if at > 0 else ()
        texts = moment.shown or asked_about(moment.cue, opened=OBJECTS in before)
        return pointers(self.player.session, texts)

    def _last_pointers(self) -> list[Pointer]:
        """What this moment points to, or the last one before it that points to anything."""
        for at in range(self.player.at, -1, -1):
            found = self._pointers(at)
            if found:
                return found
        return []

    def tab(self) -> str:
        """The pane that is pointed to first, for a screen that shows one at a time.

        Who goes on may stay at another one; who comes back finds what there was.
        """
        return next(iter(self.sought() if self._returning else self.glowing()), "")

    # -- by itself -----------------------------------------------------------------------------

    def seconds(self) -> float:
        """How long this moment stays when nobody presses keys."""
        moment = self.player.moment
        if moment is None or not self.speed:
            return 0.0
        if moment.cue.pause is not None:
            return moment.cue.pause / self.speed
        words = len(moment.cue.say or moment.cue.ask or moment.cue.goal or "")
        thinking = _THINKING if moment.cue.ask or moment.cue.goal else 1.0
        return (words / _READING + thinking) / self.speed

    def tick(self) -> bool:
        """The time of this moment is over: answer and go on; whether there is more to come.

        It may have to be measured first, like what a key asks for.
        """
        asked = self.player.question
        if asked is not None and not self.player.solved:
            self.player.answers[self.player.at] = asked.right
            return True
        if self.player.last:
            return False
        self._passing = True
        self.forward()
        return True


def _by_pane(found: list[Pointer]) -> dict[str, tuple[str, ...]]:
    panes: dict[str, tuple[str, ...]] = {}
    for pointer in found:
        panes[pointer.pane] = (*panes.get(pointer.pane, ()), pointer.words)
    return panes
