"""Known answers, and states counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check
from exittui.checker.findings import Kind
from exittui.checker.search import Bounds
from exittui.checker.tokens import Tokens
from exittui.machine import Machine, Schedule, Scripted, link
from tests.checker.machines import known
from tests.checker.yardstick import machine as yardstick
from tests.machine.test_interleavings import buffers, petersons, two_mutexes

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = Options(reduce=False)


def made(ncpu: int) -> Machine:
    """A machine of the code in `machines/known.py`, with nothing to run yet."""
    return Machine(link("known", [known], cpu_struct=("cpu", "number")), ncpu)


def naive() -> Machine:
    machine = made(2)
    machine.begin(0, "naive")
    machine.begin(1, "naive")
    machine.start()
    return machine


def philosophers(many: int) -> Machine:
    machine = made(many)
    for number in range(many):
        machine.begin(number, "dine", machine.infos[number], machine.infos[(number + 1) % many])
    machine.start()
    return machine


def lost_wakeup() -> Machine:
    machine = made(2)
    machine.begin(0, "sleeper")
    machine.begin(1, "waker")
    machine.start()
    return machine


def checked(machine: Machine, options: Options = FULL) -> Report:
    return check(machine, Bare(), options)


def counts(report: Report) -> tuple[int, int, int]:
    return report.outcome.states, report.outcome.transitions, len(report.outcome.ends)


def test_two_mutexes_have_the_states_of_a_grid_with_holes() -> None:
    """The states are the pairs (i, j) of steps made, 0 to 9 each, less those nobody gets to.

    Thread 0 holds a after 2 to 7 of its steps and b after 4 or 5; thread 1 the other way round.
    Both would hold a at i in 2..7 and j in 4..5, and b at i in 4..5 and j in 2..7: 12 + 12 pairs,
    4 of them in both. Of the other 80, those with i and j in 6..7 lie behind these on every way,
    which leaves 76.
    """
    assert counts(checked(two_mutexes())) == (76, 120, 2)


def test_peterson_holds() -> None:
    report = checked(petersons())
    assert report.complete
    assert not report.findings
    assert counts(report) == (50, 70, 2)


@pytest.mark.parametrize("options", [FULL, Options()], ids=["full", "reduced"])
def test_the_naive_lock_fails_after_two_preemptions(options: Options) -> None:
    """0 looks; 1 looks, takes, is inside; 0 takes, is inside, and finds that 1 is too."""
    [finding] = checked(naive(), options).findings
    assert finding.kind is Kind.SAFETY
    assert finding.minimal
    assert (finding.schedule, finding.preemptions, finding.steps) == ("0/1x3/0x3", 2, 7)


@pytest.mark.parametrize("many", [2, 3, 4])
@pytest.mark.parametrize("options", [FULL, Options()], ids=["full", "reduced"])
def test_philosophers_deadlock_when_each_has_one_fork(many: int, options: Options) -> None:
    """Everyone takes the left fork, a step each; only the first is preempted behind it.

    When its neighbour has taken its own, that one cannot go on for want of the first's fork, and
    so on around the table.
    """
    [finding] = checked(philosophers(many), options).findings
    assert (finding.kind, finding.steps) == (Kind.DEADLOCK, many)
    assert finding.preemptions == 1


@pytest.mark.parametrize("options", [FULL, Options()], ids=["full", "reduced"])
def test_a_wakeup_is_lost_between_the_look_and_the_sleep(options: Options) -> None:
    """0 looks; 1 makes it ready and finds nobody asleep; 0 goes to sleep: one preemption."""
    [finding] = checked(lost_wakeup(), options).findings
    assert (finding.kind, finding.schedule) == (Kind.DEADLOCK, "0/1x2/0")
    assert finding.preemptions == 1


@pytest.mark.parametrize(("threads", "states"), [(2, 187), (3, 842), (4, 3922)])
def test_the_yardstick_has_the_states_that_other_checkers_count(threads: int, states: int) -> None:
    report = checked(yardstick(threads))
    assert report.complete
    assert report.outcome.states == states
    assert len(report.outcome.ends) == 1


@pytest.mark.parametrize("threads", [2, 3])
def test_the_yardsticks_assertion_fails_in_both_graphs_by_the_same_schedule(threads: int) -> None:
    found = [checked(yardstick(threads, ""), options).findings for options in (FULL, Options())]
    assert found[0][0].schedule == found[1][0].schedule
    for [finding] in found:
        assert finding.kind is Kind.SAFETY
        replayed = yardstick(threads, "")
        replayed.run(Scripted(Schedule.parse(finding.schedule)), finding.steps)
        assert replayed.result is not None
        assert replayed.result.kind == "panic"


SMALL: dict[str, Callable[[], Machine]] = {
    "mutexes": two_mutexes,
    "peterson": petersons,
    "naive": naive,
    "philosophers": lambda: philosophers(4),
    "lost wakeup": lost_wakeup,
    "one place": lambda: buffers(1, 1, 1, 1),
    "two consumers": lambda: buffers(1, 2, 2, 2),
    "two of each": lambda: buffers(2, 2, 1, 1),
    "yardstick 2": lambda: yardstick(2),
    "yardstick 3": lambda: yardstick(3),
    "yardstick 3, asserted": lambda: yardstick(3, ""),
    "yardstick 3, fixed": lambda: yardstick(3, "FIXED"),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_reduced_graph_has_the_same_verdicts_and_the_same_ends(name: str) -> None:
    full, reduced = checked(SMALL[name]()), checked(SMALL[name](), Options())
    assert full.complete
    assert reduced.complete
    assert reduced.outcome.states <= full.outcome.states
    assert reduced.outcome.ends == full.outcome.ends
    assert {one.name for one in reduced.findings} == {one.name for one in full.findings}
    assert [(one.name, one.preemptions) for one in reduced.findings] == [
        (one.name, one.preemptions) for one in full.findings
    ]


@pytest.mark.parametrize("name", SMALL)
def test_fingerprints_are_those_of_the_machine_and_find_what_whole_states_find(name: str) -> None:
    machine = SMALL[name]()
    exact = checked(machine, Options(reduce=False, exact=True, simplify=False))
    assert Tokens(machine).whole() == machine.fingerprint()
    assert counts(exact) == counts(checked(SMALL[name](), Options(reduce=False, simplify=False)))


@pytest.mark.parametrize("name", SMALL)
def test_breadth_first_goes_through_the_same_graph(name: str) -> None:
    depth = checked(SMALL[name](), Options(reduce=False, simplify=False))
    breadth = checked(SMALL[name](), Options(reduce=False, simplify=False, breadth=True))
    assert counts(breadth) == counts(depth)
    assert {one.name for one in breadth.findings} == {one.name for one in depth.findings}


@pytest.mark.parametrize(("preemptions", "found"), [(0, False), (1, False), (2, True)])
def test_the_naive_lock_holds_under_fewer_than_two_preemptions(
    preemptions: int, found: bool
) -> None:
    report = checked(naive(), Options(bounds=Bounds(preemptions=preemptions)))
    assert bool(report.findings) is found
    assert not report.complete


def test_a_bounded_search_says_so() -> None:
    report = checked(yardstick(3), Options(reduce=False, bounds=Bounds(states=100)))
    assert not report.complete
    assert report.outcome.bound == "100 states"


def test_random_walks_find_the_lost_wakeup() -> None:
    report = checked(lost_wakeup(), Options(reduce=False, walks=50, seed=1))
    assert [one.kind for one in report.findings] == [Kind.DEADLOCK]
    assert not report.complete
