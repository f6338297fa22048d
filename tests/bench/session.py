"""A session against the bare machine, in one run: `python tests/bench/session.py`.

* continuing a run of 100,000 steps: without stops, with a breakpoint, with a watchpoint, and with
  the timeline looked at after every slice, as ratios to the machine alone;
* going to steps of it, asking why, and coming back, in milliseconds.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))
from exittui.machine import RoundRobin
from exittui.scenario.build import build
from exittui.scenario.load import load
from exittui.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS: Final = 100_000
ROUNDS: Final = 5
SCENARIO: Final = """\
title = "Long"
description = "One computes for ever, the other makes children and waits for them."
kernels = ["mpi-2025-05"]
cpus = 2

[run]
max-steps = 100000

[[process]]
name = "a"
[[process.thread]]
program = [["compute", 90], ["loop"]]
start = "cpu0"

[[process]]
name = "b"
[[process.thread]]
program = [["compute", 9], ["fork", [["compute", 3], ["exit", 1]]], ["wait4", "any"], ["loop"]]
start = "cpu1"
"""


def opened(folder: Path) -> Session:
    """The session at its start."""
    path = folder / "long.toml"
    path.write_text(SCENARIO)
    return Session(build(load(path), "mpi-2025-05", (), cache=folder))


def timed(deed: Callable[[], object]) -> float:
    """How many seconds it takes."""
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    deed()
    taken = time.perf_counter() - begin
    gc.enable()
    return taken


def watched(session: Session) -> None:
    """Continue with the timeline drawn after every slice."""
    doing = session.begin("continue")
    while doing.advance():
        session.views.wider.timeline(0, STEPS, 180)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ratios: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            session = opened(folder)
            bare = timed(lambda: session.machine.run(RoundRobin(), STEPS))  # noqa: B023
            for what, asked in (
                ("continue", ""),
                ("with a breakpoint", "break single_thread_set"),
                ("with a watchpoint", "watch a.ps_flags"),
            ):
                session = opened(folder)
                if asked:
                    session.run_line(asked)
                taken = timed(lambda: session.run_line("continue"))  # noqa: B023
                ratios.setdefault(what, []).append(taken / bare)
            session = opened(folder)
            taken = timed(lambda: watched(session))  # noqa: B023
            ratios.setdefault("with the timeline", []).append(taken / bare)
        for what, found in ratios.items():
            print(f"{what}: {statistics.median(found):.2f} of the machine alone")
        for line in ("goto 50000", "goto 0", "goto 100000", "why kernel_lock.mpl_owner", "goto 7"):
            taken = timed(lambda: session.run_line(line))  # noqa: B023
            print(f"{line}: {taken * 1000:.0f} ms")


if __name__ == "__main__":
    main()
