"""Random programs under random schedules: what always holds, and what may stop a run.

Programs fork, make threads, kill, stop, wait and exit at random. The schedules are of two kinds:
uniformly random, and such that one CPU stalls for long, by priorities that change a few times.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from exittui.machine import Chooser, Random, walk

from .worlds import BOTH, SLEEP, booted

if TYPE_CHECKING:
    from exittui.machine import Machine

STEPS = 80_000

KNOWN = {
    # Two threads take a stop signal at once (test_hazards).
    "p.p_flag & (P_SUSPSIG | P_SUSPSINGLE) == 0",
    # reaper: exit2() after the process was waited for; both: vfork() and a sibling's wait.
    "use after free: ps_mtx of",
    "use after free: mtx_",
    "use after free: ps_pid of",
    # mpi-2025-05: stacks and threads freed while a CPU stands on them.
    "runs on a freed stack: u-area",
    "use after free: p_md of",
}
"""Parts of the messages that each stand for a hazard with a test of its own."""


class Priorities(Chooser):
    """Always the CPU of the highest priority; at a few random steps it falls to the lowest."""

    def __init__(self, seed: int, ncpu: int, length: int = 8000, changes: int = 5) -> None:
        dice = random.Random(seed)  # noqa: S311 - dice, not secrets
        self._priority = list(range(ncpu))
        dice.shuffle(self._priority)
        self._changes = {dice.randrange(length) for _ in range(changes)}
        self._made = 0
        self._lowest = -1

    def choose(self, machine: Machine) -> int | None:
        """The CPU of the highest priority among those that can go on."""
        enabled = [cpu for cpu in range(len(self._priority)) if machine.ready(cpu)]
        if now := machine.arriving(patient=False):
            return now[0]
        if not enabled:
            return next(iter(machine.arriving(patient=True)), None)
        cpu = max(enabled, key=self._priority.__getitem__)
        if self._made in self._changes:
            self._priority[cpu] = self._lowest
            self._lowest -= 1
            cpu = max(enabled, key=self._priority.__getitem__)
        self._made += 1
        return cpu


def program(dice: random.Random, depth: int = 0) -> tuple[tuple[Any, ...], ...]:
    """A few system calls, and a way to end."""
    ops: list[tuple[Any, ...]] = []
    for _ in range(dice.randrange(1, 4)):
        kind = dice.random()
        if kind < 0.3 or (kind < 0.6 and depth > 1):
            ops.append(("compute", dice.randrange(1, 60)))
        elif kind < 0.6:
            ops.append((dice.choice(["fork", "tfork"]), program(dice, depth + 1)))
        elif kind < 0.7:
            ops.append(("kill", 20, dice.choice([9, 15, 17, 19, 30])))
        elif kind < 0.85:
            ops.append(("wait4", -1, dice.choice([0, 1, 2])))
        elif kind < 0.95:
            ops.append(("sigaction", dice.choice([20, 15, 30]), dice.choice([0, 1, 2]), 0))
        else:
            ops.append(("vfork", (("compute", 5), ("exit", 2))))
    ops.append(dice.choice([("exit", 1), ("exit", 2), ("threxit",), SLEEP]))
    return tuple(ops)


def play(kernel: str, seed: int, kind: str) -> Machine:
    """One run, all of it decided by the seed."""
    dice = random.Random(seed)  # noqa: S311 - dice, not secrets
    ncpu = dice.choice([1, 2, 3, 4])
    world = booted(kernel, ncpu)
    shell = world.process("shell", pid=10)
    worker = world.process("worker", parent=shell, pid=20)
    end = [("compute", 300), ("kill", 20, 9), ("wait4", -1, 0), ("wait4", -1, 0)]
    world.thread(shell, [("wait4", -1, 0), *end, SLEEP])
    for _ in range(dice.randrange(1, 4)):
        world.thread(worker, program(dice))
    world.begin()
    chooser = Random(seed) if kind == "random" else Priorities(seed, ncpu)
    assert world.machine.run(chooser, STEPS) < STEPS
    return world.machine


def living(machine: Machine, kind: str) -> int:
    """How many structs of a kind are not freed."""
    memory = machine.memory
    return sum(
        1
        for made in memory.heap.values()
        if made is not None and type(made).__name__ == kind and not memory.is_freed(made)
    )


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("kind", ["random", "priorities"])
@pytest.mark.parametrize("block", range(4))
def test_counts_and_locks_hold_and_only_known_hazards_stop_a_run(
    kernel: str, kind: str, block: int
) -> None:
    for seed in range(block * 10, block * 10 + 10):
        machine = play(kernel, seed, kind)
        if machine.result is not None:
            assert any(part in machine.result.message for part in KNOWN), (seed, machine.result)
            continue
        assert living(machine, "proc") == machine.globals["nthreads"]
        assert living(machine, "process") == machine.globals["nprocesses"]
        assert machine.globals["kernel_lock"].mpl_owner is None
        assert machine.globals["sched_lock"].mtx_owner is None
        waits = [machine.wait(cpu) for cpu in range(machine.ncpu)]
        assert [wait.kind for wait in waits if wait is not None] == ["halt"] * machine.ncpu
        for p in walk(machine.globals["allproc"], "p_list"):
            assert p.p_stat != 6, "a dead thread is still on allproc"
