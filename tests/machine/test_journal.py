"""Undo, redo, going anywhere, reading the past: all from one journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exittui.errors import ScheduleError
from exittui.machine import ALLOCATED, FREED, Machine, Random, RoundRobin, Schedule, Scripted, link
from tests.machine.machines import buffer, stacks

if TYPE_CHECKING:
    from exittui.machine import Image

BUFFER = link("buffer", [buffer])
STACKS = link("stacks", [stacks])


def buffers(image: Image = BUFFER) -> Machine:
    """Two producers and two consumers that do not lock: most runs end in a violation."""
    machine = Machine(image, 4)
    machine.begin(0, "produce", 1, 3, 2)
    machine.begin(1, "produce", 11, 3, 2)
    machine.begin(2, "consume", 3)
    machine.begin(3, "consume", 3)
    machine.start()
    return machine


def threads() -> Machine:
    """Two threads on one CPU that hand it to each other five times each."""
    machine = Machine(STACKS, 1)
    ping, pong = machine.call("spawn", "ping"), machine.call("spawn", "pong")
    machine.call("prepare", pong, ping, 5)
    machine.set_stack(0, machine.call("prepare", ping, pong, 5))
    machine.memory.variables["current"] = ping
    machine.start()
    return machine


MACHINES = {"buffer": buffers, "stacks": threads}


def everything(machine: Machine) -> Any:
    """All that a machine holds, spelt out: fields, variables and where each CPU stands."""
    memory = machine.memory
    return (
        {
            number: None if memory.is_freed(target) else dict(target.__dict__)
            for number, target in memory.heap.items()
            if target is not None
        },
        dict(memory.variables),
        [machine.frames(cpu) for cpu in range(machine.ncpu)],
        machine.result,
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(MACHINES)), st.lists(st.integers(-6, 6), max_size=60))
def test_any_walk_through_time_agrees_with_running_there(kind: str, moves: list[int]) -> None:
    """Forward by a number of steps, back by a number, in any order.

    After each move the state, its fingerprint kept up from the journal, the fingerprint computed
    from nothing and that of a fresh machine given the same schedule must agree.
    """
    machine = MACHINES[kind]()
    chooser = RoundRobin()
    for move in moves:
        if move < 0:
            machine.undo(-move)
        elif move % 2:
            machine.redo(move)
        else:
            machine.run(chooser, move)
        replayed = MACHINES[kind]()
        replayed.run(Scripted(machine.schedule()), machine.position)
        assert replayed.fingerprint() == machine.fingerprint()
        assert machine._fingerprint.complete() == machine.fingerprint()


@pytest.mark.parametrize("kind", MACHINES)
def test_undo_and_redo_restore_everything(kind: str) -> None:
    """Each state on the way is found again going back, and again going forward."""
    machine = MACHINES[kind]()
    states = [everything(machine)]
    chooser = Random(7)
    while machine.run(chooser, 1):
        states.append(everything(machine))
    assert machine.position == len(states) - 1 > 20
    for position in reversed(range(len(states) - 1)):
        machine.undo()
        assert states[position] == everything(machine)
    for state in states[1:]:
        machine.redo()
        assert state == everything(machine)
    middle = len(states) // 2
    machine.goto(3)
    machine.goto(middle)
    assert states[middle] == everything(machine)


def test_stepping_after_going_back_forgets_the_undone_future() -> None:
    """Another choice makes another run; the old one is gone from the machine."""
    machine = buffers()
    machine.run(RoundRobin(), 30)
    machine.goto(10)
    machine.step(machine.enabled()[-1])
    assert (machine.position, machine.recorded) == (11, 11)
    with pytest.raises(ScheduleError, match="there is no step 12: 0 to 11 are recorded"):
        machine.goto(12)


def test_the_past_can_be_read_from_anywhere() -> None:
    """What each step was, told at the end, in the middle and at the start: the same."""
    machine = buffers()
    machine.run(RoundRobin(), 60)
    told = [machine.record(index) for index in range(machine.recorded)]
    for position in (0, 17, machine.recorded - 1):
        machine.goto(position)
        again = [machine.record(index) for index in range(machine.recorded)]
        for first, second in zip(told, again, strict=True):
            assert (first.cpu, first.statement, first.stack) == (
                second.cpu,
                second.statement,
                second.stack,
            )
            assert [(w.name, w.field) for w in first.writes] == [
                (w.name, w.field) for w in second.writes
            ]


def test_a_record_tells_old_and_new() -> None:
    """The writes of a producer's first round, one by one."""
    machine = Machine(BUFFER, 1)
    machine.begin(0, "produce", 5, 1, 2)
    machine.start()
    machine.run(RoundRobin(), 100)
    writes = [
        [(w.name, w.field, w.old) for w in machine.record(index).writes]
        for index in range(machine.position)
    ]
    assert writes[0] == [("produce", "made", None)]
    assert writes[3][0][1:] == (ALLOCATED, None)
    assert [field for _, field, _ in writes[4]] == ["tqh_first", "link", "tqh_last"]
    assert writes[5] == [("globals", "count", 0)]
    assert [w.new for w in machine.record(5).writes] == [1]


def test_who_wrote_a_field() -> None:
    """The steps that wrote a field, oldest first."""
    machine = threads()
    machine.run(RoundRobin(), 1000)
    ping = next(
        target
        for target in machine.memory.heap.values()
        if isinstance(target, stacks.thread) and target.name == "ping"
    )
    steps = machine.history.writers(ping, "turns")
    assert [machine.history.statement(step).text for step in steps] == ["me.turns += 1"] * 5
    machine.goto(steps[2])
    assert machine.history.writers(ping, "turns") == steps[:2]


def test_frees_are_told() -> None:
    """A step that frees says so, and so does the end of whoever touches it later."""
    machine = Machine(BUFFER, 2)
    machine.begin(0, "produce", 1, 1, 1)
    machine.begin(1, "consume", 1)
    machine.start()
    machine.run(RoundRobin(), 1000)
    freed = [
        (index, write.field)
        for index in range(machine.recorded)
        for write in machine.record(index).writes
        if write.field == FREED
    ]
    assert len(freed) == 1


def test_a_schedule_leads_to_the_same_state() -> None:
    """Written out, read in, played: the same result, state and schedule."""
    machine = buffers()
    machine.run(Random(3), 1000)
    text = str(machine.schedule())
    again = buffers()
    again.run(Scripted(Schedule.parse(text)), 1000)
    assert (machine.result, machine.fingerprint()) == (again.result, again.fingerprint())
    assert text == str(again.schedule())


def test_the_last_writer_is_the_last_of_all_writers_wherever_one_stands() -> None:
    """Whether or not the run was looked through before, forwards and after going back."""
    machine = threads()
    machine.run(RoundRobin(), 400)
    fields = [
        (target, name)
        for target in machine.memory.heap.values()
        if target is not None
        for name in machine.memory.fields(target)
    ]
    for position in (machine.recorded, machine.recorded // 2, 3, machine.recorded // 3, 0):
        machine.goto(position)
        quick = [machine.history.last_writer(target, name) for target, name in fields]
        steps = [machine.history.writers(target, name) for target, name in fields]
        assert quick == [one[-1] if one else None for one in steps]
    assert not any(quick)
    assert machine.history.read_on()
    assert machine.history.at_hand


def test_a_cpu_alone_goes_as_far_as_it_can_step_by_step() -> None:
    one, other = buffers(), buffers()
    assert one.alone(0, 10_000)
    while other.ready(0):
        other.step(0)
    assert one.fingerprint() == other.fingerprint()
    assert one.position == other.position
    assert not buffers().alone(0, 2)
