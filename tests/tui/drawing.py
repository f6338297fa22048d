"""The pictures that the tests check: which they are, and how they are drawn.

`python -m tests.tui.drawing` draws all of them again. Look at each difference before you accept it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.session.commands import read
from exittui.session.session import Session
from exittui.tui.lockstep import LockstepScreen
from exittui.tui.looks import THEMES
from exittui.tui.textual_app import DebuggerApp

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "docs" / "debugger.svg"
BESIDE: Final = ROOT / "docs" / "beside.svg"
FOLDER: Final = Path(__file__).parent / "pictures"


@frozen
class Drawing:
    """One picture: its file, its size, what is done before, and the keys pressed last."""

    path: Path
    size: tuple[int, int]
    prepare: Callable[[Session], None]
    keys: tuple[str, ...] = ()
    scenario: str = "three-threads-exit"
    kernel: str = "mpi-2025-05"
    theme: str = "dark"


def hazard(session: Session) -> None:
    """cpu0 goes whenever it can, until a thread frees the stack on which cpu1 still stands."""
    while not any(cpu.adrift for cpu in session.views.cpus()) and session.ended() is None:
        session.focus = 0 if session.machine.ready(0) else 1
        session.carry_out(read("step"))
    session.carry_out(read("cpu 0"))


def start(session: Session) -> None:
    """Nothing has run yet."""
    session.carry_out(read("restart"))


def spinning(session: Session) -> None:
    """One CPU spins for the kernel lock that the other holds."""
    while not any(cpu.awaits == "kernel_lock" for cpu in session.views.cpus()):
        session.carry_out(read("any"))
    cpu = next(cpu for cpu in session.views.cpus() if cpu.awaits)
    session.carry_out(read(f"cpu {cpu.number}"))


def done(session: Session) -> None:
    """The run has ended, and is looked at from its middle."""
    session.carry_out(read("break exit1"))
    session.carry_out(read("run"))
    session.carry_out(read("goto 50%"))


_COMPARE: Final = ("colon", *"compare", "space", *"mpi-2025-05", "enter")

_ALL: Final = (*THEMES, "none")
"""Every theme, and what NO_COLOR makes of them."""
_SIZES: Final = ((80, 24), (120, 40), (200, 60))


def _in(theme: str, size: tuple[int, int], prepare: Callable[[Session], None]) -> Drawing:
    """The same moment in a theme."""
    name = f"{prepare.__name__}-{size[0]}x{size[1]}-{theme}.svg"
    return Drawing(FOLDER / name, size, prepare, theme=theme)


DRAWINGS: Final = (
    Drawing(README, (120, 40), hazard),
    Drawing(FOLDER / "start-120x40.svg", (120, 40), start),
    Drawing(FOLDER / "hazard-80x24.svg", (80, 24), hazard),
    Drawing(FOLDER / "hazard-200x60.svg", (200, 60), hazard),
    Drawing(FOLDER / "threads-80x24.svg", (80, 24), spinning, ("tab",)),
    Drawing(FOLDER / "reaper-120x40.svg", (120, 40), done, kernel="reaper"),
    Drawing(FOLDER / "help-120x40.svg", (120, 40), start, ("question_mark",)),
    Drawing(
        FOLDER / "nonsense-80x24.svg",
        (80, 24),
        start,
        ("colon", *"frob", "enter"),
    ),
    Drawing(FOLDER / "small-40x10.svg", (40, 10), start),
    Drawing(FOLDER / "menu-80x24.svg", (80, 24), start, ("v",)),
    *(_in(theme, size, spinning) for theme in _ALL for size in _SIZES),
    *(_in(theme, (120, 40), hazard) for theme in _ALL[1:]),
    Drawing(
        BESIDE, (120, 40), start, (*_COMPARE, *"mcc"), scenario="fork-and-wait", kernel="reaper"
    ),
    Drawing(
        FOLDER / "beside-80x24.svg",
        (80, 24),
        start,
        (*_COMPARE, *"cd", "tab", "tab"),
        scenario="fork-and-wait",
        kernel="reaper",
    ),
    Drawing(
        FOLDER / "beside-200x60.svg",
        (200, 60),
        start,
        (*_COMPARE[:-1], "comma", *"mpi-switch", "enter", *"mccs"),
        scenario="fork-and-wait",
        kernel="reaper",
    ),
)


def draw(drawing: Drawing, kernels: Path | None = None) -> str:
    """The SVG of one picture, as the program draws it now."""
    built = build(find(drawing.scenario), drawing.kernel, (), cache=kernels)
    session = Session(built)
    drawing.prepare(session)

    async def drawn() -> str:
        app = DebuggerApp(session, theme=drawing.theme)
        async with app.run_test(size=drawing.size) as pilot:
            await pilot.pause()
            for key in drawing.keys:
                await pilot.press(key)
                while isinstance(app.screen, LockstepScreen) and not app.screen.lockstep.ready:
                    await pilot.pause(0.02)
            await pilot.pause()
            await pilot.pause()
            return app.export_screenshot()

    return asyncio.run(drawn())


def main() -> None:
    """Draw all pictures again."""
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL", "TEXTUAL_FILTERS"):
        os.environ.pop(name, None)
    for drawing in DRAWINGS:
        drawing.path.parent.mkdir(parents=True, exist_ok=True)
        drawing.path.write_text(draw(drawing), encoding="utf-8")


if __name__ == "__main__":
    main()
