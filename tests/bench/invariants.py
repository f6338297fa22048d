"""What it costs to have the kernel's rules watched: `python -m tests.bench.invariants`.

Ratios of two things measured in this run, the best of a few repetitions.
"""

from __future__ import annotations

from exittui.kernel.invariants import watch
from exittui.kernel.invariants.standing import standing
from exittui.machine import Machine
from tests.bench.machine import backward, best, forward, report, start, timed

STEPS = 20_000


def ratio(*, cpus: int, busy: int, sleeping: int = 0) -> float:
    """A step of a watched machine over a step of one that is not."""
    plain, watched = (start(cpus=cpus, busy=busy, sleeping=sleeping) for _ in range(2))
    watch(watched)
    bare, kept = [], []
    for _ in range(7):  # in turns, so that what disturbs one disturbs the other
        bare.append(forward(plain, STEPS))
        kept.append(forward(watched, STEPS))
    return min(kept) / min(bare)


def begin(machine: Machine) -> float:
    """Seconds it takes to bind the rules."""
    again = Machine(machine.image, machine.ncpu)
    return timed(lambda: watch(again))


def main() -> None:
    """Measure everything and print it."""
    goal = "goal below 2"
    report("a watched step / a step, 2 CPUs", f"{ratio(cpus=2, busy=8):.2f}", goal)
    report("a watched step / a step, 16 CPUs", f"{ratio(cpus=16, busy=48):.2f}", goal)
    many = ratio(cpus=2, busy=2, sleeping=2400)
    report("a watched step / a step, 2,400 threads", f"{many:.2f}", goal)
    machine = start(cpus=2, busy=8)
    step = best(lambda: forward(machine, STEPS))
    report("binding the rules / a step", f"{best(lambda: begin(machine)) / step:,.0f}", "")
    watch(machine)
    forward(machine, STEPS)
    report("undoing a watched step / making it", f"{backward(machine) / step:.2f}", "goal below 1")
    crowd = start(cpus=2, busy=2, sleeping=2400)
    looked = best(lambda: timed(lambda: standing(crowd)))
    report("the rules at the end, 2,400 threads", f"{looked * 1e3:.0f} ms", "once a run")


if __name__ == "__main__":
    main()
