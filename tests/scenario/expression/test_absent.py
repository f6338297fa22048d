"""What is gone: three values of truth, and which of them stops a run."""

from __future__ import annotations

import itertools

import pytest

from exittui.scenario.expression import Absent, Names, compile  # noqa: A004 - as in re.compile
from tests.scenario.expression.conftest import world

WRITTEN = {True: "true", False: "false", None: "worker.0.p_stat == SDEAD"}
"""At the end of the run worker.0 is freed: a comparison with what it was is absent."""


def at_the_end(text: str) -> bool | None:
    """The truth of an expression then; None if there is none."""
    built, names = world("mpi-2025-05")
    built.machine.goto(built.machine.recorded)
    expression = compile(text, names)
    value = expression(built.machine)
    known = None if isinstance(value, Absent) else value
    assert expression.holds(built.machine) is (known is True)
    assert expression.fails(built.machine) is (known is False)
    return known


@pytest.mark.parametrize(("left", "right"), list(itertools.product(WRITTEN, repeat=2)))
def test_two_truths(left: bool | None, right: bool | None) -> None:
    """`&&` is the lesser and `||` the greater of false < absent < true."""
    order = [False, None, True]
    both = f"({WRITTEN[left]}) && ({WRITTEN[right]})"
    either = f"({WRITTEN[left]}) || ({WRITTEN[right]})"
    assert at_the_end(both) is order[min(order.index(left), order.index(right))]
    assert at_the_end(either) is order[max(order.index(left), order.index(right))]


@pytest.mark.parametrize(("one", "denied"), [(True, False), (False, True), (None, None)])
def test_denying(one: bool | None, denied: bool | None) -> None:
    assert at_the_end(f"!({WRITTEN[one]})") is denied
    assert at_the_end(f"not {WRITTEN[one]}") is denied


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("worker.0.p_stat == SDEAD", None),
        ("worker.0.p_stat != SDEAD", None),
        ("worker.0.p_stat > 0", None),
        ("worker.0.p_flag & 0 == 0", None),
        ("worker.0.p_p == worker", None),
        ("worker.0.p_p == NULL", None),
        ("P_WEXIT in worker.0.p_flag", None),
        ("P_WEXIT not in worker.0.p_flag", None),
        ("worker.1 in worker.ps_threads", None),
        ("worker in zombprocess", False),
        ("worker.0.p_stat", None),
        # Existence is always known.
        ("exists(worker.0)", False),
        ("freed(worker.0)", True),
        ("exists(worker.0.p_p)", False),
        ("freed(worker.0.p_p)", False),
        ("exists(NULL)", False),
        ("freed(NULL)", False),
        ("exists(sh)", True),
        ("exists(thread(9))", False),
        ("freed(thread(9))", False),
        # A pointer is a value even if there is nothing behind it any more.
        ("worker.0 == worker.0", True),
        ("worker.0 == NULL", False),
        ("worker.0 == worker.1", False),
        ("running(worker.0)", False),
        ("!worker.0", False),
        # The usual way to write it.
        ("exists(worker.0) && worker.0.p_stat == SDEAD", False),
        ("freed(worker.0) || worker.0.p_stat == SDEAD", True),
        ("state(worker) == 'gone'", True),
        ("1 / len(zombprocess) == 1", None),
        ("1 << len(allproc) * 20 == 1", None),
        ("cpu0.ci_schedstate.spc_qs[99] == NULL", None),
    ],
)
def test_after_the_end(text: str, truth: bool | None) -> None:
    assert at_the_end(text) is truth


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("worker.0.p_stat + 1", "worker.0 was freed"),
        ("worker.0.p_p.ps_pptr.ps_pid", "worker.0 was freed"),
        ("sh.ps_single.p_stat", "sh.ps_single is NULL"),
        ("process(77).ps_pid", "there is no process 77"),
        ("len(worker.ps_threads)", "worker was freed"),
        ("owner(worker.ps_mtx)", "worker was freed"),
        ('at(worker.0, "exit1")', "worker was freed"),
        ("status(sh)", "sh has not exited"),
        ("1 / len(zombprocess)", "len(zombprocess) is 0: nothing can be divided by it"),
        ("1 << nthreads * 20", "nthreads * 20 is 100: a shift is by 0 to 63"),
        ("cpu0.ci_schedstate.spc_qs[99]", "cpu0.ci_schedstate.spc_qs has no element 99"),
        ("sh.0.p_wchan.ps_pid", "sh.0.p_wchan has no field ps_pid"),
        ("cpu0.ci_schedstate.spc_qs[sh.0.p_wchan]", "sh.0.p_wchan is no number"),
        ("sh.0.p_wchan + 1", "sh.0.p_wchan is no number"),
    ],
)
def test_why_there_is_no_value(text: str, why: str) -> None:
    built, names = world("mpi-2025-05")
    built.machine.goto(built.machine.recorded)
    value = compile(text, names)(built.machine)
    assert isinstance(value, Absent)
    assert value.why == why
    assert not value
    assert repr(value) == f"Absent({why!r})"


def test_coming_back_from_the_dead() -> None:
    """Going back brings a freed thread back, and the same expression sees it again."""
    built, names = world("reaper")
    machine = built.machine
    expression = compile("worker.0.p_tid", names)
    machine.goto(machine.recorded)
    assert isinstance(expression(machine), Absent)
    machine.goto(0)
    assert expression(machine) == 3000


def test_a_list_with_something_freed_on_it() -> None:
    """What stands before it is known, what comes after is not; len() is not."""
    built, _ = world("reaper")
    machine = type(built.machine)(built.machine.image, 1)
    names = Names(machine, kernel="reaper")
    head = machine.globals["zombprocess"]
    made = [machine.memory.allocate("process", {"ps_pid": pid}) for pid in (1, 2, 3)]
    first, second, third = made
    head.lh_first = first
    first.ps_list, second.ps_list = (head, second), (first, third)  # type: ignore[attr-defined]
    third.ps_list = (second, None)  # type: ignore[attr-defined]
    numbered = {pid: compile(f"process({pid}) in zombprocess", names) for pid in (1, 2, 3)}
    assert [numbered[pid](machine) for pid in numbered] == [True, True, True]
    assert compile("len(zombprocess)", names)(machine) == 3
    machine.memory.free(second)
    assert numbered[1](machine) is True
    assert isinstance(numbered[3](machine), Absent)
    assert isinstance(compile("len(zombprocess)", names)(machine), Absent)
    assert compile("zombprocess", names).words(machine).startswith("a broken list: ")
    third.ps_list = (second, first)  # type: ignore[attr-defined]
    first.ps_list = (head, third)  # type: ignore[attr-defined]
    value = compile("len(zombprocess)", names)(machine)
    assert isinstance(value, Absent)
    assert value.why == "zombprocess goes in a circle"
