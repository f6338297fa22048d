"""What evaluating an expression costs, measured: `python -m tests.bench.expression`.

Ratios to one step of the machine, measured in the same run, beside nanoseconds for the curious.
"""

from __future__ import annotations

from exittui.machine import RoundRobin
from exittui.scenario.build import build
from exittui.scenario.expression import Names, compile  # noqa: A004 - as in re.compile
from exittui.scenario.library import find
from tests.bench.machine import best, forward, report, timed

KERNEL = "mpi-2025-05"
TIMES = 100_000

EXPRESSIONS = (
    "worker.0.p_stat == SDEAD",
    "nthreads > 5",
    "worker.0.p_stat",
    "PS_EXITING in worker.ps_flags",
    "worker.0.p_p.ps_flags & PS_EXITING == 0",
    "cpu0.ci_curproc == worker.0 && cpu1.ci_curproc == worker.1",
    "exists(worker.0) && worker.0.p_stat == SDEAD",
    "owner(kernel_lock) == cpu0",
    "worker in zombprocess",
    "len(worker.ps_threads) == 3",
    'at(cpu0, "exit1")',
    "result == 'panic'",
)
SIMPLE = EXPRESSIONS[0]
GOAL = 1e-6


def main() -> None:
    """Measure everything and print it."""
    built = build(find("three-threads-exit"), KERNEL)
    machine, names = built.machine, Names.of(built)
    step = best(lambda: forward(machine, 2_000))
    machine.run(RoundRobin(), 100_000)
    for place, position in (("", 0), (" (all freed)", machine.recorded)):
        machine.goto(position)
        for text in EXPRESSIONS:
            run = compile(text, names).value

            def evaluate() -> None:
                for _ in range(TIMES):
                    run(machine)  # noqa: B023 - called before the next one is bound

            cost = best(lambda: timed(evaluate)) / TIMES
            goal = "goal below 1000 ns" if text == SIMPLE else ""
            ratio = f"{cost / step:.2f} steps {cost * 1e9:5.0f} ns"
            report(f"{text}{place}", ratio, goal)
    elapsed = best(lambda: timed(lambda: [compile(text, names) for text in EXPRESSIONS]))
    report("compiling one", f"{elapsed / len(EXPRESSIONS) * 1e6:.0f} us", "")


if __name__ == "__main__":
    main()
