"""Check the yardstick: `python -m tests.bench.checker_exit1 N [NOASSERT|FIXED] [--full]`.

One command from its start to its verdict, as the benchmark times it.
"""

from __future__ import annotations

import sys
import time

from exittui.checker.bare import Bare
from exittui.checker.check import Options, check
from tests.checker.yardstick import machine


def main(words: list[str]) -> None:
    """Print the verdict and the counts."""
    full = "--full" in words
    numbers = [word for word in words if word != "--full"]
    mode = numbers[1] if len(numbers) > 1 else ""
    made = machine(int(numbers[0]), mode)
    begin = time.perf_counter()
    report = check(made, Bare(), Options(reduce=not full, learning=2, simplify=False))
    seconds = time.perf_counter() - begin
    outcome = report.outcome
    print(
        f"{'violated' if report.findings else 'holds'} states {outcome.states} "
        f"transitions {outcome.transitions} search_ms {seconds * 1e3:.1f}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
