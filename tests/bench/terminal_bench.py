"""The debugger against pudb on a real terminal, in one run: `python tests/bench/terminal_bench.py`.

Two promises are measured, each as a ratio to pudb on a script of 200 lines at the same size:

* from the start of the program to the source on the screen;
* from a key press to the last byte of the repaint, median and 99th percentile: `n` in pudb, and
  here `.`, which moves every time and mostly to the other CPU, so that it changes most.

Beside them, for information, the time from the start to the answer to a key that was pressed as
soon as there was source to see. The first start links the kernel, which is then kept.
The programs take turns, start by start and key by key, so that a busy machine is busy for both.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).parents[2]
LINES: Final = 200
ENTRY: Final = "from exittui.cli.main import entry; raise SystemExit(entry())"
COMPILED: Final = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONUNBUFFERED": ""}
"""Both programs run compiled, as pip leaves them and as a first start does, wherever they stand."""


class Contender:
    """One program: how it is started, what shows that its source is there, which keys step it."""

    def __init__(
        self, argv: Sequence[str], seen: str, key: str, answer: str, environ: dict[str, str]
    ) -> None:
        self.argv = argv
        self.seen = seen
        self.key = key
        self.answer = answer
        self.environ = environ
        self.starts: list[float] = []
        self.answers: list[float] = []
        self.presses: list[float] = []
        self.memory = 0.0

    def start(self, columns: int, lines: int) -> Terminal:
        """Start it, note how long its source and its first answer took, wait until it is quiet."""
        terminal = Terminal(self.argv, columns=columns, lines=lines, environ=self.environ)
        self.starts.append(terminal.wait_for(self.seen) * 1000)
        terminal.send(self.key)
        self.answers.append(terminal.wait_for(self.answer) * 1000)
        terminal.settle(0.6)
        return terminal


def contenders(folder: Path, arguments: Sequence[str]) -> dict[str, Contender]:
    """The debugger and pudb, each as a person would start it."""
    script = folder / "two_hundred.py"
    body = [f"value_{number} = {number}" for number in range(LINES - 1)]
    script.write_text("\n".join([*body, "print(value_1)"]) + "\n")
    (folder / "pudb").mkdir()
    settings = "[pudb]\nseen_welcome = e999\nprompt_on_quit = False\n"
    (folder / "pudb" / "pudb.cfg").write_text(settings)
    environ = {
        **COMPILED,
        "XDG_CONFIG_HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    pudb = [sys.executable, "-m", "pudb", str(script)]
    ours = [sys.executable, "-c", ENTRY, *arguments]
    return {
        "pudb": Contender(pudb, "value_10", "n", "value_0: 0", environ),
        "exittui": Contender(ours, "if p.p_begun is p.p_program", ".", "step 1", environ),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def measure(all_of: dict[str, Contender], starts: int, presses: int, size: tuple[int, int]) -> None:
    """Fill in the times: start after start, then key after key, the programs taking turns."""
    for _ in range(starts):
        for contender in all_of.values():
            contender.start(*size).close()
    with contextlib.ExitStack() as stack:
        opened = [(one, stack.enter_context(one.start(*size))) for one in all_of.values()]
        for _ in range(presses):
            for contender, terminal in opened:
                contender.presses.append(terminal.press(contender.key) * 1000)
        for contender, terminal in opened:
            contender.memory = terminal.memory()


def main() -> int:
    """Measure, print a table, and say by the exit code whether both promises are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--presses", type=int, default=180)
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("arguments", nargs="*", help="for exittui: scenario, --kernel …")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = contenders(Path(folder), asked.arguments)
        measure(found, asked.starts, asked.presses, (asked.columns, asked.lines))
    first = found["exittui"].starts.pop(0)
    print(f"{asked.columns}x{asked.lines}, {asked.starts} starts, times in ms;", end=" ")
    print(f"first start of exittui, the kernel not linked yet: {first:.0f}")
    print(f"{'':9}{'start':>8}{'key median':>12}{'key 99 %':>10}{'MiB':>6}{'1st answer':>12}")
    rows = {}
    for name, one in found.items():
        one.presses = [press for press in one.presses if press == press]  # noqa: PLR0124 - nan
        row = (
            statistics.median(one.starts),
            statistics.median(one.presses),
            percentile(one.presses, 0.99),
        )
        rows[name] = row
        start, median, worst = row
        answer = statistics.median(one.answers)
        numbers = f"{start:8.0f}{median:12.1f}{worst:10.1f}{one.memory:6.0f}{answer:12.0f}"
        print(f"{name:9}{numbers}")
    ratios = [ours / theirs for ours, theirs in zip(rows["exittui"], rows["pudb"], strict=True)]
    print(f"{'ratio':9}{ratios[0]:8.2f}{ratios[1]:12.2f}{ratios[2]:10.2f}")
    return 0 if max(ratios) <= 1 else 1


if __name__ == "__main__":
    raise SystemExit(main())
