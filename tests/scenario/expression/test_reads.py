"""What an expression reads, and why it is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import ExpressionError
from exittui.machine import ALLOCATED, FREED, Machine, RoundRobin, Write
from exittui.scenario.build import build
from exittui.scenario.expression import (
    Absent,
    Expression,
    Names,
    Part,
    compile,  # noqa: A004 - as in re.compile
    touches,
)
from exittui.scenario.expression.looking import Look, Missing
from exittui.scenario.library import find
from tests.scenario.expression.conftest import until_first, world
from tests.scenario.expression.test_values import ORACLES

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_the_fields_read() -> None:
    built, names = world("mpi-2025-05")
    machine = built.machine
    machine.goto(0)
    worker, thread = (compile(text, names)(machine) for text in ("worker", "worker.0"))
    expression = compile("nthreads > 2 && worker.0.p_p.ps_flags & PS_EXITING == 0", names)
    assert expression.reads(machine) == {
        (None, "nthreads"),
        (thread, "p_p"),
        (thread, FREED),
        (worker, "ps_flags"),
        (worker, FREED),
    }
    # What an operand decides, the next one is not asked.
    assert compile("nthreads > 2 || worker.ps_pid", names).reads(machine) == {(None, "nthreads")}
    assert compile("exists(worker)", names).reads(machine) == {(worker, FREED)}
    assert (None, ALLOCATED) in compile("thread(1234).p_stat", names).reads(machine)
    assert compile("1 + 1 == 2", names).reads(machine) == frozenset()


def test_what_a_write_touches() -> None:
    reads = {(None, "nthreads"), (None, ALLOCATED)}
    assert touches(reads, Write(None, "globals", "nthreads", 1, 2))
    assert not touches(reads, Write(None, "exit1", "nthreads", 1, 2))
    assert touches(reads, Write(None, "proc#7", ALLOCATED, None, None))


WATCHED = [
    *(text for text, _ in ORACLES),
    "state(worker)",
    "status(worker)",
    "thread(3002).p_stat",
    "len(thread(3001).p_p.ps_threads)",
    "exists(worker.0) && worker.0.p_stat == SDEAD || worker in zombprocess",
    "held(kqueue_ps_list_lock)",
    "allprocess",
    "zombprocess || deadproc",
]


def told(expression: Expression, machine: Machine) -> Any:
    """A value to compare: a list by its elements, nothing by the reason."""
    value = expression(machine)
    if isinstance(value, Absent):
        return value.why
    is_list = expression.kind.name == "list"
    try:
        return list(Look().elements(machine, value)) if is_list else value
    except Missing as missing:
        return str(missing)


@pytest.mark.parametrize("scenario", ["three-threads-exit", "fork-and-wait"])
def test_a_value_changes_only_by_a_write_to_what_it_read(scenario: str) -> None:
    """All along a run: what a watchpoint relies on, for every kind of expression there is."""
    built, names = world("reaper", scenario)
    machine = built.machine
    here = ["sh.0.p_stat", "process(2001)", "state(process(2001))", "len(sh.ps_children)"]
    texts = WATCHED if scenario == "three-threads-exit" else here
    expressions = [compile(text, names) for text in texts]
    expressions = [one for one in expressions if one.follows_writes]
    assert len(expressions) > len(texts) // 2
    machine.goto(0)
    seen = [(told(one, machine), one.reads(machine)) for one in expressions]
    changes = 0
    for index in range(machine.recorded):
        writes = machine.record(index).writes
        machine.redo()
        for place, expression in enumerate(expressions):
            before, reads = seen[place]
            touched = any(touches(reads, write) for write in writes)
            now = told(expression, machine)
            assert now == before or touched, (expression, index)
            changes += now != before
            if touched:
                seen[place] = now, expression.reads(machine)
    assert changes > len(expressions) // 2


def test_what_does_not_follow_writes() -> None:
    _, names = world("reaper")
    for text in ('at(cpu0, "exit1")', "step > 5", "result", "message", "waiters(kernel_lock)"):
        assert not compile(f"nthreads > 9 || {text}", names).follows_writes
    assert compile("nthreads > 9 || running(worker.0) || owner(kernel_lock)", names).follows_writes


def test_what_is_not_of_the_state() -> None:
    _, names = world("reaper")
    for text in ("step", "result", "message", "freed(process(2001))", "thread(nthreads)"):
        assert not compile(f"{text} == {text}", names).from_state
    for text in ("worker.2.p_stat", "thread(3001)", "process(1)", 'at(cpu0, "exit1")'):
        assert compile(f"{text} == {text}", names).from_state


def test_explaining() -> None:
    """The parts with their values, outermost first; what decided nothing is left out."""
    built, names = world("reaper")
    machine = built.machine
    machine.goto(0)
    thread = compile("worker.0", names)(machine)
    expression = compile("worker.0.p_stat == SDEAD && nthreads > 1 || exists(sh)", names)
    sh = compile("sh", names)(machine)
    assert expression.explain(machine) == (
        Part("worker.0.p_stat == SDEAD && nthreads > 1 || exists(sh)", True, "true", 0),
        Part("worker.0.p_stat == SDEAD && nthreads > 1", False, "false", 1),
        Part("worker.0.p_stat == SDEAD", False, "false", 2),
        Part("worker.0.p_stat", 7, "7", 3),
        Part("worker.0", thread, "worker", 4),
        Part("exists(sh)", True, "true", 1),
        Part("sh", sh, "sh", 2),
    )


def test_explaining_what_is_absent() -> None:
    built, names = world("reaper")
    built.machine.goto(built.machine.recorded)
    expression = compile("!(worker.1.p_stat == SDEAD)", names)
    shown = [(part.text, part.shown) for part in expression.explain(built.machine)]
    assert shown == [
        ("!(worker.1.p_stat == SDEAD)", "absent: worker.1 was freed"),
        ("(worker.1.p_stat == SDEAD)", "absent: worker.1 was freed"),
        ("worker.1.p_stat", "absent: worker.1 was freed"),
        ("worker.1", "worker.3001"),
    ]


# -- on other machines, and on other ways ----------------------------------------------------------


def test_one_expression_for_all_machines_of_a_scenario() -> None:
    """It is compiled for one, at its end, and tells of another what it tells of that one."""
    built, names = world("mpi-2025-05")
    built.machine.goto(built.machine.recorded)
    texts = ["worker.2.p_stat", "worker in zombprocess", "len(worker.ps_threads)", "nthreads"]
    expressions = [compile(text, names) for text in [*texts, "result", "thread(3001).p_stat"]]
    other = build(find("three-threads-exit"), "mpi-2025-05").machine
    for position in range(0, built.machine.recorded, 400):
        built.machine.goto(position)
        other.run(RoundRobin(), position - other.position)
        for one in expressions:
            assert one.words(built.machine) == one.words(other)
    other.run(RoundRobin(), 10_000)
    assert compile("result == 'done'", names).holds(other)


def ways(machine: Machine, position: int) -> Iterator[None]:
    """The same run twice from a position on, then another."""
    machine.goto(position)
    yield
    machine.goto(machine.recorded)
    yield
    machine.goto(position)
    for cpu in (1, 0) * 400:
        if machine.ready(cpu):
            machine.step(cpu)
    yield
    machine.run(RoundRobin(), 10_000)
    yield


def test_children_are_found_on_every_way() -> None:
    """Processes that are forked in the run, by pid, before, while and after they live."""
    built = build(find("fork-and-wait"), "reaper")
    machine, names = built.machine, Names.of(built)
    machine.run(RoundRobin(), 100_000)
    state = compile("state(process(2001))", names)
    parent = compile("process(2001).ps_pptr == sh", names)
    until_first(machine, "exit1")
    found = []
    for _ in ways(machine, machine.position):
        found.append((state.words(machine), parent.words(machine)))
        again = Names.of(built)
        fresh = compile("state(process(2001))", again)
        assert fresh.words(machine) == state.words(machine)
    assert found[0] == ('"alive"', "true")
    assert found[1][0] == found[3][0] == '"gone"'
    machine.goto(0)
    assert isinstance(state(machine), Absent)


def test_threads_made_in_the_run() -> None:
    """They are numbered behind those that the process begins with, and known also when freed."""
    built = build(find("join-loop"), "reaper")
    machine, names = built.machine, Names.of(built)
    thread = compile("worker.2", names)
    absent = thread(machine)
    assert isinstance(absent, Absent)
    assert absent.why == "worker has no thread 2"
    assert (None, ALLOCATED) in thread.reads(machine)
    machine.run(RoundRobin(), 100_000)
    made = thread(machine)
    assert type(made).__name__ == "proc"
    assert compile("worker.1", names)(machine) is not made
    assert compile("freed(worker.2) && !exists(worker.2) && !freed(worker.9)", names).holds(machine)
    assert compile("worker.2.p_tid", names).words(machine) == "absent: worker.2 was freed"


def test_copies_of_a_process() -> None:
    """`worker.1` is a process where there are many of worker, and `worker.1.0` its thread."""
    built, _ = world("reaper")
    built.machine.goto(0)
    pids = {"init": 1, "worker.1": 2000, "worker.2": 3000}
    names = Names(built.machine, pids=pids, threads={"worker.1": 1, "worker.2": 3})
    assert compile("worker.1.ps_pid", names)(built.machine) == 2000
    assert compile("worker.2.1.p_tid", names)(built.machine) == 3001
    for text in ("worker", "worker.3", "worker.0"):
        with pytest.raises(ExpressionError, match=r"; there are worker\.1 to worker\.2;"):
            compile(text, names)
    with pytest.raises(ExpressionError, match=r"no thread of worker\.2; accepted: worker\.2\.0 to"):
        compile("worker.2.3", names)
