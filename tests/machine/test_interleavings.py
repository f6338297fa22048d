"""Small machines of other kinds than a kernel, every schedule counted by hand."""

from __future__ import annotations

import itertools
from math import comb

from exittui.machine import Machine, Random, RoundRobin, link
from tests.machine.explore import explore
from tests.machine.machines import buffer, deadlock, peterson


def two_mutexes() -> Machine:
    """Two CPUs that take the mutexes a and b in opposite orders."""
    machine = Machine(link("deadlock", [deadlock], cpu_struct=("cpu", "number")), 2)
    a, b = machine.globals["a"], machine.globals["b"]
    machine.begin(0, "both", a, b)
    machine.begin(1, "both", b, a)
    machine.start()
    return machine


def test_opposite_lock_orders_deadlock_in_exactly_the_schedules_counted_by_hand() -> None:
    """Nine steps a thread: call, take, call, take, call, give, call, give, return.

    (The last call needs a step to come back to; the others come back to the next call.) A thread
    holds its first lock from its step 2 to its step 8, its second from step 4 to step 6.

    Deadlock: both have taken their first lock and neither has its second, so each has made exactly
    three steps, in any order: comb(6, 3) = 20 schedules.

    No deadlock: the schedules are the ways through a 10 by 10 grid, (steps of 0, steps of 1), that
    only go where no lock is held twice. Thread 0 may make its step 2 (to hold a) unless 1 holds
    its second, a, having made 4 or 5 steps; its step 4 (to hold b) unless 1 holds its first, b,
    having made 2 to 7. The other way round by symmetry. The grid is added up below.
    """

    def may(mine: int, other: int) -> bool:
        return not ((mine == 1 and 4 <= other < 6) or (mine == 3 and 2 <= other < 8))

    ways = {(0, 0): 1}
    for zero, one in itertools.product(range(10), range(10)):
        here = ways.setdefault((zero, one), 0)
        if zero < 9 and may(zero, one):
            ways[zero + 1, one] = ways.get((zero + 1, one), 0) + here
        if one < 9 and may(one, zero):
            ways[zero, one + 1] = ways.get((zero, one + 1), 0) + here

    found = explore(two_mutexes(), outcome)

    assert comb(6, 3) == ways[3, 3]
    assert {"spin": ways[3, 3], "finished": ways[9, 9]} == found.ends
    assert found.ends == {"spin": 20, "finished": 712}


def test_the_deadlock_says_who_waits_for_what() -> None:
    """Round-robin takes both first locks; each CPU then spins on the lock that the other has."""
    machine = two_mutexes()

    steps = machine.run(RoundRobin(), 100)

    waits = [machine.wait(0), machine.wait(1)]
    assert steps == 6
    assert [wait and (wait.kind, wait.objects) for wait in waits] == [
        ("spin", (machine.globals["b"],)),
        ("spin", (machine.globals["a"],)),
    ]


def outcome(machine: Machine) -> str:
    """What the CPUs have come to: the kind of wait, or of result."""
    if machine.result:
        return machine.result.kind
    wait = machine.wait(0)
    assert wait
    return wait.kind


def petersons() -> Machine:
    """Peterson's algorithm on two CPUs."""
    machine = Machine(link("peterson", [peterson]), 2)
    left, right = machine.globals["left"], machine.globals["right"]
    machine.begin(0, "enter", left, right, 0)
    machine.begin(1, "enter", right, left, 1)
    machine.start()
    return machine


def test_peterson_excludes_and_never_hangs() -> None:
    """Seven steps a thread: want, turn, wait, in, check, out, no longer want.

    Say 0 writes `turn` last; the mirror image doubles the count. 0's wait then ends only after
    1's seventh step, and nothing is left to choose from there: the schedule is settled by when,
    in steps that 1 has made, 0 wants (i) and 0 writes turn (j), with j from 2 (1 wrote it before)
    to 7 and i from 0 to j. Between 0's two steps turn names 1 and 0 wants, so 1 cannot make its
    step 3 there: i <= 2 < j is out. That leaves j = 2 with i in 0 to 2, 3 ways, and 3 <= i <= j,
    5 + 4 + 3 + 2 + 1 = 15 ways: 18, doubled 36.
    """
    found = explore(petersons(), outcome)
    assert found.ends == {"finished": 36}


def buffers(producers: int, consumers: int, many: int, room: int) -> Machine:
    """A bounded buffer with as many items put in as are taken out."""
    machine = Machine(link("buffer", [buffer]), producers + consumers)
    for cpu in range(producers):
        machine.begin(cpu, "produce", 1 + cpu * many, many, room)
    for cpu in range(consumers):
        machine.begin(producers + cpu, "consume", producers * many // consumers)
    machine.start()
    return machine


def test_a_buffer_of_one_place_alternates() -> None:
    """One item, one producer, one consumer.

    The producer makes: made = 0, test, wait, allocate, insert, count, made + 1, test (and ends).
    The consumer makes: taken = 0, test, wait, first, remove, count, total, check, free, taken + 1,
    test (and ends): of these, two come before its wait, which needs the producer's fifth step,
    insert. Merge the consumer's two early steps with the producer's first five in any way, then
    the rest freely. With k of the two early steps made before the insert, comb(4 + k, k) ways
    (the insert comes last), then three steps of the producer against 9 + 2 - k of the consumer:
    comb(14 - k, 3). So 1 * 364 + 5 * 286 + 15 * 220 = 5094.
    """
    found = explore(buffers(1, 1, 1, 1), lambda machine: str(machine.globals["total"]))
    assert {"1": comb(14, 3) + 5 * comb(13, 3) + 15 * comb(12, 3)} == found.ends
    assert found.ends == {"1": 5094}


def test_two_consumers_that_do_not_lock_break_the_queue() -> None:
    """Two consumers can both see one item; the machine catches whatever comes of it.

    The second uses a freed struct, removes what is on no queue, or reads NULL from a queue that
    is empty again.
    """
    machine = buffers(1, 2, 2, 2)
    seen = set()
    for seed in range(60):
        machine.goto(0)
        machine.run(Random(seed), 1000)
        if machine.result:
            seen.add(machine.result.message.split(":")[0])
    assert {"queue corrupted", "page fault trap", "use after free"} <= seen
