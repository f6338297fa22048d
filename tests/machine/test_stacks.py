"""Stacks: threads that change them, and one that is freed under a CPU."""

from __future__ import annotations

from exittui.machine import Machine, RoundRobin, Wait, link
from tests.machine.machines import stacks
from tests.machine.test_journal import threads


def test_two_threads_take_turns_on_one_cpu() -> None:
    """Five turns each; the last to switch never comes back, and its CPU has finished.

    `ping` makes its fifth turn and switches; `pong` makes its fifth and switches back; `ping`
    then leaves its loop, and its stack's floor is reached.
    """
    machine = threads()
    machine.run(RoundRobin(), 10_000)
    turns = {
        target.name: target.turns
        for target in machine.memory.heap.values()
        if isinstance(target, stacks.thread)
    }
    assert turns == {"ping": 5, "pong": 5}
    assert machine.wait(0) == Wait("finished", "", ())
    assert machine.result is None


def test_a_thread_that_was_left_stands_in_the_switch() -> None:
    """Its stack can be read while no CPU stands on it: the switch, and who called it."""
    machine = threads()
    current = machine.memory.variables["current"]
    while machine.memory.variables["current"] is current:
        machine.step(0)
    assert [frame.function for frame in machine.saved_frames(current.area)] == ["body", "switch"]
    assert machine.saved_frames(current.area)[0].variables["turns"] == 5


def victims(*, standing: bool) -> tuple[Machine, str]:
    """One CPU runs a thread, the other frees a stack: that one, or the other thread's."""
    machine = Machine(link("stacks", [stacks]), 2)
    ping, pong = machine.call("spawn", "ping"), machine.call("spawn", "pong")
    machine.call("prepare", pong, ping, 5)
    machine.set_stack(0, machine.call("prepare", ping, pong, 5))
    machine.memory.variables["current"] = ping
    machine.begin(1, "murder", ping if standing else pong)
    machine.start()
    machine.step(0)
    machine.step(1)
    assert machine.result is None
    machine.run(RoundRobin(), 1000)
    assert machine.result
    return machine, machine.result.message


def test_a_stack_freed_under_a_cpu_is_a_violation_at_its_next_step() -> None:
    """The CPU that stands on it makes no further step; who freed it is told."""
    machine, message = victims(standing=True)
    assert message.startswith("runs on a freed stack: stack#")
    assert message.endswith("freed by cpu1 in murder at step 2")
    assert (machine.position, machine.result and machine.result.cpu) == (3, 0)
    assert [frame.function for frame in machine.frames(0)] == ["body"]
    machine.undo(2)
    assert machine.result is None
    machine.step(0)
    assert machine.result is None


def test_a_stack_freed_while_nobody_stands_on_it_is_caught_when_it_is_switched_to() -> None:
    """The other thread reads the saved stack pointer, which went with the stack."""
    _, message = victims(standing=False)
    assert message.startswith("use after free: sp of stack#")
    assert "freed by cpu1 in murder" in message
