"""Keys, lines, clicks, drags and sizes without sense, for whoever wants many of them."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

from textual import events

from exittui.session.commands import BY_KEY, COMMANDS
from exittui.tui.desk import Desk
from exittui.tui.layouts import LAYOUTS
from exittui.tui.looks import THEMES
from exittui.tui.placing import TABS
from exittui.tui.textual_app import DebuggerApp

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from exittui.session.session import Session

_LEAVE: Final = {"q", "ctrl+q", "ctrl+s"}
"""Keys that would end the run, or write files."""
KEYS: Final = [
    *sorted(set(BY_KEY) - _LEAVE),
    *("tab", "shift+tab", "up", "down", "j", "k", "pageup", "pagedown", "escape", "enter"),
    *("colon", "slash", "backspace", "delete", "grave_accent"),
    *("left_curly_bracket", "right_curly_bracket", "enter", "down", "tab", "tab"),
    *("x", "9", "exclamation_mark", "ctrl+c", "f5", "ctrl+a"),
]
SIZES: Final = ((120, 40), (80, 24), (200, 60), (60, 16), (30, 5), (1, 1), (111, 33), (181, 50))
_ARGUMENTS: Final = (
    *("", "", "1", "3", "50%", "9999999", "exit1", "worker", "sh", "kernel_lock", "switch"),
    *("worker.ps_flags", "3002", "0", "-1", "main", "nonsense", "kern/kern_exit.c:160", "ddb"),
    *("cpu 1 if 1 == 1", "change worker.ps_exitcnt", "♥", "'", "lock kernel_lock"),
    *TABS,
    *LAYOUTS,
    *THEMES,
)
_PASTED: Final = ("step 3", "a\nb\x1b[31m\tc", "", "♥" * 700, "break exit1\n")
_WORDS: Final = sorted(
    word
    for command in COMMANDS
    if command.name not in {"quit", "save", "screenshot"}
    for word in command.words
)


def hammer(session: Session, seed: int | str, count: int) -> None:
    """So many of them, on a screen over this session; nothing is caught."""
    dice = random.Random(seed)  # noqa: S311 - the same every time

    async def script() -> None:
        app = DebuggerApp(session)
        # A click may find `quit`, in the foot or in the help; there is more to come.
        app.desk._hands._commands["quit"] = lambda _: "it goes on"
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            for _ in range(count):
                await _one(pilot, app, dice)
            desk = app.screen
            assert isinstance(desk, Desk)
            await quiet(desk)

    asyncio.run(script())


async def quiet(desk: Desk) -> None:
    """Interrupt what is on its way, and wait until everything posted was taken."""
    while desk.running is not None:
        await desk.on_key(events.Key("escape", None))
    for _ in range(5):
        await asyncio.sleep(0.01)


async def _one(pilot: Pilot[None], app: DebuggerApp, dice: random.Random) -> None:
    """One of them."""
    desk, chance = app.desk, dice.random()
    if chance < 0.02:
        await pilot.resize_terminal(*dice.choice(SIZES))
    elif chance < 0.10:
        await _mouse(pilot, app, dice)
    elif chance < 0.11:
        app.desk.on_paste(events.Paste(dice.choice(_PASTED)))
    elif chance < 0.22:
        await _line(desk, f"{dice.choice(_WORDS)} {dice.choice(_ARGUMENTS)}".strip())
    else:
        await _key(desk, dice.choice(KEYS))
    await asyncio.sleep(0)


async def _key(desk: Desk, key: str) -> None:
    await desk.on_key(events.Key(key, key if len(key) == 1 else None))


async def _line(desk: Desk, line: str) -> None:
    """A line as it is typed; what is on its way is interrupted first."""
    while desk.running is not None:
        await _key(desk, "escape")
    await _key(desk, "escape")
    await _key(desk, "colon")
    for letter in line:
        await desk.on_key(events.Key(f"letter_{ord(letter)}", letter))
    await _key(desk, "enter")
    await asyncio.sleep(0)


async def _mouse(pilot: Pilot[None], app: DebuggerApp, dice: random.Random) -> None:
    """A click, two of them, a drag, or the wheel."""
    width, height = app.size
    begin = (dice.randrange(width), dice.randrange(height))
    end = (dice.randrange(width), dice.randrange(height))
    kind = dice.choice(("click", "twice", "other", "drag", "wheel"))
    if kind in ("click", "twice", "other"):
        for _ in range(1 + (kind == "twice")):
            await pilot.click(offset=begin, button=3 if kind == "other" else 1)
    elif kind == "drag":
        await pilot.mouse_down(offset=begin)
        await pilot.hover(offset=end)
        await pilot.mouse_up(offset=end)
    else:
        event = dice.choice((events.MouseScrollDown, events.MouseScrollUp))
        widget, _ = app.screen.get_widget_at(*begin)
        place = widget.region
        x, y = begin[0] - place.x, begin[1] - place.y
        turned = event(
            widget,
            x,
            y,
            0,
            0,
            0,
            shift=False,
            meta=False,
            ctrl=False,
            screen_x=begin[0],
            screen_y=begin[1],
        )
        widget.post_message(turned)
        await pilot.pause()


def whole(session: Session) -> None:
    """What is recorded can be played from the start to the same state."""
    machine = session.machine
    there = machine.fingerprint()
    position = machine.position
    machine.goto(0)
    machine.goto(position)
    assert machine.fingerprint() == there
