"""A thousand threads on sixteen CPUs: `python -m tests.bench.terminal_large`.

On a pseudo-terminal of 200x60, all in one run, each promise as a ratio or against its bound:

* from the start to the source on the screen, and from a key press to the last byte of the repaint,
  against pudb's `n`, with the lists scrolled; median and 99th percentile;
* a key held down at 30 a second: how long after the last press its answer is there;
* continuing a run of 100,000 steps with the screen on, against the same session without one;
* going to any step of that run, and the memory of the program that has it recorded.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench.terminal_bench import ROOT, contenders, percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.terminal import Terminal
    from tests.bench.terminal_bench import Contender

SIZE: Final = (200, 60)
STEPS: Final = 100_000
RATE: Final = 30
"""Presses a second of a key that is held down."""
WITHOUT: Final = """
import sys, time
from pathlib import Path
from exittui.cli.cache import cache_folder
from exittui.scenario.build import build
from exittui.scenario.load import load
from exittui.session.session import Session
scenario = load(Path(sys.argv[1]))
session = Session(build(scenario, scenario.kernels[0], (), cache=cache_folder()))
session.carry_out(session.read("any"))
session.carry_out(session.read("back"))
begin = time.perf_counter()
session.carry_out(session.read("run"))
print(time.perf_counter() - begin)
assert session.machine.position == int(sys.argv[2])
"""


def scenario(folder: Path) -> Path:
    """The scenario of a thousand threads, ended by its limit of steps."""
    text = (ROOT / "scenarios" / "thousand-threads.toml").read_text(encoding="utf-8")
    before, _, after = text.partition("max-steps = ")
    path = folder / "large.toml"
    path.write_text(f"{before}max-steps = {STEPS}\n{after.partition(chr(10))[2]}")
    return path


def scroll(terminal: Terminal) -> None:
    """Every list that can be scrolled, scrolled: threads, lists, waits, choices, objects."""
    for _ in range(8):
        terminal.press("\t")
        terminal.press("\x1b[6~")
    terminal.settle(0.3)


def starts(all_of: dict[str, Contender], rounds: int) -> None:
    """Starts, in turn for both programs."""
    for _ in range(rounds):
        for contender in all_of.values():
            contender.start(*SIZE).close()


def keys(all_of: dict[str, Contender], rounds: int, presses: int) -> None:
    """Presses, key by key in turn for both programs, so that a busy machine is busy for both."""
    for _ in range(rounds):
        with contextlib.ExitStack() as stack:
            opened = [(one, stack.enter_context(one.start(*SIZE))) for one in all_of.values()]
            for contender, terminal in opened:
                if contender is all_of["exittui"]:
                    scroll(terminal)
            for _ in range(presses):
                for contender, terminal in opened:
                    took = terminal.press(contender.key)
                    contender.presses += [took * 1000] if took == took else []  # noqa: PLR0124 - nan


def held(contender: Contender, seconds: int) -> float:
    """Milliseconds from the last press of a key held so long to the screen that answers it."""
    with contender.start(*SIZE) as terminal:
        scroll(terminal)
        count = seconds * RATE
        begin = time.perf_counter()
        for number in range(count):
            terminal.send(contender.key)
            until = begin + (number + 1) / RATE
            while (left := until - time.perf_counter()) > 0:
                terminal.drain(left)
        last = begin + (count - 1) / RATE
        terminal.wait_for(f"step {count + 1}")
        return (time.perf_counter() - last) * 1000


def long_run(contender: Contender, jumps: int) -> tuple[float, list[float], float]:
    """Seconds of the run on the screen, milliseconds of each jump in it, MiB at its end."""
    with contender.start(*SIZE) as terminal:
        terminal.press("S")
        terminal.settle(0.3)
        begin = time.perf_counter()
        terminal.send("r")
        seen = terminal.wait_for(f"step {STEPS}", timeout=120, whole=True)
        took = terminal.started + seen - begin
        terminal.settle(0.6)
        dice = random.Random(1)  # noqa: S311 - the same every time
        times = []
        for _ in range(jumps):
            terminal.press(f":goto {dice.randrange(STEPS)}")
            times.append(terminal.press("\r") * 1000)
        memory = terminal.memory()
    return took, times, memory


def without(path: Path, environ: dict[str, str]) -> float:
    """Seconds of the same run in a session without a screen."""
    words = [sys.executable, "-c", WITHOUT, str(path), str(STEPS)]
    done = subprocess.run(
        words, env={**os.environ, **environ}, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def told(name: str, found: float, bound: float, unit: str) -> bool:
    """A line of the report; whether the promise is kept."""
    kept = found <= bound
    print(f"{name:58}{found:9.2f} {unit:3} of {bound:g}  {'ok' if kept else 'MISSED'}")
    return kept


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """One median to the other."""
    return statistics.median(one) / statistics.median(other)


def main() -> int:
    """Measure, print a table, and say by the exit code whether all promises are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--presses", type=int, default=150)
    parser.add_argument("--held", type=int, default=5, help="seconds")
    parser.add_argument("--jumps", type=int, default=40)
    parser.add_argument("--runs", type=int, default=4, help="of 100,000 steps, with and without")
    asked = parser.parse_args()
    on: list[float] = []
    off: list[float] = []
    jumps: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        path = scenario(Path(name))
        both = contenders(Path(name), [str(path)])
        ours, theirs = both["exittui"], both["pudb"]
        starts(both, 1)  # the first links the kernel, which is then kept, and compiles what is not
        for contender in both.values():
            contender.starts.clear()
            contender.answers.clear()
        starts(both, asked.starts)
        keys(both, asked.rounds, asked.presses)
        soon, lag = held(ours, 1), held(ours, asked.held)
        for _ in range(asked.runs):
            took, times, memory = long_run(ours, asked.jumps if not on else 0)
            jumps += times
            on.append(took)
            off.append(without(path, ours.environ))
    print(f"200x60, 1,000 threads, 16 CPUs; pudb: start {statistics.median(theirs.starts):.0f} ms,")
    print(f"n {statistics.median(theirs.presses):.1f} / {percentile(theirs.presses, 0.99):.1f} ms")
    first = [f"{statistics.median(one.answers):.0f} ms" for one in (theirs, ours)]
    print(f"start to the answer to a key pressed at the source: {' and here '.join(first)}")
    late = percentile(ours.presses, 0.99) / percentile(theirs.presses, 0.99)
    pressed, started = ratio(ours.presses, theirs.presses), ratio(ours.starts, theirs.starts)
    kept = [
        told("start to source, times pudb's", started, 1, "x"),
        told("key to last byte, median, times pudb's n", pressed, 1, "x"),
        told("key to last byte, 99th percentile, times pudb's n", late, 1, "x"),
        told(f"{RATE} presses a second for 1 s: answer after the last", soon, 2000 / RATE, "ms"),
        told(f"the same for {asked.held} s, later by", lag - soon, 1000 / RATE, "ms"),
        told(f"{STEPS:,} steps on the screen, times without", min(on) / min(off), 1.2, "x"),
        told("going to any step of them, median", statistics.median(jumps), 100, "ms"),
        told("going to any step of them, the longest", max(jumps), 100, "ms"),
        told("memory with them recorded", memory, 150, "MiB"),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
