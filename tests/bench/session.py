"""A session against the bare machine, in one run: `python tests/bench/session.py`.

* continuing a run of 100,000 steps: without stops, with a breakpoint, with a watchpoint, and with
  the timeline looked at after every slice, as ratios to the machine alone;
* going to steps of it at random, asking why, and coming back, in milliseconds;
* coming back over all of it past a breakpoint that nothing reaches, and past watchpoints on a
  field and on an expression that nothing changes, as ratios to the way there;
* what the process has come to, in megabytes.
"""

from __future__ import annotations

import gc
import random
import resource
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
        backwards(session, bare)
        jumps(session)
        print(f"resident: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def backwards(session: Session, bare: float) -> None:
    """From the end to the start, past what never stops."""
    for asked in (
        "break sys_ptrace",
        "watch a.ps_pid",
        "watch a.ps_pid == 3 && nthreads > 3",
    ):
        session.run_line("goto 100%")
        session.run_line(asked)
        taken = timed(lambda: session.run_line("reverse-continue"))
        assert session.machine.position == 0
        session.run_line("delete")
        print(f"back past `{asked}`: {taken / bare:.2f} of the way there ({taken * 1000:.0f} ms)")


def jumps(session: Session) -> None:
    """Going to steps, near and far, and asking why."""
    dice = random.Random(3)  # noqa: S311 - the same steps every time
    session.run_line("goto 100%")
    for line in ("why kernel_lock.mpl_owner", "why kernel_lock.mpl_owner"):
        print(f"{line}: {timed(lambda: session.run_line(line)) * 1000:.0f} ms")  # noqa: B023
    found = sorted(
        timed(lambda: session.run_line(f"goto {dice.randrange(STEPS)}")) * 1000 for _ in range(200)
    )
    print(f"goto: median {found[100]:.1f} ms, 99th {found[198]:.1f} ms, worst {found[199]:.1f} ms")


if __name__ == "__main__":
    main()
