"""Check the yardstick: `python tests/bench/checker_exit1.py N [NOASSERT|FIXED] [words]`.

One command from its start to its verdict, as the benchmark times it. Of the words, `--full` asks
for no reduction; `--tables=FOLDER` keeps the tables of steps there (see `checker/tabled.py`), as a
linked kernel is kept, so that the next run need not link the machine; `--stepping` searches with
the machine itself, as kernels are searched.
"""

from __future__ import annotations

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib takes 5 ms
ROOT = os.path.dirname(os.path.dirname(HERE))  # noqa: PTH120 - as above
sys.path.insert(0, ROOT)

from exittui.checker.tabled import Found, Tables, Unfit  # noqa: E402 - found by the line above

MACHINES = "tests/checker/machines"


def key(words: list[str]) -> str:
    """A name for the tables: another one when a source that they come from changes."""
    stamps = 0
    for folder in (MACHINES, "exittui/machine", "exittui/checker"):
        for name in sorted(os.listdir(f"{ROOT}/{folder}")):  # noqa: PTH208 - as above
            if name.endswith(".py"):
                stat = os.stat(f"{ROOT}/{folder}/{name}")  # noqa: PTH116 - as above
                stamps = (stamps * 1_000_003 + stat.st_size ^ stat.st_mtime_ns) % (1 << 64)
    return "-".join(("exit1", *words, f"{stamps:x}", sys.implementation.cache_tag or ""))


def main(words: list[str]) -> None:
    """Print the verdict and the counts."""
    plain = [word for word in words if not word.startswith("--")]
    if "--stepping" in words:
        stepping(plain, full="--full" in words)
        return
    folder = next((word[9:] for word in words if word.startswith("--tables=")), "")
    path = f"{folder}/{key(plain)}" if folder else ""
    reduce = "--full" not in words
    found = searched(path, reduce=reduce) if path else None
    if found is None:
        from exittui.checker.learning import tables_of
        from tests.checker.yardstick import machine

        tables = tables_of(machine(int(plain[0]), *plain[1:] or [""]))
        found = tables.search(reduce=reduce)
        if path:
            with open(path, "wb") as file:  # noqa: PTH123 - as above
                file.write(tables.dump())
    tell(
        "violated" if found.failures else "holds",
        found.states,
        found.transitions,
        found.bytes / found.states,
    )


def searched(path: str, *, reduce: bool) -> Found | None:
    """What a search by kept tables finds; None if there are none, or they lack something."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return Tables.load(file.read()).search(reduce=reduce)
    except (OSError, Unfit):
        return None


def tell(verdict: str, states: int, transitions: int, size: float) -> None:
    """The line that the benchmark reads."""
    with open("/proc/self/status") as file:  # noqa: PTH123 - as above
        peak = next((line.split()[1] for line in file if line.startswith("VmHWM")), "0")
    print(
        f"{verdict} states {states} transitions {transitions} "
        f"bytes_a_state {size:.0f} megabytes {int(peak) / 1024:.1f}"
    )


def stepping(plain: list[str], *, full: bool) -> None:
    """Search with the machine itself."""
    from exittui.checker.bare import Bare
    from exittui.checker.check import Options, check
    from tests.checker.yardstick import machine

    made = machine(int(plain[0]), *plain[1:] or [""])
    report = check(made, Bare(), Options(reduce=not full, learning=2, ahead=False, simplify=False))
    outcome = report.outcome
    tell("violated" if report.findings else "holds", outcome.states, outcome.transitions, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
