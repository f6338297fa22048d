"""Interrupts: they arrive where they are enabled, on top of what a CPU was doing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from exittui.errors import ScheduleError
from exittui.machine import Machine, Random, RoundRobin, Scripted, link
from tests.machine.explore import explore
from tests.machine.machines import interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.machine import Chooser

IMAGE = link("interrupts", [interrupts], cpu_struct=("cpu", "number"))


def asking(times: int, other: str, *args: object) -> Machine:
    """CPU 0 asks CPU 1, which does something else."""
    machine = Machine(IMAGE, 2)
    machine.begin(0, "ask", times)
    machine.begin(1, other, *args)
    machine.start()
    return machine


def test_an_interrupt_ends_the_wait_of_who_sent_it() -> None:
    """An idle CPU counts as often as it is asked, and idles on."""
    machine = asking(3, "idle")
    machine.run(RoundRobin(), 1000)
    assert machine.infos[1].counted == 3
    assert [wait and wait.kind for wait in (machine.wait(0), machine.wait(1))] == [
        "finished",
        "halt",
    ]


def test_its_handler_stands_on_the_stack_it_interrupts() -> None:
    """The record says which interrupt arrived, where, and on what."""
    machine = asking(1, "idle")
    while not machine.arriving(patient=False):
        machine.step(0)
    (arrival,) = machine.arriving(patient=False)
    assert (arrival, machine.choice(arrival)) == (3, "ipi on cpu1")
    machine.step(arrival)
    assert [frame.function for frame in machine.frames(1)] == ["idle", "count"]
    record = machine.record(machine.position - 1)
    assert (record.cpu, record.statement.kind, record.statement.text, record.stack) == (
        1,
        "interrupt",
        "(ipi interrupt)",
        ("idle", "count"),
    )
    machine.undo()
    assert [frame.function for frame in machine.frames(1)] == ["idle"]


def test_where_interrupts_are_off_none_arrives() -> None:
    """One question while the other CPU works for one round: the schedules, counted.

    CPU 0 makes seven steps; after its fourth the interrupt is pending, its fifth leaves the wait
    for the answer. CPU 1 makes five: test, off, less, on, test. Arrival and handler make five more
    in a row on CPU 1, of which the fourth is the answer. The interrupt can arrive when it is
    pending and CPU 1 has made 0, 1, 4 or 5 of its own steps. So walk a grid of (steps of 0, own
    steps of 1, steps of the handler) and add up the ways.
    """

    @functools.cache
    def ways(zero: int, one: int, handler: int) -> int:
        if (zero, one, handler) == (7, 5, 5):
            return 1
        total = 0
        if zero < 7 and (zero != 4 or handler >= 4):
            total += ways(zero + 1, one, handler)
        if one < 5 and handler in (0, 5):
            total += ways(zero, one + 1, handler)
        if handler < 5 and (handler > 0 or (zero >= 4 and one in (0, 1, 4, 5))):
            total += ways(zero, one, handler + 1)
        return total

    found = explore(
        asking(1, "work", 1),
        lambda machine: machine.wait(0).kind,  # type: ignore[union-attr] # none can go on
    )
    assert {"finished": ways(0, 0, 0)} == found.ends
    assert found.ends == {"finished": 1568}


def test_an_interrupt_that_cannot_arrive_is_refused() -> None:
    """Nothing is pending at the start."""
    machine = asking(1, "idle")
    with pytest.raises(ScheduleError, match="ipi on cpu1 cannot arrive now; can go on: cpu0"):
        machine.step(3)
    assert machine.position == 0


@pytest.mark.parametrize("chooser", [RoundRobin(), Random(1)])
def test_the_clock_waits_until_nothing_else_can_go_on(chooser: RoundRobin | Random) -> None:
    """A patient interrupt: CPU 1's work is done before the first tick."""
    machine = Machine(IMAGE, 2)
    machine.begin(0, "sleep")
    machine.begin(1, "work", 50)
    machine.start()
    machine.run(chooser, 10_000)
    told = [machine.record(index) for index in range(machine.position)]
    ticks = [record.index for record in told if record.statement.kind == "interrupt"]
    works = [record.index for record in told if record.statement.function == "work"]
    assert len(ticks) == 3
    assert ticks[0] > works[-1]
    again = Machine(IMAGE, 2)
    again.begin(0, "sleep")
    again.begin(1, "work", 50)
    again.start()
    again.run(Scripted(machine.schedule()), 10_000)
    assert again.fingerprint() == machine.fingerprint() == machine._fingerprint.complete()


@pytest.mark.parametrize("chooser", [RoundRobin, functools.partial(Random, 4)])
def test_picks_said_one_after_the_other_are_those_chosen_one_at_a_time(
    chooser: Callable[[], Chooser],
) -> None:
    """Two CPUs ask each other and a clock ticks: prompt interrupts, waits, patient interrupts."""
    together, apart = asking(2, "sleep"), asking(2, "sleep")
    made = together.run(chooser(), 10_000)
    one = chooser()
    while (choice := one.choose(apart)) is not None and apart.position < 10_000:
        apart.step(choice)
    assert apart.schedule() == together.schedule()
    assert len(apart.schedule()) == made
    assert {choice // 2 for choice in apart.schedule().picks} == {0, 1, 2}
