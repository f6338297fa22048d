"""Monitors: checks bound to the statements that can break what they check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.machine import Machine, RoundRobin, Scripted, link
from exittui.machine.monitor import local, on_call, on_free, on_return, on_write
from exittui.machine.result import Broken
from tests.machine.machines import buffer

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = link("buffer", [buffer])
SEEN = list[tuple[Any, ...]]


def working() -> Machine:
    machine = Machine(IMAGE, 2)
    machine.begin(0, "produce", 1, 4, 2)
    machine.begin(1, "consume", 4)
    machine.start()
    return machine


def watch(machine: Machine, seen: SEEN) -> None:
    """Note what each kind of monitor is told."""

    def free(target: Any, *_: object) -> None:
        seen.append(("free", target.number, machine.memory.is_freed(target)))

    on_write(machine, "count", lambda o, old, f, _c: seen.append(("count", o, old, len(f) > 4)))
    on_free(machine, free)
    on_return(machine, "produce", lambda f, _c: seen.append(("made", local(machine, f, "made"))))


def test_monitors_are_told_of_what_they_asked_for_and_nothing_else() -> None:
    """Every write of the count, every item before it is freed, and the return, once."""
    seen: SEEN = []
    machine = working()
    watch(machine, seen)
    machine.run(RoundRobin(), 1000)
    assert [entry for entry in seen if entry[0] == "made"] == [("made", 4)]
    assert [entry for entry in seen if entry[0] == "free"] == [
        ("free", number, False) for number in (1, 2, 3, 4)
    ]
    counts = [entry[2] for entry in seen if entry[0] == "count"]
    assert len(counts) == 8
    assert counts[0] == 0


def test_watching_changes_nothing_that_the_machine_does() -> None:
    """The same steps, the same state."""
    watched, plain = working(), working()
    watch(watched, [])
    for machine in (watched, plain):
        machine.run(RoundRobin(), 1000)
    assert watched.schedule() == plain.schedule()
    assert watched.fingerprint() == plain.fingerprint()


def never_two(machine: Machine) -> Callable[..., None]:
    def check(*_: object) -> None:
        if machine.globals["count"] >= 2:
            raise Broken("two items at once")

    return check


def test_what_breaks_a_rule_stops_the_machine_and_stands() -> None:
    """The step counts, can be undone and redone; the sentence says who, where and when."""
    machine = working()
    on_write(machine, "count", never_two(machine))
    while machine.result is None:
        machine.step(0)
    assert machine.result.kind == "violation"
    at = machine.position
    assert machine.result.message == f"two items at once (cpu0 in produce at step {at})"
    assert machine.globals["count"] == 2
    assert machine.enabled() == ()
    (write,) = [one for one in machine.record(at - 1).writes if one.field == "count"]
    assert (write.old, write.new) == (1, 2)
    fingerprint = machine.fingerprint()
    machine.undo()
    assert machine.result is None
    assert machine.globals["count"] == 1
    machine.redo()
    assert machine.result is not None
    assert machine.fingerprint() == fingerprint
    again = working()
    on_write(again, "count", never_two(again))
    again.run(Scripted(machine.schedule()), 1000)
    assert again.result == machine.result


def test_a_struct_whose_freeing_breaks_a_rule_is_freed() -> None:
    machine = working()

    def check(target: Any, *_: object) -> None:
        if target.number == 2:
            raise Broken(f"item {target.number} goes")

    on_free(machine, check)
    machine.run(RoundRobin(), 1000)
    assert machine.result is not None
    assert machine.result.message.startswith("item 2 goes (cpu1 in consume at step ")
    item = next(
        s for s in machine.memory.heap.values() if getattr(s, "__dict__", {}).keys() == {"_oid"}
    )
    assert item is not None


def test_a_machine_without_a_past_can_be_watched() -> None:
    machine = Machine(IMAGE, 2, past=False)
    machine.begin(0, "produce", 1, 4, 2)
    machine.start()
    on_write(machine, "count", never_two(machine))
    machine.run(RoundRobin(), 1000)
    assert machine.result is not None
    assert machine.result.message.startswith("two items at once (cpu0 in produce")


@pytest.mark.parametrize("function", ["produce", "no_such_function"])
def test_calls(function: str) -> None:
    """Nothing calls produce() here: it is a first frame; what is not linked is never called."""
    machine = working()
    seen: SEEN = []
    on_call(machine, function, lambda *_: seen.append(()))
    machine.run(RoundRobin(), 1000)
    assert seen == []


def test_who_remembers_steps_is_told_where_the_future_was_cut() -> None:
    machine = working()
    cuts: list[int] = []
    machine.cuts.append(cuts.append)
    for _ in range(5):
        machine.step(0)
    machine.undo(2)
    assert cuts == []
    machine.step(0)
    assert cuts == [3]
